//===- SlowLayers.h - layers that integers make slower ---------*- C++ -*-===//
//
// Not every layer is faster on integers: a processor may multiply floats as
// fast as bytes, Winograd's method saves more, or conversions around a single
// layer take longer than it gains. Such layers are better left as they are.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_SLOWLAYERS_H
#define EDGEC_COMPILER_QUANTIZE_SLOWLAYERS_H

#include "compiler/quantize/PredictedTime.h"
#include "llvm/ADT/BitVector.h"

namespace edgec {

/// A layer that stays on floats, and why.
struct SlowLayer {
  mlir::Operation *layer = nullptr;
  std::string reason;
};

/// Searches for the layers of `layers` without which the model, as
/// the cost model predicts it, is fastest. `assign` makes integers of all that
/// are not set in what it is given; it is called several times and last with
/// the outcome. Of equally fast models the one with more integers is taken; the
/// outcome is never predicted to be slower than all floats or all integers.
/// Failure after a diagnostic.
mlir::FailureOr<std::vector<SlowLayer>>
findSlowLayers(mlir::ModuleOp module, llvm::ArrayRef<mlir::Operation *> layers,
               llvm::function_ref<void(const llvm::BitVector &)> assign,
               const HostCompiler &compiler);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_SLOWLAYERS_H
