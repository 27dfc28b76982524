//===- LayerComparison.h - a compiled model beside its meaning -*- C++ -*-===//
//
// Compiles a model such that every kernel's result is an output, and compares
// each of them with what the evaluator computes:
//
//   own error   from the operands that the compiled kernel really had: large
//               where this kernel is wrong
//   so far      from the model's inputs alone: how far the rounding of all
//               kernels before it has come
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_COMPARE_LAYERCOMPARISON_H
#define EDGEC_COMPILER_COMPARE_LAYERCOMPARISON_H

#include "compiler/Compiler.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/evaluator/HostTensor.h"
#include "llvm/ADT/DenseMap.h"

namespace edgec {

/// How two tensors of one type differ.
struct Difference {
  /// Norm of the difference over the norm of what is wanted; integers: the
  /// share of elements that differ. Infinite where one of them is not finite
  /// and the other is.
  double relative = 0;
  /// The element that differs most, and its values.
  int64_t at = 0;
  double got = 0, want = 0;
};
Difference difference(const evaluator::HostTensor &got,
                      const evaluator::HostTensor &want);

/// One result of one kernel.
struct LayerDifference {
  std::string kernel, layers;
  mlir::RankedTensorType type;
  Difference own, soFar;
};

class LayerComparison {
public:
  /// Compiles `source`; the error is a CompileError.
  static llvm::Expected<LayerComparison> prepare(const Source &source,
                                                 CompileOptions options);

  /// To be written to a file and run; its outputs are the model's, then every
  /// other kernel's.
  const Artifact &artifact() const { return *compiled; }
  llvm::ArrayRef<mlir::Type> inputTypes() { return model().getArgumentTypes(); }
  llvm::ArrayRef<mlir::Type> outputTypes() { return model().getResultTypes(); }
  /// The model's name of an input.
  llvm::StringRef inputName(unsigned index);

  /// One entry per kernel result in the order of the run, from the inputs of a
  /// run and its outputs.
  llvm::Expected<std::vector<LayerDifference>>
  compare(llvm::ArrayRef<evaluator::HostTensor> inputs,
          llvm::ArrayRef<evaluator::HostTensor> outputs);

private:
  LayerComparison() = default;
  mlir::func::FuncOp model();

  // The module lives in the artifact's context and so goes first.
  std::unique_ptr<Artifact> compiled;
  mlir::OwningOpRef<mlir::ModuleOp> exposed;
};

} // namespace edgec

#endif // EDGEC_COMPILER_COMPARE_LAYERCOMPARISON_H
