//===- EdgeInfer.cpp - result types from operands ------------------------===//
//
// One function per operator computes its result type and reports violated
// constraints by their documented labels. The verifier runs the same functions
// and compares, so a constraint stands in exactly one place.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/edge/ProductShape.h"
#include "dialects/edge/WindowShape.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace edgec::edge;

static RankedTensorType tensorType(Type type) {
  return cast<RankedTensorType>(type);
}

/// Sizes multiply in 64 bits; a tensor larger than this many elements can
/// neither be addressed on our targets nor computed in reasonable time.
static constexpr int64_t maxElements = int64_t(1) << 40;

LogicalResult edgec::edge::inferTensor(std::optional<Location> loc,
                                       ArrayRef<int64_t> shape, Type element,
                                       SmallVectorImpl<Type> &results) {
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 1)
      return emitOptionalError(loc, "result would have a dimension of size ",
                               size);
    if (count > maxElements / size)
      return emitOptionalError(loc,
                               "result would have more than 2^40 elements");
    count *= size;
  }
  results.push_back(RankedTensorType::get(shape, element));
  return success();
}

static bool isQuantized(Type element) {
  return isa<quant::QuantizedType>(element);
}

static bool elementsAgree(Type lhs, Type rhs) {
  return lhs == rhs || isQuantized(lhs) || isQuantized(rhs);
}

/// Weights may take less memory than what they are multiplied with.
static bool filterAgrees(Type input, Type filter) {
  return elementsAgree(input, filter) ||
         (input.isF32() &&
          (filter.isF16() || filter.isBF16() || filter.isSignlessInteger(8)));
}

bool edgec::edge::isCompatibleResult(TypeRange inferred, TypeRange actual) {
  if (inferred.size() != actual.size())
    return false;
  for (auto [lhs, rhs] : llvm::zip_equal(inferred, actual)) {
    auto a = dyn_cast<RankedTensorType>(lhs),
         b = dyn_cast<RankedTensorType>(rhs);
    if (!a || !b || a.getShape() != b.getShape())
      return false;
    Type ea = a.getElementType(), eb = b.getElementType();
    if (!elementsAgree(ea, eb) &&
        !(isa<IntegerType>(ea) && isa<IntegerType>(eb)))
      return false;
  }
  return true;
}

FailureOr<SmallVector<int64_t>>
edgec::edge::broadcastShapes(ArrayRef<int64_t> lhs, ArrayRef<int64_t> rhs) {
  size_t rank = std::max(lhs.size(), rhs.size());
  SmallVector<int64_t> shape(rank);
  for (size_t i = 0; i < rank; ++i) {
    int64_t a = i < rank - lhs.size() ? 1 : lhs[i - (rank - lhs.size())];
    int64_t b = i < rank - rhs.size() ? 1 : rhs[i - (rank - rhs.size())];
    if (a != b && a != 1 && b != 1)
      return failure();
    shape[i] = a == 1 ? b : a;
  }
  return shape;
}

LogicalResult edgec::edge::inferBroadcast(std::optional<Location> loc, Type lhs,
                                          Type rhs,
                                          SmallVectorImpl<Type> &results) {
  RankedTensorType a = tensorType(lhs), b = tensorType(rhs);
  auto shape = broadcastShapes(a.getShape(), b.getShape());
  if (failed(shape))
    return emitOptionalError(loc, "C1: shapes of ", lhs, " and ", rhs,
                             " do not broadcast to one shape");
  if (!elementsAgree(a.getElementType(), b.getElementType()))
    return emitOptionalError(loc, "C2: element types differ: ", lhs, " and ",
                             rhs);
  return inferTensor(loc, *shape, a.getElementType(), results);
}

LogicalResult edgec::edge::inferComparison(std::optional<Location> loc,
                                           Type lhs, Type rhs,
                                           SmallVectorImpl<Type> &results) {
  Type element = tensorType(lhs).getElementType();
  if (element != tensorType(rhs).getElementType() || isQuantized(element))
    return emitOptionalError(
        loc, "C2: element types differ or are quantized: ", lhs, " and ", rhs);
  if (failed(inferBroadcast(loc, lhs, rhs, results)))
    return failure();
  results.back() = tensorType(results.back())
                       .clone(IntegerType::get(lhs.getContext(), /*width=*/1));
  return success();
}

LogicalResult edgec::edge::inferTest(std::optional<Location> loc, Type input,
                                     SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(input);
  if (!isa<FloatType>(type.getElementType()))
    return emitOptionalError(loc, "C1: the input must be float, is ", input);
  results.push_back(type.clone(IntegerType::get(type.getContext(), 1)));
  return success();
}

LogicalResult SelectOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType condition = tensorType(adaptor.getCondition().getType());
  RankedTensorType x = tensorType(adaptor.getX().getType()),
                   y = tensorType(adaptor.getY().getType());
  if (!condition.getElementType().isInteger(1))
    return emitOptionalError(loc, "C3: the condition must be i1, is ",
                             condition);
  auto values = broadcastShapes(x.getShape(), y.getShape());
  auto shape =
      failed(values) ? values : broadcastShapes(condition.getShape(), *values);
  if (failed(shape))
    return emitOptionalError(loc, "C1: shapes of ", condition, ", ", x, " and ",
                             y, " do not broadcast to one shape");
  if (!elementsAgree(x.getElementType(), y.getElementType()))
    return emitOptionalError(loc, "C2: element types differ: ", x, " and ", y);
  return inferTensor(loc, *shape, x.getElementType(), results);
}

LogicalResult edgec::edge::inferReduce(std::optional<Location> loc, Type input,
                                       ArrayRef<int64_t> axes, bool keepDims,
                                       SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(input);
  int64_t last = -1;
  for (int64_t axis : axes) {
    if (axis <= last || axis >= type.getRank())
      return emitOptionalError(loc, "C1: axes must ascend within [0, ",
                               type.getRank(), "), found ", axis);
    last = axis;
  }
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (!llvm::is_contained(axes, i))
      shape.push_back(type.getDimSize(i));
    else if (keepDims)
      shape.push_back(1);
  }
  return inferTensor(loc, shape, type.getElementType(), results);
}

//===----------------------------------------------------------------------===//
// Contraction and windows
//===----------------------------------------------------------------------===//

LogicalResult edgec::edge::checkArray(std::optional<Location> loc,
                                      StringRef name, ArrayRef<int64_t> values,
                                      size_t size, int64_t least) {
  // 2^31 keeps every size computed from an attribute within 64 bits.
  if (values.size() == size && llvm::all_of(values, [&](int64_t value) {
        return value >= least && value < (int64_t(1) << 31);
      }))
    return success();
  return emitOptionalError(loc, "C1: ", name, " must be ", size,
                           " numbers of at least ", least);
}

int64_t edgec::edge::windowOutput(int64_t input, int64_t padding,
                                  int64_t window, int64_t dilation,
                                  int64_t stride) {
  int64_t reach = (window - 1) * dilation + 1;
  return input + padding < reach ? 0 : (input + padding - reach) / stride + 1;
}

bool Conv2DOp::isDepthwise() {
  int64_t channels = getInput().getType().getDimSize(3);
  int64_t groups = getGroups();
  return groups > 1 && groups == channels &&
         getFilter().getType().getDimSize(0) == channels;
}

LogicalResult Conv2DOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType input = tensorType(adaptor.getInput().getType());
  RankedTensorType filter = tensorType(adaptor.getFilter().getType());
  ArrayRef<int64_t> strides = adaptor.getStrides(), pads = adaptor.getPads(),
                    dilations = adaptor.getDilations();
  if (failed(checkArray(loc, "strides", strides, 2, 1)) ||
      failed(checkArray(loc, "dilations", dilations, 2, 1)) ||
      failed(checkArray(loc, "pads", pads, 4, 0)))
    return failure();
  int64_t groups = adaptor.getGroups();
  if (groups < 1 || input.getDimSize(3) % groups != 0 ||
      filter.getDimSize(3) != input.getDimSize(3) / groups) {
    return emitOptionalError(loc, "C2: ", input.getDimSize(3),
                             " input channels are not ", groups,
                             " groups of the filter's ", filter.getDimSize(3));
  }
  if (filter.getDimSize(0) % groups != 0) {
    return emitOptionalError(loc, "C3: ", filter.getDimSize(0),
                             " output channels are not a multiple of ", groups,
                             " groups");
  }
  if (Value bias = adaptor.getBias()) {
    if (tensorType(bias.getType()).getDimSize(0) != filter.getDimSize(0)) {
      return emitOptionalError(loc, "C4: the bias ", bias.getType(),
                               " must have ", filter.getDimSize(0),
                               " elements");
    }
  }
  int64_t height = windowOutput(input.getDimSize(1), pads[0] + pads[2],
                                filter.getDimSize(1), dilations[0], strides[0]);
  int64_t width = windowOutput(input.getDimSize(2), pads[1] + pads[3],
                               filter.getDimSize(2), dilations[1], strides[1]);
  if (height < 1 || width < 1)
    return emitOptionalError(loc, "C5: the dilated filter of ", filter,
                             " is larger than the padded input ", input);
  if (!filterAgrees(input.getElementType(), filter.getElementType()))
    return emitOptionalError(loc, "C6: element types differ: ", input, " and ",
                             filter);
  return inferTensor(loc,
                     {input.getDimSize(0), height, width, filter.getDimSize(0)},
                     input.getElementType(), results);
}

FailureOr<SmallVector<int64_t>>
edgec::edge::inferProductShape(std::optional<Location> loc,
                               RankedTensorType lhs, RankedTensorType rhs) {
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return emitOptionalError(
        loc, "C1: both operands need two dimensions, have ", lhs, " and ", rhs);
  if (lhs.getShape().back() != rhs.getShape().drop_back().back())
    return emitOptionalError(loc, "C2: inner dimensions differ: ", lhs, " and ",
                             rhs);
  auto shape =
      broadcastShapes(lhs.getShape().drop_back(2), rhs.getShape().drop_back(2));
  if (failed(shape))
    return emitOptionalError(
        loc, "C3: batch dimensions do not broadcast: ", lhs, " and ", rhs);
  shape->push_back(lhs.getShape().drop_back().back());
  shape->push_back(rhs.getShape().back());
  return shape;
}

LogicalResult MatMulOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType lhs = tensorType(adaptor.getLhs().getType());
  RankedTensorType rhs = tensorType(adaptor.getRhs().getType());
  FailureOr<SmallVector<int64_t>> shape = inferProductShape(loc, lhs, rhs);
  if (failed(shape))
    return failure();
  if (!elementsAgree(lhs.getElementType(), rhs.getElementType()))
    return emitOptionalError(loc, "C4: element types differ: ", lhs, " and ",
                             rhs);
  return inferTensor(loc, *shape, lhs.getElementType(), results);
}

LogicalResult
FullyConnectedOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                   Adaptor adaptor,
                                   SmallVectorImpl<Type> &results) {
  RankedTensorType input = tensorType(adaptor.getInput().getType());
  RankedTensorType filter = tensorType(adaptor.getFilter().getType());
  if (input.getRank() < 1 || filter.getRank() != 2 ||
      filter.getDimSize(1) != input.getShape().back()) {
    return emitOptionalError(loc, "C1: the filter ", filter,
                             " must be [N, K] with K the input's last "
                             "dimension, input is ",
                             input);
  }
  if (Value bias = adaptor.getBias()) {
    if (tensorType(bias.getType()).getDimSize(0) != filter.getDimSize(0)) {
      return emitOptionalError(loc, "C2: the bias ", bias.getType(),
                               " must have ", filter.getDimSize(0),
                               " elements");
    }
  }
  if (!filterAgrees(input.getElementType(), filter.getElementType()))
    return emitOptionalError(loc, "C3: element types differ: ", input, " and ",
                             filter);
  SmallVector<int64_t> shape(input.getShape());
  shape.back() = filter.getDimSize(0);
  return inferTensor(loc, shape, input.getElementType(), results);
}

/// C3 of both pools: with every pad smaller than the dilated window, each
/// window touches the input.
static LogicalResult
inferPool(std::optional<Location> loc, Type inputType, ArrayRef<int64_t> window,
          ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
          ArrayRef<int64_t> dilations, ArrayRef<int64_t> overhang,
          SmallVectorImpl<Type> &results) {
  RankedTensorType input = tensorType(inputType);
  if (failed(checkArray(loc, "window", window, 2, 1)) ||
      failed(checkArray(loc, "strides", strides, 2, 1)) ||
      failed(checkArray(loc, "pads", pads, 4, 0)) ||
      failed(checkArray(loc, "dilations", dilations, 2, 1)) ||
      failed(checkArray(loc, "overhang", overhang, 2, 0)))
    return failure();
  SmallVector<int64_t> shape(input.getShape());
  for (int d : {0, 1}) {
    int64_t after = pads[d + 2] + overhang[d];
    shape[d + 1] = windowOutput(input.getDimSize(d + 1), pads[d] + after,
                                window[d], dilations[d], strides[d]);
    if (shape[d + 1] < 1) {
      return emitOptionalError(loc,
                               "C2: the window is larger than the padded "
                               "input ",
                               input);
    }
    int64_t reach = (window[d] - 1) * dilations[d] + 1;
    if (pads[d] >= reach || after >= reach)
      return emitOptionalError(loc, "C3: a pad of ", std::max(pads[d], after),
                               " reaches a whole window of ", reach);
  }
  return inferTensor(loc, shape, input.getElementType(), results);
}

LogicalResult MaxPool2DOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  return inferPool(loc, adaptor.getInput().getType(), adaptor.getWindow(),
                   adaptor.getStrides(), adaptor.getPads(),
                   adaptor.getDilations(), {0, 0}, results);
}

LogicalResult AvgPool2DOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  return inferPool(loc, adaptor.getInput().getType(), adaptor.getWindow(),
                   adaptor.getStrides(), adaptor.getPads(),
                   adaptor.getDilations(), adaptor.getOverhang(), results);
}

//===----------------------------------------------------------------------===//
// Normalisation
//===----------------------------------------------------------------------===//

static LogicalResult checkAxis(std::optional<Location> loc, int64_t axis,
                               int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return emitOptionalError(loc, "C1: axis ", axis, " lies outside [0, ", rank,
                           ")");
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &results) {
  results.push_back(adaptor.getX().getType());
  return checkAxis(loc, adaptor.getAxis(),
                   tensorType(adaptor.getX().getType()).getRank());
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX().getType());
  if (failed(checkAxis(loc, adaptor.getAxis(), type.getRank())))
    return failure();
  int64_t channels = type.getDimSize(adaptor.getAxis());
  for (Value parameter : {adaptor.getScale(), adaptor.getOffset(),
                          adaptor.getMean(), adaptor.getVariance()}) {
    if (tensorType(parameter.getType()).getDimSize(0) != channels)
      return emitOptionalError(loc, "C2: the parameter ", parameter.getType(),
                               " must have ", channels, " elements");
  }
  results.push_back(type);
  return success();
}

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *,
                                            std::optional<Location> loc,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX().getType());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  SmallVector<int64_t> shape;
  SmallVector<bool> seen(type.getRank(), false);
  for (int64_t source : permutation) {
    if (source < 0 || source >= type.getRank() || seen[source])
      break;
    seen[source] = true;
    shape.push_back(type.getDimSize(source));
  }
  if (permutation.size() != size_t(type.getRank()) ||
      shape.size() != permutation.size()) {
    return emitOptionalError(loc, "C1: [", llvm::ArrayRef(permutation),
                             "] is not a permutation of the ", type.getRank(),
                             " dimensions of ", type);
  }
  return inferTensor(loc, shape, type.getElementType(), results);
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  if (adaptor.getInputs().empty())
    return emitOptionalError(loc, "C2: nothing to join");
  RankedTensorType first = tensorType(adaptor.getInputs().front().getType());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, first.getRank())))
    return failure();
  SmallVector<int64_t> shape(first.getShape());
  for (Value input : adaptor.getInputs().drop_front()) {
    RankedTensorType type = tensorType(input.getType());
    SmallVector<int64_t> expected(first.getShape());
    if (type.getRank() == first.getRank())
      expected[axis] = type.getDimSize(axis);
    if (type.getShape() != ArrayRef<int64_t>(expected))
      return emitOptionalError(loc, "C2: ", type, " does not join ", first,
                               " along dimension ", axis);
    if (!elementsAgree(type.getElementType(), first.getElementType()))
      return emitOptionalError(loc, "C3: element types differ: ", type, " and ",
                               first);
    shape[axis] += type.getDimSize(axis);
  }
  return inferTensor(loc, shape, first.getElementType(), results);
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> loc,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX().getType());
  ArrayRef<int64_t> offsets = adaptor.getOffsets(), sizes = adaptor.getSizes(),
                    strides = adaptor.getStrides();
  size_t rank = type.getRank();
  if (offsets.size() != rank || sizes.size() != rank ||
      strides.size() != rank ||
      llvm::any_of(sizes, [](int64_t size) { return size < 1; }) ||
      llvm::is_contained(strides, 0))
    return emitOptionalError(loc, "C1: offsets, sizes and strides need ", rank,
                             " numbers each, sizes positive, strides not 0");
  for (size_t d = 0; d < rank; ++d) {
    // sizes[d] is bounded by the dimension before it is multiplied.
    int64_t size = type.getDimSize(d);
    bool inside = offsets[d] >= 0 && offsets[d] < size && sizes[d] <= size &&
                  std::abs(strides[d]) <= size;
    int64_t last = inside ? offsets[d] + (sizes[d] - 1) * strides[d] : 0;
    if (sizes[d] == 1 && offsets[d] >= 0 && offsets[d] < size)
      continue;
    if (!inside || last < 0 || last >= size)
      return emitOptionalError(loc, "C2: the slice leaves dimension ", d,
                               " of ", type);
  }
  return inferTensor(loc, sizes, type.getElementType(), results);
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> loc,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &results) {
  RankedTensorType type = tensorType(adaptor.getX().getType());
  size_t rank = type.getRank();
  if (failed(checkArray(loc, "low", adaptor.getLow(), rank, 0)) ||
      failed(checkArray(loc, "high", adaptor.getHigh(), rank, 0)))
    return failure();
  SmallVector<int64_t> shape(type.getShape());
  for (size_t d = 0; d < rank; ++d)
    shape[d] += adaptor.getLow()[d] + adaptor.getHigh()[d];
  return inferTensor(loc, shape, type.getElementType(), results);
}
