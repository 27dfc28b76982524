//===- IntegerValues.cpp - operands of quantized cases --------------------===//
#include "test/kernel/IntegerValues.h"
#include "dialects/edge/Integer.h"
#include "mlir/AsmParser/AsmParser.h"

using namespace mlir;
using namespace edgec;

using Numbers = std::vector<int64_t>;

Type test::elementType(GraphWriter &graph, const std::string &name) {
  return parseType(name, graph.builder.getContext());
}

Value test::randomIntegers(GraphWriter &graph, Shape shape, Type element,
                           int64_t low, int64_t high) {
  auto type = RankedTensorType::get(shape, element);
  unsigned width = element.getIntOrFloatBitWidth();
  std::vector<llvm::APInt> values;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    int64_t value = graph.random.below(8) == 0
                        ? graph.random.pick<int64_t>({low, high})
                        : low + graph.random.below(high - low + 1);
    values.push_back(llvm::APInt(width, uint64_t(value), false, true));
  }
  return edge::ConstantOp::create(graph.builder, graph.builder.getUnknownLoc(),
                                  type, DenseElementsAttr::get(type, values));
}

Value test::number(GraphWriter &graph, int64_t value) {
  return randomIntegers(graph, {}, graph.builder.getI32Type(), value, value);
}

Value test::bytes(GraphWriter &graph, Shape shape, Type element) {
  bool isUnsigned = element.isUnsignedInteger();
  return graph.inputAs(element, shape,
                       isUnsigned ? Interval{-0.4, 255.4}
                                  : Interval{-128.4, 127.4});
}

Value test::requantizeReal(GraphWriter &graph, Value x, Interval factors,
                           bool perChannel, Type element) {
  Numbers channels;
  if (perChannel)
    channels.push_back(shapeOf(x).back());
  int64_t bits = element.getIntOrFloatBitWidth();
  int64_t low = element.isUnsignedInteger() ? 0 : -(int64_t(1) << (bits - 1));
  int64_t span = (int64_t(1) << bits) - 1;
  return graph.add<edge::RequantizeOp>(
      RankedTensorType::get(shapeOf(x), element), x,
      graph.input(channels, factors), low + graph.random.below(100),
      low + span - graph.random.below(100), low + graph.random.below(span + 1));
}
