//===- PackConstants.h - constants in the kernels' order -------*- C++ -*-===//
//
// Makes the artifact's weights: every constant that a kernel reads becomes one
// rt.weights, packed as the kernel wants it. Equal requests on the same
// constant share one symbol.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_PACKCONSTANTS_H
#define EDGEC_PASSES_KERNEL_PACKCONSTANTS_H

#include "dialects/rt/Rt.h"
#include "passes/kernel/KernelEmitter.h"
#include "llvm/ADT/DenseMap.h"
#include <map>

namespace edgec::kernel {

class PackConstants {
public:
  explicit PackConstants(mlir::ModuleOp module) : module(module) {}
  /// The weights that hold `value` packed so (or as it is); an error at `loc`
  /// when the attribute's elements cannot be read.
  mlir::FailureOr<rt::WeightsOp> get(mlir::Location loc,
                                     mlir::ElementsAttr value,
                                     const std::optional<Packing> &packing);

private:
  mlir::ModuleOp module;
  llvm::DenseMap<mlir::Attribute, std::map<std::string, rt::WeightsOp>> known;
  int64_t count = 0;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_PACKCONSTANTS_H
