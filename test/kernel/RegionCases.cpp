//===- RegionCases.cpp - regions of interest, positions of maxima ---------===//
#include "dialects/edge/Spatial.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

static Case roiAlignCase(std::vector<int64_t> shape, std::vector<int64_t> size,
                         const char *mode, int64_t ratio, bool halfPixel) {
  return {
      "roi_align " + text(shape) + " to " + text(size) + " " + mode +
          " ratio " + std::to_string(ratio) + (halfPixel ? " half pixel" : ""),
      [=](GraphWriter &graph) {
        Value rois = graph.inputOf({4, 4}, {1, 1, 6, 5, -3, -2, 4, 4.5F, 2.25F,
                                            3.5F, 9, 20, 5, 5, 5.25F, 5.5F});
        auto type = RankedTensorType::get({4}, graph.builder.getI64Type());
        Value batch = edge::ConstantOp::create(
            graph.builder, graph.builder.getUnknownLoc(), type,
            DenseElementsAttr::get(type, ArrayRef<int64_t>{0, 1, 0, 7}));
        graph.output(graph.add<edge::RoiAlignOp>(
            graph.input(shape), rois, batch, size, mode, ratio,
            llvm::APFloat(0.75F), halfPixel));
      }};
}

static Case argMaxCase(std::vector<int64_t> shape, std::vector<int64_t> window,
                       std::vector<int64_t> strides, std::vector<int64_t> pads,
                       std::vector<int64_t> dilations) {
  return {"arg_max_pool " + text(shape) + " window " + text(window),
          [=](GraphWriter &graph) {
            // Few values, so that there are equal ones.
            int64_t count = 1;
            for (int64_t size : shape)
              count *= size;
            std::vector<float> numbers(count);
            for (float &number : numbers)
              number = float(graph.random.below(5)) - 9;
            std::vector<int64_t> indexStrides(window.size(), 1);
            for (size_t d = window.size() - 1; d-- > 0;)
              indexStrides[d] = indexStrides[d + 1] * shape[2 + d];
            Value indices = graph.add<edge::ArgMaxPoolOp>(
                graph.inputOf(shape, numbers), window, strides, pads, dilations,
                indexStrides);
            auto floats = cast<RankedTensorType>(indices.getType())
                              .clone(graph.builder.getF32Type());
            graph.output(graph.named("cast", indices, floats),
                         Tolerance::exact());
          }};
}

std::vector<Case> edgec::test::regionCases() {
  std::vector<Case> cases;
  for (bool halfPixel : {false, true}) {
    cases.push_back(
        roiAlignCase({2, 8, 7, 5}, {2, 3}, "average", 2, halfPixel));
    cases.push_back(
        roiAlignCase({2, 8, 7, 70}, {3, 2}, "average", 0, halfPixel));
    cases.push_back(roiAlignCase({2, 8, 7, 8}, {1, 2}, "max", 0, halfPixel));
    cases.push_back(roiAlignCase({2, 8, 7, 17}, {2, 2}, "max", 3, halfPixel));
  }
  cases.push_back(
      argMaxCase({1, 6, 7, 5}, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}));
  cases.push_back(
      argMaxCase({2, 6, 7, 33}, {3, 3}, {1, 2}, {1, 2, 2, 1}, {2, 1}));
  cases.push_back(argMaxCase({1, 4, 5, 6, 3}, {2, 3, 2}, {1, 2, 2},
                             {1, 0, 1, 0, 1, 0}, {1, 1, 1}));
  cases.push_back(argMaxCase({1, 9, 8}, {4}, {3}, {2, 3}, {1}));
  return cases;
}
