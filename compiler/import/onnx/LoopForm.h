//===- LoopForm.h - what Loop and Scan have in common -----------*- C++ -*-===//
//
// A body, the values that it hands on from one iteration to the next, the
// tensors of which it reads one row per iteration, and how often it runs.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_LOOPFORM_H
#define EDGEC_COMPILER_IMPORT_ONNX_LOOPFORM_H

#include "compiler/import/onnx/Subgraphs.h"

namespace edgec::onnx {

struct LoopForm {
  explicit LoopForm(const Graph &body) : body(body) {}

  const Graph &body;
  /// The body of Loop takes the iteration's number and the condition before the
  /// states, and gives a condition; that of Scan takes the rows after them.
  bool isLoop = false;
  /// The most iterations, as far as that is known at import.
  std::optional<int64_t> trips;
  /// The most iterations and whether to begin, when the run decides; or null.
  mlir::Value count, condition;
  llvm::SmallVector<Binding> states;
  /// [trips, ...]
  llvm::SmallVector<mlir::Value> sliced;

  /// What the node's outputs are: the last states, then the stacked rows. None
  /// after an error.
  std::optional<llvm::SmallVector<Binding>> import(NodeImport &n);

private:
  struct Body;
  /// Outputs of the node that collect one row per iteration.
  size_t rowCount(NodeImport &n) const;
  bool checkArity(NodeImport &n) const;
  std::optional<int64_t> declaredTrips(NodeImport &n) const;
  std::optional<Body> outline(NodeImport &n) const;
  std::optional<llvm::SmallVector<Binding>> makeLoop(NodeImport &n,
                                                     const Body &body) const;
  std::optional<llvm::SmallVector<Binding>> unroll(NodeImport &n) const;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_LOOPFORM_H
