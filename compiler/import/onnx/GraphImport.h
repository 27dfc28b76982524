//===- GraphImport.h - the graph of an ONNX model ---------------*- C++ -*-===//
//
// Builds the function of edge ops from a model that was read: checks first (all
// unsupported operators, all dynamic dimensions, undefined and repeated names,
// cycles), then one importer per node in topological order.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_GRAPHIMPORT_H
#define EDGEC_COMPILER_IMPORT_ONNX_GRAPHIMPORT_H

#include "compiler/import/Import.h"
#include "compiler/import/onnx/Operators.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec::onnx {

class GraphImport {
public:
  GraphImport(const Model &model, TensorSource source, llvm::StringRef path,
              const ImportOptions &options, mlir::MLIRContext &context);

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();

private:
  // GraphChecks.cpp: what can be said before any op is made.
  mlir::LogicalResult checkOperatorSets();
  mlir::LogicalResult checkOperators();
  mlir::LogicalResult checkNames();
  mlir::LogicalResult resolveInputs();
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  resolveShape(const ValueInfo &input);
  mlir::LogicalResult sortNodes();

  // GraphImport.cpp: the function.
  mlir::LogicalResult importInitializers();
  mlir::LogicalResult importNode(const Node &node);
  mlir::LogicalResult runImporter(NodeImport &n, const Operator &row);
  mlir::LogicalResult checkDeclared(llvm::StringRef name, const Binding &found,
                                    mlir::Location loc);
  mlir::LogicalResult finish();

  mlir::Location nodeLocation(const Node &node);
  mlir::Location nameLocation(llvm::StringRef name);
  mlir::InFlightDiagnostic fileError();

  const Model &model;
  const Graph &graph;
  TensorSource source;
  const ImportOptions &options;
  mlir::MLIRContext &context;
  mlir::OpBuilder builder;
  mlir::Location fileLoc;
  int64_t opset = 0;

  /// The graph's inputs that no initializer provides, and their types.
  std::vector<std::pair<const ValueInfo *, mlir::RankedTensorType>> inputs;
  /// The values of symbolic dimensions that -shape fixed.
  llvm::StringMap<int64_t> symbols;
  std::vector<const Node *> order;
  llvm::StringMap<Binding> bindings;
  llvm::StringMap<const ValueInfo *> declared;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_GRAPHIMPORT_H
