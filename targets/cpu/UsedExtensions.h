//===- UsedExtensions.h - what the kernels themselves ask for --*- C++ -*-===//
//
// LLVM forms most extensions' instructions wherever it likes, so that code for
// a processor needs all of them. Matrix units' come from kernels alone: an
// artifact without such a kernel loads where the system keeps the unit off.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_USEDEXTENSIONS_H
#define EDGEC_TARGETS_CPU_USEDEXTENSIONS_H

#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace edgec {

/// Removes the extensions that only kernels choose and none in `module`, which
/// is in the LLVM dialect, does.
void removeUnusedExtensions(mlir::ModuleOp module,
                            std::vector<std::string> &extensions);

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_USEDEXTENSIONS_H
