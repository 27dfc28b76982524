//===- Subgraphs.h - how operators import the graphs they hold --*- C++ -*-===//
//
// What the importer as a whole offers to the importers of If, Loop and Scan: a
// graph in an attribute becomes ops in place, or a function of its own.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_SUBGRAPHS_H
#define EDGEC_COMPILER_IMPORT_ONNX_SUBGRAPHS_H

#include "compiler/import/onnx/NodeImport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec::onnx {

struct OutlinedGraph {
  /// Private; takes the graph's inputs that are not constant, then the captured
  /// values.
  mlir::func::FuncOp function;
  llvm::SmallVector<mlir::RankedTensorType> results;
  /// Values of the surrounding function that it reads.
  llvm::SmallVector<mlir::Value> captures;
};

class Subgraphs {
public:
  virtual ~Subgraphs() = default;

  /// The graph's ops where the builder stands, its inputs bound to
  /// `arguments`; the bindings of its outputs. Fails after an error.
  virtual mlir::FailureOr<llvm::SmallVector<Binding>>
  inlineGraph(const Graph &graph, llvm::ArrayRef<Binding> arguments) = 0;

  /// Which of the graph's outputs its function returns, chosen when it is known
  /// what they stand for; none after an error.
  using Selection =
      llvm::function_ref<std::optional<llvm::SmallVector<unsigned>>(
          llvm::ArrayRef<Binding>)>;

  /// The graph's ops in a new function. `arguments` give the types of its
  /// inputs; those with a constant are constants inside.
  virtual mlir::FailureOr<OutlinedGraph>
  outlineGraph(const Graph &graph, llvm::ArrayRef<Binding> arguments,
               llvm::StringRef name, Selection select) = 0;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_SUBGRAPHS_H
