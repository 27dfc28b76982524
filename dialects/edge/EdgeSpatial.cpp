//===- EdgeSpatial.cpp - result types of operators on images -------------===//
//
// As EdgeInfer.cpp for the core operators: one function each, whose errors
// carry the documented labels.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/ResizeTable.h"
#include "dialects/edge/Spatial.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeSpatial.cpp.inc"

/// The whole numbers up to it are exact in f32.
static constexpr int64_t mostElements = int64_t(1) << 24;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

int64_t ResampleOp::getTaps() {
  return std::max<int64_t>(0, tensorType(getTable()).getDimSize(1) - 2);
}

LogicalResult ResampleOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   table = tensorType(adaptor.getTable());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= x.getRank())
    return emitOptionalError(loc, "C1: axis ", axis, " outside [0, ",
                             x.getRank(), ")");
  int64_t size = x.getDimSize(axis);
  int64_t columns = table.getRank() == 2 ? table.getDimSize(1) : 0;
  if (!table.getElementType().isF32() ||
      (columns != 1 && (columns < 3 || columns - 2 > size))) {
    return emitOptionalError(loc, "C2: the table ", table,
                             " must be f32 of 1 column, or of 2 and up to ",
                             size, " weights");
  }
  if (size > mostElements)
    return emitOptionalError(loc, "C3: a dimension of ", size,
                             " elements; at most 2^24 can be resampled");
  Type element = x.getElementType();
  if (columns > 1 && !isa<FloatType>(element) &&
      !element.isSignlessInteger(32) && !element.isSignlessInteger(64))
    return emitOptionalError(loc, "C4: weights of elements of type ", element);
  SmallVector<int64_t> shape(x.getShape());
  shape[axis] = table.getDimSize(0);
  return inferTensor(loc, shape, x.getElementType(), results);
}

LogicalResult ResizeTableOp::inferReturnTypes(MLIRContext *,
                                              std::optional<Location> loc,
                                              Adaptor adaptor,
                                              SmallVectorImpl<Type> &results) {
  RankedTensorType scale = tensorType(adaptor.getScale()),
                   roi = tensorType(adaptor.getRoi());
  int64_t input = adaptor.getInputSize(), output = adaptor.getOutputSize();
  for (int64_t size : {input, output}) {
    if (size < 1 || size > mostElements)
      return emitOptionalError(loc, "C1: a size of ", size,
                               " is not in [1, 2^24]");
  }
  if (scale.getNumElements() != 1 || !scale.getElementType().isF32() ||
      roi.getNumElements() != 2 || !roi.getElementType().isF32())
    return emitOptionalError(loc, "C2: the scale ", scale, " and the roi ", roi,
                             " must have 1 and 2 elements of f32");
  int64_t taps =
      mostTaps(input, output, adaptor.getMode(), adaptor.getAntialias());
  if (adaptor.getCoordinates() == "tf_crop_and_resize")
    taps = std::max<int64_t>(taps, 1);
  return inferTensor(loc, {output, taps ? 2 + taps : 1}, scale.getElementType(),
                     results);
}

LogicalResult SampleOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   positions = tensorType(adaptor.getPositions());
  int64_t spatial = x.getRank() - 2;
  if (spatial < 1 || spatial > 3 || positions.getRank() != 3) {
    return emitOptionalError(loc, "C1: x ", x, " must have 3 to 5 dimensions, ",
                             "the positions ", positions, " 3");
  }
  if (x.getDimSize(0) != positions.getDimSize(0) ||
      positions.getDimSize(2) != spatial) {
    return emitOptionalError(loc, "C2: the positions ", positions, " must be [",
                             x.getDimSize(0), ", P, ", spatial, "]");
  }
  if (!isa<FloatType>(x.getElementType()) ||
      !positions.getElementType().isF32())
    return emitOptionalError(loc, "C3: x ", x, " must be float, the positions ",
                             positions, " f32");
  for (int64_t size : x.getShape().slice(1, spatial)) {
    if (size > mostElements)
      return emitOptionalError(loc, "C4: a dimension of ", size,
                               " elements; at most 2^24 can be sampled");
  }
  return inferTensor(
      loc, {x.getDimSize(0), positions.getDimSize(1), x.getShape().back()},
      x.getElementType(), results);
}

LogicalResult RoiAlignOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> loc,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   rois = tensorType(adaptor.getRois()),
                   batch = tensorType(adaptor.getBatch());
  ArrayRef<int64_t> size = adaptor.getOutputSize();
  auto isSize = [](int64_t value) {
    return value >= 1 && value <= mostElements;
  };
  if (size.size() != 2 || !llvm::all_of(size, isSize) ||
      adaptor.getSamplingRatio() < 0 ||
      adaptor.getSamplingRatio() > mostElements)
    return emitOptionalError(loc, "C1: output_size must be 2 positive numbers ",
                             "and sampling_ratio not negative");
  if (rois.getRank() != 2 || rois.getDimSize(1) != 4 ||
      rois.getDimSize(0) != batch.getDimSize(0) ||
      !rois.getElementType().isF32() || !isa<FloatType>(x.getElementType()) ||
      !isa<IntegerType>(batch.getElementType())) {
    return emitOptionalError(loc, "C2: x ", x, ", rois ", rois, " and batch ",
                             batch,
                             " must be float, f32 of [R, 4], integers of [R]");
  }
  return inferTensor(loc,
                     {rois.getDimSize(0), size[0], size[1], x.getDimSize(3)},
                     x.getElementType(), results);
}

/// Within 2^31, so that no size computed from it overflows.
static bool areNumbers(ArrayRef<int64_t> list, size_t count, int64_t least) {
  return list.size() == count && llvm::all_of(list, [&](int64_t value) {
           return value >= least && value < (int64_t(1) << 31);
         });
}

LogicalResult ArgMaxPoolOp::inferReturnTypes(MLIRContext *context,
                                             std::optional<Location> loc,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &results) {
  RankedTensorType input = tensorType(adaptor.getInput());
  ArrayRef<int64_t> window = adaptor.getWindow(), pads = adaptor.getPads(),
                    strides = adaptor.getStrides(),
                    dilations = adaptor.getDilations();
  int64_t k = input.getRank() - 2;
  if (k < 1 || !areNumbers(window, k, 1) || !areNumbers(strides, k, 1) ||
      !areNumbers(dilations, k, 1) || !areNumbers(pads, 2 * k, 0) ||
      adaptor.getIndexStrides().size() != size_t(k)) {
    return emitOptionalError(loc, "C1: the attributes must have ", k,
                             " positive numbers, pads twice as many that are "
                             "not negative");
  }
  SmallVector<int64_t> shape(input.getShape());
  for (int64_t d = 0; d < k; ++d) {
    int64_t reach = (window[d] - 1) * dilations[d] + 1;
    int64_t rest = shape[1 + d] + pads[d] + pads[k + d] - reach;
    if (rest < 0)
      return emitOptionalError(loc, "C2: the window is larger than the padded ",
                               "input ", input);
    if (pads[d] >= reach || pads[k + d] >= reach) {
      return emitOptionalError(loc, "C3: a pad of ",
                               std::max(pads[d], pads[k + d]),
                               " reaches a whole window of ", reach);
    }
    shape[1 + d] = rest / strides[d] + 1;
  }
  return inferTensor(loc, shape, IntegerType::get(context, 64), results);
}
