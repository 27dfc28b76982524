//===- OperatorImport.h - what an operator's importer works with *- C++ -*-===//
//
// One operator of a TFLite model: its operands, its options, the edge ops it
// becomes. Importers are written without error paths: a getter that meets a
// fault reports it at the operator and returns a harmless value, `make` passes
// a null operand on as a null result, and the operator fails as a whole.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_OPERATORIMPORT_H
#define EDGEC_COMPILER_IMPORT_TFLITE_OPERATORIMPORT_H

#include "compiler/import/OpMaker.h"
#include "compiler/import/tflite/Tensors.h"

namespace edgec::tflite {

class SubgraphImport;

/// "RELU6", or the number of one that is not known.
std::string activationName(schema::Activation activation);

/// What a tensor of the model stands for.
struct Binding {
  /// Null before the tensor is computed, and when what computes it failed.
  mlir::RankedTensorType type;
  /// Null for a constant that nothing has used as a tensor yet.
  mlir::Value value;
  /// Of a constant; holds the integers of a quantized one.
  mlir::ElementsAttr constant;
  /// The variable that a resource tensor refers to.
  std::string resource;
  bool failed = false;

  bool isDefined() const { return type || !resource.empty(); }
};

class OperatorImport : public OpMaker {
public:
  OperatorImport(SubgraphImport &subgraph, const schema::Operator &op,
                 const OperatorKind &kind, mlir::OpBuilder &builder,
                 mlir::Location loc, llvm::ArrayRef<Binding *> inputs,
                 llvm::StringRef describedAs);

  SubgraphImport &subgraph;
  const schema::Operator &op;
  const OperatorKind kind;
  /// Whether it computes on the integers of quantized tensors; then constants
  /// are what is stored, else the real numbers.
  const bool isQuantized;

  //===-- operands
  //----------------------------------------------------------===//
  unsigned inputCount() const { return inputs.size(); }
  bool hasInput(unsigned index) const;
  mlir::RankedTensorType type(unsigned index) const;
  llvm::ArrayRef<int64_t> shape(unsigned index) const;
  int64_t rank(unsigned index) const { return type(index).getRank(); }
  /// The data of a constant operand, or null.
  mlir::ElementsAttr constant(unsigned index) const;
  /// The variable that a resource operand refers to; empty after an error.
  llvm::StringRef resource(unsigned index);
  /// The operand as a tensor of the graph; null after an error. Quantized
  /// weights come as float32, except in an operator on quantized tensors.
  mlir::Value operand(unsigned index);
  /// An operand that has to be a constant list (or scalar) of integers.
  std::optional<llvm::SmallVector<int64_t>> integers(unsigned index,
                                                     llvm::StringRef meaning);
  std::optional<int64_t> integer(unsigned index, llvm::StringRef meaning);
  /// An operand that has to be one constant number.
  std::optional<double> scalar(unsigned index, llvm::StringRef meaning);
  /// What the file declares of a result; it may be wrong.
  const schema::Tensor &declared(unsigned index) const;

  //===-- options
  //-----------------------------------------------------------===//
  /// The operator's options, all at their defaults if it has none.
  template <typename OptionsT> const OptionsT &options() {
    if (const OptionsT *found = builtinOptions<OptionsT>())
      return *found;
    return *reinterpret_cast<const OptionsT *>(emptyTable());
  }
  template <typename OptionsT> bool hasOptions() {
    return builtinOptions<OptionsT>() != nullptr;
  }
  llvm::StringRef customOptions() const;
  /// A number of the options that must be finite; 0 after an error.
  float finite(float number, llvm::StringRef name);
  /// The fused activation behind `value`.
  mlir::Value activate(mlir::Value value, schema::Activation activation);

  //===-- results
  //-----------------------------------------------------------===//
  unsigned resultCount() const { return outputs.size(); }
  void set(unsigned index, mlir::Value value);
  void set(unsigned index, mlir::ElementsAttr constant);
  void set(unsigned index, const Binding &binding);
  /// A constant list of integers of type `element`.
  void setIntegers(unsigned index, llvm::ArrayRef<int64_t> list,
                   mlir::Type element, bool isScalar = false);
  llvm::ArrayRef<Binding> results() const { return outputs; }
  /// The value that a state operand has after the operator.
  void setState(unsigned index, mlir::Value value);

  //===-- making ops
  //--------------------------------------------------------===//
  static llvm::ArrayRef<int64_t> shapeOf(mlir::Value value);
  static mlir::Type elementOf(mlir::Value value);
  /// A constant of one repeated number of a float or integer type.
  mlir::Value number(double value, mlir::Type element,
                     llvm::ArrayRef<int64_t> shape = {});

private:
  template <typename OptionsT> const OptionsT *builtinOptions() const {
    return op.options_type() == schema::OptionsTraits<OptionsT>::enum_value
               ? static_cast<const OptionsT *>(op.options())
               : nullptr;
  }
  static const flatbuffers::Table *emptyTable();

  llvm::SmallVector<Binding *, 4> inputs;
  llvm::SmallVector<Binding, 2> outputs;
};

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_OPERATORIMPORT_H
