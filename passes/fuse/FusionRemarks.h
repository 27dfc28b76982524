//===- FusionRemarks.h - how kernels were formed, in words -----*- C++ -*-===//
//
// One remark per kernel, of category "fuse": which operators it holds and why
// it ends where it does. Costs nothing unless someone listens
// (MLIRContext::getRemarkEngine).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_FUSE_FUSIONREMARKS_H
#define EDGEC_PASSES_FUSE_FUSIONREMARKS_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace edgec {

/// The rules by which kernels grow, as far as words for them need to know.
struct FusionRules {
  llvm::function_ref<bool(mlir::Operation *)> isElementwise;
  llvm::function_ref<bool(mlir::Operation *)> takesEpilogue;
  /// The first operator of the kernel that an operator ended up in, or null.
  llvm::function_ref<mlir::Operation *(mlir::Operation *)> anchorOf;
  /// A branch is followed at most so far.
  size_t maxBranchOperators;
};

/// Says which operators, the anchor first, became one kernel, and why no
/// further one joined it.
void remarkKernel(llvm::ArrayRef<mlir::Operation *> operators,
                  const FusionRules &rules);

} // namespace edgec

#endif // EDGEC_PASSES_FUSE_FUSIONREMARKS_H
