//===- ElementwiseCases.cpp - unary and binary operators -----------------===//
//
// Each unary operator runs over the range where it is interesting, at sizes
// with and without a remainder of every vector width, and on the numbers where
// polynomials and special cases tend to fail.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/Cases.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

namespace {
struct Unary {
  const char *name;
  Interval range;
  Tolerance tolerance = Tolerance::elementwise();
  std::vector<std::pair<const char *, double>> attributes = {};
};
struct Binary {
  const char *name;
  Interval lhs = {-3, 3}, rhs = {-3, 3};
};
} // namespace

/// The numbers around which functions change their formula, and extremes.
static std::vector<float> specialNumbers() {
  const float huge = std::numeric_limits<float>::max();
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> numbers = {0.0f, huge, infinity, 0x1p-126f};
  for (float magnitude :
       {1e-30f, 1e-6f, 1e-3f, 0.25f, 0.5f, 1.0f, 1.5f, 2.5f, 3.0f, 4.0f, 6.0f,
        9.0f, 20.0f, 87.0f, 88.5f, 100.0f, 8388607.5f})
    numbers.push_back(magnitude);
  for (size_t i = 0, count = numbers.size(); i < count; ++i)
    numbers.push_back(-numbers[i]);
  return numbers;
}

static Value unary(GraphWriter &graph, const Unary &op, Value x) {
  SmallVector<NamedAttribute> attributes;
  for (auto [name, value] : op.attributes)
    attributes.push_back(graph.attribute(name, value));
  if (StringRef(op.name) == "gelu" && op.attributes.empty())
    attributes.push_back(graph.builder.getNamedAttr(
        "approximate", graph.builder.getStringAttr("none")));
  return graph.named(op.name, x, x.getType(), attributes);
}

std::vector<Case> edgec::test::unaryCases() {
  const Tolerance exact = Tolerance::exact();
  const Unary operators[] = {
      {"abs", {-3, 3}, exact},
      {"neg", {-3, 3}, exact},
      {"copy", {-3, 3}, exact},
      {"relu", {-3, 3}, exact},
      {"sign", {-3, 3}, exact},
      {"floor", {-9, 9}, exact},
      {"ceil", {-9, 9}, exact},
      {"round_even", {-9, 9}, exact},
      {"exp", {-87, 88}},
      {"exp", {-1, 1}},
      {"log", {1e-6, 100}},
      {"sqrt", {0, 100}},
      {"rsqrt", {1e-3, 100}},
      {"reciprocal", {0.1, 10}},
      {"sigmoid", {-30, 30}},
      {"tanh", {-10, 10}},
      {"tanh", {-0.01, 0.01}},
      {"erf", {-5, 5}},
      {"erf", {-0.01, 0.01}},
      {"silu", {-20, 20}},
      {"hard_swish", {-5, 5}},
      {"softplus", {-30, 30}},
      {"gelu", {-6, 6}},
      {"sin", {-100, 100}},
      {"cos", {-100, 100}},
      {"tan", {-1.5, 1.5}},
      {"asin", {-1, 1}},
      {"acos", {-1, 1}},
      {"atan", {-20, 20}},
      {"sinh", {-10, 10}},
      {"cosh", {-10, 10}},
      {"asinh", {-100, 100}},
      {"acosh", {1, 100}},
      {"atanh", {-0.99, 0.99}},
      {"clamp", {-3, 9}, exact, {{"min", 0.0}, {"max", 6.0}}},
      {"hard_sigmoid",
       {-5, 5},
       Tolerance::elementwise(),
       {{"alpha", 0.2}, {"beta", 0.5}}},
      {"leaky_relu", {-3, 3}, Tolerance::elementwise(), {{"alpha", 0.01}}},
      {"elu", {-8, 4}, Tolerance::elementwise(), {{"alpha", 1.5}}},
  };
  std::vector<Case> cases;
  for (const Unary &op : operators) {
    for (std::vector<int64_t> shape :
         std::vector<std::vector<int64_t>>{{1}, {7}, {2, 3, 5, 17}, {256}}) {
      cases.push_back(
          {std::string(op.name) + " " + text(shape), [=](GraphWriter &graph) {
             graph.output(unary(graph, op, graph.input(shape, op.range)),
                          op.tolerance);
           }});
    }
  }
  cases.push_back({"gelu by tanh", [](GraphWriter &graph) {
                     Value x = graph.input({67}, {-6, 6});
                     graph.output(
                         graph.named("gelu", x, x.getType(),
                                     {graph.builder.getNamedAttr(
                                         "approximate",
                                         graph.builder.getStringAttr("tanh"))}),
                         Tolerance::elementwise());
                   }});
  return cases;
}

/// Operators on infinities, the largest and the smallest numbers. A table of
/// its own, because what a result of NaN or infinity must be is exact.
std::vector<Case> edgec::test::specialCases() {
  std::vector<Case> cases;
  for (const char *name :
       {"abs", "neg", "relu", "floor", "ceil", "round_even", "exp", "sqrt",
        "sigmoid", "tanh", "erf", "softplus", "silu"})
    cases.push_back(
        {std::string(name) + " of special numbers", [=](GraphWriter &graph) {
           std::vector<float> numbers = specialNumbers();
           // x * sigmoid(x) is NaN at -infinity, by its formula.
           if (StringRef(name) == "silu")
             llvm::erase_if(numbers, [](float x) { return std::isinf(x); });
           Value x = graph.inputOf({int64_t(numbers.size())}, numbers);
           graph.output(graph.named(name, x, x.getType()),
                        Tolerance::elementwise());
         }});
  return cases;
}

std::vector<Case> edgec::test::binaryCases() {
  const Binary operators[] = {{"add"},
                              {"sub"},
                              {"mul"},
                              {"max"},
                              {"min"},
                              {"div", {-3, 3}, {0.5, 3}},
                              {"mod", {-9, 9}, {0.5, 3}},
                              {"rem", {-9, 9}, {-3, -0.5}},
                              {"pow", {0.1, 4}, {-3, 3}}};
  const std::pair<std::vector<int64_t>, std::vector<int64_t>> shapes[] = {
      {{1}, {1}},
      {{37}, {37}},
      {{1, 3, 5, 17}, {1, 3, 5, 17}},
      {{1, 3, 5, 17}, {17}},
      {{1, 3, 5, 16}, {1}},
      {{}, {4, 9}},
      {{1, 3, 5, 8}, {1, 3, 5, 1}},
      {{2, 3, 5, 8}, {2, 1, 1, 8}},
      {{1, 6, 1, 8}, {1, 1, 5, 8}},
      {{4, 1}, {1, 19}},
      {{2, 1, 3, 1, 5}, {3, 4, 1}},
      {{7, 33}, {7, 1}},
  };
  std::vector<Case> cases;
  for (const Binary &op : operators)
    for (auto [a, b] : shapes)
      cases.push_back(
          {std::string(op.name) + " " + text(a) + " with " + text(b),
           [=, a = a, b = b](GraphWriter &graph) {
             Value lhs = graph.input(a, op.lhs), rhs = graph.input(b, op.rhs);
             auto shape = *edge::broadcastShapes(a, b);
             graph.output(graph.named(op.name, {lhs, rhs},
                                      RankedTensorType::get(
                                          shape, graph.builder.getF32Type())),
                          Tolerance::elementwise());
           }});
  return cases;
}
