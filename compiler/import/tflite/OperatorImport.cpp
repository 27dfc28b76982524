//===- OperatorImport.cpp - what an operator's importer works with --------===//
//
// Operands, results, fused activations; the making of ops is shared by all
// doors (compiler/import/OpMaker.h).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/OperatorImport.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/SubgraphImport.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "targets/evaluator/HostTensor.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

/// Enough for every list of sizes, axes, indices and pads.
static constexpr int64_t maxListLength = 1 << 16;

OperatorImport::OperatorImport(SubgraphImport &subgraph,
                               const schema::Operator &op,
                               const OperatorKind &kind,
                               mlir::OpBuilder &builder, mlir::Location loc,
                               ArrayRef<Binding *> inputs,
                               StringRef describedAs)
    : OpMaker(builder, loc, describedAs), subgraph(subgraph), op(op),
      kind(kind), isQuantized(computesOnQuantized(subgraph, op)),
      inputs(inputs.begin(), inputs.end()), outputs(count(op.outputs())) {}

//===-- operands
//-----------------------------------------------------------===//

bool OperatorImport::hasInput(unsigned index) const {
  return index < inputs.size() && inputs[index];
}

mlir::RankedTensorType OperatorImport::type(unsigned index) const {
  return inputs[index]->type;
}

ArrayRef<int64_t> OperatorImport::shape(unsigned index) const {
  return type(index).getShape();
}

mlir::ElementsAttr OperatorImport::constant(unsigned index) const {
  return hasInput(index) ? inputs[index]->constant : nullptr;
}

StringRef OperatorImport::resource(unsigned index) {
  if (hasInput(index) && !inputs[index]->resource.empty())
    return inputs[index]->resource;
  error() << "input " << index << " should be the handle of a variable";
  return {};
}

Value OperatorImport::operand(unsigned index) {
  if (!hasInput(index) || !inputs[index]->type) {
    error() << "input " << index << " is missing or no tensor";
    return nullptr;
  }
  Binding &binding = *inputs[index];
  if (binding.value)
    return binding.value;
  std::string name = subgraph.tensorName(op.inputs()->Get(index));
  if (binding.type.getNumElements() == 0) {
    error() << "input " << index << " ('" << name << "') has no elements";
    return nullptr;
  }
  auto at = mlir::NameLoc::get(builder.getStringAttr(name));
  mlir::ElementsAttr elements = binding.constant;
  if (!isQuantized &&
      mlir::isa<mlir::quant::QuantizedType>(binding.type.getElementType())) {
    auto real = subgraph.constants().toFloat(elements, binding.type, name,
                                             [&] { return error(); });
    if (mlir::failed(real))
      return nullptr;
    elements = *real;
  }
  auto stored = mlir::cast<mlir::RankedTensorType>(elements.getType());
  if (isQuantized && stored.getElementType().isInteger(4)) {
    // One number to a byte already.
    elements = mlir::DenseElementsAttr::getFromRawBuffer(
        stored.clone(builder.getI8Type()), rawBytes(elements));
  }
  binding.value = edge::ConstantOp::create(
      builder, at, mlir::cast<mlir::RankedTensorType>(elements.getType()),
      elements);
  return binding.value;
}

std::optional<llvm::SmallVector<int64_t>>
OperatorImport::integers(unsigned index, StringRef meaning) {
  mlir::ElementsAttr elements = constant(index);
  if (!elements) {
    error() << "the " << meaning << " (input " << index << ") must be constant"
            << (hasInput(index)
                    ? ", but depends on the model's inputs; convert the model "
                      "with fixed shapes"
                    : ", but is missing");
    return std::nullopt;
  }
  auto type = mlir::cast<mlir::RankedTensorType>(elements.getType());
  if (!type.getElementType().isInteger() ||
      type.getNumElements() > maxListLength) {
    error() << "the " << meaning << " (input " << index
            << ") must be a list of integers, not " << type;
    return std::nullopt;
  }
  auto tensor = evaluator::fromElements(elements, loc);
  if (mlir::failed(tensor)) {
    hasFailed = true;
    return std::nullopt;
  }
  return llvm::SmallVector<int64_t>(tensor->integers.begin(),
                                    tensor->integers.end());
}

std::optional<int64_t> OperatorImport::integer(unsigned index,
                                               StringRef meaning) {
  auto list = integers(index, meaning);
  if (!list)
    return std::nullopt;
  if (list->size() != 1) {
    error() << "the " << meaning << " (input " << index
            << ") must be one integer, not " << list->size();
    return std::nullopt;
  }
  return list->front();
}

std::optional<double> OperatorImport::scalar(unsigned index,
                                             StringRef meaning) {
  mlir::ElementsAttr elements = constant(index);
  auto type = elements ? mlir::cast<mlir::RankedTensorType>(elements.getType())
                       : mlir::RankedTensorType();
  if (!elements || type.getNumElements() != 1) {
    error() << "the " << meaning << " (input " << index
            << ") must be one constant number";
    return std::nullopt;
  }
  auto tensor = evaluator::fromElements(elements, loc);
  if (mlir::failed(tensor)) {
    hasFailed = true;
    return std::nullopt;
  }
  return tensor->isFloat() ? tensor->reals[0] : double(tensor->integers[0]);
}

const schema::Tensor &OperatorImport::declared(unsigned index) const {
  return subgraph.tensor(op.outputs()->Get(index));
}

//===-- options
//------------------------------------------------------------===//

/// A table without fields: every getter gives its default.
const flatbuffers::Table *OperatorImport::emptyTable() {
  static const flatbuffers::DetachedBuffer buffer = [] {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(flatbuffers::Offset<flatbuffers::Table>(
        builder.EndTable(builder.StartTable())));
    return builder.Release();
  }();
  return flatbuffers::GetRoot<flatbuffers::Table>(buffer.data());
}

StringRef OperatorImport::customOptions() const {
  return subgraph.model().customOptions(op);
}

float OperatorImport::finite(float number, StringRef name) {
  if (std::isfinite(number))
    return number;
  error() << "the option '" << name << "' is " << number
          << ", but should be finite; the model is damaged, convert or "
             "download it again";
  return 0;
}

std::string tflite::activationName(schema::Activation activation) {
  StringRef known = schema::EnumNameActivation(activation);
  return known.empty() ? std::to_string(int(activation)) : known.str();
}

Value OperatorImport::activate(Value value, schema::Activation activation) {
  switch (activation) {
  case schema::Activation::NONE:
    return value;
  case schema::Activation::RELU:
    return make<edge::ReluOp>({value});
  case schema::Activation::RELU_N1_TO_1:
    return make<edge::ClampOp>({value},
                               {attr("min", -1.0F), attr("max", 1.0F)});
  case schema::Activation::RELU6:
    return make<edge::ClampOp>({value}, {attr("min", 0.0F), attr("max", 6.0F)});
  case schema::Activation::TANH:
    return make<edge::TanhOp>({value});
  default:
    error() << "the fused activation " << activationName(activation)
            << " is not supported";
    return nullptr;
  }
}

//===-- results
//------------------------------------------------------------===//

void OperatorImport::set(unsigned index, Value value) {
  if (!value) {
    hasFailed = true;
  } else if (index < outputs.size()) {
    outputs[index].type = mlir::cast<mlir::RankedTensorType>(value.getType());
    outputs[index].value = value;
  }
}

void OperatorImport::set(unsigned index, mlir::ElementsAttr constant) {
  if (index >= outputs.size())
    return;
  outputs[index].type = mlir::cast<mlir::RankedTensorType>(constant.getType());
  outputs[index].constant = constant;
}

void OperatorImport::set(unsigned index, const Binding &binding) {
  if (index < outputs.size())
    outputs[index] = binding;
}

void OperatorImport::setIntegers(unsigned index, ArrayRef<int64_t> list,
                                 mlir::Type element, bool isScalar) {
  llvm::SmallVector<int64_t> shape;
  if (!isScalar)
    shape.push_back(list.size());
  evaluator::HostTensor tensor(mlir::RankedTensorType::get(shape, element));
  tensor.integers.assign(list.begin(), list.end());
  set(index, SubgraphImport::toElements(tensor));
}

void OperatorImport::setState(unsigned index, Value value) {
  if (!value || failed()) {
    hasFailed = true;
    return;
  }
  if (value.getType() != type(index)) {
    error() << "the state (input " << index << ") of type " << type(index)
            << " would become " << value.getType();
    return;
  }
  if (!subgraph.setVariable(op.inputs()->Get(index), value))
    error() << "the state (input " << index << ") should be a variable";
}

//===-- making ops
//---------------------------------------------------------===//

ArrayRef<int64_t> OperatorImport::shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

mlir::Type OperatorImport::elementOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getElementType();
}

Value OperatorImport::number(double value, mlir::Type element,
                             ArrayRef<int64_t> shape) {
  auto type = mlir::RankedTensorType::get(shape, element);
  mlir::Attribute one;
  if (auto real = mlir::dyn_cast<mlir::FloatType>(element)) {
    one = mlir::FloatAttr::get(real, value);
  } else {
    unsigned width = element.getIntOrFloatBitWidth();
    one = mlir::IntegerAttr::get(
        element, llvm::APInt(width, uint64_t(int64_t(value)),
                             /*isSigned=*/false, /*implicitTrunc=*/true));
  }
  return edge::ConstantOp::create(builder, loc, type,
                                  mlir::DenseElementsAttr::get(type, one));
}
