//===- NodeImport.h - what an operator's importer works with ----*- C++ -*-===//
//
// One node of the model: its operands, its attributes, the edge ops it becomes.
// Importers are written without error paths: a getter that meets a fault
// reports it at the node and returns a harmless value, `make` passes a null
// operand on as a null result, and the node fails as a whole at its end.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_NODEIMPORT_H
#define EDGEC_COMPILER_IMPORT_ONNX_NODEIMPORT_H

#include "compiler/import/OpMaker.h"
#include "compiler/import/onnx/Constant.h"
#include "compiler/import/onnx/Numbers.h"
#include "dialects/edge/Edge.h"

namespace edgec::onnx {

/// A dimension of which only the first slices count: as many as `count`, an
/// int64 scalar, says (see BoundedDimensions.h).
struct Bound {
  mlir::Value count;
  int64_t dimension = -1;

  bool isBounded() const { return dimension >= 0; }
};

/// What a name in the model stands for.
struct Binding {
  /// Null when the node that defines it failed.
  mlir::RankedTensorType type;
  /// Null for a constant that nothing has used as a tensor yet.
  mlir::Value value;
  std::shared_ptr<const Constant> constant;
  Bound bound = {};
};

class Subgraphs;

class NodeImport : public OpMaker {
public:
  NodeImport(const Node &node, int64_t opset, mlir::OpBuilder &builder,
             mlir::Location loc, llvm::ArrayRef<Binding *> inputs);

  const Node &node;
  const int64_t opset;
  /// Imports the graphs among the node's attributes.
  Subgraphs *subgraphs = nullptr;
  /// Per output what the model states about it, or null.
  llvm::SmallVector<const ValueInfo *> declared;
  /// The C function that computes the node, for a custom operator.
  llvm::StringRef customFunction;

  //===-- operands
  //----------------------------------------------------------===//
  unsigned inputCount() const { return inputs.size(); }
  bool hasInput(unsigned index) const;
  mlir::RankedTensorType type(unsigned index) const;
  llvm::ArrayRef<int64_t> shape(unsigned index) const;
  int64_t rank(unsigned index) const { return type(index).getRank(); }
  /// What an operand stands for.
  const Binding &binding(unsigned index) const { return *inputs[index]; }
  /// The constant behind an operand, or null.
  const Constant *constant(unsigned index) const;
  const Bound &bound(unsigned index) const { return inputs[index]->bound; }
  /// The operand as a tensor of the graph; null after an error.
  mlir::Value operand(unsigned index);
  /// An operand that has to be constant: its elements, none after an error.
  std::optional<Numbers> numbers(unsigned index, llvm::StringRef meaning);
  std::optional<llvm::SmallVector<int64_t>> integers(unsigned index,
                                                     llvm::StringRef meaning);
  std::optional<double> scalar(unsigned index, llvm::StringRef meaning);

  /// The result of an op that was made by hand, once its verifier is content.
  mlir::Value checked(mlir::Operation *op);

  //===-- attributes
  //--------------------------------------------------------===//
  bool hasAttribute(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t fallback);
  bool flag(llvm::StringRef name, bool fallback);
  float real(llvm::StringRef name, float fallback);
  llvm::StringRef string(llvm::StringRef name, llvm::StringRef fallback);
  /// Absent: none. If bounded, elements beyond +-2^31 are an error.
  std::optional<llvm::SmallVector<int64_t>> list(llvm::StringRef name,
                                                 bool bounded = true);
  std::optional<llvm::SmallVector<double>> realList(llvm::StringRef name);
  std::optional<llvm::SmallVector<llvm::StringRef>>
  stringList(llvm::StringRef name);
  const Tensor *tensor(llvm::StringRef name);
  /// Null after an error: a graph has no default.
  const Graph *graph(llvm::StringRef name);
  /// Attributes that have no effect on the result.
  void ignore(llvm::ArrayRef<llvm::StringRef> names);
  /// Reports the attributes that no getter asked for.
  void checkAttributes();

  //===-- results
  //-----------------------------------------------------------===//
  bool usesOutput(unsigned index) const;
  /// The shape that the model states for an output, if every dimension is
  /// fixed there.
  std::optional<llvm::SmallVector<int64_t>> declaredShape(unsigned index) const;
  /// Whether an operand that decides the result's shape is known at run time
  /// only.
  bool isRunTime(unsigned index) const {
    return hasInput(index) && !constant(index);
  }
  /// The shape that the model states for output 0 where `meaning` (an operand)
  /// decides it at run time; an error if the model does not state it.
  std::optional<llvm::SmallVector<int64_t>>
  shapeInsteadOf(unsigned index, llvm::StringRef meaning, unsigned output = 0);
  void set(unsigned index, mlir::Value value);
  void set(unsigned index, const Numbers &numbers);
  void set(unsigned index, Constant constant);
  void set(unsigned index, const Binding &binding);
  /// After set(): not all of the result counts.
  void setBound(unsigned index, const Bound &bound);
  llvm::ArrayRef<Binding> results() const { return outputs; }

  /// The tensor of a constant, made where the builder stands.
  static mlir::Value materialize(mlir::OpBuilder &builder, mlir::Location loc,
                                 const Constant &constant);

private:
  const Attribute *find(llvm::StringRef name, int64_t wantedType);
  llvm::SmallVector<Binding *, 4> inputs;
  llvm::SmallVector<Binding, 2> outputs;
  llvm::SmallVector<bool, 8> usedAttributes;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_NODEIMPORT_H
