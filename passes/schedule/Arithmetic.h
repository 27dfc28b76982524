//===- Arithmetic.h - on which floats a machine computes --------*- C++ -*-===//
//
// Every machine computes on f32. Some have instructions for floats of 16 bits,
// which their list of features names.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_ARITHMETIC_H
#define EDGEC_PASSES_SCHEDULE_ARITHMETIC_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// Whether vectors of f16 are added, multiplied and compared as those of f32
/// are: AArch64 with FEAT_FP16, RISC-V with Zvfh, x86 with AVX512-FP16.
bool computesHalves(MachineAttr machine);

/// Whether an instruction adds up products of bf16 in f32: x86 with AVX512-BF16
/// or AMX-BF16, AArch64 with FEAT_BF16.
bool multipliesBrainFloats(MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_ARITHMETIC_H
