//===- QuantizedTables.cpp - 8-bit functions of one number ----------------===//
//
// What is computed between a dequantization of bytes and a quantization to
// bytes has 256 values. Functions that need exponentials, or that machines
// compute with one rounding more or less, become a table, which is the same
// graph on the 256 numbers; edge-fold-constants computes it.
//
//   quantize(sigmoid(dequantize(%q)))   becomes   edge.lookup %q, %table
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/IRMapping.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedSums.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace edgec;

static bool isByte(Type element) {
  return element.isSignlessInteger(8) || element.isUnsignedInteger(8);
}

/// Operators of exact float32 arithmetic, which vectors compute as fast.
static bool isPlain(Operation *op) {
  return isa<edge::AddOp, edge::SubOp, edge::MulOp, edge::ReluOp, edge::ClampOp,
             edge::MaxOp, edge::MinOp>(op);
}

namespace {
/// The operators of one function, in program order, and the number it is of.
struct Function {
  llvm::SetVector<Operation *> operators;
  Value integers;
  bool isTable = false;

  bool collect(Value value);
};
} // namespace

/// False when `value` is more than a function of one stored byte.
bool Function::collect(Value value) {
  constexpr size_t mostOperators = 32;
  if (auto stored = wholeBehind(value)) {
    if (!isByte(elementOf(stored->integers)) ||
        (integers && integers != stored->integers))
      return false;
    integers = stored->integers;
    operators.insert(value.getDefiningOp());
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (!op || operators.contains(op))
    return op != nullptr;
  if (auto data = ConstantData::get(value))
    return data->getNumElements() == 1 && operators.insert(op);
  if (!op->hasTrait<edge::ElementwiseTrait>() ||
      isa<edge::CopyOp, edge::QuantizeOp, edge::DequantizeOp>(op) ||
      operators.size() > mostOperators)
    return false;
  isTable |= !isPlain(op);
  for (Value operand : op->getOperands())
    if (!collect(operand))
      return false;
  operators.insert(op);
  return true;
}

/// The 256 numbers of a byte type, the least first.
static Value makeNumbers(OpBuilder &builder, Location loc, Type element) {
  auto type = RankedTensorType::get({256}, element);
  SmallVector<char> bytes(256);
  int least = element.isUnsignedInteger() ? 0 : -128;
  for (int i = 0; i < 256; ++i)
    bytes[i] = char(least + i);
  return edge::ConstantOp::create(
      builder, loc, type, DenseElementsAttr::getFromRawBuffer(type, bytes));
}

bool edgec::fuseTable(edge::QuantizeOp quantize) {
  if (!isByte(storageOf(elementOf(quantize))) ||
      !isa<quant::UniformQuantizedType>(elementOf(quantize)))
    return false;
  Function function;
  if (!function.collect(quantize.getX()) || !function.integers ||
      !function.isTable || shapeOf(function.integers) != shapeOf(quantize))
    return false;
  OpBuilder builder(quantize);
  Location loc = quantize.getLoc();
  Value numbers = makeNumbers(builder, loc, elementOf(function.integers));
  IRMapping mapping;
  for (Operation *op : function.operators) {
    if (auto dequantize = dyn_cast<edge::DequantizeOp>(op)) {
      mapping.map(
          dequantize.getResult(),
          makeReal(builder, loc, numbers, elementOf(dequantize.getX())));
      continue;
    }
    Operation *clone = builder.clone(*op, mapping);
    if (isa<edge::ConstantOp>(op)) {
      auto constant = cast<edge::ConstantOp>(op);
      ElementsAttr scalar = reshapeConstant(constant.getValue(), {});
      constant = cast<edge::ConstantOp>(clone);
      constant.setValueAttr(scalar);
      constant.getResult().setType(cast<RankedTensorType>(scalar.getType()));
      continue;
    }
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    clone->getResult(0).setType(type.clone(ArrayRef<int64_t>{256}));
  }
  Value table = makeStored(builder, loc, mapping.lookup(quantize.getX()),
                           elementOf(quantize));
  auto type = cast<RankedTensorType>(quantize.getType())
                  .clone(storageOf(elementOf(quantize)));
  Value result =
      edge::LookupOp::create(builder, loc, type, function.integers, table);
  Reader reader;
  reader.quantize = quantize;
  reader.real = quantize.getX();
  replaceStored(reader, result);
  return true;
}
