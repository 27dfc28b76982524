//===- RangeAssignment.cpp - which values are integers, and how -----------===//
//
// See RangeAssignment.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/RangeAssignment.h"

#include "passes/quantize/Weights.h"

using namespace edgec;
using namespace mlir;

RangeAssignment::RangeAssignment(func::FuncOp model, ArrayRef<Value> values,
                                 ArrayRef<TensorStatistics> statistics,
                                 const Overrides &overrides)
    : model(model), values(values), statistics(statistics),
      overrides(overrides) {
  for (auto [index, value] : llvm::enumerate(values))
    indexOf[value] = index;
}

const TensorStatistics *RangeAssignment::statisticsOf(Value value) const {
  auto at = indexOf.find(value);
  return at == indexOf.end() ? nullptr : &statistics[at->second];
}

void RangeAssignment::setRange(Value value, DenseF64ArrayAttr range) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    model.setArgAttr(argument.getArgNumber(), rangeAttrName, range);
  else
    value.getDefiningOp()->setAttr(rangeAttrName, range);
}

/// Elements that one result of a sum over windows adds up.
static int64_t termsOf(Operation *op) {
  if (auto pool = dyn_cast<edge::AvgPool2DOp>(op))
    return pool.getWindow()[0] * pool.getWindow()[1];
  if (auto mean = dyn_cast<edge::ReduceMeanOp>(op))
    return mean.getX().getType().getNumElements() /
           cast<RankedTensorType>(mean.getType()).getNumElements();
  return 1;
}

/// Whether a layer that reads one of the values wants 16 bits of them. What no
/// layer reads (means, sums) has 16 where all layers have.
bool RangeAssignment::isWide(const ValueGroup &group) const {
  bool isRead = false;
  for (Value value : group) {
    for (Operation *reader : value.getUsers()) {
      if (!isQuantizableLayer(reader) || reader->hasAttr(keepFloatAttrName))
        continue;
      if (dataBits.lookup(reader) == 16)
        return true;
      isRead = true;
    }
  }
  return !isRead && !dataBits.empty() &&
         llvm::all_of(dataBits,
                      [](const auto &layer) { return layer.second == 16; });
}

/// Numbers of 16 bits go only so far that no sum of their products leaves 32.
DenseF64ArrayAttr
RangeAssignment::makeAttribute(NumberRange range,
                               const ValueGroup &group) const {
  SmallVector<double> numbers = {range.low, range.high};
  if (isWide(group)) {
    constexpr int64_t mostSum = std::numeric_limits<int32_t>::max();
    int64_t largest = 32767;
    for (Value value : group) {
      for (Operation *reader : value.getUsers()) {
        std::optional<LayerWeights> weights;
        if (isQuantizableLayer(reader) && reader->getOperand(0) == value)
          weights = LayerWeights::of(reader);
        if (weights) {
          largest = std::min(
              largest, weights->largestData(std::max(-range.low, range.high)));
        }
        largest = std::min(largest, mostSum / termsOf(reader));
      }
    }
    numbers.push_back(double(std::max<int64_t>(1, largest)));
  }
  return DenseF64ArrayAttr::get(group.front().getContext(), numbers);
}

DenseF64ArrayAttr RangeAssignment::attributeOf(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return value.getDefiningOp()->getAttrOfType<DenseF64ArrayAttr>(
        rangeAttrName);
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  return function ? function.getArgAttrOfType<DenseF64ArrayAttr>(
                        argument.getArgNumber(), rangeAttrName)
                  : nullptr;
}

std::optional<NumberRange> RangeAssignment::rangeOf(Value value) {
  DenseF64ArrayAttr range = attributeOf(value);
  if (!range)
    return std::nullopt;
  return NumberRange{range[0], range[1]};
}

quant::UniformQuantizedType RangeAssignment::typeOf(Value value) {
  return dataType(attributeOf(value));
}

bool RangeAssignment::isInteger(Operation *layer) {
  return isQuantizableLayer(layer) && !layer->hasAttr(keepFloatAttrName) &&
         rangeOf(layer->getOperand(0)).has_value();
}

void RangeAssignment::removeRanges() {
  for (unsigned i = 0; i < model.getNumArguments(); ++i)
    model.removeArgAttr(i, rangeAttrName);
  for (Operation &op : model.getBody().front())
    op.removeAttr(rangeAttrName);
  chosenBy.clear();
}

void RangeAssignment::assign(const Calibrator &calibrator) {
  removeRanges();
  for (const ValueGroup &group : findQuantizable(model)) {
    Calibrator chosen = calibrator;
    std::optional<NumberRange> given;
    for (Value value : group) {
      if (auto at = overrides.calibrators.find(value);
          at != overrides.calibrators.end())
        chosen = at->second;
      if (auto at = overrides.ranges.find(value); at != overrides.ranges.end())
        given = at->second;
    }
    std::optional<NumberRange> range;
    bool isFinite = true;
    for (Value value : group) {
      const TensorStatistics *known = statisticsOf(value);
      // Infinities are masks, NaNs faults; neither is a number of a range.
      isFinite &= known && known->nonFinite() == 0 && known->samples() > 0;
      if (!isFinite)
        break;
      NumberRange found = calibrate(*known, chosen);
      range = range ? range->unite(found) : found;
    }
    if (!isFinite)
      continue;
    DenseF64ArrayAttr attribute =
        makeAttribute(given ? given->withZero() : *range, group);
    for (Value value : group) {
      setRange(value, attribute);
      chosenBy[value] = given ? "given" : chosen.text();
    }
  }
  // Means alone gain nothing.
  if (llvm::none_of(model.getBody().front(),
                    [](Operation &op) { return isInteger(&op); }))
    removeRanges();
}

std::vector<TensorReport>
RangeAssignment::tensors(const LayerNames &names) const {
  std::vector<TensorReport> reports;
  for (Value value : values) {
    std::optional<NumberRange> range = rangeOf(value);
    if (!range)
      continue;
    reports.push_back({names.of(value), statisticsOf(value)->extremes(), *range,
                       chosenBy.lookup(value)});
  }
  return reports;
}

//===-- biases
//-------------------------------------------------------------===//

/// What the rounding of a channel's weights adds to its sums in the mean. The
/// channels of the input that it reads are innermost in the filter.
static double meanError(const LayerWeights &weights, int64_t channel,
                        double scale, ArrayRef<double> inputMeans) {
  auto width = int64_t(inputMeans.size());
  double sum = 0;
  for (int64_t i = 0; i < weights.perChannel(); ++i) {
    double rounded = weights.rounded(channel, i, scale) * scale;
    sum += (rounded - double(weights.at(channel, i))) * inputMeans[i % width];
  }
  return sum;
}

static void correctBias(Operation *layer, const TensorStatistics &input,
                        double inputScale) {
  std::optional<LayerWeights> weights = LayerWeights::of(layer);
  if (!weights)
    return;
  SmallVector<double> scales = weights->scales(inputScale);
  int64_t groups = 1;
  if (auto conv = dyn_cast<edge::Conv2DOp>(layer))
    groups = conv.getGroups();
  std::vector<double> means = input.channelMeans();
  int64_t channels = weights->channels(), perGroup = channels / groups;
  size_t width = means.size() / groups;
  OpBuilder builder(layer);
  auto type = RankedTensorType::get({channels}, builder.getF32Type());
  auto corrected = makeFloatConstant(type, [&](MutableArrayRef<float> out) {
    for (int64_t c = 0; c < channels; ++c) {
      auto seen = ArrayRef(means).slice(c / perGroup * width, width);
      out[c] = float(double(weights->biasOf(c)) -
                     meanError(*weights, c, scales[c], seen));
    }
  });
  Value bias =
      edge::ConstantOp::create(builder, layer->getLoc(), type, corrected);
  if (auto conv = dyn_cast<edge::Conv2DOp>(layer))
    conv.getBiasMutable().assign(bias);
  else
    cast<edge::FullyConnectedOp>(layer).getBiasMutable().assign(bias);
}

void edgec::correctBiases(func::FuncOp model, const RangeAssignment &ranges) {
  for (Operation &op : model.getBody().front()) {
    if (!RangeAssignment::isInteger(&op))
      continue;
    Value input = op.getOperand(0);
    const TensorStatistics *statistics = ranges.statisticsOf(input);
    if (!statistics)
      continue;
    correctBias(&op, *statistics, RangeAssignment::typeOf(input).getScale());
  }
}
