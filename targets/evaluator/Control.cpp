//===- Control.cpp - branches and loops -----------------------------------===//
//
// Runs the functions that edge.if and edge.loop refer to, as their
// documentation says.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Control.h"
#include "targets/evaluator/Evaluator.h"
#include "targets/evaluator/Operators.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

static std::vector<HostTensor> valuesOf(Operands operands) {
  std::vector<HostTensor> values;
  for (const HostTensor *operand : operands)
    values.push_back(*operand);
  return values;
}

static FailureOr<std::vector<HostTensor>> runIf(edge::IfOp op,
                                                Operands operands) {
  bool isThen = operands.front()->integers[0] != 0;
  Operands rest = operands.drop_front();
  size_t thenCount = op.getThenOperands().size();
  SmallVector<func::FuncOp> functions = edge::calledFunctions(op);
  return isThen
             ? evaluate(functions.front(), valuesOf(rest.take_front(thenCount)))
             : evaluate(functions.back(), valuesOf(rest.drop_front(thenCount)));
}

/// Copies between a row of `whole` and the tensor `row`.
static void moveRow(HostTensor &whole, HostTensor &row, int64_t index,
                    bool intoWhole) {
  auto move = [&](auto &a, auto &b) {
    if (intoWhole)
      std::copy(b.begin(), b.end(), a.begin() + index * row.size());
    else
      std::copy_n(a.begin() + index * row.size(), row.size(), b.begin());
  };
  if (whole.isFloat())
    move(whole.reals, row.reals);
  else
    move(whole.integers, row.integers);
}

static FailureOr<std::vector<HostTensor>> runLoop(edge::LoopOp op,
                                                  Operands operands) {
  int64_t limit = op.getTrips().value_or(std::numeric_limits<int64_t>::max());
  if (op.getCount()) {
    limit = std::min<int64_t>(limit, operands.front()->integers[0]);
    operands = operands.drop_front();
  }
  bool goesOn = true;
  if (op.getCondition()) {
    goesOn = operands.front()->integers[0] != 0;
    operands = operands.drop_front();
  }
  size_t stateCount = op.stateCount(), slicedCount = op.getSliced().size();
  std::vector<HostTensor> results = valuesOf(operands.take_front(stateCount));
  std::vector<HostTensor> sliced =
      valuesOf(operands.slice(stateCount, slicedCount));
  std::vector<HostTensor> captures =
      valuesOf(operands.drop_front(stateCount + slicedCount));
  for (Type type : op.stacked().getTypes())
    results.push_back(HostTensor(cast<RankedTensorType>(type)));

  func::FuncOp body = edge::calledFunctions(op).front();
  ArrayRef<Type> types = body.getArgumentTypes();
  auto argumentType = [&](size_t index) {
    return cast<RankedTensorType>(types[index]);
  };
  for (int64_t i = 0; i < limit && goesOn; ++i) {
    std::vector<HostTensor> arguments = {HostTensor(argumentType(0))};
    arguments[0].integers[0] = i;
    arguments.insert(arguments.end(), results.begin(),
                     results.begin() + stateCount);
    for (HostTensor &whole : sliced) {
      HostTensor row = HostTensor(argumentType(arguments.size()));
      moveRow(whole, row, i, /*intoWhole=*/false);
      arguments.push_back(std::move(row));
    }
    arguments.insert(arguments.end(), captures.begin(), captures.end());
    FailureOr<std::vector<HostTensor>> next = evaluate(body, arguments);
    if (failed(next))
      return failure();
    size_t at = 0;
    if (op.getHasCondition())
      goesOn = (*next)[at++].integers[0] != 0;
    for (size_t k = 0; k < results.size(); ++k, ++at) {
      if (k < stateCount)
        results[k] = std::move((*next)[at]);
      else
        moveRow(results[k], (*next)[at], i, /*intoWhole=*/true);
    }
  }
  return results;
}

Results evaluator::evaluateControl(Operation *op, Operands operands) {
  if (auto branch = dyn_cast<edge::IfOp>(op))
    return runIf(branch, operands);
  if (auto loop = dyn_cast<edge::LoopOp>(op))
    return runLoop(loop, operands);
  return std::nullopt;
}
