//===- Encode.h - the bytes of a program -----------------------*- C++ -*-===//
//
// Writes an npu.program as the command stream that docs/npu.md specifies.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_ENCODE_H
#define EDGEC_TARGETS_NPU_ENCODE_H

#include "dialects/npu/Npu.h"
#include <vector>

namespace edgec::npu {

/// The stream; a diagnostic at a command with a number that its field cannot
/// hold.
mlir::FailureOr<std::vector<char>> encode(ProgramOp program);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_ENCODE_H
