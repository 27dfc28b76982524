//===- Command.cpp - the length of micro-programs -------------------------===//
//
// Constants take no stage of the output pipeline, all else takes one.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Command.h"

#include "llvm/ADT/STLExtras.h"

using namespace edgec::npu;

int64_t MicroProgram::length() const {
  return llvm::count_if(
      code, [](const Micro &micro) { return micro.op != MicroOp::constant; });
}
