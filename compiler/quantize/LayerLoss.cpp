//===- LayerLoss.cpp - where a quantized model goes wrong -----------------===//
//
// See LayerLoss.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/LayerLoss.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace edgec;
using namespace mlir;

Operation *edgec::layerBehind(Value value) {
  Operation *defining = value.getDefiningOp(), *op = defining;
  while (op && !isQuantizableLayer(op)) {
    if (!op->hasTrait<edge::ElementwiseTrait>())
      return defining;
    Value only;
    for (Value operand : op->getOperands()) {
      if (isa_and_nonnull<edge::ConstantOp>(operand.getDefiningOp()))
        continue;
      if (only)
        return defining;
      only = operand;
    }
    if (!only || !only.hasOneUse())
      return defining;
    op = only.getDefiningOp();
  }
  return op ? op : defining;
}

namespace {
class Losses {
public:
  Losses(ArrayRef<Value> values, ArrayRef<SignalError> errors) {
    for (auto [value, error] : llvm::zip_equal(values, errors))
      known[value] = error.decibels();
  }
  /// The least decibels of the known values that `value` is computed from.
  double before(Value value) const {
    constexpr double most = 48;
    double least = most;
    SmallVector<Value> left;
    llvm::DenseSet<Value> seen;
    auto addOperands = [&](Value of) {
      if (Operation *op = of.getDefiningOp())
        llvm::append_range(left, op->getOperands());
    };
    addOperands(value);
    while (!left.empty()) {
      Value next = left.pop_back_val();
      if (!seen.insert(next).second)
        continue;
      auto at = known.find(next);
      if (at != known.end())
        least = std::min(least, at->second);
      else
        addOperands(next);
    }
    return least;
  }

private:
  llvm::DenseMap<Value, double> known;
};
} // namespace

/// Few large values make every step large; a calibrator can leave them out.
static std::string advise(const TensorStatistics &statistics, NumberRange range,
                          Operation *layer, const LayerNames &names) {
  NumberRange bulk = calibrate(statistics, {Calibrator::Kind::percentile});
  if (range.high - range.low > 2 * (bulk.high - bulk.low)) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format(
        "its values reach from %.3g to %.3g, nearly all of them from %.3g to "
        "%.3g; try -calibrator=mse or percentile",
        range.low, range.high, bulk.low, bulk.high);
    return text;
  }
  if (!isQuantizableLayer(layer))
    return "try another -calibrator, or keep the layers that read it in float";
  return "keep it in float with -quantize-overrides, {\"layers\": {\"" +
         names.of(layer) + "\": {\"keep\": \"float\"}}}";
}

std::vector<LayerError> edgec::layerLosses(ArrayRef<Value> values,
                                           ArrayRef<SignalError> errors,
                                           const RangeAssignment &ranges,
                                           const LayerNames &names) {
  Losses losses(values, errors);
  std::vector<LayerError> result;
  for (auto [value, error] : llvm::zip_equal(values, errors)) {
    std::optional<NumberRange> range = RangeAssignment::rangeOf(value);
    // What only moves has the error of what it moves.
    if (!range || isa<BlockArgument>(value) ||
        !movedOperands(value.getDefiningOp()).empty())
      continue;
    Operation *layer = layerBehind(value);
    LayerError entry;
    entry.name = names.of(layer);
    entry.error = error;
    entry.loss = std::max(0.0, losses.before(value) - error.decibels());
    entry.advice = advise(*ranges.statisticsOf(value), *range, layer, names);
    result.push_back(std::move(entry));
  }
  return result;
}
