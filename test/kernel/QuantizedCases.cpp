//===- QuantizedCases.cpp - graphs of quantize/dequantize pairs ----------===//
//
// Float operators between pairs, as ONNX Runtime's quantizer writes them: what
// the compiler computes on integers is compared with what the evaluator
// computes of the graph as it stands. Scales are powers of two, for which the
// float sums of the graph are exact, halves included; so no bit may differ.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/AsmParser/AsmParser.h"
#include "test/kernel/Cases.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

/// All digits.
static std::string text(double number) {
  return llvm::formatv("{0:e20}", number).str();
}

namespace {
/// Writes a graph of pairs.
class PairWriter {
public:
  explicit PairWriter(GraphWriter &graph) : graph(graph) {}

  /// !quant.uniform of this storage, scale and zero point.
  Type type(const std::string &storage, double scale, int64_t zero) {
    return parse("!quant.uniform<" + storage + ":f32, " + text(scale) + ":" +
                 std::to_string(zero) + ">");
  }
  /// One scale for each of `count` slices along an axis, 2^-5 to 2^-8.
  Type typePerChannel(const std::string &storage, int64_t axis, int64_t count,
                      double factor = 1) {
    std::string list;
    for (int64_t i = 0; i < count; ++i)
      list +=
          (i ? ", " : "") + text(factor / double(int64_t(32) << (i * 7 % 4)));
    return parse("!quant.uniform<" + storage + ":f32:" + std::to_string(axis) +
                 ", {" + list + "}>");
  }

  /// A value of the run that passed a pair.
  Value activation(Shape shape, Type quantized) {
    return pair(graph.input(shape, {-4, 4}), quantized);
  }
  Value pair(Value x, Type quantized) { return real(quantize(x, quantized)); }
  Value quantize(Value x, Type quantized) {
    return graph.add<edge::QuantizeOp>(
        RankedTensorType::get(shapeOf(x), quantized), x);
  }
  Value real(Value x) {
    return graph.add<edge::DequantizeOp>(
        RankedTensorType::get(shapeOf(x), graph.builder.getF32Type()), x);
  }
  /// Constant integers in [low, high] and what they stand for.
  Value weight(Shape shape, Type quantized, int64_t low, int64_t high) {
    auto element = cast<quant::QuantizedType>(quantized);
    unsigned width = element.getStorageTypeIntegralWidth();
    Type storage = graph.builder.getIntegerType(width);
    auto type = RankedTensorType::get(shape, storage);
    std::vector<APInt> values;
    values.reserve(type.getNumElements());
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      int64_t number = low + graph.random.below(high - low + 1);
      values.push_back(APInt(width, uint64_t(number), false, true));
    }
    Value stored =
        edge::ConstantOp::create(graph.builder, graph.builder.getUnknownLoc(),
                                 type, DenseElementsAttr::get(type, values));
    return real(graph.add<edge::BitcastOp>(
        RankedTensorType::get(shape, quantized), stored));
  }
  /// The stored integers of a result.
  void output(Value x, Type quantized) {
    Value stored = quantize(x, quantized);
    auto element = cast<quant::QuantizedType>(quantized);
    Type storage = IntegerType::get(
        x.getContext(), element.getStorageTypeIntegralWidth(),
        element.isSigned() ? IntegerType::Signless : IntegerType::Unsigned);
    graph.output(graph.add<edge::BitcastOp>(
                     RankedTensorType::get(shapeOf(x), storage), stored),
                 Tolerance::exact());
  }

  GraphWriter &graph;

private:
  Type parse(const std::string &text) {
    return parseType(text, graph.builder.getContext());
  }
};
} // namespace

/// conv, relu, and a residual behind it.
static Case convCase(Numbers shape, const Conv &conv, const std::string &input,
                     bool hasResidual) {
  std::string name = "quantized conv2d " + text(shape) + " " + text(conv) +
                     " " + input + (hasResidual ? " residual" : "");
  return {name, [=](GraphWriter &graph) {
            PairWriter w(graph);
            int64_t zero = input == "u8" ? 100 : input == "i8" ? -3 : 0;
            Value x = w.activation(shape, w.type(input, 0.03125, zero));
            Value filter = w.weight(
                {conv.filters, conv.kernel[0], conv.kernel[1],
                 shape[3] / conv.groups},
                w.typePerChannel("i8<-127:127>", 0, conv.filters), -127, 127);
            Value bias;
            if (conv.bias) {
              bias = w.weight({conv.filters},
                              w.typePerChannel("i32", 0, conv.filters, 0.03125),
                              -5000, 5000);
            }
            Value y = graph.add<edge::Conv2DOp>(x, filter, bias, conv.strides,
                                                conv.pads, conv.dilations,
                                                conv.groups);
            bool isSigned = input == "i8";
            int64_t least = isSigned ? -128 : 0;
            Type between = w.type(isSigned ? "i8" : "u8", 0.5,
                                  least + (hasResidual ? 40 : 0));
            if (!hasResidual)
              return w.output(graph.add<edge::ReluOp>(y), between);
            Value other = w.activation(shapeOf(y), w.type("u8", 0.0625, 128));
            Value sum = graph.add<edge::AddOp>(w.pair(y, between), other);
            w.output(graph.add<edge::ReluOp>(sum), w.type("u8", 0.5, 0));
          }};
}

static Case matrixCase(Numbers shape, int64_t columns, bool ofValues) {
  return {"quantized matmul " + text(shape) + " by " + std::to_string(columns) +
              (ofValues ? " values" : " weights"),
          [=](GraphWriter &graph) {
            PairWriter w(graph);
            Value x = w.activation(shape, w.type("u8", 0.03125, 117));
            Numbers rhs = {shape.back(), columns};
            if (ofValues)
              rhs.insert(rhs.begin(), shape.begin(), shape.end() - 2);
            Value y = ofValues
                          ? w.activation(rhs, w.type("i8", 0.0625, -5))
                          : w.weight(rhs, w.typePerChannel("i8", 1, columns),
                                     -128, 127);
            Value product = graph.add<edge::MatMulOp>(x, y);
            graph.output(product, Tolerance::exact());
            w.output(product, w.type("i8", 0.25, 10));
          }};
}

/// Means, over windows of which some lie at the edge, and over all.
static Case meanCase(Numbers shape) {
  return {"quantized means " + text(shape), [=](GraphWriter &graph) {
            PairWriter w(graph);
            Value x = w.activation(shape, w.type("u8", 0.03125, 131));
            // 4 or 2 elements count: the quotients are exact.
            Value pooled = graph.add<edge::AvgPool2DOp>(
                x, Numbers{2, 2}, Numbers{2, 2}, Numbers{0, 0, 0, 0},
                Numbers{0, 0}, false, Numbers{1, 1});
            w.output(pooled, w.type("i8", 0.015625, 3));
            Value mean = graph.add<edge::ReduceMeanOp>(pooled, Numbers{1, 2},
                                                       /*keep_dims=*/true);
            graph.output(mean, Tolerance::elementwise());
          }};
}

/// Sums and products round halves to even with the zero point in them, as ONNX
/// Runtime does: with an even one that is the same as the graph's meaning.
static Case functionCase(Numbers shape) {
  return {"quantized functions " + text(shape), [=](GraphWriter &graph) {
            PairWriter w(graph);
            Type one = w.type("u8", 0.03125, 99), two = w.type("i8", 0.0625, 6);
            Value x = w.activation(shape, one), y = w.activation(shape, two);
            w.output(graph.add<edge::SigmoidOp>(x),
                     w.type("u8", 0.00390625, 0));
            w.output(graph.add<edge::HardSwishOp>(y), one);
            w.output(graph.add<edge::MulOp>(x, y), two);
            w.output(graph.add<edge::SubOp>(x, y), two);
            Value joined =
                graph.add<edge::ConcatOp>(ValueRange{x, y}, shape.size() - 1);
            w.output(joined, two);
            w.output(x, w.type("i16", 0.001953125, -77));
          }};
}

std::vector<Case> edgec::test::quantizedCases() {
  std::vector<Case> cases;
  for (const char *input : {"u8", "i8", "i16"}) {
    Conv conv;
    conv.filters = 17;
    conv.pads = {1, 1, 1, 1};
    cases.push_back(convCase({1, 7, 9, 12}, conv, input, false));
    conv.kernel = {1, 1};
    conv.pads = {0, 0, 0, 0};
    conv.filters = 32;
    cases.push_back(convCase({2, 5, 5, 16}, conv, input, true));
    conv.kernel = {3, 3};
    conv.strides = {2, 2};
    conv.pads = {0, 0, 1, 1};
    conv.groups = 16;
    conv.filters = 16;
    conv.bias = false;
    cases.push_back(convCase({1, 8, 8, 16}, conv, input, false));
    // Vectors of channels of every length, and an odd row and column.
    conv.groups = 46;
    conv.filters = 46;
    conv.bias = true;
    cases.push_back(convCase({1, 7, 11, 46}, conv, input, true));
    conv.kernel = {5, 5};
    conv.strides = {1, 1};
    conv.pads = {2, 2, 2, 2};
    cases.push_back(convCase({1, 5, 7, 46}, conv, input, false));
    // One row whose weights come from memory.
    conv.kernel = {1, 1};
    conv.pads = {0, 0, 0, 0};
    conv.groups = 1;
    conv.filters = 530;
    cases.push_back(convCase({1, 1, 1, 1031}, conv, input, false));
  }
  for (bool ofValues : {false, true}) {
    cases.push_back(matrixCase({2, 3, 20}, 33, ofValues));
    cases.push_back(matrixCase({1, 1, 64}, 8, ofValues));
    cases.push_back(matrixCase({3, 17, 7}, 16, ofValues));
    cases.push_back(matrixCase({2, 3, 700}, 5, ofValues));
  }
  cases.push_back(meanCase({1, 4, 8, 5}));
  cases.push_back(meanCase({2, 8, 8, 32}));
  cases.push_back(functionCase({1, 3, 5, 7}));
  cases.push_back(functionCase({2, 64}));
  return cases;
}
