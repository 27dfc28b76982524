//===- DetectionPostProcess.cpp - TFLite_Detection_PostProcess ------------===//
//
// The end of the Object Detection API's models: boxes are decoded from their
// anchors, chosen by score and overlap, and listed:
//   encodings [1, N, 4...], scores [1, N, C (+ background)], anchors [N, 4]
//     => boxes [1, D, 4], classes [1, D], scores [1, D], how many [1]
// Fast suppression goes by the best class of each anchor and lists its
// max_classes_per_detection best ones; the regular one goes class by class.
// What lies behind the last detection is zero.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Spatial.h"
#include "compiler/import/tflite/CustomOperators.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Selection.h"
#include <cmath>
#include <limits>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;

namespace {
class DetectionPostProcess {
public:
  explicit DetectionPostProcess(OperatorImport &n) : n(n) {}
  void run();

private:
  bool readOptions();
  bool checkShapes();
  Value decodeBoxes();
  /// `selected` [rows, 3] and how many of the rows count.
  std::pair<Value, Value> suppress(Value boxes, Value scores, int64_t perClass);
  void runFast(Value boxes, Value scores);
  void runRegular(Value boxes, Value scores);
  /// [rows, 1]: 1 in the first `count` rows, 0 behind them.
  Value rowsThatCount(Value count, int64_t rows);
  Value column(Value matrix, int64_t index) {
    return sliceAlong(n, matrix, 1, index, 1);
  }
  Value times(Value a, Value b) { return n.make<edge::MulOp>({a, b}); }
  /// Sets a result: rows of a matrix, zeros behind them, in the given shape.
  void setRows(unsigned result, Value rows, int64_t wanted,
               ArrayRef<int64_t> shape);

  OperatorImport &n;
  int64_t maxDetections = 0, maxClasses = 0, perClass = 100, classes = 0;
  float scoreThreshold = 0, overlapThreshold = 0;
  /// Of y, x, height and width.
  float scales[4] = {1, 1, 1, 1};
  bool isRegular = false;
  int64_t boxCount = 0, background = 0;
};
} // namespace

bool DetectionPostProcess::readOptions() {
  auto options = readMap(n);
  if (!options)
    return false;
  maxDetections = (*options)["max_detections"].AsInt32();
  maxClasses = (*options)["max_classes_per_detection"].AsInt32();
  if (!(*options)["detections_per_class"].IsNull())
    perClass = (*options)["detections_per_class"].AsInt32();
  if (!(*options)["use_regular_nms"].IsNull())
    isRegular = (*options)["use_regular_nms"].AsBool();
  classes = (*options)["num_classes"].AsInt32();
  scoreThreshold = (*options)["nms_score_threshold"].AsFloat();
  overlapThreshold = (*options)["nms_iou_threshold"].AsFloat();
  const char *names[] = {"y_scale", "x_scale", "h_scale", "w_scale"};
  for (auto [scale, name] : llvm::zip_equal(scales, names))
    scale = (*options)[name].AsFloat();
  bool isBad =
      llvm::any_of(scales, [](float scale) { return !(std::abs(scale) > 0); });
  for (int64_t size : {maxDetections, maxClasses, perClass, classes})
    isBad |= size < 1 || size > (1 << 20);
  if (isBad || !(overlapThreshold > 0) || std::isnan(scoreThreshold)) {
    n.error() << "its options are damaged: sizes, scales and the overlap "
                 "should be positive";
    return false;
  }
  return true;
}

bool DetectionPostProcess::checkShapes() {
  ArrayRef<int64_t> encodings = n.shape(0), scores = n.shape(1),
                    anchors = n.shape(2);
  if (encodings.size() == 3 && scores.size() == 3 && anchors.size() == 2 &&
      encodings[0] == 1 && scores[0] == 1 && encodings[2] >= 4 &&
      encodings[1] == scores[1] && anchors[0] == encodings[1] &&
      anchors[1] == 4 && scores[2] - classes >= 0 && scores[2] - classes <= 1) {
    boxCount = encodings[1];
    background = scores[2] - classes;
    return true;
  }
  n.error() << "encodings, scores and anchors of shapes "
            << shapeText(encodings) << ", " << shapeText(scores) << " and "
            << shapeText(anchors) << " should be [1, N, 4], [1, N, " << classes
            << " or one more] and [N, 4]";
  return false;
}

/// Corners [N, 4] from centres and sizes relative to the anchors'.
Value DetectionPostProcess::decodeBoxes() {
  Value encodings = n.reshape(n.operand(0), n.shape(0).drop_front());
  Value anchors = n.operand(2);
  Value center[2], half[2];
  for (unsigned d : {0, 1}) {
    Value size = column(anchors, 2 + d);
    Value offset = times(column(encodings, d), n.splat(1 / scales[d]));
    center[d] = n.make<edge::AddOp>({times(offset, size), column(anchors, d)});
    Value growth = n.make<edge::ExpOp>(
        {times(column(encodings, 2 + d), n.splat(1 / scales[2 + d]))});
    half[d] = times(times(growth, size), n.splat(0.5F));
  }
  return n.make<edge::ConcatOp>({n.make<edge::SubOp>({center[0], half[0]}),
                                 n.make<edge::SubOp>({center[1], half[1]}),
                                 n.make<edge::AddOp>({center[0], half[0]}),
                                 n.make<edge::AddOp>({center[1], half[1]})},
                                {n.attr("axis", int64_t(1))});
}

std::pair<Value, Value>
DetectionPostProcess::suppress(Value boxes, Value scores, int64_t perClass) {
  int64_t bound = std::min(perClass, boxCount);
  // Here a score at the threshold counts, in the edge dialect only above it.
  float below =
      std::nextafter(scoreThreshold, -std::numeric_limits<float>::infinity());
  auto results = n.makeAll<edge::NonMaxSuppressionOp>(
      2,
      {n.reshape(boxes, {1, boxCount, 4}), scores,
       n.number(double(bound), n.builder.getI64Type()),
       n.splat(overlapThreshold), n.splat(below)},
      {n.attr("center", false), n.attr("bound", bound)});
  return {results[0], results[1]};
}

Value DetectionPostProcess::rowsThatCount(Value count, int64_t rows) {
  mlir::Type i64 = n.builder.getI64Type();
  auto type = mlir::RankedTensorType::get({rows, 1}, i64);
  auto numbers = llvm::to_vector(llvm::seq<int64_t>(0, rows));
  Value row = edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(type, ArrayRef<int64_t>(numbers)));
  Value left = n.make<edge::SubOp>({count, row});
  left = n.make<edge::MinOp>({left, n.number(1, i64)});
  left = n.make<edge::MaxOp>({left, n.number(0, i64)});
  return n.cast(left, n.builder.getF32Type());
}

void DetectionPostProcess::setRows(unsigned result, Value rows, int64_t wanted,
                                   ArrayRef<int64_t> shape) {
  if (!rows)
    return n.fail();
  int64_t missing = wanted - n.shapeOf(rows)[0];
  if (missing > 0)
    rows = padAlong(n, rows, 0, 0, missing);
  n.set(result, n.reshape(rows, shape));
}

void DetectionPostProcess::runFast(Value boxes, Value scores) {
  int64_t listed = std::min(maxClasses, classes);
  auto best =
      n.makeAll<edge::TopKOp>(2, {scores},
                              {n.attr("k", listed), n.attr("axis", int64_t(1)),
                               n.attr("largest", true)});
  Value highest = n.reshape(column(best[0], 0), {1, 1, boxCount});
  auto [selected, count] = suppress(boxes, highest, maxDetections);
  if (!selected)
    return n.fail();
  int64_t rows = n.shapeOf(selected)[0];
  Value index = n.reshape(column(selected, 2), {rows});
  Value counts = rowsThatCount(count, rows);
  auto pick = [&](Value from) {
    return n.make<edge::GatherOp>({from, index}, {n.attr("axis", int64_t(0))});
  };
  // [rows, classes listed], each with its own copy of the box.
  Value found = times(pick(boxes), counts);
  found = n.broadcast(n.reshape(found, {rows, 1, 4}), {rows, listed, 4});
  Value labels = n.cast(pick(best[1]), n.builder.getF32Type());
  labels = times(labels, counts);
  Value values = times(pick(best[0]), counts);
  if (listed < maxClasses) {
    found = padAlong(n, found, 1, 0, maxClasses - listed);
    labels = padAlong(n, labels, 1, 0, maxClasses - listed);
    values = padAlong(n, values, 1, 0, maxClasses - listed);
  }
  int64_t all = maxDetections * maxClasses;
  setRows(0, found, maxDetections, {1, all, 4});
  setRows(1, labels, maxDetections, {1, all});
  setRows(2, values, maxDetections, {1, all});
  n.set(3, n.reshape(n.cast(count, n.builder.getF32Type()), {1}));
}

void DetectionPostProcess::runRegular(Value boxes, Value scores) {
  Value byClass =
      n.reshape(n.transpose(scores, {1, 0}), {1, classes, boxCount});
  auto [selected, count] = suppress(boxes, byClass, perClass);
  if (!selected)
    return n.fail();
  int64_t rows = n.shapeOf(selected)[0];
  int64_t kept = std::min(rows, maxDetections);
  Value counts = rowsThatCount(count, rows);
  // The score of each row; rows that do not count come last.
  Value place = sliceAlong(n, selected, 1, 1, 2);
  Value values = n.make<edge::GatherNdOp>({n.transpose(scores, {1, 0}), place});
  values = times(n.reshape(values, {rows, 1}), counts);
  constexpr float lowest = 1e30F;
  Value penalty = n.make<edge::SubOp>({counts, n.splat(1.0F)});
  Value ranked = n.make<edge::AddOp>({values, times(penalty, n.splat(lowest))});
  auto best = n.makeAll<edge::TopKOp>(
      2, {n.reshape(ranked, {rows})},
      {n.attr("k", kept), n.attr("axis", int64_t(0)), n.attr("largest", true)});
  auto pick = [&](Value from, Value index) {
    return n.make<edge::GatherOp>({from, index}, {n.attr("axis", int64_t(0))});
  };
  Value order = best[1];
  Value chosen = pick(selected, order), keeps = pick(counts, order);
  if (!chosen)
    return n.fail();
  Value index = n.reshape(column(chosen, 2), {kept});
  Value labels = n.cast(column(chosen, 1), n.builder.getF32Type());
  setRows(0, times(pick(boxes, index), keeps), maxDetections,
          {1, maxDetections, 4});
  setRows(1, times(labels, keeps), maxDetections, {1, maxDetections});
  setRows(2, pick(values, order), maxDetections, {1, maxDetections});
  Value number = n.make<edge::ReduceSumOp>(
      {keeps}, {n.attr("axes", ArrayRef<int64_t>{0})});
  n.set(3, number);
}

void DetectionPostProcess::run() {
  if (!readOptions() || !checkShapes())
    return n.fail();
  // Detections are listed once per class in the fast form only.
  if (isRegular && maxClasses != 1)
    return void(n.error() << "max_classes_per_detection is " << maxClasses
                          << ", which regular suppression does not support");
  Value boxes = decodeBoxes();
  Value scores = n.reshape(n.operand(1), n.shape(1).drop_front());
  if (!boxes || !scores)
    return n.fail();
  if (background != 0)
    scores = sliceAlong(n, scores, 1, background, classes);
  if (isRegular)
    runRegular(boxes, scores);
  else
    runFast(boxes, scores);
}

void tflite::importDetectionPostProcess(OperatorImport &n) {
  DetectionPostProcess(n).run();
}
