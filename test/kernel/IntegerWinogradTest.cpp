//===- IntegerWinogradTest.cpp - Winograd's method on bytes --------------===//
//
// The method is exact on integers, so nothing may differ from the evaluator by
// a bit: with bytes at the ends of their types, every zero point, sums at the
// limit of 32 bits, every remainder of rows, columns, channels and blocks, and
// epilogues. Where the machine multiplies four bytes at a time the method is
// not used, and the same cases check what is.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "test/kernel/ModuleCheck.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

namespace {
/// A 3x3 convolution of bytes.
struct Bytes {
  std::vector<int64_t> shape;
  int64_t filters = 8;
  std::array<int64_t, 4> pads = {1, 1, 1, 1};
  bool bias = false, unsignedInput = false, unsignedFilter = false;
  int64_t inputZero = 0, filterZero = 0;
  /// Of the stored numbers; the whole type's without.
  std::optional<Interval> input, filter;

  int64_t lowest() const { return unsignedInput ? 0 : -128; }
};
} // namespace

static Type byteType(GraphWriter &graph, bool isUnsigned) {
  return IntegerType::get(graph.builder.getContext(), 8,
                          isUnsigned ? IntegerType::Unsigned
                                     : IntegerType::Signless);
}

static Value byteInput(GraphWriter &graph, Shape shape, bool isUnsigned,
                       std::optional<Interval> range = std::nullopt) {
  Interval whole = isUnsigned ? Interval{-0.4, 255.4} : Interval{-128.4, 127.4};
  return graph.inputAs(byteType(graph, isUnsigned), shape,
                       range.value_or(whole));
}

/// Random numbers, one in four at an end of the range.
static Value constant(GraphWriter &graph, Shape shape, Type element,
                      int64_t low, int64_t high) {
  auto type = RankedTensorType::get(shape, element);
  std::vector<APInt> values;
  values.reserve(type.getNumElements());
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    int64_t value = graph.random.below(4) == 0
                        ? graph.random.pick<int64_t>({low, high})
                        : low + graph.random.below(high - low + 1);
    values.push_back(APInt(element.getIntOrFloatBitWidth(), uint64_t(value),
                           false, /*implicitTrunc=*/true));
  }
  return edge::ConstantOp::create(graph.builder, graph.builder.getUnknownLoc(),
                                  type, DenseElementsAttr::get(type, values));
}

static Value convolve(GraphWriter &graph, Value x, const Bytes &c) {
  int64_t low = c.unsignedFilter ? 0 : -128, high = low + 255;
  if (c.filter) {
    low = int64_t(c.filter->low);
    high = int64_t(c.filter->high);
  }
  Value filter = constant(graph, {c.filters, 3, 3, shapeOf(x)[3]},
                          byteType(graph, c.unsignedFilter), low, high);
  Value bias;
  if (c.bias)
    bias =
        constant(graph, {c.filters}, graph.builder.getI32Type(), -70000, 70000);
  return graph.add<edge::IntegerConv2DOp>(
      x, filter, bias, ArrayRef<int64_t>{1, 1}, c.pads, ArrayRef<int64_t>{1, 1},
      /*groups=*/1, c.inputZero, c.filterZero,
      /*pad_value=*/c.inputZero);
}

static Case convCase(const Bytes &c, const std::string &what = "") {
  std::string name = "bytes " + text(c.shape) + " to " +
                     std::to_string(c.filters) + " zeros " +
                     std::to_string(c.inputZero) + "," +
                     std::to_string(c.filterZero) + what;
  return {name, [=](GraphWriter &graph) {
            Value x = byteInput(graph, c.shape, c.unsignedInput, c.input);
            graph.output(convolve(graph, x, c), Tolerance::exact());
          }};
}

static std::vector<Case> shapes() {
  const int64_t channels[] = {1, 3, 4, 7, 8, 16, 17, 31, 40, 64};
  const int64_t filters[] = {5, 16, 1, 33, 64, 8, 20, 47, 3, 96, 24};
  const int64_t heights[] = {2, 3, 6, 7, 8, 9, 4, 14};
  const int64_t widths[] = {13, 2, 10, 7, 18, 5, 8};
  std::vector<Case> cases;
  for (int64_t row = 0; row < 44; ++row) {
    Bytes c;
    c.filters = filters[row % 11];
    // Both even and uneven borders, and none.
    if (row % 4 == 1)
      c.pads = {0, 0, 0, 0};
    else if (row % 4 == 3)
      c.pads = {2, 1, 0, 2};
    c.bias = row % 3 != 0;
    c.unsignedInput = row % 2;
    c.unsignedFilter = row % 5 == 4;
    // Both ends of the types, and what lies between.
    const int64_t zeros[] = {0, 255, 128, 37};
    c.inputZero = c.lowest() + zeros[row % 4];
    c.filterZero = row % 5 == 3 || row % 5 == 4
                       ? (c.unsignedFilter ? 0 : -128) + zeros[row / 5 % 4]
                       : 0;
    c.shape = {row % 7 == 5 ? 3 : 1, heights[row % 8] + 2, widths[row % 7] + 2,
               channels[row % 10]};
    cases.push_back(convCase(c));
  }
  return cases;
}

/// Sums as large as they get: one number everywhere, or each end by turns.
static std::vector<Case> extremes() {
  std::vector<Case> cases;
  for (bool isUnsigned : {false, true}) {
    for (double x : {isUnsigned ? 0.0 : -128.0, isUnsigned ? 255.0 : 127.0}) {
      for (double weight : {-128.0, 127.0}) {
        Bytes c;
        c.shape = {1, 6, 7, 48};
        c.filters = 24;
        c.unsignedInput = isUnsigned;
        c.input = {x, x};
        c.filter = {weight, weight};
        c.inputZero = int64_t(x);
        cases.push_back(convCase(c, " of one number"));
        c.inputZero = c.lowest() + (x > 0 ? 0 : 255);
        cases.push_back(convCase(c, " far from zero"));
        // Nine bits less the zero point.
        c.filterZero = weight > 0 ? -128 : 127;
        cases.push_back(convCase(c, " far from both zeros"));
      }
    }
  }
  // The most channels whose sums are known to fit, and more, in tiles of 4x4
  // and of 2x2.
  for (int64_t channels : {114, 115, 116, 1827, 1832}) {
    Bytes c;
    c.shape = {1, 4, 4, channels};
    c.filters = 3;
    c.unsignedInput = true;
    for (double weight : {-128.0, 127.0}) {
      c.input = {255, 255};
      c.filter = {weight, weight};
      cases.push_back(convCase(c, " large"));
    }
  }
  return cases;
}

/// What follows the sums in a quantized model: a factor for each channel, a
/// zero point, bounds.
static Value requantize(GraphWriter &graph, Value sums) {
  Type i32 = graph.builder.getI32Type();
  std::vector<int64_t> channels = {shapeOf(sums).back()};
  Value x = graph.add<edge::RescaleOp>(
      sums, constant(graph, channels, i32, int64_t(1) << 30, INT32_MAX),
      constant(graph, channels, i32, 6, 12), edge::Rounding::single_rounding);
  auto number = [&](int64_t value) {
    return constant(graph, {}, i32, value, value);
  };
  x = graph.add<edge::AddOp>(x, number(-11));
  x = graph.add<edge::MinOp>(graph.add<edge::MaxOp>(x, number(-128)),
                             number(120));
  return graph.add<edge::CastOp>(
      RankedTensorType::get(shapeOf(x), byteType(graph, false)), x);
}

/// Quantized layers in a row: halos of zero points around what a kernel writes,
/// residuals and epilogues; and a concatenation, of which they write parts.
static std::vector<Case> networks() {
  auto block = [](int64_t size, int64_t channels) -> Case {
    std::string name = "bytes block " + std::to_string(size) + " of " +
                       std::to_string(channels);
    return {name, [=](GraphWriter &graph) {
              Bytes c;
              c.filters = channels;
              c.inputZero = -11;
              c.bias = true;
              Value x = byteInput(graph, {1, size, size + 3, channels}, false);
              Value first = requantize(graph, convolve(graph, x, c));
              Value second = requantize(graph, convolve(graph, first, c));
              Value sum = graph.add<edge::MaxOp>(second, first);
              graph.output(sum, Tolerance::exact());
              c.filters = channels + 5;
              Value third = requantize(graph, convolve(graph, sum, c));
              Value joined = graph.add<edge::ConcatOp>(
                  ArrayRef<Value>{second, third}, /*axis=*/3);
              graph.output(requantize(graph, convolve(graph, joined, c)),
                           Tolerance::exact());
            }};
  };
  std::vector<Case> cases = {block(8, 16), block(13, 24), block(6, 33),
                             block(2, 5)};
  // Many blocks, and panels shared by threads.
  Bytes large;
  large.shape = {1, 46, 39, 24};
  large.filters = 72;
  cases.push_back(convCase(large));
  large.shape = {1, 9, 10, 130};
  large.filters = 150;
  cases.push_back(convCase(large));
  return cases;
}

namespace {
class IntegerWinogradTest : public testing::TestWithParam<
                                std::tuple<Target, schedule::WinogradChoice>> {
protected:
  Target target() const {
    auto [target, choice] = GetParam();
    target.winograd = choice;
    return target;
  }
};
} // namespace

TEST_P(IntegerWinogradTest, MatchesEvaluator) {
  checkCases(target(), shapes());
}

TEST_P(IntegerWinogradTest, IsExactAtTheEnds) {
  checkCases(target(), extremes());
}

TEST_P(IntegerWinogradTest, FusesEpilogues) {
  checkCases(target(), networks());
}

INSTANTIATE_TEST_SUITE_P(
    All, IntegerWinogradTest,
    testing::Combine(testing::ValuesIn(allTargets()),
                     testing::Values(schedule::WinogradChoice::tile2,
                                     schedule::WinogradChoice::tile4)),
    [](const testing::TestParamInfo<IntegerWinogradTest::ParamType>
           &parameter) {
      bool is4 =
          std::get<1>(parameter.param) == schedule::WinogradChoice::tile4;
      return std::get<0>(parameter.param).name + (is4 ? "Tile4" : "Tile2");
    });
