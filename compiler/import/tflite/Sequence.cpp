//===- Sequence.cpp - what recurrent operators have in common -------------===//
#include "compiler/import/tflite/Sequence.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;

/// Steps are imported one by one, so their number is bounded.
static constexpr int64_t maxSteps = 1024;

Sequence::Sequence(OperatorImport &n, Value x, bool timeMajor)
    : n(n), timeMajor(timeMajor) {
  if (!x)
    return;
  if (n.shapeOf(x).size() != 3) {
    n.error() << "the input of shape " << shapeText(n.shapeOf(x))
              << " should be a sequence of 3 dimensions";
    return;
  }
  value = timeMajor ? x : n.transpose(x, {1, 0, 2});
  steps = n.shapeOf(value)[0];
  batch = n.shapeOf(value)[1];
  if (steps > maxSteps)
    n.error() << steps << " time steps are not supported, at most " << maxSteps
              << " are; split the sequence and keep the state";
}

Value Sequence::rows() const {
  return value ? n.reshape(value, {steps * batch, n.shapeOf(value)[2]})
               : Value();
}

Value Sequence::at(Value all, int64_t step) const {
  if (!all)
    return nullptr;
  ArrayRef<int64_t> shape = n.shapeOf(all);
  return n.make<edge::SliceOp>(
      {all}, {n.attr("offsets", ArrayRef<int64_t>{step * batch, 0}),
              n.attr("sizes", ArrayRef<int64_t>{batch, shape[1]}),
              n.attr("strides", ArrayRef<int64_t>{1, 1})});
}

Value Sequence::join(ArrayRef<Value> results) const {
  if (results.empty() || llvm::is_contained(results, Value()))
    return nullptr;
  int64_t depth = n.shapeOf(results.front())[1];
  llvm::SmallVector<Value> parts;
  for (Value result : results)
    parts.push_back(n.reshape(result, {1, batch, depth}));
  Value all = parts.size() == 1
                  ? parts[0]
                  : n.make<edge::ConcatOp>(parts, {n.attr("axis", int64_t(0))});
  return timeMajor ? all : n.transpose(all, {1, 0, 2});
}

bool tflite::hasInputs(OperatorImport &n,
                       std::initializer_list<unsigned> places) {
  for (unsigned index : places) {
    if (n.hasInput(index))
      continue;
    n.error() << "input " << index << " is missing";
    return false;
  }
  return true;
}

bool tflite::checkSvdf(OperatorImport &n, int64_t rank) {
  if (n.rank(0) == 2 && n.rank(1) == 2 && n.rank(2) == 2 && rank >= 1 &&
      n.shape(1)[0] % rank == 0 && n.shape(2)[0] == n.shape(1)[0])
    return true;
  n.error() << "an input of shape " << shapeText(n.shape(0))
            << " and weights of shapes " << shapeText(n.shape(1)) << " and "
            << shapeText(n.shape(2)) << " do not make an SVDF of rank " << rank;
  return false;
}

Value tflite::shiftIn(OperatorImport &n, Value state, Value latest,
                      int64_t memory) {
  if (!latest)
    return nullptr;
  int64_t batch = n.shapeOf(latest)[0], filters = n.shapeOf(latest)[1];
  latest = n.reshape(latest, {batch, filters, 1});
  if (memory == 1)
    return latest;
  Value before = n.reshape(state, {batch, filters, memory});
  Value kept = n.make<edge::SliceOp>(
      {before}, {n.attr("offsets", ArrayRef<int64_t>{0, 0, 1}),
                 n.attr("sizes", ArrayRef<int64_t>{batch, filters, memory - 1}),
                 n.attr("strides", ArrayRef<int64_t>{1, 1, 1})});
  return n.make<edge::ConcatOp>({kept, latest}, {n.attr("axis", int64_t(2))});
}
