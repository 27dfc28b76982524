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
#include "compiler/import/onnx/Scope.h"
#include "compiler/import/onnx/Subgraphs.h"
#include "llvm/ADT/StringSet.h"

namespace edgec::onnx {

/// Names the nodes of one diagnostic; a few stand for many.
std::string listNodes(llvm::ArrayRef<const Node *> nodes);

/// "Conv", "com.microsoft.Gelu".
std::string qualifiedName(const Node &node);

class GraphImport : Subgraphs {
public:
  GraphImport(const Model &model, TensorSource source, llvm::StringRef path,
              const ImportOptions &options, mlir::MLIRContext &context);

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();

private:
  // GraphChecks.cpp: what can be said before any op is made.
  mlir::LogicalResult checkOperatorSets();
  /// The C function that computes the node; empty if none was given.
  llvm::StringRef customFunction(const Node &node) const;
  /// The row of the node's operator in its opset, ours or an extension's; null
  /// if there is none.
  const Operator *rowOf(const Node &node) const;
  mlir::LogicalResult checkOperators();
  mlir::LogicalResult resolveInputs();
  mlir::FailureOr<llvm::SmallVector<int64_t>>
  resolveShape(const ValueInfo &input);

  // NameChecks.cpp: names and the order of nodes.
  mlir::LogicalResult
  checkNames(const Graph &graph,
             llvm::ArrayRef<const llvm::StringSet<> *> outer);
  mlir::FailureOr<std::vector<const Node *>> sortNodes(const Graph &graph);

  // GraphImport.cpp: the function.
  mlir::LogicalResult importInitializers(Scope &scope);
  mlir::LogicalResult importNode(Scope &scope, const Node &node);
  mlir::LogicalResult runImporter(NodeImport &n, const Operator &row);
  mlir::LogicalResult setResults(Scope &scope, const Node &node,
                                 llvm::ArrayRef<Binding> results);
  mlir::LogicalResult checkDeclared(Scope &scope, llvm::StringRef name,
                                    const Binding &found, mlir::Location loc);
  mlir::LogicalResult finish(Scope &scope);
  void addSizes(Scope &scope, llvm::SmallVectorImpl<mlir::Value> &results,
                llvm::SmallVectorImpl<mlir::Type> &types);
  void describeSizes(Scope &scope, llvm::ArrayRef<mlir::Value> results);

  // SubgraphImport.cpp: graphs in attributes, functions of the model.
  mlir::LogicalResult importNodes(Scope &scope);
  mlir::LogicalResult countNode(const Node &node);
  mlir::FailureOr<llvm::SmallVector<Binding>>
  importGraph(Scope &scope, llvm::ArrayRef<Binding> arguments);
  mlir::FailureOr<llvm::SmallVector<Binding>>
  inlineGraph(const Graph &graph, llvm::ArrayRef<Binding> arguments) override;
  mlir::FailureOr<OutlinedGraph> outlineGraph(const Graph &graph,
                                              llvm::ArrayRef<Binding> arguments,
                                              llvm::StringRef name,
                                              Selection select) override;
  const Function *findFunction(const Node &node) const;
  mlir::LogicalResult checkCall(const Node &node, const Function &function);
  mlir::LogicalResult callFunction(Scope &scope, const Node &node,
                                   const Function &function,
                                   llvm::ArrayRef<Binding *> operands);

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
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// The scope of the node that is being imported.
  Scope *current = nullptr;
  /// The functions of the model that are being called, the outermost first.
  llvm::SmallVector<const Function *> calls;
  llvm::DenseMap<std::pair<llvm::StringRef, llvm::StringRef>, const Function *>
      functions;
  unsigned outlinedCount = 0;
  /// Nodes imported or copied so far: functions and loops multiply them.
  size_t nodeCount = 0;
  static constexpr size_t maxNodes = 1'000'000;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_GRAPHIMPORT_H
