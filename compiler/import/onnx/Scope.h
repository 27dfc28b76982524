//===- Scope.h - what names mean in one graph -------------------*- C++ -*-===//
//
// The model's graph, a branch or body within it, and a call of a function of
// the model are each a scope. Branches and bodies see the names around them;
// functions see their arguments alone.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_SCOPE_H
#define EDGEC_COMPILER_IMPORT_ONNX_SCOPE_H

#include "compiler/import/onnx/NodeImport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include <deque>

namespace edgec::onnx {

/// A function of edge ops while it is filled: the model's own, or one that a
/// branch or body became.
struct FunctionScope {
  mlir::func::FuncOp function;
  /// Values of the function around it that it reads, and the arguments by
  /// which they come in.
  llvm::MapVector<mlir::Value, mlir::BlockArgument> captures;

  mlir::Value capture(mlir::Value outside);
};

struct Scope {
  Scope(const Graph &graph, FunctionScope &function, int64_t opset,
        Scope *outer);

  const Graph &graph;
  FunctionScope &function;
  const int64_t opset;
  /// Where names that are not here are looked up; null if nowhere.
  Scope *const outer;
  llvm::StringMap<Binding> bindings;
  llvm::StringMap<const ValueInfo *> declared;

  /// What the name stands for in this scope's function; null if nothing.
  Binding *find(llvm::StringRef name);
  /// Where the model states the shape of a node's output, and the node keeps
  /// its operand's shape, that is stated as well. `order` is topological.
  void stateOperandShapes(llvm::ArrayRef<const Node *> order);

private:
  std::deque<ValueInfo> deduced;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_SCOPE_H
