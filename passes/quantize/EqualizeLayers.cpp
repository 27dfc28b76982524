//===- EqualizeLayers.cpp - balance the channels between two layers -------===//
//
//   %a = edge.conv2d %x, %f        row c of %f divided by s[c]
//   %r = edge.relu %a
//   %b = edge.conv2d %r, %g        column c of %g multiplied by s[c]
//
// computes the same for every positive s, since what lies between commutes with
// a positive factor per channel. With s[c] = sqrt(range of row c / range of
// column c) both ranges are equal: no channel of %r is much wider than others,
// which would leave those few of the integers that all of them share.
// M. Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
// Correction", ICCV 2019.
//
//===----------------------------------------------------------------------===//
#include "passes/quantize/Passes.h"
#include "passes/quantize/Quantizable.h"
#include "passes/quantize/Weights.h"
#include <cmath>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_EQUALIZELAYERS
#include "passes/quantize/Passes.h.inc"
} // namespace edgec

using namespace edgec;

namespace {
/// A filter and bias that are being changed.
struct Filter {
  RankedTensorType type, biasType;
  std::vector<float> weights, bias;

  int64_t rows() const { return type.getDimSize(0); }
  int64_t perRow() const { return type.getNumElements() / rows(); }
};

/// The layers whose data and results are the same channels.
struct Pair {
  Operation *first, *second;
};
} // namespace

/// Whether a positive factor of a channel can be taken before or after `op`,
/// and channels stay the last dimension.
static bool commutesWithFactors(Operation *op) {
  if (isa<edge::ReluOp, edge::LeakyReluOp, edge::MaxPool2DOp,
          edge::AvgPool2DOp>(op))
    return true;
  if (auto pad = dyn_cast<edge::PadOp>(op)) {
    return pad.getValue().isZero() && pad.getLow().back() == 0 &&
           pad.getHigh().back() == 0;
  }
  if (auto mean = dyn_cast<edge::ReduceMeanOp>(op)) {
    int64_t last = mean.getX().getType().getRank() - 1;
    return !llvm::is_contained(mean.getAxes(), last);
  }
  if (auto reshape = dyn_cast<edge::ReshapeOp>(op)) {
    auto from = cast<RankedTensorType>(reshape.getX().getType());
    auto to = cast<RankedTensorType>(reshape.getType());
    return from.getRank() > 0 && to.getRank() > 0 &&
           from.getShape().back() == to.getShape().back();
  }
  return false;
}

/// The layer that alone reads the result of `layer`.
static Operation *nextLayer(Operation *layer) {
  Value value = layer->getResult(0);
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (isQuantizableLayer(user))
      return user->getOperand(0) == value ? user : nullptr;
    if (!commutesWithFactors(user))
      return nullptr;
    value = user->getResult(0);
  }
  return nullptr;
}

/// Calls `visit` with the input channel and the index of each weight.
static void forEachInput(Operation *layer, const Filter &filter,
                         llvm::function_ref<void(int64_t, int64_t)> visit) {
  int64_t width = filter.type.getShape().back(), groups = 1;
  if (auto conv = dyn_cast<edge::Conv2DOp>(layer))
    groups = conv.getGroups();
  int64_t rowsPerGroup = filter.rows() / groups;
  for (int64_t r = 0; r < filter.rows(); ++r) {
    int64_t offset = r / rowsPerGroup * width;
    for (int64_t i = 0; i < filter.perRow(); ++i)
      visit(offset + i % width, r * filter.perRow() + i);
  }
}

namespace {
struct EqualizeLayers : edgec::impl::EqualizeLayersBase<EqualizeLayers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    // One pass object sees several functions.
    pairs.clear();
    filters.clear();
    findPairs(function);
    // Each pair disturbs its neighbours; the changes shrink quickly.
    constexpr int mostSweeps = 40;
    for (int sweep = 0; sweep < mostSweeps; ++sweep) {
      double change = 0;
      for (const Pair &pair : pairs)
        change = std::max(change, equalize(pair));
      if (change < 1e-3)
        break;
    }
    for (auto &[layer, filter] : filters)
      write(layer, filter);
    numPairs += pairs.size();
  }

private:
  void findPairs(func::FuncOp function);
  bool read(Operation *layer);
  double equalize(const Pair &pair);
  void write(Operation *layer, const Filter &filter);

  std::vector<Pair> pairs;
  llvm::MapVector<Operation *, Filter> filters;
};
} // namespace

bool EqualizeLayers::read(Operation *layer) {
  if (filters.count(layer))
    return true;
  std::optional<LayerWeights> weights = LayerWeights::of(layer);
  if (!weights)
    return false;
  Filter filter;
  filter.type = cast<RankedTensorType>(layer->getOperand(1).getType());
  for (int64_t c = 0; c < weights->channels(); ++c) {
    for (int64_t i = 0; i < weights->perChannel(); ++i)
      filter.weights.push_back(weights->at(c, i));
    filter.bias.push_back(weights->biasOf(c));
  }
  if (weights->hasBias())
    filter.biasType = cast<RankedTensorType>(layer->getOperand(2).getType());
  filters.insert({layer, std::move(filter)});
  return true;
}

void EqualizeLayers::findPairs(func::FuncOp function) {
  for (Operation &op : function.getBody().front()) {
    if (!isQuantizableLayer(&op))
      continue;
    Operation *next = nextLayer(&op);
    if (next && read(&op) && read(next))
      pairs.push_back({&op, next});
  }
}

/// The largest factor's distance from 1.
double EqualizeLayers::equalize(const Pair &pair) {
  Filter &first = filters[pair.first], &second = filters[pair.second];
  int64_t channels = first.rows(), perRow = first.perRow();
  std::vector<float> made(channels), read(channels);
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < perRow; ++i)
      made[c] = std::max(made[c], std::abs(first.weights[c * perRow + i]));
  forEachInput(pair.second, second, [&](int64_t c, int64_t i) {
    read[c] = std::max(read[c], std::abs(second.weights[i]));
  });
  double change = 0;
  std::vector<float> factors(channels, 1);
  for (int64_t c = 0; c < channels; ++c) {
    // A channel that nobody makes or reads has nothing to balance.
    if (made[c] == 0 || read[c] == 0)
      continue;
    factors[c] = float(std::sqrt(double(made[c]) / double(read[c])));
    change = std::max(change, std::abs(double(factors[c]) - 1));
    for (int64_t i = 0; i < perRow; ++i)
      first.weights[c * perRow + i] /= factors[c];
    first.bias[c] /= factors[c];
  }
  forEachInput(pair.second, second,
               [&](int64_t c, int64_t i) { second.weights[i] *= factors[c]; });
  return change;
}

void EqualizeLayers::write(Operation *layer, const Filter &filter) {
  OpBuilder builder(layer);
  auto constant = [&](RankedTensorType type, ArrayRef<float> numbers) {
    auto elements = makeFloatConstant(type, [&](MutableArrayRef<float> out) {
      llvm::copy(numbers, out.begin());
    });
    return edge::ConstantOp::create(builder, layer->getLoc(), type, elements);
  };
  layer->setOperand(1, constant(filter.type, filter.weights));
  if (filter.biasType)
    layer->setOperand(2, constant(filter.biasType, filter.bias));
}
