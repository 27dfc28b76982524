//===- GraphWriter.cpp - builds modules of many small cases --------------===//
#include "test/kernel/GraphWriter.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

uint64_t Random::next() {
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

double Random::real(double low, double high) {
  double unit = double(next() >> 11) * 0x1p-53;
  return float(low + unit * (high - low));
}

GraphWriter::GraphWriter(MLIRContext &context, uint64_t seed)
    : builder(&context), random(seed), location(builder.getUnknownLoc()) {
  context.loadDialect<edge::EdgeDialect, func::FuncDialect>();
  result.module = ModuleOp::create(location);
  builder.setInsertionPointToEnd(result.module->getBody());
  function = func::FuncOp::create(builder, location, "model",
                                  builder.getFunctionType({}, {}));
  builder.setInsertionPointToStart(function.addEntryBlock());
}

void GraphWriter::beginCase(StringRef name) {
  caseName = name.str();
  location = NameLoc::get(builder.getStringAttr(name));
}

RankedTensorType GraphWriter::floats(Shape shape) {
  return RankedTensorType::get(shape, builder.getF32Type());
}

std::vector<float> GraphWriter::numbers(int64_t count, Interval range) {
  std::vector<float> values(count);
  for (float &value : values)
    value = float(random.real(range.low, range.high));
  return values;
}

Value GraphWriter::inputOf(Shape shape, const std::vector<float> &values) {
  evaluator::HostTensor tensor(floats(shape));
  llvm::copy(values, tensor.reals.begin());
  result.inputs.push_back(std::move(tensor));
  return function.getBody().front().addArgument(floats(shape), location);
}

Value GraphWriter::integers(ArrayRef<int32_t> values) {
  auto type =
      RankedTensorType::get({int64_t(values.size())}, builder.getI32Type());
  return add<edge::ConstantOp>(type, DenseElementsAttr::get(type, values));
}

Value GraphWriter::input(Shape shape, Interval range) {
  return inputOf(shape, numbers(floats(shape).getNumElements(), range));
}

Value GraphWriter::inputAs(Type element, Shape shape, Interval range) {
  auto type = RankedTensorType::get(shape, element);
  evaluator::HostTensor tensor(type);
  std::vector<float> values = numbers(type.getNumElements(), range);
  for (auto [i, value] : llvm::enumerate(values)) {
    if (auto real = dyn_cast<FloatType>(element))
      tensor.reals[i] = evaluator::roundTo(real, value);
    else if (element.isInteger(1))
      tensor.integers[i] = value > (range.low + range.high) / 2;
    else
      tensor.integers[i] =
          evaluator::wrapTo(element, int64_t(std::floor(value)));
  }
  result.inputs.push_back(std::move(tensor));
  return function.getBody().front().addArgument(type, location);
}

Value GraphWriter::constant(Shape shape, Interval range) {
  RankedTensorType type = floats(shape);
  return add<edge::ConstantOp>(
      type, DenseElementsAttr::get(
                type, ArrayRef(numbers(type.getNumElements(), range))));
}

Value GraphWriter::scalar(float value) {
  return add<edge::ConstantOp>(floats({}),
                               DenseElementsAttr::get(floats({}), value));
}

Value GraphWriter::named(StringRef name, ValueRange operands, Type type,
                         ArrayRef<NamedAttribute> attributes) {
  return builder
      .create(location, builder.getStringAttr(("edge." + name).str()), operands,
              type, attributes)
      ->getResult(0);
}

NamedAttribute GraphWriter::attribute(StringRef name, double value) {
  return builder.getNamedAttr(name, builder.getF32FloatAttr(float(value)));
}

Value GraphWriter::reshape(Value x, Shape shape) {
  return add<edge::ReshapeOp>(floats(shape), x);
}

Value GraphWriter::broadcast(Value x, Shape shape) {
  return add<edge::BroadcastOp>(floats(shape), x);
}

void GraphWriter::output(Value value, Tolerance tolerance) {
  outputs.push_back(value);
  result.outputs.push_back({caseName, tolerance});
}

TestModule GraphWriter::finish() {
  func::ReturnOp::create(builder, location, outputs);
  SmallVector<Type> inputTypes(function.getBody().getArgumentTypes());
  SmallVector<Type> outputTypes(ValueRange(outputs).getTypes());
  function.setFunctionType(builder.getFunctionType(inputTypes, outputTypes));
  auto label = [&](const char *prefix, size_t index) {
    return builder.getStringAttr(prefix + std::to_string(index));
  };
  for (size_t i = 0; i < inputTypes.size(); ++i)
    function.setArgAttr(i, "edge.name", label("input", i));
  for (size_t i = 0; i < outputTypes.size(); ++i)
    function.setResultAttr(i, "edge.name", label("output", i));
  return std::move(result);
}
