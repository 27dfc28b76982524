//===- DynamicCases.cpp - slices and pads whose offsets the run decides ---===//
//
// The offsets are constants of the graph, which no pass folds into them; those
// that lie far outside show that nothing else is read.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Dynamic.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

/// A list of i64, or of i32 where `bits` says so.
static Value list(GraphWriter &graph, const Numbers &numbers,
                  unsigned bits = 64) {
  if (numbers.empty())
    return nullptr;
  auto type = RankedTensorType::get({int64_t(numbers.size())},
                                    graph.builder.getIntegerType(bits));
  SmallVector<APInt> elements;
  for (int64_t number : numbers)
    elements.push_back(APInt(bits, number, /*isSigned=*/true,
                             /*implicitTrunc=*/true));
  return graph.add<edge::ConstantOp>(type,
                                     DenseElementsAttr::get(type, elements));
}

static Type resultType(Value x, const Numbers &shape) {
  return cast<RankedTensorType>(x.getType()).clone(shape);
}

static Case slice(Numbers shape, Numbers result, Numbers starts,
                  Numbers axes = {}, Numbers steps = {}, unsigned bits = 64) {
  return {
      "slice of " + text(shape) + " from " + text(starts) + " along " +
          text(axes) + " by " + text(steps) + " of i" + std::to_string(bits),
      [=](GraphWriter &graph) {
        Value x = graph.input(shape);
        graph.output(graph.add<edge::DynamicSliceOp>(
                         resultType(x, result), x, list(graph, starts, bits),
                         list(graph, axes, bits), list(graph, steps, bits)),
                     Tolerance::exact());
      }};
}

static Case pad(edge::PadMode mode, Numbers shape, Numbers result, Numbers pads,
                Numbers axes = {}, bool hasValue = false) {
  return {"pad " + edge::stringifyPadMode(mode).str() + " of " + text(shape) +
              " by " + text(pads) + " along " + text(axes) +
              (hasValue ? " with a value" : ""),
          [=](GraphWriter &graph) {
            Value x = graph.input(shape);
            Value value = hasValue ? graph.scalar(2.5F) : Value();
            graph.output(graph.add<edge::DynamicPadOp>(resultType(x, result), x,
                                                       list(graph, pads), value,
                                                       list(graph, axes), mode),
                         Tolerance::exact());
          }};
}

std::vector<Case> test::dynamicCases() {
  constexpr int64_t far = INT64_MAX;
  using Mode = edge::PadMode;
  std::vector<Case> cases = {
      slice({20, 10, 5}, {3, 10, 5}, {0, 0}),
      slice({20, 10, 5}, {20, 9, 2}, {1, -2}, {1, 2}),
      slice({20, 10, 5}, {20, 10, 5}, {-100}, {0}),
      slice({20, 10, 5}, {19, 3, 2}, {20, 0, 4}, {0, 1, 2}, {-1, 3, -2}),
      slice({5}, {1}, {3}, {-1}, {1}, 32),
      slice({1, 7}, {1, 4}, {far}, {1}, {-far}),
      slice({4, 4}, {4, 4}, {-far, 1}, {1, 0}, {far, far}),
      // No such axis.
      slice({4, 4}, {4, 2}, {1, 2}, {7, -9}),
      slice({2, 3, 4, 5}, {2, 3, 2, 5}, {1}, {-2}),
  };
  for (Mode mode : {Mode::constant, Mode::edge, Mode::reflect, Mode::wrap}) {
    cases.push_back(
        pad(mode, {1, 3, 4, 5}, {1, 3, 7, 7}, {0, 0, 1, 2, 0, 0, 2, 0}));
    cases.push_back(pad(mode, {4, 5}, {4, 20}, {7, 8}, {-1}));
    cases.push_back(pad(mode, {1, 3}, {5, 3}, {2, 0, 2, 0}));
    cases.push_back(pad(mode, {4, 5}, {3, 5}, {-1, 0}, {0}));
    cases.push_back(pad(mode, {4, 5}, {4, 5}, {far, far}, {1}));
  }
  cases.push_back(pad(Mode::constant, {3}, {9}, {2, 4}, {}, true));
  return cases;
}
