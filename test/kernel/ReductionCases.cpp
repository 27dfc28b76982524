//===- ReductionCases.cpp - reductions and softmax ------------------------===//
#include "dialects/edge/Normalize.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

std::vector<Case> edgec::test::reductionCases() {
  struct Row {
    std::vector<int64_t> shape, axes;
  };
  const Row rows[] = {
      {{1}, {0}},
      {{37}, {0}},
      {{4, 33}, {1}},
      {{4, 33}, {0}},
      {{1, 7, 7, 40}, {1, 2}},
      {{1, 5, 3, 17}, {1, 2}},
      {{2, 3, 5, 8}, {3}},
      {{2, 3, 5, 8}, {1}},
      {{2, 3, 5, 8}, {2, 3}},
      {{2, 3, 5, 8}, {0, 2}},
      {{2, 3, 5, 9}, {1, 3}},
      {{2, 3, 4, 5}, {0, 1, 2, 3}},
      {{3, 1, 5}, {1}},
      {{1, 23, 19, 6}, {1, 2}},
      {{2, 5000}, {1}},
      {{300, 3}, {0}},
  };
  std::vector<Case> cases;
  for (const char *name :
       {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod"})
    for (const Row &row : rows)
      for (bool keepDims : {false, true})
        cases.push_back(
            {std::string(name) + " " + text(row.shape) + " axes " +
                 text(row.axes) + (keepDims ? " keep_dims" : ""),
             [=](GraphWriter &graph) {
               // Positive, so that sums do not cancel; near 1 for products.
               Value x = graph.input(row.shape, {0.5, 1.6});
               SmallVector<Type> types;
               (void)edge::inferReduce(std::nullopt, x.getType(), row.axes,
                                       keepDims, types);
               graph.output(graph.named(
                   name, x, types.front(),
                   {graph.builder.getNamedAttr(
                        "axes", graph.builder.getDenseI64ArrayAttr(row.axes)),
                    graph.builder.getNamedAttr(
                        "keep_dims", graph.builder.getBoolAttr(keepDims))}));
             }});

  const std::pair<std::vector<int64_t>, int64_t> softmaxes[] = {
      {{1, 10}, 1},       {{1, 1000}, 1},     {{3, 7}, 0},
      {{2, 3, 5, 17}, 3}, {{2, 3, 5, 17}, 1}, {{2, 9, 5, 16}, 2},
      {{1, 1, 1, 1}, 3},  {{12, 33}, 1},      {{37}, 0},
      {{3, 9, 1, 1}, 1},
  };
  for (auto [shape, axis] : softmaxes)
    cases.push_back({"softmax " + text(shape) + " axis " + std::to_string(axis),
                     [=, shape = shape, axis = axis](GraphWriter &graph) {
                       graph.output(graph.add<edge::SoftmaxOp>(
                           graph.input(shape, {-20, 20}), axis));
                     }});

  for (std::vector<int64_t> shape : std::vector<std::vector<int64_t>>{
           {1}, {3, 1}, {37}, {5, 192}, {2, 3, 17}, {4, 33}, {2, 3, 5, 64}}) {
    cases.push_back({"normalize " + text(shape), [=](GraphWriter &graph) {
                       graph.output(graph.add<edge::NormalizeOp>(
                           graph.input(shape, {-2, 9}), llvm::APFloat(1e-3f)));
                     }});
    // As ONNX Runtime rounds it.
    cases.push_back({"layer_norm " + text(shape), [=](GraphWriter &graph) {
                       Value x = graph.input(shape, {-2, 9});
                       Value scale = graph.constant({shape.back()});
                       Value bias = graph.constant({shape.back()});
                       graph.output(graph.add<edge::LayerNormOp>(
                                        x, scale, bias, llvm::APFloat(1e-3f)),
                                    Tolerance::exact());
                     }});
    cases.push_back(
        {"layer norm " + text(shape), [=](GraphWriter &graph) {
           Value x = graph.input(shape, {-2, 9});
           std::vector<int64_t> axes = {int64_t(shape.size()) - 1};
           Value mean = graph.add<edge::ReduceMeanOp>(x, ArrayRef(axes), true);
           Value centered = graph.add<edge::SubOp>(x, mean);
           Value squares = graph.add<edge::MulOp>(centered, centered);
           Value variance =
               graph.add<edge::ReduceMeanOp>(squares, ArrayRef(axes), true);
           Value deviation = graph.add<edge::RsqrtOp>(graph.add<edge::AddOp>(
               variance, graph.constant({1}, {1e-3, 1e-3})));
           Value y = graph.add<edge::MulOp>(centered, deviation);
           y = graph.add<edge::MulOp>(y, graph.constant({shape.back()}));
           graph.output(
               graph.add<edge::AddOp>(y, graph.constant({shape.back()})));
         }});
  }
  return cases;
}
