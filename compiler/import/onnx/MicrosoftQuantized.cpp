//===- MicrosoftQuantized.cpp - QLinear operators of com.microsoft --------===//
//
// ONNX Runtime defines them by the float operator between a dequantization of
// the operands and a quantization of the result, and so they are written here:
//
//   QLinearAdd(a, b)  =>  edge.quantize (edge.add (edge.dequantize %a,
//                                                  edge.dequantize %b))
//
// edge-fuse-quantization makes integer arithmetic of both spellings. After
// ONNX Runtime's ContribOperators.md; QLinearSoftmax, of which that says too
// little, after its source.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Quantization.h"
#include "compiler/import/onnx/Window.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Softmax.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

/// The real numbers of a tensor whose scale and zero point are the inputs
/// behind it. Null after an error.
static Value readReal(NodeImport &n, unsigned index) {
  mlir::Type element = n.type(index).getElementType();
  if (!checkStored(n, element, "input " + std::to_string(index)))
    return nullptr;
  auto q = readQuantization(n, {index + 1, index + 2}, n.shape(index), element);
  return q ? dequantize(n, n.operand(index), *q) : nullptr;
}

/// The result as its scale and zero point (inputs `scale` and the one behind
/// it) say. They count per tensor.
static void setResult(NodeImport &n, Value real, unsigned scale,
                      unsigned operand = 0) {
  mlir::Type element = n.hasInput(scale + 1)
                           ? n.type(scale + 1).getElementType()
                           : n.type(operand).getElementType();
  if (!real || !checkStored(n, element, "the result"))
    return n.fail();
  auto q = readQuantization(n, {scale, scale + 1}, {1}, element);
  if (!q)
    return;
  n.set(0, quantize(n, real, *q));
}

template <typename OpT> static void importBinary(NodeImport &n) {
  Value lhs = readReal(n, 0), rhs = readReal(n, 3);
  setResult(n, n.make<OpT>({lhs, rhs}), 6);
}

static void importSigmoid(NodeImport &n) {
  setResult(n, n.make<edge::SigmoidOp>({readReal(n, 0)}), 3);
}

static void importLeakyRelu(NodeImport &n) {
  float alpha = n.real("alpha", 0.01F);
  setResult(
      n, n.make<edge::LeakyReluOp>({readReal(n, 0)}, {n.attr("alpha", alpha)}),
      3);
}

/// edge.lookup_softmax's table for rows of so many elements of x.
static Value readExponentials(NodeImport &n, const Quantization &x,
                              int64_t rowSize) {
  if (x.isKnown())
    return n.constantOf(edge::tabulateExponentials(x.scales.front(), rowSize),
                        {256});
  // The same of a scale that the run knows.
  llvm::SmallVector<float> numbers;
  for (int i = -255; i <= 0; ++i)
    numbers.push_back(float(i));
  mlir::Type wide = n.builder.getF64Type();
  Value scale = n.cast(x.scale, wide);
  Value shift = n.make<edge::DivOp>(
      {n.scalarLike(scale, edge::largestExponent(rowSize)), scale});
  Value shifted =
      n.make<edge::AddOp>({n.cast(n.constantOf(numbers, {256}), wide), shift});
  Value power = n.make<edge::MulOp>({shifted, scale});
  return n.cast(n.make<edge::ExpOp>({power}), n.builder.getF32Type());
}

/// Softmax of the last dimension of x, which holds input 0, as ONNX Runtime's
/// operator computes it: results add up to the whole part of 1 / scale.
static Value makeSoftmax(NodeImport &n, Value x, const Quantization &input,
                         const Quantization &result) {
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  Value table = readExponentials(n, input, type.getShape().back());
  Value factor = n.make<edge::FloorOp>(
      {n.make<edge::DivOp>({n.splat(1), n.reshape(result.scale, {})})});
  Value real = n.make<edge::LookupSoftmaxOp>({x, table, factor});
  return real ? requantize(n, real, nullptr, result) : nullptr;
}

/// Before opset 13 all dimensions from the axis on are normalized together,
/// since then one dimension.
static void importSoftmax(NodeImport &n) {
  int64_t opset = n.integer("opset", 13), rank = n.rank(0);
  int64_t axis = n.normalizeAxis(n.integer("axis", opset < 13 ? 1 : -1), rank);
  mlir::Type element = n.type(0).getElementType();
  if (!element.isSignlessInteger(8) && !element.isUnsignedInteger(8))
    return void(n.error() << "input 0 is of " << element
                          << ", but should be int8 or uint8");
  auto input = readQuantization(n, {1, 2}, {1}, element),
       result = readQuantization(n, {3, 4}, {1}, element);
  if (!input || !result || n.failed())
    return n.fail();
  Value x = n.operand(0);
  if (opset < 13) {
    int64_t outer = 1;
    for (int64_t size : n.shape(0).take_front(axis))
      outer *= size;
    Value rows = n.reshape(x, {outer, n.type(0).getNumElements() / outer});
    return n.set(0,
                 n.reshape(makeSoftmax(n, rows, *input, *result), n.shape(0)));
  }
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(permutation[axis], permutation.back());
  Value last = makeSoftmax(n, n.transpose(x, permutation), *input, *result);
  n.set(0, n.transpose(last, permutation));
}

/// False after an error.
static bool checkOrder(NodeImport &n) {
  if (!n.flag("channels_last", false))
    return true;
  n.error() << "channels_last is not supported; save the model before ONNX "
               "Runtime optimizes its layouts";
  return false;
}

static void importAveragePool(NodeImport &n) {
  bool countPads = n.flag("count_include_pad", false);
  std::optional<Window> window;
  if (checkOrder(n))
    window = readWindow(n, std::nullopt);
  Value x = window ? readReal(n, 0) : nullptr;
  if (!x)
    return n.fail();
  Value pooled = poolAverage(n, toChannelsLast(n, x), *window, countPads);
  setResult(n, toChannelsFirst(n, pooled, n.rank(0)), 3);
}

static void importGlobalAveragePool(NodeImport &n) {
  if (n.rank(0) < 3) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " has no spatial dimensions";
    return;
  }
  int64_t first = n.flag("channels_last", false) ? 1 : 2;
  auto axes = llvm::to_vector(llvm::seq<int64_t>(first, first + n.rank(0) - 2));
  setResult(
      n,
      n.make<edge::ReduceMeanOp>(
          {readReal(n, 0)}, {n.attr("axes", axes), n.attr("keep_dims", true)}),
      3);
}

/// The result's scale and zero point come first.
static void importConcat(NodeImport &n) {
  if (n.inputCount() % 3 != 2) {
    n.error() << "has " << n.inputCount()
              << " inputs, but should have two for the result and three for "
                 "each part";
    return;
  }
  llvm::SmallVector<Value> parts;
  for (unsigned i = 2; i < n.inputCount(); i += 3) {
    if (!n.hasInput(i) || !n.hasInput(i + 1))
      return void(n.error() << "input " << i << " or its scale is missing");
    parts.push_back(readReal(n, i));
  }
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(2));
  setResult(n,
            parts.size() == 1
                ? parts[0]
                : n.make<edge::ConcatOp>(parts, {n.attr("axis", axis)}),
            0, 2);
}

static constexpr llvm::StringLiteral stored =
    "int8, uint8, int16 and uint16 are stored";

llvm::ArrayRef<Operator> onnx::microsoftQuantizedOperators() {
  static constexpr Operator rows[] = {
      {"QLinearAdd", 1, 7, 8, importBinary<edge::AddOp>, nullptr,
       types::integers, stored},
      {"QLinearMul", 1, 7, 8, importBinary<edge::MulOp>, nullptr,
       types::integers, stored},
      {"QLinearSigmoid", 1, 4, 5, importSigmoid, nullptr, types::integers,
       stored},
      {"QLinearLeakyRelu", 1, 4, 5, importLeakyRelu, nullptr, types::integers,
       stored},
      {"QLinearSoftmax", 1, 5, 5, importSoftmax, nullptr, types::integers,
       "int8 and uint8; results add up to the whole part of 1 / scale"},
      {"QLinearAveragePool", 1, 4, 5, importAveragePool, nullptr,
       types::integers, "channels first"},
      {"QLinearGlobalAveragePool", 1, 5, 5, importGlobalAveragePool, nullptr,
       types::integers, stored},
      {"QLinearConcat", 1, 5, anyNumber, importConcat, nullptr, types::floats,
       stored},
  };
  return rows;
}
