//===- EdgeInteger.cpp - result types of integer arithmetic --------------===//
//
// As EdgeInfer.cpp for the core operators: one function each, whose errors
// carry the documented labels.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "dialects/edge/WindowShape.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#include "dialects/edge/EdgeIntegerEnums.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/edge/EdgeInteger.cpp.inc"

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static Type sumType(MLIRContext *context) {
  return IntegerType::get(context, 32);
}

static bool isByte(Type element) {
  return element.isSignlessInteger(8) || element.isUnsignedInteger(8);
}

static bool isNarrow(Type element) {
  return isByte(element) || element.isSignlessInteger(16);
}

/// Whether an integer type of at most 32 bits has the number.
static bool holds(Type element, int64_t value) {
  int64_t bits = element.getIntOrFloatBitWidth();
  return element.isUnsignedInteger() ? value >= 0 && value < int64_t(1) << bits
                                     : value >= -(int64_t(1) << (bits - 1)) &&
                                           value < int64_t(1) << (bits - 1);
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

/// C4, C5, C6
static LogicalResult checkNumbers(std::optional<Location> loc,
                                  IntegerConv2DOp::Adaptor op) {
  RankedTensorType input = tensorType(op.getInput()),
                   filter = tensorType(op.getFilter());
  if (op.getBias()) {
    RankedTensorType bias = tensorType(op.getBias());
    if (bias.getDimSize(0) != filter.getDimSize(0) ||
        !bias.getElementType().isSignlessInteger(32))
      return emitOptionalError(loc, "C4: the bias ", bias, " must have ",
                               filter.getDimSize(0), " elements of i32");
  }
  for (RankedTensorType type : {input, filter}) {
    if (!isNarrow(type.getElementType()))
      return emitOptionalError(loc, "C5: the elements of ", type,
                               " must be i8, ui8 or i16");
  }
  int64_t inputZero = op.getInputZeroPoint(),
          filterZero = op.getFilterZeroPoint(), pad = op.getPadValue();
  if (!holds(input.getElementType(), inputZero) ||
      !holds(input.getElementType(), pad) ||
      !holds(filter.getElementType(), filterZero)) {
    return emitOptionalError(loc, "C6: the zero points ", inputZero, " and ",
                             filterZero, " or the pad value ", pad,
                             " are not numbers of ", input, " and ", filter);
  }
  return success();
}

LogicalResult
IntegerConv2DOp::inferReturnTypes(MLIRContext *context,
                                  std::optional<Location> loc, Adaptor adaptor,
                                  SmallVectorImpl<Type> &results) {
  RankedTensorType input = tensorType(adaptor.getInput()),
                   filter = tensorType(adaptor.getFilter());
  ArrayRef<int64_t> strides = adaptor.getStrides(), pads = adaptor.getPads(),
                    dilations = adaptor.getDilations();
  if (failed(checkArray(loc, "strides", strides, 2, 1)) ||
      failed(checkArray(loc, "dilations", dilations, 2, 1)) ||
      failed(checkArray(loc, "pads", pads, 4, 0)))
    return failure();
  int64_t groups = adaptor.getGroups(), channels = input.getDimSize(3);
  if (groups < 1)
    return emitOptionalError(loc, "C1: groups must be at least 1, are ",
                             groups);
  if (channels % groups != 0 || filter.getDimSize(3) != channels / groups ||
      filter.getDimSize(0) % groups != 0)
    return emitOptionalError(loc, "C2: the filter ", filter, " does not fit ",
                             channels, " channels in ", groups, " groups");
  SmallVector<int64_t> shape = {input.getDimSize(0)};
  for (int d : {0, 1}) {
    shape.push_back(windowOutput(input.getDimSize(1 + d), pads[d] + pads[2 + d],
                                 filter.getDimSize(1 + d), dilations[d],
                                 strides[d]));
    if (shape.back() < 1)
      return emitOptionalError(loc, "C3: the dilated filter of ", filter,
                               " is larger than the padded input ", input);
  }
  if (failed(checkNumbers(loc, adaptor)))
    return failure();
  shape.push_back(filter.getDimSize(0));
  return inferTensor(loc, shape, sumType(context), results);
}

template <typename OpT> static Convolution describe(OpT op) {
  return {op.getInput(),     op.getFilter(),          op.getBias(),
          op.getResult(),    op.getStrides(),         op.getPads(),
          op.getDilations(), int64_t(op.getGroups()), op.isDepthwise(),
          /*padValue=*/0};
}

std::optional<Convolution> edgec::edge::getConvolution(Operation *op) {
  if (auto conv = dyn_cast_if_present<Conv2DOp>(op))
    return describe(conv);
  auto conv = dyn_cast_if_present<IntegerConv2DOp>(op);
  if (!conv)
    return std::nullopt;
  Convolution described = describe(conv);
  described.padValue = int64_t(conv.getPadValue());
  return described;
}

//===----------------------------------------------------------------------===//
// Rescaling and tables
//===----------------------------------------------------------------------===//

LogicalResult RescaleOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location> loc,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &results) {
  SmallVector<int64_t> shape;
  for (Value operand :
       {adaptor.getX(), adaptor.getMultiplier(), adaptor.getShift()}) {
    RankedTensorType type = tensorType(operand);
    auto common = broadcastShapes(shape, type.getShape());
    if (failed(common))
      return emitOptionalError(loc, "C1: the shape of ", type,
                               " does not broadcast with the others");
    shape = *common;
    if (!type.getElementType().isSignlessInteger(32))
      return emitOptionalError(loc, "C2: the elements of ", type,
                               " must be i32");
  }
  return inferTensor(loc, shape, sumType(context), results);
}

LogicalResult RequantizeOp::verify() {
  RankedTensorType x = tensorType(getX()), result = tensorType(getResult());
  Type from = x.getElementType(), to = result.getElementType();
  if (Value factor = getFactor()) {
    RankedTensorType type = tensorType(factor);
    auto shape = broadcastShapes(x.getShape(), type.getShape());
    if (failed(shape) || ArrayRef<int64_t>(*shape) != x.getShape() ||
        !type.getElementType().isF32())
      return emitOpError(
                 "C1: the factor must be of f32 and broadcast to x, is ")
             << type;
  }
  if (!from.isSignlessInteger(32) && !from.isF32())
    return emitOpError("C2: x must be of i32 or f32, is ") << x;
  if ((!isNarrow(to) && !to.isUnsignedInteger(16)) ||
      x.getShape() != result.getShape())
    return emitOpError("C3: the result must have x's shape and be of i8, ui8, "
                       "i16 or ui16, is ")
           << result;
  auto low = int64_t(getLow()), high = int64_t(getHigh()),
       zero = int64_t(getZeroPoint());
  if (!holds(to, low) || !holds(to, high) || !holds(to, zero) || low > high)
    return emitOpError("C4: the bounds ")
           << low << ", " << high << " and the zero point " << zero
           << " must be numbers of " << to << ", the bounds in order";
  return success();
}

LogicalResult LookupOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> loc,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   table = tensorType(adaptor.getTable());
  if (!isByte(x.getElementType()))
    return emitOptionalError(loc, "C1: x must be of i8 or ui8, is ", x);
  if (table.getDimSize(0) != 256)
    return emitOptionalError(loc, "C2: the table must have 256 elements, is ",
                             table);
  return inferTensor(loc, x.getShape(), table.getElementType(), results);
}

LogicalResult
IntegerSoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                   Adaptor adaptor,
                                   SmallVectorImpl<Type> &results) {
  RankedTensorType x = tensorType(adaptor.getX()),
                   table = tensorType(adaptor.getExponentials());
  if (!isByte(x.getElementType()) || x.getRank() == 0)
    return emitOptionalError(
        loc, "C1: x must be of i8 or ui8 and have a dimension, is ", x);
  if (table.getDimSize(0) != 256 ||
      !table.getElementType().isSignlessInteger(32))
    return emitOptionalError(
        loc, "C2: the exponentials must be 256 numbers of i32, are ", table);
  results.push_back(x);
  return success();
}
