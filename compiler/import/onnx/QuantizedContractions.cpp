//===- QuantizedContractions.cpp - products of stored integers ------------===//
//
//   QLinearConv(x, w, bias)
//     =>  %s = edge.integer_conv2d %x, %w, %bias     sums of i32
//         %y = edge.requantize %s, %factor           scales of x * w / y
//
// as the specification computes: the factor in float32, halves to even. Zero
// points that are known and the same for all are attributes of the sums; others
// are subtracted before, in 16 bits.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/IntegerArithmetic.h"
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Quantization.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Value;

//===-- factors
//-------------------------------------------------------------===//

namespace {
/// One side of a product: x less the zero point of all its elements.
struct Factor {
  Value x;
  int64_t zeroPoint = 0;
};
} // namespace

static mlir::RankedTensorType typeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

/// x less several zero points, or one that the run decides, in 16 bits.
static Factor subtract(NodeImport &n, Value x, Value zeroPoint) {
  mlir::Type wide = n.builder.getIntegerType(16);
  return {n.make<edge::SubOp>({n.cast(x, wide), n.cast(zeroPoint, wide)}), 0};
}

/// The same of constants, now: weights are packed at compile time. None where
/// they are not constant, or of many zero points.
static std::optional<Factor> subtractNow(NodeImport &n, unsigned index,
                                         ArrayRef<int64_t> zeroPoints,
                                         int64_t axis) {
  const Constant *x = n.constant(index);
  if (!x)
    return std::nullopt;
  int64_t inner = 1;
  for (int64_t size : n.shape(index).drop_front(axis + 1))
    inner *= size;
  auto bytes = std::make_shared<std::string>();
  bool isUnsigned = x->type == DataType::Uint8;
  for (size_t i = 0; i < x->bytes.size(); ++i) {
    int64_t stored = isUnsigned ? int64_t(uint8_t(x->bytes[i]))
                                : int64_t(int8_t(x->bytes[i]));
    auto number = int16_t(
        stored - zeroPoints[int64_t(i) / inner % int64_t(zeroPoints.size())]);
    bytes->append(reinterpret_cast<const char *>(&number), sizeof number);
  }
  auto type = n.type(index).clone(n.builder.getIntegerType(16));
  return Factor{edge::ConstantOp::create(
                    n.builder, n.loc, type,
                    edgec::makeElements(type, *bytes, bytes, x->name)),
                0};
}

/// False after an error: elements other than bytes.
static bool checkBytes(NodeImport &n, unsigned index) {
  mlir::Type element = n.type(index).getElementType();
  if (element.isSignlessInteger(8) || element.isUnsignedInteger(8))
    return true;
  n.error() << "input " << index << " is of " << element
            << ", but should be of int8 or uint8";
  return false;
}

/// The zero point of a tensor: one number, or one per slice along `axis`, or
/// (`mayBroadcast`) whatever broadcasts to the tensor. False after an error.
static bool checkZeroPoint(NodeImport &n, unsigned index, unsigned zero,
                           int64_t axis, bool mayBroadcast) {
  auto type = n.type(zero);
  mlir::Type element = n.type(index).getElementType();
  if (type.getElementType() != element) {
    n.error() << "the zero point (input " << zero << ") is of "
              << type.getElementType() << ", but input " << index << " of "
              << element;
    return false;
  }
  if (type.getNumElements() == 1 && type.getRank() <= 1)
    return true;
  ArrayRef<int64_t> shape = n.shape(index);
  if (type.getRank() == 1 && type.getDimSize(0) == shape[axis])
    return true;
  auto common = edge::broadcastShapes(type.getShape(), shape);
  if (mayBroadcast && type.getRank() == int64_t(shape.size()) &&
      mlir::succeeded(common) && ArrayRef<int64_t>(*common) == shape)
    return true;
  n.error() << "the zero point (input " << zero << ") of shape "
            << shapeText(type.getShape())
            << " should be one number, or one for each slice along axis "
            << axis << " of input " << index << " of shape "
            << shapeText(shape);
  return false;
}

static Factor readFactor(NodeImport &n, unsigned index, unsigned zero,
                         int64_t axis, bool mayBroadcast = false) {
  if (!checkBytes(n, index) ||
      (n.hasInput(zero) && !checkZeroPoint(n, index, zero, axis, mayBroadcast)))
    return {};
  Value x = n.operand(index);
  if (!n.hasInput(zero))
    return {x, 0};
  ArrayRef<int64_t> shape = n.shape(index);
  std::optional<Numbers> known;
  if (const Constant *constant = n.constant(zero))
    known = Numbers::from(*constant);
  if (known && llvm::all_equal(known->integers))
    return {x, known->integers.front()};
  if (known && n.rank(zero) == 1)
    if (auto now = subtractNow(n, index, known->integers, axis))
      return *now;
  Value zeroPoint = n.operand(zero);
  if (n.rank(zero) <= 1) {
    SmallVector<int64_t> wide(shape.size() - axis, 1);
    wide[0] = n.type(zero).getNumElements();
    zeroPoint = n.reshape(zeroPoint, wide);
  }
  return subtract(n, x, zeroPoint);
}

//===-- sums
//---------------------------------------------------------------===//

/// Sums of a convolution, channels last. Null after an error.
static Value convolve(NodeImport &n, const Factor &x, const Factor &filter,
                      Value bias, const ConvolutionForm &form) {
  return convolveIntegers(n, toChannelsLast(n, x.x),
                          toChannelsLast(n, filter.x), bias, form.window,
                          form.groups, {x.zeroPoint, filter.zeroPoint});
}

/// Sums of a matrix product: of weights, rows of a fully connected layer.
static Value multiply(NodeImport &n, const Factor &lhs, const Factor &rhs) {
  if (!lhs.x || !rhs.x)
    return nullptr;
  return makeMatMul(n, lhs.x, rhs.x, [&](Value left, Value right) -> Value {
    ZeroPoints zeros{lhs.zeroPoint, rhs.zeroPoint};
    // Weights: a constant, or one that was reshaped or transposed.
    Value stored = right;
    if (auto *op = right.getDefiningOp();
        llvm::isa_and_nonnull<edge::ReshapeOp, edge::TransposeOp>(op))
      stored = op->getOperand(0);
    if (typeOf(right).getRank() != 2 ||
        !stored.getDefiningOp<edge::ConstantOp>())
      return multiplyBatches(n, left, right, zeros);
    if (typeOf(left).getShape().back() != typeOf(right).getDimSize(0)) {
      n.error() << "matrices of shapes " << shapeText(typeOf(left).getShape())
                << " and " << shapeText(typeOf(right).getShape())
                << " have different inner dimensions";
      return nullptr;
    }
    return multiplyIntegers(n, left, n.transpose(right, {1, 0}), nullptr,
                            zeros);
  });
}

/// The axis of rows of a left factor and of columns of a right one.
static int64_t rowAxis(NodeImport &n, unsigned index) {
  return std::max<int64_t>(n.rank(index) - 2, 0);
}
static int64_t columnAxis(NodeImport &n, unsigned index) {
  return std::max<int64_t>(n.rank(index) - 1, 0);
}

/// False after an error.
static bool checkMatrices(NodeImport &n, unsigned lhs, unsigned rhs) {
  if (n.rank(lhs) > 0 && n.rank(rhs) > 0)
    return true;
  n.error() << "a scalar operand has no matrix product";
  return false;
}

//===-- operators whose results are the sums
//--------------------------------===//

static void importConvInteger(NodeImport &n) {
  auto form = readConvolution(n, 1, ~0u);
  if (!form)
    return;
  Factor x = readFactor(n, 0, 2, /*axis=*/1), filter = readFactor(n, 1, 3, 0);
  n.set(0,
        toChannelsFirst(n, convolve(n, x, filter, nullptr, *form), n.rank(0)));
}

static void importMatMulInteger(NodeImport &n) {
  if (!checkMatrices(n, 0, 1))
    return;
  Factor lhs = readFactor(n, 0, 2, rowAxis(n, 0), /*mayBroadcast=*/true),
         rhs = readFactor(n, 1, 3, columnAxis(n, 1), /*mayBroadcast=*/true);
  n.set(0, multiply(n, lhs, rhs));
}

//===-- operators that rescale the sums
//--------------------------------------===//

/// scale of x * scale of w / scale of y, in this order as the specification
/// has it.
static Value productScale(NodeImport &n, Value x, Value w, Value y) {
  Value product = n.make<edge::MulOp>({x, w});
  return y ? n.make<edge::DivOp>({product, y}) : product;
}

/// The quantization of a result, which has one scale; its zero point says how
/// it is stored.
static std::optional<Quantization> readResult(NodeImport &n, unsigned scale,
                                              unsigned zero) {
  mlir::Type element = n.hasInput(zero)
                           ? n.type(zero).getElementType()
                           : n.builder.getIntegerType(8, /*isSigned=*/false);
  if (!checkStored(n, element, "the result"))
    return std::nullopt;
  return readQuantization(n, {scale, zero}, {1}, element);
}

static void importQLinearConv(NodeImport &n) {
  auto form = readConvolution(n, 3, 8);
  auto result = form ? readResult(n, 6, 7) : std::nullopt;
  if (!result)
    return;
  auto x = readQuantization(n, {1, ~0u}, {1}, n.type(0).getElementType()),
       w = readQuantization(n, {4, ~0u}, n.shape(3),
                            n.type(3).getElementType());
  if (!x || !w)
    return;
  Factor input = readFactor(n, 0, 2, 1), filter = readFactor(n, 3, 5, 0);
  Value bias = n.hasInput(8) ? n.operand(8) : Value();
  if (bias && !typeOf(bias).getElementType().isSignlessInteger(32)) {
    n.error() << "the bias is of " << typeOf(bias).getElementType()
              << ", but should be of int32";
    return;
  }
  Value sums = convolve(n, input, filter, bias, *form);
  // One factor per channel, the last dimension now.
  Value scale = n.reshape(w->scale, {typeOf(w->scale).getNumElements()});
  Value factor = productScale(n, x->scale, scale, result->scale);
  n.set(0, toChannelsFirst(n, requantize(n, sums, factor, *result), n.rank(0)));
}

static void importQLinearMatMul(NodeImport &n) {
  auto result = checkMatrices(n, 0, 3) ? readResult(n, 6, 7) : std::nullopt;
  if (!result)
    return;
  auto a = readQuantization(n, {1, ~0u, rowAxis(n, 0)}, n.shape(0),
                            n.type(0).getElementType()),
       b = readQuantization(n, {4, ~0u, columnAxis(n, 3)}, n.shape(3),
                            n.type(3).getElementType());
  if (!a || !b)
    return;
  Factor lhs = readFactor(n, 0, 2, rowAxis(n, 0), true),
         rhs = readFactor(n, 3, 5, columnAxis(n, 3), true);
  Value factor = productScale(n, a->scale, b->scale, result->scale);
  n.set(0, requantize(n, multiply(n, lhs, rhs), factor, *result));
}

/// A, its scale and zero point, B, its own, C (int32), those of the result;
/// without these the result is float.
static void importQGemm(NodeImport &n) {
  float alpha = n.real("alpha", 1.0F);
  bool transA = n.flag("transA", false), transB = n.flag("transB", false);
  if (n.rank(0) != 2 || n.rank(3) != 2) {
    n.error() << "A and B must be matrices, not of shapes "
              << shapeText(n.shape(0)) << " and " << shapeText(n.shape(3));
    return;
  }
  int64_t columns = transB ? 0 : 1;
  auto a = readQuantization(n, {1, ~0u}, {1}, n.type(0).getElementType()),
       b = a ? readQuantization(n, {4, ~0u, columns}, n.shape(3),
                                n.type(3).getElementType())
             : std::nullopt;
  if (!b)
    return;
  Factor lhs = readFactor(n, 0, 2, transA ? 1 : 0),
         rhs = readFactor(n, 3, 5, columns);
  if (transA)
    lhs.x = n.transpose(lhs.x, {1, 0});
  if (transB)
    rhs.x = n.transpose(rhs.x, {1, 0});
  Value sums = multiply(n, lhs, rhs);
  if (n.hasInput(6))
    sums = n.make<edge::AddOp>({sums, n.operand(6)});
  Value scale = n.reshape(b->scale, {typeOf(b->scale).getNumElements()});
  Value product = productScale(n, a->scale, scale, nullptr);
  if (alpha != 1.0F)
    product = n.make<edge::MulOp>({product, n.splat(alpha)});
  if (!n.hasInput(7))
    return n.set(0, n.make<edge::MulOp>(
                        {n.cast(sums, n.builder.getF32Type()), product}));
  auto result = readResult(n, 7, 8);
  if (!result)
    return;
  Value factor = n.make<edge::DivOp>({product, result->scale});
  n.set(0, requantize(n, sums, factor, *result));
}

static constexpr llvm::StringLiteral bytes = "factors of int8 and uint8";

llvm::ArrayRef<Operator> onnx::quantizedContractions() {
  static constexpr Operator rows[] = {
      {"ConvInteger",
       {10, 10},
       2,
       4,
       importConvInteger,
       nullptr,
       types::integers,
       bytes},
      {"MatMulInteger",
       {10, 10},
       2,
       4,
       importMatMulInteger,
       nullptr,
       types::integers,
       bytes},
      {"QLinearConv",
       {10, 10},
       8,
       9,
       importQLinearConv,
       nullptr,
       types::integers,
       bytes},
      {"QLinearMatMul",
       {10, 21},
       8,
       8,
       importQLinearMatMul,
       nullptr,
       types::integers,
       bytes},
  };
  return rows;
}

llvm::ArrayRef<Operator> onnx::microsoftQuantizedContractions() {
  static constexpr Operator rows[] = {
      {"QGemm", 1, 6, 9, importQGemm, nullptr, types::integers, bytes},
  };
  return rows;
}
