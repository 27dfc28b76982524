//===- RecognizeActivations.cpp - activations written in parts -----------===//
//
// Exporters write activations as chains of simple operators. One operator has
// one accurate and fast kernel; and its single use of x lets it join the
// kernel that produces x.
//
//   edge.mul %x, (edge.sigmoid %x)    becomes    edge.silu %x
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ApplyPatterns.h"
#include "passes/graph/ConstantData.h"
#include "passes/graph/Passes.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_RECOGNIZEACTIVATIONS
#include "passes/graph/Passes.h.inc"

/// The one number of a constant.
static std::optional<float> getNumber(Value value) {
  auto data = ConstantData::get(value);
  return data ? data->getSplatFloat() : std::nullopt;
}

/// Exporters round constants such as 1 / sqrt(2) to 6 digits or more.
static bool isNear(std::optional<float> value, double expected) {
  return value && std::abs(*value - expected) <= 1e-5 * std::abs(expected);
}

/// For a binary operator with a number on one side that keeps the other
/// side's type: that other side. `number` is set to the number.
template <typename BinaryOp>
static Value matchWithNumber(Value value, float &number) {
  auto op = value.getDefiningOp<BinaryOp>();
  if (!op)
    return nullptr;
  for (int i : {0, 1}) {
    Value side = op->getOperand(i), other = op->getOperand(1 - i);
    auto found = getNumber(other);
    if (!found || side.getType() != op.getType() || getNumber(side))
      continue;
    if (isa<edge::SubOp, edge::DivOp>(op.getOperation()) && i == 1)
      continue;
    number = *found;
    return side;
  }
  return nullptr;
}

/// The factors of a product, numbers multiplied into one.
struct Product {
  double number = 1.0;
  SmallVector<Value> factors;
};

/// Takes nested multiplications and divisions by numbers apart. Inner products
/// that are read elsewhere count as well: they merely stay.
static void collectFactors(Value value, Product &product, int depth = 0) {
  if (auto number = getNumber(value)) {
    product.number *= *number;
    return;
  }
  float divisor = 0;
  if (Value numerator = matchWithNumber<edge::DivOp>(value, divisor)) {
    product.number /= divisor;
    return collectFactors(numerator, product, depth + 1);
  }
  auto mul = value.getDefiningOp<edge::MulOp>();
  if (!mul || depth > 4 || mul.getLhs() == mul.getRhs()) {
    product.factors.push_back(value);
    return;
  }
  collectFactors(mul.getLhs(), product, depth + 1);
  collectFactors(mul.getRhs(), product, depth + 1);
}

static Product getProduct(Value value) {
  Product product;
  collectFactors(value, product);
  return product;
}

/// value = x * number with exactly one x.
static bool isMultiple(Value value, Value x, double number) {
  Product product = getProduct(value);
  return product.factors.size() == 1 && product.factors[0] == x &&
         isNear(product.number, number);
}

/// x * x * x or pow(x, 3)
static bool isCube(Value value, Value x) {
  if (auto power = value.getDefiningOp<edge::PowOp>())
    return power.getLhs() == x && isNear(getNumber(power.getRhs()), 3.0);
  auto mul = value.getDefiningOp<edge::MulOp>();
  if (!mul)
    return false;
  auto isSquare = [&](Value square) {
    auto inner = square.getDefiningOp<edge::MulOp>();
    return inner && inner.getLhs() == x && inner.getRhs() == x;
  };
  return (mul.getLhs() == x && isSquare(mul.getRhs())) ||
         (mul.getRhs() == x && isSquare(mul.getLhs()));
}

/// sqrt(2 / pi) * (x + 0.044715 * x^3)
static bool isTanhGeluArgument(Value value, Value x) {
  Product product = getProduct(value);
  if (product.factors.size() != 1 || !isNear(product.number, 0.7978845608))
    return false;
  auto sum = product.factors[0].getDefiningOp<edge::AddOp>();
  if (!sum || (sum.getLhs() != x && sum.getRhs() != x))
    return false;
  Value cubic = sum.getLhs() == x ? sum.getRhs() : sum.getLhs();
  float number = 0;
  Value cube = matchWithNumber<edge::MulOp>(cubic, number);
  return cube && isNear(number, 0.044715) && isCube(cube, x);
}

/// f of `x * f(x) * number`, as the activation that the product is.
static Value makeGated(PatternRewriter &rewriter, Location loc, Value x,
                       Value gate, double number) {
  float addend = 0;
  if (auto sigmoid = gate.getDefiningOp<edge::SigmoidOp>())
    if (sigmoid.getX() == x && number == 1.0)
      return edge::SiluOp::create(rewriter, loc, x);
  if (auto sigmoid = gate.getDefiningOp<edge::HardSigmoidOp>()) {
    if (sigmoid.getX() == x && number == 1.0 &&
        isNear(sigmoid.getAlpha().convertToFloat(), 1.0 / 6.0) &&
        isNear(sigmoid.getBeta().convertToFloat(), 0.5))
      return edge::HardSwishOp::create(rewriter, loc, x);
  }
  if (auto clamp = gate.getDefiningOp<edge::ClampOp>()) {
    if (isNear(number, 1.0 / 6.0) && clamp.getMin().isZero() &&
        clamp.getMax().convertToFloat() == 6.0f &&
        matchWithNumber<edge::AddOp>(clamp.getX(), addend) == x &&
        addend == 3.0f)
      return edge::HardSwishOp::create(rewriter, loc, x);
  }
  Value inner = matchWithNumber<edge::AddOp>(gate, addend);
  if (!inner || addend != 1.0f || !isNear(number, 0.5))
    return nullptr;
  if (auto erf = inner.getDefiningOp<edge::ErfOp>())
    if (isMultiple(erf.getX(), x, M_SQRT1_2))
      return edge::GeluOp::create(rewriter, loc, x, "none");
  if (auto tanh = inner.getDefiningOp<edge::TanhOp>())
    if (isTanhGeluArgument(tanh.getX(), x))
      return edge::GeluOp::create(rewriter, loc, x, "tanh");
  return nullptr;
}

namespace {

/// Products of x and a function of x. Applies to mul and div alike.
template <typename ProductOp> struct Gated : OpRewritePattern<ProductOp> {
  using OpRewritePattern<ProductOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ProductOp op,
                                PatternRewriter &rewriter) const override {
    Product product = getProduct(op.getResult());
    if (product.factors.size() != 2)
      return rewriter.notifyMatchFailure(op, "not a product of two");
    for (int i : {0, 1}) {
      Value x = product.factors[i];
      if (x.getType() != op.getType())
        continue;
      Value result = makeGated(rewriter, op.getLoc(), x, product.factors[1 - i],
                               product.number);
      if (!result)
        continue;
      rewriter.replaceOp(op, result);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "not an activation");
  }
};

/// clamp(x + b, 0, m) / m is hard_sigmoid with alpha = 1 / m, beta = b / m.
template <typename ProductOp> struct HardSigmoid : OpRewritePattern<ProductOp> {
  using OpRewritePattern<ProductOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(ProductOp op,
                                PatternRewriter &rewriter) const override {
    Product product = getProduct(op.getResult());
    if (product.factors.size() != 1)
      return rewriter.notifyMatchFailure(op, "not a multiple");
    auto clamp = product.factors[0].getDefiningOp<edge::ClampOp>();
    if (!clamp || clamp.getType() != op.getType() || !clamp.getMin().isZero() ||
        !isNear(1.0 / product.number, clamp.getMax().convertToFloat()))
      return rewriter.notifyMatchFailure(op, "not a clamp scaled to [0, 1]");
    float addend = 0;
    Value x = matchWithNumber<edge::AddOp>(clamp.getX(), addend);
    if (!x)
      return rewriter.notifyMatchFailure(op, "nothing is added to x");
    rewriter.replaceOpWithNewOp<edge::HardSigmoidOp>(
        op, op.getType(), x, APFloat(float(product.number)),
        APFloat(float(addend * product.number)));
    return success();
  }
};

/// The range to which an operator limits x.
struct Range {
  Value x;
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

std::optional<Range> getRange(Operation *op) {
  Range range;
  if (auto clamp = dyn_cast_or_null<edge::ClampOp>(op)) {
    range.x = clamp.getX();
    range.low = clamp.getMin().convertToFloat();
    range.high = clamp.getMax().convertToFloat();
  } else if (auto relu = dyn_cast_or_null<edge::ReluOp>(op)) {
    range.x = relu.getX();
    range.low = 0.0f;
  } else if (isa_and_nonnull<edge::MaxOp>(op)) {
    range.x = matchWithNumber<edge::MaxOp>(op->getResult(0), range.low);
  } else if (isa_and_nonnull<edge::MinOp>(op)) {
    range.x = matchWithNumber<edge::MinOp>(op->getResult(0), range.high);
  }
  if (!range.x || range.x.getType() != op->getResult(0).getType() ||
      !cast<RankedTensorType>(range.x.getType()).getElementType().isF32())
    return std::nullopt;
  return range;
}

/// Joins an operator that limits its operand with the one before it.
struct JoinRanges : RewritePattern {
  explicit JoinRanges(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<edge::ClampOp, edge::ReluOp, edge::MaxOp, edge::MinOp>(op))
      return failure();
    auto range = getRange(op);
    if (!range)
      return rewriter.notifyMatchFailure(op, "limits nothing by a number");
    auto inner = range->x.hasOneUse() ? getRange(range->x.getDefiningOp())
                                      : std::nullopt;
    if (inner) {
      float low = range->low, high = range->high;
      range->x = inner->x;
      range->low = std::min(std::max(inner->low, low), high);
      range->high = std::min(std::max(inner->high, low), high);
    }
    bool isRelu = range->low == 0.0f && std::isinf(range->high);
    if (!inner &&
        (isa<edge::ReluOp>(op) || (isa<edge::ClampOp>(op) && !isRelu)))
      return rewriter.notifyMatchFailure(op, "already in its simplest form");
    if (isRelu)
      rewriter.replaceOpWithNewOp<edge::ReluOp>(op, range->x);
    else {
      rewriter.replaceOpWithNewOp<edge::ClampOp>(op, op->getResult(0).getType(),
                                                 range->x, APFloat(range->low),
                                                 APFloat(range->high));
    }
    return success();
  }
};

/// max(x, a * x)
struct LeakyRelu : OpRewritePattern<edge::MaxOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::MaxOp op,
                                PatternRewriter &rewriter) const override {
    for (int i : {0, 1}) {
      float alpha = 0;
      Value x = matchWithNumber<edge::MulOp>(op->getOperand(i), alpha);
      if (!x || x != op->getOperand(1 - i) || !(alpha > 0.0f && alpha < 1.0f))
        continue;
      rewriter.replaceOpWithNewOp<edge::LeakyReluOp>(op, op.getType(), x,
                                                     APFloat(alpha));
      return success();
    }
    return rewriter.notifyMatchFailure(op, "not max(x, a * x)");
  }
};

/// 1 / (1 + exp(-x)), 1 / sqrt(x) and 1 / x
struct Reciprocal : OpRewritePattern<edge::ReciprocalOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::ReciprocalOp op,
                                PatternRewriter &rewriter) const override {
    if (auto root = op.getX().getDefiningOp<edge::SqrtOp>()) {
      rewriter.replaceOpWithNewOp<edge::RsqrtOp>(op, root.getX());
      return success();
    }
    float addend = 0;
    Value sum = matchWithNumber<edge::AddOp>(op.getX(), addend);
    auto power = sum ? sum.getDefiningOp<edge::ExpOp>() : nullptr;
    auto minus = power ? power.getX().getDefiningOp<edge::NegOp>() : nullptr;
    if (!minus || addend != 1.0f)
      return rewriter.notifyMatchFailure(op, "not 1 / (1 + exp(-x))");
    rewriter.replaceOpWithNewOp<edge::SigmoidOp>(op, minus.getX());
    return success();
  }
};

struct OneDividedBy : OpRewritePattern<edge::DivOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::DivOp op,
                                PatternRewriter &rewriter) const override {
    if (getNumber(op.getLhs()) != 1.0f || op.getRhs().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "not 1 / x");
    rewriter.replaceOpWithNewOp<edge::ReciprocalOp>(op, op.getRhs());
    return success();
  }
};

struct Softplus : OpRewritePattern<edge::LogOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::LogOp op,
                                PatternRewriter &rewriter) const override {
    float addend = 0;
    Value sum = matchWithNumber<edge::AddOp>(op.getX(), addend);
    auto power = sum ? sum.getDefiningOp<edge::ExpOp>() : nullptr;
    if (!power || addend != 1.0f)
      return rewriter.notifyMatchFailure(op, "not log(1 + exp(x))");
    rewriter.replaceOpWithNewOp<edge::SoftplusOp>(op, power.getX());
    return success();
  }
};

struct SmallPower : OpRewritePattern<edge::PowOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(edge::PowOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getLhs();
    auto exponent = getNumber(op.getRhs());
    if (!exponent || x.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "the exponent is not a number");
    if (*exponent == 1.0f)
      rewriter.replaceOp(op, x);
    else if (*exponent == 2.0f)
      rewriter.replaceOpWithNewOp<edge::MulOp>(op, x, x);
    else if (*exponent == 0.5f)
      rewriter.replaceOpWithNewOp<edge::SqrtOp>(op, x);
    else if (*exponent == -1.0f)
      rewriter.replaceOpWithNewOp<edge::ReciprocalOp>(op, x);
    else
      return rewriter.notifyMatchFailure(op, "the exponent is not a small one");
    return success();
  }
};

struct RecognizeActivations
    : impl::RecognizeActivationsBase<RecognizeActivations> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<JoinRanges, LeakyRelu, Reciprocal, OneDividedBy, Softplus,
                 SmallPower, Gated<edge::MulOp>, Gated<edge::DivOp>,
                 HardSigmoid<edge::MulOp>, HardSigmoid<edge::DivOp>>(
        &getContext());
    numRecognized += applyPatternsAndCount(getOperation(), std::move(patterns));
  }
};
} // namespace
} // namespace edgec
