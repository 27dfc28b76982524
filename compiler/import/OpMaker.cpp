//===- OpMaker.cpp - makes the edge ops of one node of a model ------------===//
//
// Result types are inferred before an op exists, because an op whose builder
// infers would end the process on a shape that does not fit.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/OpMaker.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"

using namespace edgec;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

mlir::InFlightDiagnostic OpMaker::error() {
  hasFailed = true;
  return mlir::emitError(loc) << operatorName << ": ";
}

int64_t OpMaker::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  error() << "axis " << axis << " lies outside a tensor of " << rank
          << " dimensions";
  return 0;
}

llvm::SmallVector<int64_t> OpMaker::normalizeAxes(ArrayRef<int64_t> axes,
                                                  int64_t rank) {
  llvm::SmallVector<int64_t> result;
  for (int64_t axis : axes)
    result.push_back(normalizeAxis(axis, rank));
  llvm::sort(result);
  auto twin = std::adjacent_find(result.begin(), result.end());
  if (twin != result.end() && !failed())
    error() << "axis " << *twin << " is named twice";
  return result;
}

bool OpMaker::checkSize(ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  if (count && *count > 0)
    return true;
  error() << "the result would have the shape " << shapeText(shape)
          << (count ? ", which has no elements" : ", which is too large");
  return false;
}

static bool isEmpty(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getNumElements() ==
         0;
}

/// What an operator makes of operands without elements: for elementwise ones a
/// constant without elements.
Value OpMaker::makeOfNothing(mlir::OperationName name,
                             ArrayRef<Value> operands) {
  auto type = mlir::cast<mlir::RankedTensorType>(operands.front().getType());
  mlir::FailureOr<llvm::SmallVector<int64_t>> shape =
      llvm::SmallVector<int64_t>(type.getShape());
  for (Value operand : operands) {
    if (mlir::succeeded(shape)) {
      shape = edge::broadcastShapes(
          *shape,
          mlir::cast<mlir::RankedTensorType>(operand.getType()).getShape());
    }
  }
  if (mlir::failed(shape) || !name.hasTrait<edge::ElementwiseTrait>()) {
    error() << "an operand has no elements, which is not supported here";
    return nullptr;
  }
  auto result = type.clone(*shape);
  return edge::ConstantOp::create(
      builder, loc, result,
      mlir::DenseElementsAttr::get(result, ArrayRef<mlir::Attribute>()));
}

Value OpMaker::makeInferred(StringRef opName, ArrayRef<Value> operands,
                            ArrayRef<mlir::NamedAttribute> attributes) {
  if (hasFailed || llvm::is_contained(operands, Value()))
    return nullptr;
  mlir::OperationName name(opName, builder.getContext());
  if (llvm::any_of(operands, isEmpty))
    return makeOfNothing(name, operands);
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

Value OpMaker::reshape(Value value, ArrayRef<int64_t> shape) {
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

Value OpMaker::broadcast(Value value, ArrayRef<int64_t> shape) {
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

Value OpMaker::transpose(Value value, ArrayRef<int64_t> permutation) {
  return make<edge::TransposeOp>({value}, {attr("permutation", permutation)});
}

Value OpMaker::cast(Value value, mlir::Type element) {
  if (!value)
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
  if (type.getElementType() == element)
    return value;
  return edge::CastOp::create(builder, loc, type.clone(element), value);
}

Value OpMaker::splat(float element, ArrayRef<int64_t> shape) {
  auto type = mlir::RankedTensorType::get(shape, builder.getF32Type());
  return edge::ConstantOp::create(builder, loc, type,
                                  mlir::DenseElementsAttr::get(type, element));
}

/// Integers saturate.
Value OpMaker::scalarLike(Value like, double element) {
  if (!like)
    return nullptr;
  mlir::Type type =
      mlir::cast<mlir::RankedTensorType>(like.getType()).getElementType();
  auto tensor = mlir::RankedTensorType::get({}, type);
  mlir::DenseElementsAttr value;
  if (auto real = mlir::dyn_cast<mlir::FloatType>(type)) {
    value = mlir::DenseElementsAttr::get(
        tensor, mlir::FloatAttr::get(real, element).getValue());
  } else {
    llvm::APSInt integer(type.getIntOrFloatBitWidth(),
                         type.isUnsignedInteger());
    bool isExact;
    llvm::APFloat(element).convertToInteger(
        integer, llvm::APFloat::rmTowardZero, &isExact);
    value = mlir::DenseElementsAttr::get(tensor, llvm::APInt(integer));
  }
  return edge::ConstantOp::create(builder, loc, tensor, value);
}

Value OpMaker::constantOf(ArrayRef<float> elements, ArrayRef<int64_t> shape) {
  auto type = mlir::RankedTensorType::get(shape, builder.getF32Type());
  auto owner = std::make_shared<std::vector<float>>(elements);
  StringRef bytes(reinterpret_cast<const char *>(owner->data()),
                  owner->size() * sizeof(float));
  return edge::ConstantOp::create(builder, loc, type,
                                  makeElements(type, bytes, owner, "table"));
}

mlir::NamedAttribute OpMaker::attr(StringRef name, ArrayRef<int64_t> list) {
  return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(list));
}
mlir::NamedAttribute OpMaker::attr(StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}
mlir::NamedAttribute OpMaker::attr(StringRef name, float value) {
  return builder.getNamedAttr(name, builder.getF32FloatAttr(value));
}
mlir::NamedAttribute OpMaker::attr(StringRef name, bool value) {
  return builder.getNamedAttr(name, builder.getBoolAttr(value));
}
mlir::NamedAttribute OpMaker::attr(StringRef name, StringRef value) {
  return builder.getNamedAttr(name, builder.getStringAttr(value));
}
