//===- SelectionCases.cpp - operators that search, sort and count --------===//
//
// Inputs are rounded to few different numbers where ties shall occur.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "mlir/AsmParser/AsmParser.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

/// Whole numbers in [-4, 4] of this type: many are equal.
static Value ties(GraphWriter &graph, Numbers shape, const std::string &type) {
  Value x = graph.input(shape, {-4.4, 4.4});
  Type element = parseType(type, graph.builder.getContext());
  auto result = RankedTensorType::get(shape, element);
  if (!isa<FloatType>(element))
    return graph.add<edge::CastOp>(result, x);
  x = graph.add<edge::RoundEvenOp>(x.getType(), x);
  return element.isF32() ? x : graph.add<edge::CastOp>(result, x);
}

static Value asFloat(GraphWriter &graph, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  if (type.getElementType().isF32())
    return x;
  return graph.add<edge::CastOp>(type.clone(graph.builder.getF32Type()), x);
}

template <typename Op>
static Case argExtreme(Numbers shape, int64_t axis, bool last,
                       const std::string &type) {
  return {Op::getOperationName().str() + " " + text(shape) + " axis " +
              std::to_string(axis) + (last ? " last " : " ") + type,
          [=](GraphWriter &graph) {
            graph.output(graph.add<Op>(ties(graph, shape, type), axis, last),
                         Tolerance::exact());
          }};
}

static Case topK(Numbers shape, int64_t k, int64_t axis, bool largest,
                 const std::string &type) {
  return {
      "top_k " + std::to_string(k) + " of " + text(shape) + " axis " +
          std::to_string(axis) + (largest ? " largest " : " smallest ") + type,
      [=](GraphWriter &graph) {
        auto op =
            edge::TopKOp::create(graph.builder, graph.builder.getUnknownLoc(),
                                 ties(graph, shape, type), k, axis, largest);
        graph.output(asFloat(graph, op.getValues()), Tolerance::exact());
        graph.output(op.getIndices(), Tolerance::exact());
      }};
}

static Case cumulate(Numbers shape, int64_t axis, edge::Accumulate kind,
                     bool exclusive, bool reverse, const std::string &type,
                     bool runTime = false) {
  std::string name =
      "cumulate " + edge::stringifyAccumulate(kind).str() + " " + text(shape) +
      " axis " + std::to_string(axis) + (exclusive ? " exclusive" : "") +
      (reverse ? " reverse " : " ") + type + (runTime ? " run time" : "");
  return {name, [=](GraphWriter &graph) {
            Value x = type == "f32" ? graph.input(shape, {0.5, 1.5})
                                    : ties(graph, shape, type);
            Value operand;
            IntegerAttr attribute;
            if (runTime)
              operand = graph.add<edge::CastOp>(
                  RankedTensorType::get({}, graph.builder.getI32Type()),
                  graph.inputOf({}, {float(axis)}));
            else
              attribute = graph.builder.getI64IntegerAttr(axis);
            graph.output(asFloat(
                graph, graph.add<edge::CumulateOp>(x, operand, attribute, kind,
                                                   exclusive, reverse)));
          }};
}

static Case det(Numbers shape) {
  return {"det " + text(shape), [=](GraphWriter &graph) {
            graph.output(graph.add<edge::DetOp>(graph.input(shape)));
          }};
}

/// All results, which are numbers that only move or count.
template <typename Op, typename... Arguments>
static void outputAll(GraphWriter &graph, Arguments &&...arguments) {
  auto op = Op::create(graph.builder, graph.builder.getUnknownLoc(),
                       std::forward<Arguments>(arguments)...);
  for (Value result : op->getResults()) {
    bool isFloat = isa<FloatType>(getElementTypeOrSelf(result.getType()));
    graph.output(isFloat ? asFloat(graph, result) : result, Tolerance::exact());
  }
}

static Case nonZero(Numbers shape, const std::string &type) {
  return {"non_zero " + text(shape) + " " + type, [=](GraphWriter &graph) {
            outputAll<edge::NonZeroOp>(graph, ties(graph, shape, type));
          }};
}

static Case compress(Numbers shape, int64_t condition, int64_t axis,
                     const std::string &type) {
  return {"compress " + text(shape) + " by " + std::to_string(condition) +
              " axis " + std::to_string(axis) + " " + type,
          [=](GraphWriter &graph) {
            outputAll<edge::CompressOp>(graph, ties(graph, shape, type),
                                        ties(graph, {condition}, "i8"), axis);
          }};
}

static Case unique(Numbers shape, int64_t axis, bool sorted,
                   const std::string &type) {
  return {"unique " + text(shape) + " axis " + std::to_string(axis) +
              (sorted ? " sorted " : " ") + type,
          [=](GraphWriter &graph) {
            outputAll<edge::UniqueOp>(graph, ties(graph, shape, type), axis,
                                      sorted);
          }};
}

static Case nonMaxSuppression(int64_t batches, int64_t classes, int64_t boxes,
                              float most, bool center, int64_t bound) {
  return {"non_max_suppression " + text(Numbers{batches, classes, boxes}) +
              " most " + std::to_string(most) + (center ? " center" : ""),
          [=](GraphWriter &graph) {
            Value corners = graph.input({batches, boxes, 4}, {0.0, 1.0});
            Value scores = graph.input({batches, classes, boxes}, {0.0, 1.0});
            Value count = graph.add<edge::CastOp>(
                RankedTensorType::get({1}, graph.builder.getI64Type()),
                graph.inputOf({1}, {most}));
            outputAll<edge::NonMaxSuppressionOp>(
                graph, corners, scores, count, graph.inputOf({1}, {0.35f}),
                graph.inputOf({}, {0.2f}), center, bound);
          }};
}

std::vector<Case> edgec::test::selectionCases() {
  using edge::Accumulate;
  std::vector<Case> cases;
  for (bool last : {false, true}) {
    for (const char *type : {"f32", "i8", "ui8", "i64", "f16"}) {
      cases.push_back(argExtreme<edge::ArgMaxOp>({5, 19}, 1, last, type));
      cases.push_back(argExtreme<edge::ArgMinOp>({6, 37}, 0, last, type));
    }
    cases.push_back(argExtreme<edge::ArgMaxOp>({2, 7, 33}, 1, last, "f32"));
    cases.push_back(argExtreme<edge::ArgMinOp>({100}, 0, last, "f32"));
    cases.push_back(argExtreme<edge::ArgMinOp>({3, 1, 4}, 1, last, "f32"));
  }
  for (bool largest : {false, true}) {
    for (const char *type : {"f32", "ui8", "i32", "i64", "f16"})
      cases.push_back(topK({3, 30}, 5, 1, largest, type));
    cases.push_back(topK({3, 30}, 30, 1, largest, "f32"));
    cases.push_back(topK({17, 5}, 4, 0, largest, "f32"));
    cases.push_back(topK({2, 9, 3}, 2, 1, largest, "f32"));
    cases.push_back(topK({50}, 1, 0, largest, "f32"));
    cases.push_back(topK({1, 1}, 1, 1, largest, "f32"));
    cases.push_back(topK({300}, 100, 0, largest, "f32"));
  }
  for (Accumulate kind : {Accumulate::sum, Accumulate::product}) {
    for (bool exclusive : {false, true}) {
      for (bool reverse : {false, true}) {
        for (const char *type : {"f32", "i32"}) {
          cases.push_back(cumulate({3, 10}, 1, kind, exclusive, reverse, type));
          cases.push_back(
              cumulate({2, 6, 21}, 1, kind, exclusive, reverse, type));
          cases.push_back(
              cumulate({4, 5, 3}, 1, kind, exclusive, reverse, type, true));
        }
        cases.push_back(
            cumulate({4, 5, 3}, -1, kind, exclusive, reverse, "f32", true));
      }
    }
  }
  for (const Numbers &shape : std::vector<Numbers>{
           {1, 1}, {3, 4, 4}, {2, 7, 7}, {20, 20}, {2, 2, 3, 3}})
    cases.push_back(det(shape));
  for (const char *type : {"f32", "i8", "f16", "i64"}) {
    cases.push_back(nonZero({3, 7}, type));
    cases.push_back(compress({4, 6}, 5, 1, type));
    cases.push_back(unique({40}, 0, true, type));
    cases.push_back(unique({40}, 0, false, type));
  }
  for (bool sorted : {false, true}) {
    cases.push_back(unique({9, 1}, 0, sorted, "f32"));
    cases.push_back(unique({2, 30, 1}, 1, sorted, "i8"));
    cases.push_back(unique({1, 3, 2}, 2, sorted, "f32"));
  }
  cases.push_back(nonZero({2, 3, 4, 5}, "f32"));
  cases.push_back(nonZero({50}, "i8"));
  cases.push_back(compress({9, 35}, 9, 0, "f32"));
  cases.push_back(compress({2, 3, 4}, 4, 2, "i8"));
  for (bool center : {false, true}) {
    cases.push_back(nonMaxSuppression(1, 1, 30, 8, center, 8));
    cases.push_back(nonMaxSuppression(2, 3, 17, 100, center, 17));
    cases.push_back(nonMaxSuppression(1, 2, 9, 0, center, 9));
    cases.push_back(nonMaxSuppression(1, 2, 9, -3, center, 2));
  }
  return cases;
}
