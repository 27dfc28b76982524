//===- NodeImport.cpp - what an operator's importer works with ------------===//
//
// Operands and results; attributes are in NodeAttributes.cpp, the making of ops
// in compiler/import/OpMaker.cpp.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/NodeImport.h"
#include "mlir/IR/Verifier.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

NodeImport::NodeImport(const Node &node, int64_t opset,
                       mlir::OpBuilder &builder, mlir::Location loc,
                       ArrayRef<Binding *> inputs)
    : OpMaker(builder, loc, node.opType), node(node), opset(opset),
      inputs(inputs.begin(), inputs.end()), outputs(node.outputs.size()),
      usedAttributes(node.attributes.size(), false) {}

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

Value NodeImport::checked(mlir::Operation *op) {
  if (succeeded(mlir::verify(op)))
    return op->getResult(0);
  op->erase();
  hasFailed = true;
  return nullptr;
}

bool NodeImport::usesOutput(unsigned index) const {
  return index < node.outputs.size() && !node.outputs[index].empty();
}

std::optional<llvm::SmallVector<int64_t>>
NodeImport::declaredShape(unsigned index) const {
  const ValueInfo *info = index < declared.size() ? declared[index] : nullptr;
  if (!info || !info->hasShape)
    return std::nullopt;
  llvm::SmallVector<int64_t> shape;
  for (const Dimension &dimension : info->shape)
    shape.push_back(dimension.size);
  if (!countElements(shape))
    return std::nullopt;
  return shape;
}

std::optional<llvm::SmallVector<int64_t>>
NodeImport::shapeInsteadOf(unsigned index, StringRef meaning, unsigned output) {
  auto shape = declaredShape(output);
  if (!shape) {
    error() << "the " << meaning << " (input " << index
            << ") is known at run time only, so the model must state the shape "
               "of output '"
            << (output < node.outputs.size() ? node.outputs[output] : "")
            << "'; make it constant, or run onnx.shape_inference on the model";
  }
  return shape;
}

void NodeImport::set(unsigned index, Value value) {
  if (!value)
    hasFailed = true;
  else if (auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
           type.getNumElements() == 0)
    set(index, emptyConstant(type));
  else if (index < outputs.size()) {
    outputs[index] = {mlir::cast<mlir::RankedTensorType>(value.getType()),
                      value,
                      nullptr,
                      {}};
  }
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

void NodeImport::setBound(unsigned index, const Bound &bound) {
  if (index < outputs.size() && bound.count)
    outputs[index].bound = bound;
}
