//===- TypeCases.cpp - every family on every element type ----------------===//
//
// Kernels see a dozen element types; these tables run some of each family on
// each of them. What is special about an operator is tested with f32 in its own
// table.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/Cases.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

namespace {
struct Element {
  const char *name;
  Type (*get)(MLIRContext *);
  /// Such that sums and products of a few stay in the type.
  Interval range;
  Tolerance tolerance;

  bool isFloat() const { return tolerance.elementRelative != 0; }
};
} // namespace

template <unsigned width, IntegerType::SignednessSemantics sign>
static Type integer(MLIRContext *context) {
  return IntegerType::get(context, width, sign);
}

/// A rounding to `digits` binary digits, and a little for what came before.
static Tolerance rounding(int digits) {
  double unit = std::ldexp(1.0, -digits);
  return {unit * 1.1, unit * 1.1, unit / 8};
}

static std::vector<Element> elements() {
  constexpr auto plain = IntegerType::Signless, natural = IntegerType::Unsigned;
  Tolerance exact = Tolerance::exact();
  return {
      {"i1", integer<1, plain>, {0, 1}, exact},
      {"i8", integer<8, plain>, {-9, 9}, exact},
      {"i16", integer<16, plain>, {-99, 99}, exact},
      {"i32", integer<32, plain>, {-999, 999}, exact},
      {"i64", integer<64, plain>, {-9e12, 9e12}, exact},
      {"ui8", integer<8, natural>, {0, 255}, exact},
      {"ui16", integer<16, natural>, {0, 65535}, exact},
      {"ui32", integer<32, natural>, {0, 4e9}, exact},
      {"ui64", integer<64, natural>, {0, 9e18}, exact},
      {"f16",
       [](MLIRContext *c) -> Type { return Float16Type::get(c); },
       {-3, 3},
       rounding(11)},
      {"bf16",
       [](MLIRContext *c) -> Type { return BFloat16Type::get(c); },
       {-3, 3},
       rounding(8)},
      {"f32",
       [](MLIRContext *c) -> Type { return Float32Type::get(c); },
       {-3, 3},
       rounding(22)},
      {"f64",
       [](MLIRContext *c) -> Type { return Float64Type::get(c); },
       {-3, 3},
       {1e-14, 1e-14, 1e-15}},
  };
}

/// `write` for every element type that `isWanted`, named after it.
static void
addForTypes(std::vector<Case> &cases, const std::string &name,
            std::function<bool(const Element &)> isWanted,
            std::function<void(GraphWriter &, const Element &, Type)> write) {
  for (const Element &element : elements()) {
    if (!isWanted(element))
      continue;
    cases.push_back({name + " of " + element.name, [=](GraphWriter &graph) {
                       write(graph, element,
                             element.get(graph.builder.getContext()));
                     }});
  }
}

static bool isAny(const Element &) { return true; }
static bool isFloat(const Element &e) { return e.isFloat(); }
static bool isInteger(const Element &e) { return !e.isFloat(); }
static bool isNumber(const Element &e) { return StringRef(e.name) != "i1"; }
static bool isWholeNumber(const Element &e) {
  return isNumber(e) && isInteger(e);
}

//===-- elementwise ------------------------------------------------------===//

static void addBinary(std::vector<Case> &cases, const char *op,
                      std::function<bool(const Element &)> isWanted,
                      bool isTruth = false) {
  addForTypes(cases, op, isWanted,
              [=](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {2, 3, 5, 17}, element.range);
                Value y = graph.inputAs(type, {5, 1}, element.range);
                Type result = isTruth ? graph.builder.getI1Type() : type;
                Value r = graph.named(
                    op, {x, y}, RankedTensorType::get({2, 3, 5, 17}, result));
                graph.output(r, element.tolerance);
              });
}

/// Divisors are at least 1.
static void addDivision(std::vector<Case> &cases, const char *op) {
  addForTypes(
      cases, op, isWholeNumber,
      [=](GraphWriter &graph, const Element &element, Type type) {
        Value x = graph.inputAs(type, {5, 17}, element.range);
        Value y = graph.inputAs(type, {5, 17}, {1, element.range.high / 2});
        Value sign = graph.inputAs(type, {17}, element.range);
        sign = graph.named("sign", {sign}, sign.getType());
        Value one = graph.inputAs(type, {1}, {1, 1});
        sign = graph.named("or", {sign, one}, sign.getType());
        y = graph.named("mul", {y, sign}, y.getType());
        graph.output(graph.named(op, {x, y}, x.getType()), element.tolerance);
      });
}

std::vector<Case> edgec::test::typeElementwiseCases() {
  std::vector<Case> cases;
  for (const char *op : {"add", "sub", "mul"})
    addBinary(cases, op, isNumber);
  for (const char *op : {"max", "min"})
    addBinary(cases, op, isAny);
  for (const char *op : {"and", "or", "xor"})
    addBinary(cases, op, isInteger);
  for (const char *op : {"equal", "less", "less_equal"})
    addBinary(cases, op, isAny, /*isTruth=*/true);
  for (const char *op : {"div", "mod", "rem"})
    addDivision(cases, op);
  for (const char *op : {"shift_left", "shift_right"}) {
    addForTypes(cases, op, isWholeNumber,
                [=](GraphWriter &graph, const Element &element, Type type) {
                  Value x = graph.inputAs(type, {67}, element.range);
                  Value count = graph.inputAs(type, {67}, {0, 70});
                  graph.output(graph.named(op, {x, count}, x.getType()));
                });
  }
  for (const char *op : {"neg", "abs", "sign", "relu"}) {
    addForTypes(cases, op, isNumber,
                [=](GraphWriter &graph, const Element &element, Type type) {
                  Value x = graph.inputAs(type, {67}, element.range);
                  graph.output(graph.named(op, {x}, x.getType()),
                               element.tolerance);
                });
  }
  for (const char *op : {"not", "copy"}) {
    addForTypes(cases, op, isInteger,
                [=](GraphWriter &graph, const Element &element, Type type) {
                  Value x = graph.inputAs(type, {67}, element.range);
                  graph.output(graph.named(op, {x}, x.getType()));
                });
  }
  for (const char *op : {"floor", "ceil", "round_even", "reciprocal"}) {
    addForTypes(cases, op, isFloat,
                [=](GraphWriter &graph, const Element &element, Type type) {
                  Value x = graph.inputAs(type, {67}, {0.5, 9});
                  graph.output(graph.named(op, {x}, x.getType()),
                               element.tolerance);
                });
  }
  for (const char *op : {"exp", "log", "sigmoid", "tanh", "erf", "silu",
                         "softplus", "sin", "atan"}) {
    addForTypes(cases, op, isFloat,
                [=](GraphWriter &graph, const Element &element, Type type) {
                  Value x = graph.inputAs(type, {37}, {0.5, 4});
                  graph.output(graph.named(op, {x}, x.getType()),
                               element.tolerance);
                });
  }
  addForTypes(cases, "pow of floats", isFloat,
              [](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {37}, {0.5, 3});
                Value y = graph.inputAs(type, {37}, {-3, 3});
                graph.output(graph.named("pow", {x, y}, x.getType()),
                             element.tolerance);
              });
  addForTypes(cases, "pow", isWholeNumber,
              [](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {67}, element.range);
                Value y = graph.inputAs(type, {67}, {0, 7});
                graph.output(graph.named("pow", {x, y}, x.getType()));
              });
  addForTypes(
      cases, "select", isAny,
      [](GraphWriter &graph, const Element &element, Type type) {
        Value condition =
            graph.inputAs(graph.builder.getI1Type(), {3, 1, 17}, {0, 1});
        Value x = graph.inputAs(type, {5, 17}, element.range);
        Value y = graph.inputAs(type, {3, 5, 1}, element.range);
        graph.output(graph.named("select", {condition, x, y},
                                 RankedTensorType::get({3, 5, 17}, type)),
                     Tolerance::exact());
      });
  for (const char *op : {"is_nan", "is_inf"}) {
    addForTypes(
        cases, op, isFloat,
        [=](GraphWriter &graph, const Element &, Type type) {
          Value x = graph.inputOf({6}, {1, -1, INFINITY, -INFINITY, NAN, 0});
          x = graph.named("cast", {x}, RankedTensorType::get(6, type));
          graph.output(graph.named(
              op, {x}, RankedTensorType::get(6, graph.builder.getI1Type())));
        });
  }
  return cases;
}

//===-- conversions ------------------------------------------------------===//

std::vector<Case> edgec::test::typeCastCases() {
  std::vector<Case> cases;
  for (const Element &to : elements()) {
    addForTypes(
        cases, std::string("cast to ") + to.name, isAny,
        [=](GraphWriter &graph, const Element &from, Type type) {
          Interval range = from.range;
          if (from.isFloat())
            range = {-300, 300};
          Value x = graph.inputAs(type, {67}, range);
          auto result =
              RankedTensorType::get(67, to.get(graph.builder.getContext()));
          graph.output(graph.named("cast", {x}, result), Tolerance::exact());
        });
  }
  // Numbers at which rounding and saturation are decided.
  for (const Element &to : elements()) {
    cases.push_back(
        {std::string("cast of special numbers to ") + to.name,
         [=](GraphWriter &graph) {
           std::vector<float> numbers = {
               0.0f,           -0.0f,       0.5f,      -0.9f,    1.5f,
               -1.5f,          127.5f,      128.0f,    -128.5f,  255.5f,
               256.0f,         65504.0f,    65519.9f,  65520.0f, 1e6f,
               -1e6f,          3e9f,        -3e9f,     1e19f,    -1e19f,
               3e38f,          INFINITY,    -INFINITY, 6e-5f,    -6.1e-5f,
               3e-8f,          2.9e-8f,     6e-8f,     1e-40f,   1.00048828125f,
               1.00146484375f, 1.00390625f, NAN};
           Value x = graph.inputOf({int64_t(numbers.size())}, numbers);
           auto result = RankedTensorType::get(
               int64_t(numbers.size()), to.get(graph.builder.getContext()));
           graph.output(graph.named("cast", {x}, result), Tolerance::exact());
         }});
  }
  return cases;
}

//===-- anchors ----------------------------------------------------------===//

static void addMoves(std::vector<Case> &cases) {
  addForTypes(cases, "transpose", isAny,
              [](GraphWriter &graph, const Element &element, Type type) {
                for (auto permutation : std::vector<std::vector<int64_t>>{
                         {0, 2, 3, 1}, {0, 1, 3, 2}, {0, 2, 1, 3}}) {
                  Value x = graph.inputAs(type, {1, 3, 9, 17}, element.range);
                  graph.output(graph.add<edge::TransposeOp>(x, permutation),
                               Tolerance::exact());
                }
              });
  addForTypes(cases, "transpose and negate", isFloat,
              [](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {9, 17}, element.range);
                x = graph.add<edge::TransposeOp>(x, ArrayRef<int64_t>{1, 0});
                graph.output(graph.add<edge::NegOp>(x), Tolerance::exact());
              });
  addForTypes(
      cases, "concat, slice, pad", isAny,
      [](GraphWriter &graph, const Element &element, Type type) {
        Value x = graph.inputAs(type, {3, 17}, element.range);
        Value y = graph.inputAs(type, {3, 5}, element.range);
        Value joined = graph.add<edge::ConcatOp>(ValueRange{x, y}, int64_t(1));
        graph.output(joined, Tolerance::exact());
        graph.output(graph.add<edge::SliceOp>(x, ArrayRef<int64_t>{2, 16},
                                              ArrayRef<int64_t>{2, 6},
                                              ArrayRef<int64_t>{-2, -3}),
                     Tolerance::exact());
        graph.output(graph.add<edge::PadOp>(x, ArrayRef<int64_t>{1, 2},
                                            ArrayRef<int64_t>{0, 3},
                                            llvm::APFloat(1.0f)),
                     Tolerance::exact());
        graph.output(graph.named("broadcast", {y},
                                 RankedTensorType::get({2, 3, 5}, type)),
                     Tolerance::exact());
      });
}

static void addReductions(std::vector<Case> &cases) {
  auto add = [&](const char *op,
                 std::function<bool(const Element &)> isWanted) {
    addForTypes(
        cases, op, isWanted,
        [=](GraphWriter &graph, const Element &element, Type type) {
          for (int64_t axis : {0, 1}) {
            Value x = graph.inputAs(type, {5, 71}, element.range);
            auto result = RankedTensorType::get({axis == 0 ? 71 : 5}, type);
            Tolerance tolerance = element.tolerance;
            if (element.isFloat())
              tolerance.elementOfLargest = tolerance.elementRelative * 8;
            graph.output(
                graph.named(
                    op, {x}, result,
                    {graph.builder.getNamedAttr(
                         "axes", graph.builder.getDenseI64ArrayAttr({axis})),
                     graph.builder.getNamedAttr(
                         "keep_dims", graph.builder.getBoolAttr(false))}),
                tolerance);
          }
        });
  };
  add("reduce_sum", isNumber);
  add("reduce_mean", isFloat);
  add("reduce_prod", isWholeNumber);
  add("reduce_max", isAny);
  add("reduce_min", isAny);
}

static void addWindows(std::vector<Case> &cases) {
  using Pair = ArrayRef<int64_t>;
  addForTypes(cases, "max_pool2d", isNumber,
              [](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {1, 7, 9, 5}, element.range);
                graph.output(
                    graph.add<edge::MaxPool2DOp>(x, Pair{3, 3}, Pair{2, 1},
                                                 Pair{1, 1, 1, 1}, Pair{1, 1}),
                    Tolerance::exact());
              });
  addForTypes(cases, "avg_pool2d", isFloat,
              [](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {1, 7, 9, 5}, element.range);
                Tolerance tolerance = element.tolerance;
                tolerance.elementOfLargest = tolerance.elementRelative;
                graph.output(graph.add<edge::AvgPool2DOp>(
                                 x, Pair{3, 3}, Pair{2, 1}, Pair{1, 1, 1, 1},
                                 Pair{0, 0}, false),
                             tolerance);
              });
}

static void addContractions(std::vector<Case> &cases) {
  auto loosen = [](const Element &element) {
    Tolerance tolerance = element.tolerance;
    if (element.isFloat())
      tolerance.elementOfLargest = tolerance.elementRelative * 8;
    return tolerance;
  };
  addForTypes(cases, "matmul", isNumber,
              [=](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {2, 7, 19}, element.range);
                Value y = graph.inputAs(type, {19, 21}, element.range);
                graph.output(graph.add<edge::MatMulOp>(x, y), loosen(element));
              });
  addForTypes(cases, "fully_connected", isNumber,
              [=](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {3, 19}, element.range);
                Value filter = graph.inputAs(type, {11, 19}, element.range);
                Value bias = graph.inputAs(type, {11}, element.range);
                graph.output(graph.add<edge::FullyConnectedOp>(x, filter, bias),
                             loosen(element));
              });
  addForTypes(cases, "conv2d", isNumber,
              [=](GraphWriter &graph, const Element &element, Type type) {
                Value x = graph.inputAs(type, {1, 7, 9, 6}, element.range);
                Value filter = graph.inputAs(type, {8, 3, 3, 3}, element.range);
                Value bias = graph.inputAs(type, {8}, element.range);
                graph.output(graph.add<edge::Conv2DOp>(
                                 x, filter, bias, ArrayRef<int64_t>{2, 1},
                                 ArrayRef<int64_t>{1, 1, 1, 1},
                                 ArrayRef<int64_t>{1, 1},
                                 /*groups=*/2),
                             loosen(element));
              });
}

static void addSoftmax(std::vector<Case> &cases) {
  addForTypes(cases, "softmax", isFloat,
              [](GraphWriter &graph, const Element &element, Type type) {
                for (int64_t axis : {0, 1}) {
                  Value x = graph.inputAs(type, {7, 19}, element.range);
                  graph.output(graph.add<edge::SoftmaxOp>(x, axis),
                               element.tolerance);
                }
              });
}

std::vector<Case> edgec::test::typeAnchorCases() {
  std::vector<Case> cases;
  addMoves(cases);
  addReductions(cases);
  addWindows(cases);
  addContractions(cases);
  addSoftmax(cases);
  return cases;
}
