//===- MoveCases.cpp - operators that only move elements ------------------===//
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

using Numbers = std::vector<int64_t>;

static Case transpose(Numbers shape, Numbers permutation) {
  return {"transpose " + text(shape) + " by " + text(permutation),
          [=](GraphWriter &graph) {
            graph.output(
                graph.add<edge::TransposeOp>(graph.input(shape), permutation),
                Tolerance::exact());
          }};
}

static Case concat(std::vector<Numbers> shapes, int64_t axis) {
  std::string name = "concat";
  for (const Numbers &shape : shapes)
    name += " " + text(shape);
  return {name + " axis " + std::to_string(axis), [=](GraphWriter &graph) {
            SmallVector<Value> inputs;
            for (const Numbers &shape : shapes)
              inputs.push_back(graph.input(shape));
            graph.output(graph.add<edge::ConcatOp>(inputs, axis),
                         Tolerance::exact());
          }};
}

static Case slice(Numbers shape, Numbers offsets, Numbers sizes,
                  Numbers strides) {
  return {"slice " + text(shape) + " offsets " + text(offsets) + " sizes " +
              text(sizes) + " strides " + text(strides),
          [=](GraphWriter &graph) {
            graph.output(graph.add<edge::SliceOp>(graph.input(shape), offsets,
                                                  sizes, strides),
                         Tolerance::exact());
          }};
}

static Case pad(Numbers shape, Numbers low, Numbers high, float value) {
  return {"pad " + text(shape) + " low " + text(low) + " high " + text(high),
          [=](GraphWriter &graph) {
            graph.output(graph.add<edge::PadOp>(graph.input(shape), low, high,
                                                llvm::APFloat(value)),
                         Tolerance::exact());
          }};
}

static Case broadcast(Numbers from, Numbers to) {
  return {"broadcast " + text(from) + " to " + text(to),
          [=](GraphWriter &graph) {
            graph.output(graph.broadcast(graph.input(from), to),
                         Tolerance::exact());
          }};
}

static Case reshape(Numbers from, Numbers to) {
  return {"reshape " + text(from) + " to " + text(to), [=](GraphWriter &graph) {
            graph.output(graph.reshape(graph.input(from), to),
                         Tolerance::exact());
          }};
}

std::vector<Case> edgec::test::moveCases() {
  return {
      transpose({1, 3, 5, 7}, {0, 2, 3, 1}),
      transpose({1, 5, 7, 3}, {0, 3, 1, 2}),
      transpose({2, 17, 4, 9}, {0, 2, 3, 1}),
      transpose({2, 4, 9, 33}, {0, 3, 1, 2}),
      transpose({1, 16, 8, 8}, {0, 2, 3, 1}),
      transpose({1, 2, 7, 9}, {0, 2, 3, 1}),
      transpose({1, 3, 33, 17}, {0, 2, 3, 1}),
      transpose({1, 33, 17, 3}, {0, 3, 1, 2}),
      transpose({1, 4, 8, 8}, {0, 2, 3, 1}),
      transpose({2, 9, 9, 4}, {0, 3, 1, 2}),
      transpose({2, 9, 9, 2}, {0, 3, 1, 2}),
      transpose({1, 21, 13, 11}, {0, 2, 3, 1}),
      transpose({70, 65}, {1, 0}),
      transpose({37, 19}, {1, 0}),
      transpose({1, 19}, {1, 0}),
      transpose({2, 3, 4}, {2, 1, 0}),
      transpose({2, 3, 4, 5}, {3, 2, 1, 0}),
      transpose({2, 12, 5, 8}, {0, 2, 1, 3}),
      transpose({2, 3, 4, 5, 6}, {0, 3, 1, 4, 2}),
      concat({{1, 4, 4, 8}, {1, 4, 4, 16}}, 3),
      concat({{1, 3, 5, 1}, {1, 3, 5, 7}, {1, 3, 5, 3}}, 3),
      concat({{1, 2, 5, 3}, {1, 1, 5, 3}}, 1),
      concat({{1, 2, 5, 3}, {1, 2, 1, 3}}, 2),
      concat({{2, 5}, {3, 5}, {1, 5}}, 0),
      concat({{7}, {1}, {16}}, 0),
      slice({1, 10}, {0, 2}, {1, 3}, {1, 2}),
      slice({1, 8, 9, 5}, {0, 1, 2, 0}, {1, 5, 4, 5}, {1, 1, 1, 1}),
      slice({1, 8, 9, 20}, {0, 0, 0, 3}, {1, 8, 9, 17}, {1, 1, 1, 1}),
      slice({1, 8, 9, 5}, {0, 7, 8, 4}, {1, 4, 9, 5}, {1, -2, -1, -1}),
      slice({1, 8, 9, 5}, {0, 0, 0, 1}, {1, 4, 3, 2}, {1, 2, 3, 2}),
      slice({6, 5}, {5, 4}, {6, 5}, {-1, -1}),
      slice({2, 6, 5}, {1, 5, 4}, {2, 3, 5}, {-1, -2, -1}),
      slice({33}, {32}, {1}, {1}),
      pad({1, 4}, {0, 1}, {0, 2}, 0.0f),
      pad({1, 3, 5, 4}, {0, 1, 2, 0}, {0, 0, 1, 0}, 0.0f),
      pad({1, 3, 5, 7}, {0, 0, 0, 2}, {0, 0, 0, 3}, -1.5f),
      pad({2, 3}, {1, 0}, {1, 5}, 2.0f),
      broadcast({8}, {1, 3, 4, 8}),
      broadcast({1}, {19}),
      broadcast({3, 1}, {2, 3, 17}),
      broadcast({1, 4, 1, 5}, {2, 4, 3, 5}),
      broadcast({1, 1, 1, 6}, {1, 7, 5, 6}),
      reshape({1, 4, 4, 2}, {1, 32}),
      reshape({6, 5}, {2, 3, 5}),
  };
}
