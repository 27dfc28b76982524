//===- NodeImport.cpp - what an operator's importer works with ------------===//
//
// Operands, results and the making of ops; attributes are in
// NodeAttributes.cpp. Result types are inferred before an op exists, because an
// op whose builder infers would end the process on a shape that does not fit.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/NodeImport.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

NodeImport::NodeImport(const Node &node, int64_t opset,
                       mlir::OpBuilder &builder, mlir::Location loc,
                       ArrayRef<Binding *> inputs)
    : node(node), opset(opset), builder(builder), loc(loc),
      inputs(inputs.begin(), inputs.end()), outputs(node.outputs.size()),
      usedAttributes(node.attributes.size(), false) {}

mlir::InFlightDiagnostic NodeImport::error() {
  hasFailed = true;
  return mlir::emitError(loc) << node.opType << ": ";
}

//===-- operands
//-----------------------------------------------------------===//

bool NodeImport::hasInput(unsigned index) const {
  return index < inputs.size() && inputs[index];
}

mlir::RankedTensorType NodeImport::type(unsigned index) const {
  return inputs[index]->type;
}

ArrayRef<int64_t> NodeImport::shape(unsigned index) const {
  return type(index).getShape();
}

const Constant *NodeImport::constant(unsigned index) const {
  return hasInput(index) ? inputs[index]->constant.get() : nullptr;
}

Value NodeImport::materialize(mlir::OpBuilder &builder, mlir::Location loc,
                              const Constant &constant) {
  auto type = mlir::RankedTensorType::get(
      constant.shape, elementType(constant.type, builder.getContext()));
  return edge::ConstantOp::create(builder, loc, type,
                                  makeElements(constant, type));
}

Value NodeImport::operand(unsigned index) {
  Binding &binding = *inputs[index];
  if (binding.value)
    return binding.value;
  const Constant &constant = *binding.constant;
  if (constant.type != DataType::Float) {
    error() << "input " << index << " ('" << node.inputs[index]
            << "') has element type " << dataTypeName(constant.type)
            << ", but only float32 is computed at run time so far; export the "
               "model in float32";
    return nullptr;
  }
  if (constant.bytes.empty()) {
    error() << "input " << index << " ('" << node.inputs[index]
            << "') has no elements";
    return nullptr;
  }
  mlir::Location at = mlir::NameLoc::get(builder.getStringAttr(
      constant.name.empty() ? node.inputs[index] : StringRef(constant.name)));
  binding.value = materialize(builder, at, constant);
  return binding.value;
}

std::optional<Numbers> NodeImport::numbers(unsigned index, StringRef meaning) {
  const Constant *known = constant(index);
  if (!known) {
    error() << "the " << meaning << " (input " << index << ") must be constant"
            << (hasInput(index) ? ", but depends on the model's inputs; export "
                                  "the model with fixed shapes and constant "
                                  "folding"
                                : ", but is missing");
    return std::nullopt;
  }
  std::optional<Numbers> result = Numbers::from(*known);
  if (!result) {
    error() << "the " << meaning << " (input " << index
            << ") cannot be a constant of type " << dataTypeName(known->type)
            << " and shape " << shapeText(known->shape);
  }
  return result;
}

std::optional<llvm::SmallVector<int64_t>>
NodeImport::integers(unsigned index, StringRef meaning) {
  std::optional<Numbers> list = numbers(index, meaning);
  if (!list)
    return std::nullopt;
  if (list->isReal() || list->shape.size() > 1) {
    error() << "the " << meaning << " (input " << index
            << ") must be a list of integers, not " << dataTypeName(list->type)
            << " of shape " << shapeText(list->shape);
    return std::nullopt;
  }
  return llvm::SmallVector<int64_t>(list->integers.begin(),
                                    list->integers.end());
}

std::optional<double> NodeImport::scalar(unsigned index, StringRef meaning) {
  std::optional<Numbers> list = numbers(index, meaning);
  if (!list)
    return std::nullopt;
  if (list->size() != 1) {
    error() << "the " << meaning << " (input " << index
            << ") must be one number, not of shape " << shapeText(list->shape);
    return std::nullopt;
  }
  return list->isReal() ? list->reals[0] : double(list->integers[0]);
}

//===-- results
//------------------------------------------------------------===//

bool NodeImport::usesOutput(unsigned index) const {
  return index < node.outputs.size() && !node.outputs[index].empty();
}

void NodeImport::set(unsigned index, Value value) {
  if (!value)
    hasFailed = true;
  else if (index < outputs.size())
    outputs[index] = {mlir::cast<mlir::RankedTensorType>(value.getType()),
                      value, nullptr};
}

void NodeImport::set(unsigned index, Constant constant) {
  if (index >= outputs.size())
    return;
  mlir::Type element = elementType(constant.type, builder.getContext());
  if (constant.name.empty())
    constant.name = node.outputs[index].str();
  outputs[index].type = mlir::RankedTensorType::get(constant.shape, element);
  outputs[index].constant =
      std::make_shared<const Constant>(std::move(constant));
}

void NodeImport::set(unsigned index, const Numbers &numbers) {
  set(index, numbers.toConstant());
}

void NodeImport::set(unsigned index, const Binding &binding) {
  if (index < outputs.size())
    outputs[index] = binding;
}

//===-- making ops
//---------------------------------------------------------===//

bool NodeImport::checkSize(ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  if (count && *count > 0)
    return true;
  error() << "the result would have the shape " << shapeText(shape)
          << (count ? ", which has no elements" : ", which is too large");
  return false;
}

Value NodeImport::makeInferred(StringRef opName, ArrayRef<Value> operands,
                               ArrayRef<mlir::NamedAttribute> attributes) {
  if (hasFailed || llvm::is_contained(operands, Value()))
    return nullptr;
  mlir::OperationName name(opName, builder.getContext());
  auto dictionary = builder.getDictionaryAttr(attributes);
  // Ops without attributes have no properties to set.
  auto storage = std::make_unique<char[]>(name.getOpPropertyByteSize());
  mlir::OpaqueProperties properties(storage.get());
  name.initOpProperties(properties, /*init=*/nullptr);
  name.populateDefaultProperties(properties);
  llvm::SmallVector<mlir::Type> types;
  auto *inference = name.getInterface<mlir::InferTypeOpInterface>();
  bool fits =
      (name.getOpPropertyByteSize() == 0 ||
       succeeded(name.setOpPropertiesFromAttribute(name, properties, dictionary,
                                                   [&] { return error(); }))) &&
      succeeded(inference->inferReturnTypes(builder.getContext(), loc, operands,
                                            dictionary, properties,
                                            /*regions=*/{}, types));
  name.destroyOpProperties(properties);
  if (!fits) {
    hasFailed = true;
    return nullptr;
  }
  if (!checkSize(mlir::cast<mlir::RankedTensorType>(types[0]).getShape()))
    return nullptr;
  mlir::OperationState state(loc, name, operands, types, attributes);
  return builder.create(state)->getResult(0);
}

Value NodeImport::reshape(Value value, ArrayRef<int64_t> shape) {
  if (!value || !checkSize(shape))
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  if (countElements(shape) != type.getNumElements()) {
    error() << "a tensor of shape " << shapeText(type.getShape())
            << " cannot take the shape " << shapeText(shape);
    return nullptr;
  }
  return edge::ReshapeOp::create(builder, loc, type.clone(shape), value);
}

Value NodeImport::broadcast(Value value, ArrayRef<int64_t> shape) {
  if (!value || !checkSize(shape))
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  auto common = edge::broadcastShapes(type.getShape(), shape);
  if (mlir::failed(common) || ArrayRef<int64_t>(*common) != shape) {
    error() << "a tensor of shape " << shapeText(type.getShape())
            << " cannot be expanded to " << shapeText(shape);
    return nullptr;
  }
  return edge::BroadcastOp::create(builder, loc, type.clone(shape), value);
}

Value NodeImport::transpose(Value value, ArrayRef<int64_t> permutation) {
  return make<edge::TransposeOp>({value}, {attr("permutation", permutation)});
}

Value NodeImport::splat(float element, ArrayRef<int64_t> shape) {
  auto type = mlir::RankedTensorType::get(shape, builder.getF32Type());
  return edge::ConstantOp::create(builder, loc, type,
                                  mlir::DenseElementsAttr::get(type, element));
}

mlir::NamedAttribute NodeImport::attr(StringRef name, ArrayRef<int64_t> list) {
  return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(list));
}
mlir::NamedAttribute NodeImport::attr(StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}
mlir::NamedAttribute NodeImport::attr(StringRef name, float value) {
  return builder.getNamedAttr(name, builder.getF32FloatAttr(value));
}
mlir::NamedAttribute NodeImport::attr(StringRef name, bool value) {
  return builder.getNamedAttr(name, builder.getBoolAttr(value));
}
mlir::NamedAttribute NodeImport::attr(StringRef name, StringRef value) {
  return builder.getNamedAttr(name, builder.getStringAttr(value));
}
