/*===- check.h - is a stream one that the NPU executes? -------------------===*\
|*
|* The rules of docs/npu.md, "Rules", on the whole stream and on each command.
|* A stream that passes cannot reach outside of SRAM and buffers, cannot
|* deadlock, and ends. What depends on data in SRAM (coded weights) is checked
|* when the command runs.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_CHECK_H
#define EDGE_NPU_CHECK_H

#include "state.h"

/** Checks everything. Returns EDGE_NPU_OK or EDGE_NPU_ERROR_REJECTED. */
int32_t npu_check_stream(edge_npu_simulator *npu, const uint8_t *stream,
                         uint64_t stream_bytes, const edge_npu_buffer *buffers,
                         uint32_t buffer_count, edge_npu_error *error);

/** Checks the fields of one command and its program, not the semaphores. */
int32_t npu_check_command(const edge_npu_simulator *npu,
                          const npu_command *command,
                          const edge_npu_buffer *buffers, uint32_t buffer_count,
                          npu_program *program, edge_npu_error *error);

#endif /* EDGE_NPU_CHECK_H */
