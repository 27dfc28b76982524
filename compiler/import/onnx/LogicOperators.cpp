//===- LogicOperators.cpp - comparisons, logic, bits, choices -------------===//
//
// Rows that occur in shape arithmetic (Equal, Less, And, Where, ...) also name
// their evaluation on constants. A greater-than is a less-than with its
// operands swapped, which is right for NaN too.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Evaluation.h"

using namespace edgec;
using namespace edgec::onnx;

template <typename OpT> static void importBinary(NodeImport &n) {
  n.set(0, n.make<OpT>(binaryOperands(n)));
}

template <typename OpT> static void importSwapped(NodeImport &n) {
  auto [lhs, rhs] = binaryOperands(n);
  n.set(0, n.make<OpT>({rhs, lhs}));
}

template <typename OpT> static void importUnary(NodeImport &n) {
  n.set(0, n.make<OpT>({n.operand(0)}));
}

static void importWhere(NodeImport &n) {
  n.set(0, n.make<edge::SelectOp>({n.operand(0), n.operand(1), n.operand(2)}));
}

static void importBitShift(NodeImport &n) {
  llvm::StringRef direction = n.string("direction", "");
  if (direction == "LEFT")
    return importBinary<edge::ShiftLeftOp>(n);
  if (direction == "RIGHT")
    return importBinary<edge::ShiftRightOp>(n);
  n.error() << "attribute 'direction' must be LEFT or RIGHT, not '" << direction
            << "'";
}

static void importIsInf(NodeImport &n) {
  n.set(0, n.make<edge::IsInfOp>(
               {n.operand(0)},
               {n.attr("negative", n.flag("detect_negative", true)),
                n.attr("positive", n.flag("detect_positive", true))}));
}

/// fmod=0 is Python's %, fmod=1 is C's.
static void importMod(NodeImport &n) {
  if (n.flag("fmod", false))
    return importBinary<edge::RemOp>(n);
  importBinary<edge::ModOp>(n);
}

//===-- evaluation on constants ------------------------------------------===//

template <typename Combine>
static bool evaluateTruth(NodeImport &n, bool ofTruths) {
  auto lhs = smallNumbers(n, 0), rhs = smallNumbers(n, 1);
  auto pair = lhs && rhs ? broadcastPair(*lhs, *rhs) : std::nullopt;
  if (!pair || (ofTruths && lhs->isReal()))
    return false;
  auto &[a, b] = *pair;
  Numbers result;
  result.type = DataType::Bool;
  result.shape = a.shape;
  for (size_t i = 0; i < a.size(); ++i) {
    if (ofTruths) {
      result.integers.push_back(
          Combine()(a.integers[i] != 0, b.integers[i] != 0));
    } else if (a.isReal()) {
      result.integers.push_back(Combine()(a.reals[i], b.reals[i]));
    } else {
      result.integers.push_back(Combine()(a.integers[i], b.integers[i]));
    }
  }
  n.set(0, result);
  return true;
}

template <typename Compare> static bool evaluateCompare(NodeImport &n) {
  return evaluateTruth<Compare>(n, /*ofTruths=*/false);
}

template <typename Combine> static bool evaluateLogic(NodeImport &n) {
  return evaluateTruth<Combine>(n, /*ofTruths=*/true);
}

static bool evaluateNot(NodeImport &n) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers || numbers->isReal())
    return false;
  for (int64_t &element : numbers->integers)
    element = element == 0;
  n.set(0, *numbers);
  return true;
}

static bool evaluateWhere(NodeImport &n) {
  auto condition = smallNumbers(n, 0), x = smallNumbers(n, 1),
       y = smallNumbers(n, 2);
  auto pair = x && y ? broadcastPair(*x, *y) : std::nullopt;
  if (!pair || !condition || condition->isReal())
    return false;
  auto shape = edge::broadcastShapes(condition->shape, pair->first.shape);
  auto count = mlir::failed(shape) ? std::nullopt : countElements(*shape);
  if (!count || *count > Numbers::maxNumbers)
    return false;
  Numbers choice = expand(*condition, *shape),
          result = expand(pair->first, *shape),
          other = expand(pair->second, *shape);
  for (size_t i = 0; i < choice.size(); ++i) {
    if (choice.integers[i] != 0)
      continue;
    if (result.isReal())
      result.reals[i] = other.reals[i];
    else
      result.integers[i] = other.integers[i];
  }
  n.set(0, result);
  return true;
}

llvm::ArrayRef<Operator> onnx::logicOperators() {
  static constexpr Operator rows[] = {
      {"Equal",
       {1, 19},
       2,
       2,
       importBinary<edge::EqualOp>,
       evaluateCompare<std::equal_to<>>,
       types::anyType},
      {"Less",
       {1, 13},
       2,
       2,
       importBinary<edge::LessOp>,
       evaluateCompare<std::less<>>,
       types::numbers},
      {"LessOrEqual",
       {12, 16},
       2,
       2,
       importBinary<edge::LessEqualOp>,
       evaluateCompare<std::less_equal<>>,
       types::numbers},
      {"Greater",
       {1, 13},
       2,
       2,
       importSwapped<edge::LessOp>,
       evaluateCompare<std::greater<>>,
       types::numbers},
      {"GreaterOrEqual",
       {12, 16},
       2,
       2,
       importSwapped<edge::LessEqualOp>,
       evaluateCompare<std::greater_equal<>>,
       types::numbers},
      {"And",
       {1, 7},
       2,
       2,
       importBinary<edge::AndOp>,
       evaluateLogic<std::logical_and<>>,
       types::boolean},
      {"Or",
       {1, 7},
       2,
       2,
       importBinary<edge::OrOp>,
       evaluateLogic<std::logical_or<>>,
       types::boolean},
      {"Xor",
       {1, 7},
       2,
       2,
       importBinary<edge::XorOp>,
       evaluateLogic<std::not_equal_to<>>,
       types::boolean},
      {"Not",
       {1, 1},
       1,
       1,
       importUnary<edge::NotOp>,
       evaluateNot,
       types::boolean},
      {"Where", {9, 16}, 3, 3, importWhere, evaluateWhere, types::anyType},
      {"BitwiseAnd",
       {18, 18},
       2,
       2,
       importBinary<edge::AndOp>,
       nullptr,
       types::integers},
      {"BitwiseOr",
       {18, 18},
       2,
       2,
       importBinary<edge::OrOp>,
       nullptr,
       types::integers},
      {"BitwiseXor",
       {18, 18},
       2,
       2,
       importBinary<edge::XorOp>,
       nullptr,
       types::integers},
      {"BitwiseNot",
       {18, 18},
       1,
       1,
       importUnary<edge::NotOp>,
       nullptr,
       types::integers},
      {"BitShift", {11, 11}, 2, 2, importBitShift, nullptr, types::integers},
      {"IsNaN",
       {9, 20},
       1,
       1,
       importUnary<edge::IsNanOp>,
       nullptr,
       types::floats},
      {"IsInf", {10, 20}, 1, 1, importIsInf, nullptr, types::floats},
      {"Mod", {10, 13}, 2, 2, importMod, evaluateMod, types::numbers},
  };
  return rows;
}
