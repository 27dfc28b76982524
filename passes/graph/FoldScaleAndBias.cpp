//===- FoldScaleAndBias.cpp - factors and addends into weights -----------===//
//
// A constant factor or addend per output channel behind a convolution or a
// fully connected layer costs nothing once it lies in the weights and the bias.
//
//   edge.add (edge.conv2d %x, %f), %c    becomes    edge.conv2d %x, %f, %c
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FOLDSCALEANDBIAS
#include "passes/graph/Passes.h.inc"

/// A constant with one number per output channel (or one for all).
static std::optional<ConstantData> perChannel(Value value, int64_t channels) {
  auto data = ConstantData::get(value);
  if (!data || !data->isFloat32())
    return std::nullopt;
  int64_t size = data->getNumElements();
  if (size == 1 || data->isSplat())
    return data;
  if (size != channels || data->getType().getShape().back() != channels)
    return std::nullopt;
  return data;
}

/// The number for channel `c`.
static float channelValue(const ConstantData &data, int64_t c) {
  return data.getFloat(data.getNumElements() == 1 ? 0 : c);
}

static Value makeVector(OpBuilder &builder, Location loc, int64_t channels,
                        function_ref<float(int64_t)> value) {
  auto type = RankedTensorType::get({channels}, builder.getF32Type());
  auto elements = makeFloatConstant(type, [&](MutableArrayRef<float> out) {
    for (int64_t c = 0; c < channels; ++c)
      out[c] = value(c);
  });
  return edge::ConstantOp::create(builder, loc, type, elements);
}

namespace {
struct FoldScaleAndBias : impl::FoldScaleAndBiasBase<FoldScaleAndBias> {
  void runOnOperation() override {
    SmallVector<Operation *> contractions;
    getOperation().walk([&](Operation *op) {
      if (isa<edge::Conv2DOp, edge::FullyConnectedOp>(op))
        contractions.push_back(op);
    });
    for (Operation *op : contractions) {
      if (auto conv = dyn_cast<edge::Conv2DOp>(op))
        foldFollowers(conv);
      else
        foldFollowers(cast<edge::FullyConnectedOp>(op));
    }
  }

  template <typename Contraction> void foldFollowers(Contraction op);
  template <typename Contraction>
  bool foldFollower(Contraction op, Operation *follower);
  template <typename Contraction>
  bool scale(Contraction op, const ConstantData &factors, bool divide);
  template <typename Contraction>
  bool shift(Contraction op, const ConstantData &addends, float sign);
};
} // namespace

template <typename Contraction>
bool FoldScaleAndBias::scale(Contraction op, const ConstantData &factors,
                             bool divide) {
  auto filter = ConstantData::get(op.getFilter());
  std::optional<ConstantData> bias;
  if (op.getBias())
    bias = ConstantData::get(op.getBias());
  if (!filter || !filter->isFloat32() ||
      (op.getBias() && (!bias || !bias->isFloat32())))
    return false;
  OpBuilder builder(op);
  int64_t channels = filter->getType().getDimSize(0);
  int64_t perFilter = filter->getNumElements() / channels;
  auto factor = [&](int64_t c) {
    float value = channelValue(factors, c);
    return divide ? 1.0f / value : value;
  };
  auto scaled =
      makeFloatConstant(filter->getType(), [&](MutableArrayRef<float> out) {
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t i = c * perFilter; i < (c + 1) * perFilter; ++i)
            out[i] = filter->getFloat(i) * factor(c);
      });
  op.getFilterMutable().assign(edge::ConstantOp::create(
      builder, op.getFilter().getLoc(), filter->getType(), scaled));
  if (bias) {
    op.getBiasMutable().assign(
        makeVector(builder, op.getBias().getLoc(), channels,
                   [&](int64_t c) { return bias->getFloat(c) * factor(c); }));
  }
  ++numScales;
  return true;
}

template <typename Contraction>
bool FoldScaleAndBias::shift(Contraction op, const ConstantData &addends,
                             float sign) {
  std::optional<ConstantData> bias;
  if (op.getBias()) {
    bias = ConstantData::get(op.getBias());
    if (!bias || !bias->isFloat32())
      return false;
  }
  OpBuilder builder(op);
  auto filterType = cast<RankedTensorType>(op.getFilter().getType());
  Value sum = makeVector(builder, op.getLoc(), filterType.getDimSize(0),
                         [&](int64_t c) {
                           float addend = sign * channelValue(addends, c);
                           return bias ? bias->getFloat(c) + addend : addend;
                         });
  op.getBiasMutable().assign(sum);
  ++numBiases;
  return true;
}

/// Takes `follower`, which reads `op` and a constant, into `op`.
template <typename Contraction>
bool FoldScaleAndBias::foldFollower(Contraction op, Operation *follower) {
  auto type = cast<RankedTensorType>(op.getType());
  if (!isa<edge::AddOp, edge::SubOp, edge::MulOp, edge::DivOp>(follower) ||
      follower->getResult(0).getType() != type ||
      !type.getElementType().isF32())
    return false;
  bool isLeft = follower->getOperand(0) == op.getResult();
  // c - x and c / x are not of the form x * a + b.
  if (!isLeft && isa<edge::SubOp, edge::DivOp>(follower))
    return false;
  auto data =
      perChannel(follower->getOperand(isLeft ? 1 : 0), type.getShape().back());
  if (!data)
    return false;
  if (isa<edge::MulOp, edge::DivOp>(follower))
    return scale(op, *data, isa<edge::DivOp>(follower));
  return shift(op, *data, isa<edge::SubOp>(follower) ? -1.0f : 1.0f);
}

template <typename Contraction>
void FoldScaleAndBias::foldFollowers(Contraction op) {
  while (op->hasOneUse()) {
    Operation *follower = *op->user_begin();
    if (!foldFollower(op, follower))
      return;
    op->setLoc(
        FusedLoc::get(op.getContext(), {op->getLoc(), follower->getLoc()}));
    follower->getResult(0).replaceAllUsesWith(op.getResult());
    follower->erase();
  }
}

} // namespace edgec
