//===- KernelName.h - short names for kernels ------------------*- C++ -*-===//
//
// Reports and profiles name kernels; a name says what a kernel computes.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_FUSE_KERNELNAME_H
#define EDGEC_PASSES_FUSE_KERNELNAME_H

#include "mlir/IR/Operation.h"
#include <string>

namespace edgec {

/// The operators' names joined, with what tells kernels of one kind apart:
/// "conv2d_3x3_s2_relu6". Long chains are cut.
std::string makeKernelName(llvm::ArrayRef<mlir::Operation *> operators);

} // namespace edgec

#endif // EDGEC_PASSES_FUSE_KERNELNAME_H
