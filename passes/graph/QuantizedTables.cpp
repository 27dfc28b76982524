//===- QuantizedTables.cpp - 8-bit functions of one number ----------------===//
//
// What is computed between loading a byte and rounding to a narrow integer has
// 256 values. Functions that need exponentials or a quotient, or that machines
// compute with one rounding more or less, become a table, which is the same
// graph on the 256 numbers; edge-fold-constants computes it. So do functions of
// a number and of its table:
//
//   requantize(sigmoid(cast(%q)))          becomes   edge.lookup %q, %table
//   requantize(cast(%q) * cast(lookup %q)) becomes   edge.lookup %q, %other
//
// A function of what a table gives is one of the number that it is looked up
// by.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
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
  return isa<edge::CastOp, edge::AddOp, edge::SubOp, edge::MulOp, edge::ReluOp,
             edge::ClampOp, edge::MaxOp, edge::MinOp>(op);
}

namespace {
/// The operators of one function, in program order, and the number it is of.
struct Function {
  llvm::SetVector<Operation *> operators;
  /// The number, and what is looked up by it.
  llvm::SetVector<Value> leaves;
  Value number;
  bool needsTable = false;

  bool collect(Value value);
};
} // namespace

/// False when `value` is more than a function of one stored byte.
bool Function::collect(Value value) {
  constexpr size_t mostOperators = 32;
  Operation *op = value.getDefiningOp();
  if (auto data = ConstantData::get(value))
    return data->getNumElements() == 1 && (operators.insert(op), true);
  if (isByte(elementOf(value))) {
    Value source = value;
    while (auto lookup = source.getDefiningOp<edge::LookupOp>())
      source = lookup.getX();
    if (number && number != source)
      return false;
    number = source;
    leaves.insert(value);
    return true;
  }
  if (!op || operators.contains(op))
    return op != nullptr;
  if (!op->hasTrait<edge::ElementwiseTrait>() || isa<edge::CopyOp>(op) ||
      operators.size() > mostOperators)
    return false;
  needsTable |= !isPlain(op);
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

/// What is looked up by all numbers in order: of one table the table, of
/// several behind each other what they come to.
static Value tableOf(OpBuilder &builder, edge::LookupOp lookup) {
  auto before = lookup.getX().getDefiningOp<edge::LookupOp>();
  if (!before)
    return lookup.getTable();
  return edge::LookupOp::create(builder, lookup.getLoc(),
                                tableOf(builder, before), lookup.getTable());
}

/// A copy of the operator on the 256 numbers, or on single ones.
static Operation *cloneForTable(OpBuilder &builder, Operation *op,
                                IRMapping &mapping) {
  Operation *clone = builder.clone(*op, mapping);
  Value result = clone->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  if (auto constant = dyn_cast<edge::ConstantOp>(clone)) {
    ElementsAttr scalar = reshapeConstant(constant.getValue(), {});
    constant.setValueAttr(scalar);
    result.setType(scalar.getType());
  } else {
    bool isSingle = llvm::all_of(clone->getOperands(), [](Value operand) {
      return shapeOf(operand).empty();
    });
    result.setType(isSingle ? type.clone(ArrayRef<int64_t>{})
                            : type.clone(ArrayRef<int64_t>{256}));
  }
  return clone;
}

bool edgec::fuseTable(edge::RequantizeOp requantize) {
  Function function;
  if (requantize.getFactor() && !function.collect(requantize.getFactor()))
    return false;
  if (!function.collect(requantize.getX()) || !function.number ||
      shapeOf(function.number) != shapeOf(requantize.getResult()) ||
      (!function.needsTable && function.leaves.size() == 1 &&
       function.leaves.front() == function.number))
    return false;
  OpBuilder builder(requantize);
  IRMapping mapping;
  for (Value leaf : function.leaves) {
    auto lookup = leaf.getDefiningOp<edge::LookupOp>();
    bool isNumber = leaf == function.number;
    mapping.map(leaf, isNumber ? makeNumbers(builder, requantize.getLoc(),
                                             elementOf(leaf))
                               : tableOf(builder, lookup));
  }
  for (Operation *op : function.operators)
    cloneForTable(builder, op, mapping);
  Value table = cloneForTable(builder, requantize, mapping)->getResult(0);
  Value result =
      edge::LookupOp::create(builder, requantize.getLoc(), requantize.getType(),
                             function.number, table);
  requantize.replaceAllUsesWith(result);
  requantize.erase();
  return true;
}
