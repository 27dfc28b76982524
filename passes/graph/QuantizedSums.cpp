//===- QuantizedSums.cpp - sums in the place of real numbers --------------===//
#include "passes/graph/QuantizedSums.h"
#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "passes/graph/ConstantData.h"
#include <cmath>

using namespace mlir;
using namespace edgec;

//===-- readers ----------------------------------------------------------===//

/// An operator that is monotone and only cuts off, with its bounds.
static bool getBounds(Operation *op, float &low, float &high) {
  low = 0;
  high = std::numeric_limits<float>::infinity();
  if (auto clamp = dyn_cast_or_null<edge::ClampOp>(op)) {
    low = clamp.getMin().convertToFloat();
    high = clamp.getMax().convertToFloat();
    return true;
  }
  return isa_and_nonnull<edge::ReluOp>(op);
}

Reader edgec::boundsOf(edge::QuantizeOp quantize) {
  Reader reader;
  reader.quantize = quantize;
  reader.scales = *getScales(elementOf(quantize));
  reader.low = reader.scales.low;
  reader.high = reader.scales.high;
  reader.real = quantize.getX();
  float low, high;
  // Quantization is monotone: what bounds the real numbers bounds the stored
  // ones. Bounds nearer to the quantization cut those before.
  while (reader.scales.isWhole() && reader.real.hasOneUse() &&
         getBounds(reader.real.getDefiningOp(), low, high)) {
    int64_t least = reader.scales.quantize(low),
            most = reader.scales.quantize(high);
    reader.low = std::min(std::max(least, reader.low), reader.high);
    reader.high = std::max(std::min(most, reader.high), reader.low);
    reader.real = reader.real.getDefiningOp()->getOperand(0);
  }
  return reader;
}

Reader edgec::findReader(Value real) {
  Value last = real;
  float low, high;
  while (last.hasOneUse() && getBounds(*last.user_begin(), low, high))
    last = last.user_begin()->getResult(0);
  auto quantize = last.hasOneUse()
                      ? dyn_cast<edge::QuantizeOp>(*last.user_begin())
                      : edge::QuantizeOp();
  if (!quantize || !isa<quant::UniformQuantizedType>(elementOf(quantize)) ||
      storageOf(elementOf(quantize)).getIntOrFloatBitWidth() > 16)
    return {};
  return boundsOf(quantize);
}

void edgec::replaceStored(const Reader &reader, Value integers) {
  edge::QuantizeOp quantize = reader.quantize;
  for (Operation *user : llvm::make_early_inc_range(quantize->getUsers())) {
    user->getResult(0).replaceAllUsesWith(integers);
    user->erase();
  }
  // With the bounds that nothing reads any more.
  Operation *dead = quantize;
  while (dead && dead->use_empty() && dead != reader.real.getDefiningOp()) {
    Operation *before = dead->getOperand(0).getDefiningOp();
    dead->erase();
    dead = before;
  }
}

//===-- sums -------------------------------------------------------------===//

/// The bias in units of the result's scale.
static Value scaleBias(OpBuilder &builder, Location loc, Value bias,
                       float scale) {
  auto data = ConstantData::get(bias);
  if (!data || !data->isFloat32())
    return edge::DivOp::create(builder, loc, bias.getType(), bias,
                               makeFloats(builder, loc, scale, {}));
  SmallVector<float> numbers;
  for (int64_t i = 0; i < data->getNumElements(); ++i)
    numbers.push_back(data->getFloat(i) / scale);
  return makeFloats(builder, loc, numbers, shapeOf(bias));
}

/// words * factors + bias as floats.
static Value makeProduct(OpBuilder &builder, Location loc, const Sums &sums,
                         ArrayRef<float> factors, Value bias) {
  Value x = makeCast(builder, loc, sums.words, builder.getF32Type());
  x = edge::MulOp::create(builder, loc, x.getType(), x,
                          makeFloats(builder, loc, factors, sums.shape));
  if (bias)
    x = edge::AddOp::create(builder, loc, x.getType(), x, bias);
  return x;
}

/// The sums' scales in units of a result's, as ONNX Runtime computes them, in
/// float32.
static SmallVector<float> makeFactors(const Sums &sums, float unit) {
  SmallVector<float> factors;
  for (auto [i, scale] : llvm::enumerate(sums.scales)) {
    float divisor = sums.counts.empty() ? unit : unit * sums.counts[i];
    factors.push_back(scale / divisor);
  }
  return factors;
}

void edgec::replaceReal(OpBuilder &builder, Value real, const Sums &sums) {
  Location loc = real.getLoc();
  ArrayRef<int64_t> shape = shapeOf(real);
  Reader reader = findReader(real);
  SmallVector<float> factors;
  if (reader.quantize)
    factors = makeFactors(sums, reader.scales.scale());
  // Scales too far apart: 0 * infinity is not 0 / scale.
  bool isFinite =
      llvm::all_of(factors, [](float x) { return std::isfinite(x); });
  if (!reader.quantize || !isFinite) {
    Value product = makeProduct(builder, loc, sums,
                                makeFactors(sums, /*unit=*/1), sums.bias);
    real.replaceAllUsesWith(makeReshape(builder, loc, product, shape));
    return;
  }
  Value x = sums.words, factor;
  if (sums.bias) {
    x = makeProduct(builder, loc, sums, factors,
                    scaleBias(builder, loc, sums.bias, reader.scales.scale()));
  } else {
    factor = makeFloats(builder, loc, factors, sums.shape);
  }
  auto type = cast<RankedTensorType>(x.getType())
                  .clone(storageOf(elementOf(reader.quantize)));
  Value integers = edge::RequantizeOp::create(
      builder, loc, type, x, factor, uint64_t(reader.low),
      uint64_t(reader.high), uint64_t(reader.scales.zeroPoint()));
  replaceStored(reader, makeReshape(builder, loc, integers, shape));
}
