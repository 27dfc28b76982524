//===- SubgraphImport.h - one graph of a TFLite model -----------*- C++ -*-===//
//
// Turns the operators of one subgraph into edge ops where the builder stands.
// The main graph is one; the branches of IF and the body of WHILE are others.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_SUBGRAPHIMPORT_H
#define EDGEC_COMPILER_IMPORT_TFLITE_SUBGRAPHIMPORT_H

#include "compiler/import/tflite/OperatorImport.h"
#include "targets/evaluator/HostTensor.h"
#include <vector>

namespace edgec::tflite {

class GraphImport;

class SubgraphImport {
public:
  SubgraphImport(GraphImport &graph, unsigned index);

  /// Imports every operator; `inputs` are the values of the graph's inputs.
  mlir::FailureOr<std::vector<Binding>> run(llvm::ArrayRef<Binding> inputs);

  GraphImport &graph;
  const unsigned index;

  const Model &model() const;
  ConstantReader &constants();
  /// Whether the shapes in the file hold: -shape did not change them.
  bool shapesAreDeclared() const;
  const schema::Tensor &tensor(unsigned tensorIndex) const;
  /// The tensor's name, or one made of its number.
  std::string tensorName(unsigned tensorIndex) const;
  /// Gives a variable tensor a new value; false if it is no variable.
  bool setVariable(unsigned tensorIndex, mlir::Value value);
  /// The tensor of a constant, made where the builder stands.
  mlir::Value materialize(Binding &binding, llvm::StringRef name);

  /// The attribute that a constant of the graph would have.
  static mlir::ElementsAttr toElements(const evaluator::HostTensor &tensor);

private:
  mlir::LogicalResult importOperator(unsigned number);
  mlir::LogicalResult bind(unsigned tensorIndex, mlir::Location loc,
                           llvm::StringRef describedAs);
  bool evaluate(const schema::Operator &op, const OperatorKind &kind,
                mlir::Location loc, llvm::ArrayRef<Binding *> inputs,
                llvm::StringRef describedAs, std::vector<Binding> &results);
  mlir::LogicalResult checkDeclared(unsigned tensorIndex, const Binding &found,
                                    mlir::Location loc,
                                    llvm::StringRef describedAs);
  mlir::LogicalResult setResults(const schema::Operator &op,
                                 llvm::ArrayRef<Binding> results,
                                 mlir::Location loc,
                                 llvm::StringRef describedAs);

  const schema::SubGraph &subgraph;
  std::vector<Binding> bindings;
};

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_SUBGRAPHIMPORT_H
