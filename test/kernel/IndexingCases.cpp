//===- IndexingCases.cpp - operators with indices ------------------------===//
//
// Indices are inputs of the model: random floats cast to integers, some of them
// negative and some outside of their dimension.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "mlir/AsmParser/AsmParser.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

/// Integers in about [-size - 1, size], so that a few lie outside.
static Value indices(GraphWriter &graph, Numbers shape, int64_t size,
                     unsigned bits = 64) {
  Value x = graph.input(shape, {-double(size) - 1.5, double(size) + 0.9});
  return graph.add<edge::CastOp>(
      RankedTensorType::get(shape, graph.builder.getIntegerType(bits)), x);
}

/// An input of another element type.
static Value inputOf(GraphWriter &graph, Numbers shape, Type element) {
  Value x = graph.input(shape, {-9, 9});
  return element.isF32() ? x
                         : graph.add<edge::CastOp>(
                               RankedTensorType::get(shape, element), x);
}

static Value asFloat(GraphWriter &graph, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  return graph.add<edge::CastOp>(type.clone(graph.builder.getF32Type()), x);
}

static Case gather(Numbers shape, Numbers indexShape, int64_t axis,
                   unsigned bits = 64) {
  return {"gather " + text(shape) + " by " + text(indexShape) + " axis " +
              std::to_string(axis),
          [=](GraphWriter &graph) {
            Value i = indices(graph, indexShape, shape[axis], bits);
            graph.output(graph.add<edge::GatherOp>(graph.input(shape), i, axis),
                         Tolerance::exact());
          }};
}

static Case gatherElements(Numbers shape, Numbers indexShape, int64_t axis) {
  return {"gather_elements " + text(shape) + " by " + text(indexShape) +
              " axis " + std::to_string(axis),
          [=](GraphWriter &graph) {
            Value i = indices(graph, indexShape, shape[axis], 32);
            graph.output(
                graph.add<edge::GatherElementsOp>(graph.input(shape), i, axis),
                Tolerance::exact());
          }};
}

static Case gatherNd(Numbers shape, Numbers indexShape, int64_t batch) {
  return {"gather_nd " + text(shape) + " by " + text(indexShape) + " batch " +
              std::to_string(batch),
          [=](GraphWriter &graph) {
            Value i = indices(graph, indexShape, shape[batch]);
            graph.output(
                graph.add<edge::GatherNdOp>(graph.input(shape), i, batch),
                Tolerance::exact());
          }};
}

static Case reverseSequence(Numbers shape, int64_t batch, int64_t time) {
  return {"reverse_sequence " + text(shape) + " batch " +
              std::to_string(batch) + " time " + std::to_string(time),
          [=](GraphWriter &graph) {
            Value lengths = indices(graph, {shape[batch]}, shape[time]);
            graph.output(graph.add<edge::ReverseSequenceOp>(
                             graph.input(shape), lengths, batch, time),
                         Tolerance::exact());
          }};
}

static Case trilu(Numbers shape, float diagonal, bool upper) {
  return {"trilu " + text(shape) + " diagonal " + std::to_string(diagonal) +
              (upper ? " upper" : " lower"),
          [=](GraphWriter &graph) {
            Value k = graph.inputOf({1}, {diagonal});
            k = graph.add<edge::CastOp>(
                RankedTensorType::get({1}, graph.builder.getI64Type()), k);
            graph.output(graph.add<edge::TriluOp>(graph.input(shape), k, upper),
                         Tolerance::exact());
          }};
}

static Case oneHot(Numbers shape, int64_t depth, int64_t axis) {
  return {"one_hot " + text(shape) + " depth " + std::to_string(depth) +
              " axis " + std::to_string(axis),
          [=](GraphWriter &graph) {
            Value i = indices(graph, shape, depth);
            Value values = graph.inputOf({2}, {-1.5f, 2.5f});
            graph.output(graph.add<edge::OneHotOp>(i, values, depth, axis),
                         Tolerance::exact());
          }};
}

static Case scatterElements(Numbers shape, Numbers indexShape, int64_t axis,
                            edge::Combine how, const std::string &type) {
  return {"scatter_elements " + edge::stringifyCombine(how).str() + " " +
              text(shape) + " by " + text(indexShape) + " axis " +
              std::to_string(axis) + " " + type,
          [=](GraphWriter &graph) {
            Type element = parseType(type, graph.builder.getContext());
            Value i = indices(graph, indexShape, shape[axis]);
            graph.output(asFloat(graph, graph.add<edge::ScatterElementsOp>(
                                            inputOf(graph, shape, element), i,
                                            inputOf(graph, indexShape, element),
                                            axis, how)),
                         how == edge::Combine::add || how == edge::Combine::mul
                             ? Tolerance{}
                             : Tolerance::exact());
          }};
}

static Case scatterNd(Numbers shape, Numbers indexShape, edge::Combine how,
                      const std::string &type) {
  return {"scatter_nd " + edge::stringifyCombine(how).str() + " " +
              text(shape) + " by " + text(indexShape) + " " + type,
          [=](GraphWriter &graph) {
            Type element = parseType(type, graph.builder.getContext());
            Numbers updates(indexShape.begin(), indexShape.end() - 1);
            updates.insert(updates.end(), shape.begin() + indexShape.back(),
                           shape.end());
            Value i = indices(graph, indexShape, shape[0]);
            graph.output(
                asFloat(graph, graph.add<edge::ScatterNdOp>(
                                   inputOf(graph, shape, element), i,
                                   inputOf(graph, updates, element), how)),
                how == edge::Combine::add || how == edge::Combine::mul
                    ? Tolerance{}
                    : Tolerance::exact());
          }};
}

std::vector<Case> edgec::test::indexingCases() {
  using edge::Combine;
  std::vector<Case> cases = {
      gather({10, 7}, {5}, 0),
      gather({10, 64}, {3, 4}, 0),
      gather({4, 9, 5}, {6}, 1, 32),
      gather({4, 9, 5}, {2, 2}, 2),
      gather({33}, {50}, 0),
      gather({1, 1}, {1}, 0),
      gatherElements({5, 6}, {5, 6}, 1),
      gatherElements({5, 6}, {9, 3}, 0),
      gatherElements({3, 4, 5}, {2, 7, 5}, 1),
      gatherNd({4, 4, 6}, {5, 2}, 0),
      gatherNd({3, 5, 5, 2}, {3, 7, 2}, 1),
      gatherNd({6, 17}, {2, 3, 1}, 0),
      gatherNd({4, 4}, {2}, 0),
      reverseSequence({4, 6, 9}, 0, 1),
      reverseSequence({6, 4}, 1, 0),
      reverseSequence({2, 5, 3, 7}, 2, 1),
      trilu({7, 9}, 0, true),
      trilu({2, 9, 37}, 4, true),
      trilu({2, 9, 37}, -3, false),
      trilu({5, 5}, -100, true),
      trilu({5, 5}, 1e18f, true),
      trilu({5, 5}, -1e18f, false),
      trilu({3, 4}, 1, false),
      oneHot({7}, 5, 0),
      oneHot({7}, 33, 1),
      oneHot({3, 4}, 6, 1),
      oneHot({1}, 1, 0),
  };
  for (Combine how : {Combine::none, Combine::add, Combine::mul, Combine::min,
                      Combine::max}) {
    for (const char *type : {"f32", "i8", "ui16", "i64", "f16"}) {
      cases.push_back(scatterElements({4, 5}, {4, 3}, 1, how, type));
      cases.push_back(scatterNd({6, 21}, {9, 1}, how, type));
    }
    cases.push_back(scatterElements({3, 6, 5}, {2, 8, 4}, 1, how, "f32"));
    cases.push_back(scatterElements({40, 3}, {25, 3}, 0, how, "f32"));
    cases.push_back(scatterNd({5, 5, 3}, {4, 3, 2}, how, "f32"));
    cases.push_back(scatterNd({5, 5}, {7, 2}, how, "f32"));
  }
  return cases;
}
