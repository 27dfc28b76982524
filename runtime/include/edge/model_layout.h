/*===- edge/model_layout.h - where the fields of edge/model.h lie ---------===*\
|*
|* The offsets of every field on 64-bit targets, in bytes, asserted: a compiler
|* that emits the structs without a C compiler mirrors this list. Nobody else
|* needs to include it.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_MODEL_LAYOUT_H
#define EDGE_MODEL_LAYOUT_H

#include "section.h"

#ifdef __cplusplus
#define EDGE_ABI_ASSERT(condition, text) static_assert(condition, text)
#else
#define EDGE_ABI_ASSERT(condition, text) _Static_assert(condition, text)
#endif
#define EDGE_ABI_OFFSET(type, field, bytes)                                    \
  EDGE_ABI_ASSERT(offsetof(type, field) == (bytes),                            \
                  #type "::" #field " lies at byte " #bytes)
#define EDGE_ABI_SIZE(type, bytes)                                             \
  EDGE_ABI_ASSERT(sizeof(type) == (bytes), #type " has " #bytes " bytes")

#if UINTPTR_MAX == UINT64_MAX
EDGE_ABI_OFFSET(edge_context, struct_size, 0);
EDGE_ABI_OFFSET(edge_context, thread_count, 4);
EDGE_ABI_OFFSET(edge_context, user, 8);
EDGE_ABI_OFFSET(edge_context, parallel_for, 16);
EDGE_ABI_OFFSET(edge_context, profile, 24);
EDGE_ABI_OFFSET(edge_context, submit, 32);
EDGE_ABI_OFFSET(edge_context, wait, 40);
EDGE_ABI_OFFSET(edge_context, handover_nanoseconds, 48);
EDGE_ABI_OFFSET(edge_context, run_section, 56);
EDGE_ABI_SIZE(edge_context, 64);

EDGE_ABI_OFFSET(edge_team, call, 0);

EDGE_ABI_OFFSET(edge_dependency, call, 0);
EDGE_ABI_OFFSET(edge_dependency, reserved, 4);
EDGE_ABI_SIZE(edge_dependency, 8);

EDGE_ABI_OFFSET(edge_section_call, extent, 0);
EDGE_ABI_OFFSET(edge_section_call, longest_handover, 8);
EDGE_ABI_OFFSET(edge_section_call, awaited_handover, 16);
EDGE_ABI_OFFSET(edge_section_call, is_awaited, 24);
EDGE_ABI_OFFSET(edge_section_call, first_dependency, 28);
EDGE_ABI_OFFSET(edge_section_call, dependency_count, 32);
EDGE_ABI_OFFSET(edge_section_call, reserved, 36);
EDGE_ABI_SIZE(edge_section_call, 40);

EDGE_ABI_OFFSET(edge_section, run, 0);
EDGE_ABI_OFFSET(edge_section, calls, 8);
EDGE_ABI_OFFSET(edge_section, dependencies, 16);
EDGE_ABI_OFFSET(edge_section, call_count, 24);
EDGE_ABI_OFFSET(edge_section, reserved, 28);
EDGE_ABI_OFFSET(edge_section, longest_handover, 32);
EDGE_ABI_SIZE(edge_section, 40);

EDGE_ABI_OFFSET(edge_tensor_info, name, 0);
EDGE_ABI_OFFSET(edge_tensor_info, dtype, 8);
EDGE_ABI_OFFSET(edge_tensor_info, rank, 12);
EDGE_ABI_OFFSET(edge_tensor_info, shape, 16);
EDGE_ABI_OFFSET(edge_tensor_info, size_bytes, 24);
EDGE_ABI_OFFSET(edge_tensor_info, quant_count, 32);
EDGE_ABI_OFFSET(edge_tensor_info, quant_axis, 36);
EDGE_ABI_OFFSET(edge_tensor_info, scales, 40);
EDGE_ABI_OFFSET(edge_tensor_info, zero_points, 48);
EDGE_ABI_OFFSET(edge_tensor_info, size_output, 56);
EDGE_ABI_OFFSET(edge_tensor_info, size_dimension, 60);
EDGE_ABI_SIZE(edge_tensor_info, 64);

EDGE_ABI_OFFSET(edge_kernel_info, name, 0);
EDGE_ABI_OFFSET(edge_kernel_info, layers, 8);
EDGE_ABI_OFFSET(edge_kernel_info, flops, 16);
EDGE_ABI_OFFSET(edge_kernel_info, bytes_moved, 24);
EDGE_ABI_OFFSET(edge_kernel_info, extent, 32);
EDGE_ABI_OFFSET(edge_kernel_info, compute_dtype, 40);
EDGE_ABI_OFFSET(edge_kernel_info, predicted_cycles, 44);
EDGE_ABI_SIZE(edge_kernel_info, 48);

EDGE_ABI_OFFSET(edge_device_info, kind, 0);
EDGE_ABI_OFFSET(edge_device_info, name, 8);
EDGE_ABI_OFFSET(edge_device_info, parameters, 16);
EDGE_ABI_OFFSET(edge_device_info, parameter_count, 24);
EDGE_ABI_OFFSET(edge_device_info, format_version, 28);
EDGE_ABI_SIZE(edge_device_info, 32);

EDGE_ABI_OFFSET(edge_job_buffer, size_bytes, 0);
EDGE_ABI_OFFSET(edge_job_buffer, access, 8);
EDGE_ABI_OFFSET(edge_job_buffer, reserved, 12);
EDGE_ABI_SIZE(edge_job_buffer, 16);

EDGE_ABI_OFFSET(edge_job_info, name, 0);
EDGE_ABI_OFFSET(edge_job_info, layers, 8);
EDGE_ABI_OFFSET(edge_job_info, device, 16);
EDGE_ABI_OFFSET(edge_job_info, buffer_count, 20);
EDGE_ABI_OFFSET(edge_job_info, buffers, 24);
EDGE_ABI_OFFSET(edge_job_info, commands, 32);
EDGE_ABI_OFFSET(edge_job_info, commands_bytes, 40);
EDGE_ABI_OFFSET(edge_job_info, predicted_nanoseconds, 48);
EDGE_ABI_OFFSET(edge_job_info, predicted_nanojoules, 56);
EDGE_ABI_OFFSET(edge_job_info, macs, 64);
EDGE_ABI_SIZE(edge_job_info, 72);

EDGE_ABI_OFFSET(edge_alternative, label, 0);
EDGE_ABI_OFFSET(edge_alternative, model, 8);
EDGE_ABI_OFFSET(edge_alternative, predicted_nanoseconds, 16);
EDGE_ABI_OFFSET(edge_alternative, predicted_nanojoules, 24);
EDGE_ABI_OFFSET(edge_alternative, error, 32);
EDGE_ABI_SIZE(edge_alternative, 40);

EDGE_ABI_OFFSET(edge_model, magic, 0);
EDGE_ABI_OFFSET(edge_model, abi_version, 4);
EDGE_ABI_OFFSET(edge_model, struct_size, 8);
EDGE_ABI_OFFSET(edge_model, architecture, 12);
EDGE_ABI_OFFSET(edge_model, name, 16);
EDGE_ABI_OFFSET(edge_model, target, 24);
EDGE_ABI_OFFSET(edge_model, cpu, 32);
EDGE_ABI_OFFSET(edge_model, build_id, 40);
EDGE_ABI_OFFSET(edge_model, arena_bytes, 48);
EDGE_ABI_OFFSET(edge_model, arena_alignment, 56);
EDGE_ABI_OFFSET(edge_model, weights_bytes, 64);
EDGE_ABI_OFFSET(edge_model, peak_flops_per_cycle, 72);
EDGE_ABI_OFFSET(edge_model, clock_hz, 80);
EDGE_ABI_OFFSET(edge_model, input_count, 88);
EDGE_ABI_OFFSET(edge_model, output_count, 92);
EDGE_ABI_OFFSET(edge_model, inputs, 96);
EDGE_ABI_OFFSET(edge_model, outputs, 104);
EDGE_ABI_OFFSET(edge_model, kernel_count, 112);
EDGE_ABI_OFFSET(edge_model, feature_count, 116);
EDGE_ABI_OFFSET(edge_model, kernels, 120);
EDGE_ABI_OFFSET(edge_model, features, 128);
EDGE_ABI_OFFSET(edge_model, entry, 136);
EDGE_ABI_OFFSET(edge_model, variant_count, 144);
EDGE_ABI_OFFSET(edge_model, reserved, 148);
EDGE_ABI_OFFSET(edge_model, variants, 152);
EDGE_ABI_OFFSET(edge_model, device_count, 160);
EDGE_ABI_OFFSET(edge_model, job_count, 164);
EDGE_ABI_OFFSET(edge_model, devices, 168);
EDGE_ABI_OFFSET(edge_model, jobs, 176);
EDGE_ABI_OFFSET(edge_model, alternative_count, 184);
EDGE_ABI_OFFSET(edge_model, reserved2, 188);
EDGE_ABI_OFFSET(edge_model, alternatives, 192);
EDGE_ABI_SIZE(edge_model, 200);

EDGE_ABI_OFFSET(edge_seal, skip_offset, 8);
EDGE_ABI_OFFSET(edge_seal, crc, 24);
EDGE_ABI_SIZE(edge_seal, 32);

EDGE_ABI_OFFSET(edge_custom_info, options_bytes, 12);
EDGE_ABI_OFFSET(edge_custom_info, inputs, 16);
EDGE_ABI_OFFSET(edge_custom_info, outputs, 24);
EDGE_ABI_OFFSET(edge_custom_info, options, 32);
EDGE_ABI_SIZE(edge_custom_info, 40);
#endif

#undef EDGE_ABI_SIZE
#undef EDGE_ABI_OFFSET
#undef EDGE_ABI_ASSERT

#endif /* EDGE_MODEL_LAYOUT_H */
