//===- PrecisionSupport.h - floats that a processor computes on -*- C++ -*-===//
#ifndef EDGEC_COMPILER_PRECISIONSUPPORT_H
#define EDGEC_COMPILER_PRECISIONSUPPORT_H

#include "passes/quantize/Precision.h"
#include "targets/machines/Machine.h"
#include "llvm/Support/Error.h"

namespace edgec {

/// Refuses a precision for which the machine has no instructions: computed with
/// others it would be slower than f32. The error says what to do.
llvm::Error checkPrecision(Precision precision, const Machine &machine);

} // namespace edgec

#endif // EDGEC_COMPILER_PRECISIONSUPPORT_H
