//===- Generic.cpp - loops over a scalar computation ----------------------===//
//
// Interprets a generic operator's region once per point of its loops. Every
// scalar operation has one row with its meaning, in doubles and 64-bit integers
// like everything here; what hardware leaves open (a division by zero, a shift
// too far) is defined as the operator's documentation says.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Generic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "targets/evaluator/Operators.h"
#include "targets/evaluator/ScalarOperators.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

namespace {

/// One operation of the region, with its values as numbered slots.
struct Step {
  Operation *op = nullptr;
  ScalarFormula formula = nullptr;
  SmallVector<unsigned, 3> operands;
  unsigned result = 0;
  /// what a tensor.extract reads
  const HostTensor *table = nullptr;
};

class GenericRun {
public:
  GenericRun(edge::GenericOp op, Operands operands)
      : op(op), operands(operands) {}

  FailureOr<std::vector<HostTensor>> run();

private:
  LogicalResult compile();
  LogicalResult addStep(Operation &inner);
  void runPoint(ArrayRef<int64_t> point);
  Scalar extract(const Step &step) const;

  edge::GenericOp op;
  Operands operands;
  DenseMap<Value, unsigned> numbers;
  DenseMap<Value, const HostTensor *> tables;
  std::vector<Step> steps;
  std::vector<Scalar> slots;
  std::vector<HostTensor> results;
};

} // namespace

static Scalar elementAt(const HostTensor &tensor, int64_t index) {
  return tensor.isFloat() ? Scalar{tensor.reals[index], 0}
                          : Scalar{0.0, tensor.integers[index]};
}

/// The expression's value; divisors are positive constants.
static int64_t valueOf(AffineExpr expr, ArrayRef<int64_t> point) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return point[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t lhs = valueOf(binary.getLHS(), point);
  int64_t rhs = valueOf(binary.getRHS(), point);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return lhs + rhs;
  case AffineExprKind::Mul:
    return lhs * rhs;
  case AffineExprKind::Mod:
    return lhs - rhs * llvm::divideFloorSigned(lhs, rhs);
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(lhs, rhs);
  default:
    return llvm::divideCeilSigned(lhs, rhs);
  }
}

/// Where the map's element lies in the tensor.
static int64_t positionOf(AffineMap map, ArrayRef<int64_t> point,
                          const HostTensor &tensor) {
  SmallVector<int64_t> position;
  for (AffineExpr expr : map.getResults())
    position.push_back(valueOf(expr, point));
  return linearise(position, denseStrides(tensor.shape()));
}

LogicalResult GenericRun::addStep(Operation &inner) {
  Step step;
  step.op = &inner;
  if (inner.getName().getStringRef() == "tensor.extract") {
    step.table = tables.lookup(inner.getOperand(0));
    if (!step.table)
      return inner.emitError("the tensor is not an operand of the generic "
                             "operator");
  } else {
    step.formula = findScalarFormula(&inner);
    if (!step.formula)
      return inner.emitError("the evaluator does not know '")
             << inner.getName() << "' on scalars";
  }
  for (Value operand : inner.getOperands().drop_front(step.table ? 1 : 0))
    step.operands.push_back(numbers.lookup(operand));
  step.result = numbers.size();
  numbers[inner.getResult(0)] = step.result;
  steps.push_back(step);
  return success();
}

LogicalResult GenericRun::compile() {
  for (BlockArgument argument : op.getBody().getArguments())
    numbers[argument] = numbers.size();
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    if (op.readsWhole(i))
      tables[op.getInputArgument(i)] = operands[i];
  for (Operation &inner : op.getBody().front().without_terminator())
    if (failed(addStep(inner)))
      return failure();
  slots.resize(numbers.size());
  return success();
}

/// The nearest element when an index lies outside.
Scalar GenericRun::extract(const Step &step) const {
  SmallVector<int64_t> position;
  for (auto [slot, size] : llvm::zip_equal(step.operands, step.table->shape()))
    position.push_back(std::clamp<int64_t>(slots[slot].integer, 0, size - 1));
  return elementAt(*step.table,
                   linearise(position, denseStrides(step.table->shape())));
}

void GenericRun::runPoint(ArrayRef<int64_t> point) {
  unsigned slot = 0;
  for (int64_t index : point)
    slots[slot++] = {0.0, index};
  size_t inputs = op.getInputs().size();
  for (unsigned i = 0; i < inputs; ++i, ++slot) {
    if (!op.readsWhole(i))
      slots[slot] = elementAt(
          *operands[i], positionOf(op.getInputMap(i), point, *operands[i]));
  }
  for (unsigned i = 0; i < op.getInits().size(); ++i, ++slot)
    slots[slot] = elementAt(results[i],
                            positionOf(op.getResultMap(i), point, results[i]));
  for (const Step &step : steps) {
    SmallVector<Scalar, 3> values;
    for (unsigned operand : step.operands)
      values.push_back(slots[operand]);
    slots[step.result] =
        step.table ? extract(step) : step.formula(step.op, values);
  }
  Operation *yield = op.getBody().front().getTerminator();
  for (auto [index, value] : llvm::enumerate(yield->getOperands())) {
    HostTensor &result = results[index];
    int64_t at = positionOf(op.getResultMap(index), point, result);
    Scalar scalar = slots[numbers.lookup(value)];
    if (result.isFloat())
      result.reals[at] = scalar.real;
    else
      result.integers[at] = scalar.integer;
  }
}

FailureOr<std::vector<HostTensor>> GenericRun::run() {
  if (failed(compile()))
    return failure();
  for (auto [index, result] : llvm::enumerate(op.getResults())) {
    results.emplace_back(cast<RankedTensorType>(result.getType()));
    if (!op.getInits().empty())
      results.back() = *operands[op.getInputs().size() + index];
  }
  forEachPosition(op.getSizes(),
                  [&](ArrayRef<int64_t> point) { runPoint(point); });
  return std::move(results);
}

Results edgec::evaluator::evaluateGeneric(Operation *op, Operands operands) {
  auto generic = dyn_cast<edge::GenericOp>(op);
  if (!generic)
    return std::nullopt;
  return GenericRun(generic, operands).run();
}
