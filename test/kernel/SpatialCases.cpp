//===- SpatialCases.cpp - resizing and sampling ---------------------------===//
#include "dialects/edge/ResizeTable.h"
#include "dialects/edge/Spatial.h"
#include "test/kernel/Cases.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

//===-- resample and resize_table
//------------------------------------------===//

namespace {
struct Resized {
  std::vector<int64_t> shape;
  int64_t axis, output;
  const char *mode;
  const char *coordinates = "half_pixel";
  bool antialias = false, excludeOutside = false;
  const char *rounding = "round_prefer_floor";
};
} // namespace

static std::string text(const Resized &resized) {
  return test::text(resized.shape) + " axis " + std::to_string(resized.axis) +
         " to " + std::to_string(resized.output) + " " + resized.mode + " " +
         resized.coordinates + (resized.antialias ? " antialias" : "") +
         (resized.excludeOutside ? " exclude outside " : " ") +
         resized.rounding;
}

static edge::Interpolation interpolation(const Resized &resized) {
  edge::Interpolation how;
  how.mode = resized.mode;
  how.rounding = resized.rounding;
  how.antialias = resized.antialias;
  how.excludeOutside = resized.excludeOutside;
  return how;
}

static Value constantTable(GraphWriter &graph, const Resized &resized) {
  int64_t input = resized.shape[resized.axis];
  edge::ResampleTable table = edge::resizeTable(
      {input, resized.output, double(resized.output) / double(input)},
      resized.coordinates, interpolation(resized));
  int64_t rows = int64_t(table.elements.size()) / table.columns;
  auto type =
      RankedTensorType::get({rows, table.columns}, graph.builder.getF32Type());
  return edge::ConstantOp::create(
      graph.builder, graph.builder.getUnknownLoc(), type,
      DenseElementsAttr::get(type, ArrayRef<float>(table.elements)));
}

/// With a table made at compile time.
static Case resampleCase(const Resized &resized) {
  return {"resample " + text(resized), [=](GraphWriter &graph) {
            Value x = graph.input(resized.shape);
            graph.output(graph.add<edge::ResampleOp>(
                x, constantTable(graph, resized), resized.axis));
          }};
}

/// Of integers, whose weights are whole numbers.
static Case wholeCase(unsigned width, std::vector<int64_t> shape,
                      int64_t axis) {
  std::string name =
      "resample i" + std::to_string(width) + " along " + std::to_string(axis);
  return {
      name, [=](GraphWriter &graph) {
        Value x = graph.inputAs(graph.builder.getIntegerType(width), shape,
                                {-30000, 30000});
        auto type = RankedTensorType::get({5, 4}, graph.builder.getF32Type());
        const float rows[] = {0,   0,   1024, 0, 1,    -7,   300, 724, 0, 9,
                              512, 512, 1,    0, -256, 1280, 1,   0,   0, 1024};
        Value table = edge::ConstantOp::create(
            graph.builder, graph.builder.getUnknownLoc(), type,
            DenseElementsAttr::get(type, ArrayRef<float>(rows)));
        graph.output(graph.add<edge::ResampleOp>(x, table, axis));
      }};
}

/// With one made by a kernel.
static Case tableCase(const Resized &resized, float scaleBy,
                      std::array<float, 2> roi = {0, 1}) {
  return {"resize_table " + text(resized), [=](GraphWriter &graph) {
            int64_t input = resized.shape[resized.axis];
            Value x = graph.input(resized.shape);
            Value scale = graph.inputOf(
                {1}, {scaleBy * float(resized.output) / float(input)});
            Value table = graph.add<edge::ResizeTableOp>(
                scale, graph.inputOf({2}, {roi[0], roi[1]}), input,
                resized.output, resized.mode, resized.coordinates,
                resized.rounding, llvm::APFloat(-0.75F), resized.excludeOutside,
                resized.antialias, llvm::APFloat(7.0F));
            graph.output(table);
            graph.output(graph.add<edge::ResampleOp>(x, table, resized.axis));
          }};
}

static void addResizes(std::vector<Case> &cases) {
  for (const Resized &resized : std::initializer_list<Resized>{
           {{1, 4, 5, 8}, 1, 8, "linear"},
           {{1, 4, 5, 8}, 2, 10, "nearest"},
           {{2, 3, 7, 17}, 1, 5, "cubic"},
           {{2, 3, 7, 17}, 2, 3, "linear", "align_corners"},
           {{1, 9, 3}, 1, 4, "cubic", "half_pixel", true},
           {{1, 9, 65}, 1, 4, "linear", "asymmetric", true},
           {{1, 5, 40}, 1, 13, "cubic", "half_pixel", false, true},
           {{1, 2, 6, 7}, 3, 11, "linear"},
           {{7}, 0, 3, "nearest"},
           {{1, 1, 3, 1}, 2, 1, "linear"},
           {{3, 30, 4}, 1, 3, "linear", "half_pixel", true},
           {{3, 6, 100}, 0, 2, "nearest", "asymmetric"},
       })
    cases.push_back(resampleCase(resized));
  cases.push_back(wholeCase(32, {2, 3, 37}, 1));
  cases.push_back(wholeCase(32, {3, 5}, 0));
  cases.push_back(wholeCase(64, {2, 3, 9}, 1));
  for (const char *coordinates :
       {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
        "tf_half_pixel_for_nn", "asymmetric", "align_corners",
        "tf_crop_and_resize"}) {
    for (const char *mode : {"nearest", "linear", "cubic"}) {
      cases.push_back(
          tableCase({{1, 5, 6}, 1, 9, mode, coordinates}, 1.02F, {0.2F, 1.1F}));
      cases.push_back(tableCase({{1, 7, 6}, 1, 1, mode, coordinates}, 1.0F));
    }
  }
  for (const char *rounding :
       {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"})
    cases.push_back(tableCase(
        {{1, 6, 3}, 1, 12, "nearest", "half_pixel", false, false, rounding},
        1.0F));
  cases.push_back(
      tableCase({{1, 11, 3}, 1, 4, "cubic", "half_pixel", true}, 1.1F));
  cases.push_back(
      tableCase({{1, 11, 3}, 1, 4, "linear", "half_pixel", true, true}, 1.0F));
}

static void addFusions(std::vector<Case> &cases) {
  cases.push_back({"resample between convolutions", [](GraphWriter &graph) {
                     Conv conv;
                     conv.pads = {1, 1, 1, 1};
                     Value x = conv2d(graph, graph.input({1, 5, 6, 8}), conv);
                     Resized resized = {{1, 5, 6, 8}, 1, 10, "nearest"};
                     x = graph.add<edge::ResampleOp>(
                         x, constantTable(graph, resized), int64_t(1));
                     resized = {{1, 10, 6, 8}, 2, 12, "linear"};
                     x = graph.add<edge::ResampleOp>(
                         x, constantTable(graph, resized), int64_t(2));
                     x = graph.add<edge::ReluOp>(x);
                     graph.output(conv2d(graph, x, conv));
                   }});
}

//===-- sample
//-------------------------------------------------------------===//

static Case sampleCase(std::vector<int64_t> shape, int64_t points,
                       const char *mode, const char *padding,
                       bool alignCorners) {
  return {"sample " + text(shape) + " " + mode + " " + padding +
              (alignCorners ? " aligned" : ""),
          [=](GraphWriter &graph) {
            int64_t rank = int64_t(shape.size()) - 2;
            Value x = graph.input(shape);
            // Quarters, so that no neighbour hangs on the last bit.
            std::vector<float> numbers(shape[0] * points * rank);
            for (float &number : numbers)
              number = float(graph.random.below(60) - 24) / 4 + 0.125F;
            numbers[0] = 1e30F;
            numbers.back() = -1e9F;
            Value positions = graph.inputOf({shape[0], points, rank}, numbers);
            graph.output(graph.add<edge::SampleOp>(x, positions, mode, padding,
                                                   alignCorners,
                                                   llvm::APFloat(-0.75F)));
          }};
}

static void addSamples(std::vector<Case> &cases) {
  for (const char *mode : {"nearest", "linear", "cubic"}) {
    for (const char *padding : {"zeros", "border", "reflection"}) {
      for (bool aligned : {false, true}) {
        cases.push_back(sampleCase({2, 4, 5, 3}, 7, mode, padding, aligned));
        cases.push_back(
            sampleCase({1, 3, 2, 4, 17}, 5, mode, padding, aligned));
      }
    }
  }
  cases.push_back(sampleCase({1, 9, 40}, 11, "linear", "border", false));
  cases.push_back(sampleCase({3, 1, 1, 2}, 1, "cubic", "reflection", true));
}

std::vector<Case> edgec::test::spatialCases() {
  std::vector<Case> cases;
  addResizes(cases);
  addFusions(cases);
  addSamples(cases);
  return cases;
}
