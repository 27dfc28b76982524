//===- RequantizeCases.cpp - rescaling, tables and softmax of integers ----===//
//
// Random scales, zero points and shapes, and numbers at the ends of their
// types. Nothing may differ from the evaluator by a bit.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/Product.h"
#include "dialects/edge/Softmax.h"
#include "test/kernel/Cases.h"
#include "test/kernel/IntegerValues.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

//===-- rescaling, tables, softmax ----------------------------------------===//

/// Whole numbers over all of i32, products of two of which go to its ends.
static Value wide(GraphWriter &graph, Shape shape) {
  auto type = RankedTensorType::get(shape, graph.builder.getI32Type());
  Value high = graph.add<edge::CastOp>(type, graph.input(shape, {-3e4, 3e4}));
  Value low = graph.add<edge::CastOp>(type, graph.input(shape, {-7e4, 7e4}));
  return graph.add<edge::MulOp>(high, low);
}

static Case rescaleCase(Numbers shape, edge::Rounding rounding, int64_t least,
                        int64_t most) {
  std::string name = "rescale " + edge::stringifyRounding(rounding).str() +
                     " " + text(shape) + " shifts " + std::to_string(least) +
                     " to " + std::to_string(most);
  return {name, [=](GraphWriter &graph) {
            Type i32 = graph.builder.getI32Type();
            Value x = wide(graph, shape);
            // Ties: multiples of half of the divisor.
            Value ties = graph.add<edge::ShiftLeftOp>(
                graph.add<edge::ShiftRightOp>(x, number(graph, 10)),
                number(graph, 10));
            Numbers channels = {shape.back()};
            Value shift = randomIntegers(graph, channels, i32, least, most);
            for (int64_t low : {int64_t(1) << 30, int64_t(INT32_MIN)}) {
              Value multiplier =
                  randomIntegers(graph, channels, i32, low, INT32_MAX);
              for (Value operand : {x, ties}) {
                graph.output(graph.add<edge::RescaleOp>(operand, multiplier,
                                                        shift, rounding),
                             Tolerance::exact());
              }
            }
            Value half = number(graph, int64_t(1) << 30);
            graph.output(
                graph.add<edge::RescaleOp>(ties, half, shift, rounding),
                Tolerance::exact());
          }};
}

/// Numbers below 2^30, as their operators show.
static Value bounded(GraphWriter &graph, Shape shape) {
  auto type = RankedTensorType::get(shape, graph.builder.getI32Type());
  Value product;
  for (int factor = 0; factor < 4; ++factor) {
    Value x = graph.add<edge::CastOp>(
        type, bytes(graph, shape, graph.builder.getI8Type()));
    product = product ? graph.add<edge::MulOp>(product, x) : x;
  }
  return product;
}

/// Shifts of all channels in [least, most]; bounds at, above or below the zero
/// point, at the ends of the narrow type or inside.
static Case requantizeCase(Numbers shape, edge::Rounding rounding,
                           int64_t least, int64_t most,
                           const std::string &narrow, int64_t row) {
  std::string name = "requantize " + edge::stringifyRounding(rounding).str() +
                     " " + text(shape) + " " + narrow + " shifts " +
                     std::to_string(least) + " to " + std::to_string(most) +
                     " row " + std::to_string(row);
  return {name, [=](GraphWriter &graph) {
            Type i32 = graph.builder.getI32Type();
            Type element = elementType(graph, narrow);
            unsigned width = element.getIntOrFloatBitWidth();
            int64_t count = int64_t(1) << width;
            int64_t first = element.isUnsignedInteger() ? 0 : -count / 2;
            int64_t zero =
                first + cycle<int64_t>(
                            {0, count / 2, count - 1, 17, 0, count - 40}, row);
            int64_t low = cycle<int64_t>({first, zero, first + 20}, row),
                    high = first + cycle<int64_t>({count - 1, count - 30}, row);
            Numbers channels = {shape.back()};
            if (row % 4 == 3)
              channels.clear();
            Value shift = randomIntegers(graph, channels, i32, least, most);
            int64_t smallest = row % 5 == 0 ? 0 : int64_t(1) << 30;
            Value multiplier =
                randomIntegers(graph, channels, i32, smallest, INT32_MAX);
            // Channels without a factor.
            if (row % 5 == 4 && !channels.empty()) {
              Value some = randomIntegers(graph, channels, i32, 0, 1);
              multiplier = graph.add<edge::MulOp>(multiplier, some);
              shift = graph.add<edge::MulOp>(shift, some);
            }
            Value half = number(graph, int64_t(1) << 30);
            Value x = bounded(graph, shape);
            Value ties = graph.add<edge::ShiftLeftOp>(
                graph.add<edge::ShiftRightOp>(x, number(graph, 9)),
                number(graph, 9));
            for (auto [sums, factor] :
                 {std::pair(x, multiplier), std::pair(ties, multiplier),
                  std::pair(ties, half)}) {
              Value y =
                  graph.add<edge::RescaleOp>(sums, factor, shift, rounding);
              if (zero)
                y = graph.add<edge::AddOp>(y, number(graph, zero));
              if (row % 7 != 6)
                y = graph.add<edge::MaxOp>(y, number(graph, low));
              if (row % 7 != 5)
                y = graph.add<edge::MinOp>(y, number(graph, high));
              graph.output(graph.add<edge::CastOp>(
                               RankedTensorType::get(shapeOf(y), element), y),
                           Tolerance::exact());
            }
          }};
}

/// Of sums, of floats with and without a factor, and of ties.
static Case requantizeRealCase(Numbers shape, const std::string &result,
                               bool perChannel) {
  return {"float requantize " + text(shape) + " " + result +
              (perChannel ? " per channel" : ""),
          [=](GraphWriter &graph) {
            Type element = elementType(graph, result);
            auto words =
                RankedTensorType::get(shape, graph.builder.getI32Type());
            Value sums =
                graph.add<edge::CastOp>(words, graph.input(shape, {-4e4, 4e4}));
            for (Value x :
                 {sums, wide(graph, shape), graph.input(shape, {-500, 500})}) {
              graph.output(
                  requantizeReal(graph, x, {1e-3, 1e-1}, perChannel, element),
                  Tolerance::exact());
            }
            // Halves of whole numbers.
            graph.output(
                requantizeReal(graph, sums, {0.5, 0.5}, perChannel, element),
                Tolerance::exact());
            Value real = graph.input(shape, {-300, 300});
            graph.output(graph.add<edge::RequantizeOp>(
                             RankedTensorType::get(shape, element), real,
                             Value(), 0, 99, 7),
                         Tolerance::exact());
          }};
}

static Case lookupCase(Numbers shape, const std::string &input,
                       const std::string &entry) {
  return {"lookup " + text(shape) + " " + input + " " + entry,
          [=](GraphWriter &graph) {
            Type element = elementType(graph, entry);
            Value table = randomIntegers(graph, {256}, element, 0, 127);
            Value x = bytes(graph, shape, elementType(graph, input));
            graph.output(graph.add<edge::LookupOp>(x, table),
                         Tolerance::exact());
          }};
}

static Case softmaxCase(Numbers shape, const std::string &input,
                        const std::string &result) {
  return {"integer_softmax " + text(shape) + " " + input + " " + result,
          [=](GraphWriter &graph) {
            Type i32 = graph.builder.getI32Type();
            // Falling numbers, as exponentials are, and zeros.
            std::vector<int32_t> exponentials;
            double number = INT32_MAX;
            double factor = graph.random.real(0.5, 0.99);
            for (int i = 0; i < 256; ++i, number *= factor)
              exponentials.push_back(i > 200 ? 0 : int32_t(number));
            auto type = RankedTensorType::get({256}, i32);
            Value table = edge::ConstantOp::create(
                graph.builder, graph.builder.getUnknownLoc(), type,
                DenseElementsAttr::get(type, ArrayRef<int32_t>(exponentials)));
            Value x = bytes(graph, shape, elementType(graph, input));
            Type out = RankedTensorType::get(shape, elementType(graph, result));
            graph.output(edge::IntegerSoftmaxOp::create(
                             graph.builder, graph.builder.getUnknownLoc(), out,
                             x, table),
                         Tolerance::exact());
          }};
}

/// As ONNX Runtime computes it, with and without a rounding to bytes.
static Case lookupSoftmaxCase(Numbers shape, const std::string &input,
                              bool fused) {
  return {
      "lookup_softmax " + text(shape) + " " + input + (fused ? " fused" : ""),
      [=](GraphWriter &graph) {
        Type f32 = graph.builder.getF32Type();
        auto constant = [&](Numbers shape, ArrayRef<float> numbers) {
          auto type = RankedTensorType::get(shape, f32);
          return edge::ConstantOp::create(
              graph.builder, graph.builder.getUnknownLoc(), type,
              DenseElementsAttr::get(type, numbers));
        };
        auto scale = float(graph.random.real(0.01, 0.2));
        Value table =
            constant({256}, edge::tabulateExponentials(scale, shape.back()));
        Value factor = constant({}, {263.0F});
        Value x = bytes(graph, shape, elementType(graph, input));
        Value y = graph.add<edge::LookupSoftmaxOp>(x, table, factor);
        if (fused) {
          int64_t low = input == "i8" ? -128 : 0;
          y = edge::RequantizeOp::create(
              graph.builder, graph.builder.getUnknownLoc(),
              RankedTensorType::get(shape, elementType(graph, input)), y,
              Value(), uint64_t(low), uint64_t(low + 255), uint64_t(low + 2));
        }
        graph.output(y, Tolerance::exact());
      }};
}

std::vector<Case> edgec::test::requantizeCases() {
  std::vector<Case> cases;
  struct Shifts {
    int64_t least, most;
  };
  for (int64_t row = 0; row < 42; ++row) {
    auto rounding =
        cycle({edge::Rounding::double_rounding, edge::Rounding::single_rounding,
               edge::Rounding::double_rounding},
              row / 2);
    auto shifts =
        cycle<Shifts>({{1, 12}, {0, 0}, {16, 25}, {0, 9}, {1, 31}}, row);
    cases.push_back(requantizeCase(
        cycle<Numbers>({{3, 37}, {2, 5, 64}, {7, 16}, {9, 1}, {4, 5}, {3, 2}},
                       row),
        rounding, shifts.least, shifts.most,
        cycle<std::string>({"i8", "ui8", "i8", "i16", "ui8"}, row / 3), row));
  }
  for (const char *type : {"i8", "ui8", "i16", "ui16"}) {
    // Shorter vectors of 16 bits end the emulator of RISC-V.
    int64_t row = StringRef(type).ends_with("8") ? 37 : 48;
    cases.push_back(requantizeRealCase({3, row}, type, true));
    cases.push_back(requantizeRealCase({2, 5, 64}, type, false));
    cases.push_back(requantizeRealCase({5, 1}, type, true));
  }
  return cases;
}

std::vector<Case> edgec::test::fixedPointCases() {
  std::vector<Case> cases;
  for (auto rounding :
       {edge::Rounding::double_rounding, edge::Rounding::single_rounding}) {
    cases.push_back(rescaleCase({3, 37}, rounding, 0, 31));
    cases.push_back(rescaleCase({2, 5, 64}, rounding, 0, 0));
    cases.push_back(rescaleCase({7, 16}, rounding, 1, 12));
    cases.push_back(rescaleCase({5, 1}, rounding, 8, 9));
  }
  cases.push_back(lookupCase({1, 5, 3, 7}, "i8", "i8"));
  // Vectors of bytes, and what they leave.
  cases.push_back(lookupCase({3, 64, 5}, "i8", "ui8"));
  cases.push_back(lookupCase({1, 2, 111}, "ui8", "i8"));
  cases.push_back(lookupCase({2, 100}, "ui8", "i16"));
  cases.push_back(lookupCase({4, 8}, "i8", "i32"));
  for (const char *type : {"i8", "ui8"}) {
    cases.push_back(softmaxCase({1, 2}, type, type));
    cases.push_back(softmaxCase({3, 10}, type, "i16"));
    cases.push_back(softmaxCase({2, 2, 1001}, type, type));
    cases.push_back(softmaxCase({7, 1}, type, type));
    cases.push_back(lookupSoftmaxCase({1, 2}, type, true));
    cases.push_back(lookupSoftmaxCase({2, 3, 37}, type, true));
    cases.push_back(lookupSoftmaxCase({9, 64}, type, false));
    cases.push_back(lookupSoftmaxCase({3, 2, 1030}, type, true));
    cases.push_back(lookupSoftmaxCase({2, 5000}, type, true));
    cases.push_back(lookupSoftmaxCase({5, 1}, type, true));
  }
  return cases;
}
