//===- LayerNorm.cpp - layer normalization in a stated order --------------===//
//
// Three passes over a row that stays in the first-level cache, as in
// Normalize.cpp. Which element goes to which of eight partial sums is the
// operator's meaning here, whatever the machine's vectors are, and scale and
// bias are a fused multiply-add. Where the machine has none, float64 holds the
// product exactly; its sum is then rounded twice, which differs once in 2^29.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Normalize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/Normalize.h"
#include "passes/kernel/RowSpace.h"
#include "passes/kernel/VectorMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static constexpr int64_t partials = 8;

namespace {

struct LayerNormShape : RowSpace {
  explicit LayerNormShape(schedule::KernelOp kernel)
      : LayerNormShape(kernel, cast<edge::LayerNormOp>(kernel.getAnchor())) {}

  Value scale, bias;
  float epsilon;

private:
  LayerNormShape(schedule::KernelOp kernel, edge::LayerNormOp op)
      : RowSpace(kernel, op.getX()), scale(op.getScale()), bias(op.getBias()),
        epsilon(op.getEpsilon().convertToFloat()) {}
};

class LayerNormEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "layer_norm"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    Operation *anchor = kernel.getAnchor();
    return isa_and_nonnull<edge::LayerNormOp>(anchor) &&
           llvm::all_of(anchor->getOperands(),
                        [](Value x) { return isa<BlockArgument>(x); });
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SplitLoops(LayerNormShape(kernel).space.sizes).extent();
  }

  LogicalResult emit(KernelBuilder &k) const override;

  /// Two sums, one of them in float64, a difference and a product per element.
  int64_t flops(schedule::KernelOp kernel) const override {
    return 8 * cast<RankedTensorType>(kernel.getResult(0).getType())
                   .getNumElements();
  }
};

/// Normalizes one row.
class LayerNormWriter {
public:
  LayerNormWriter(KernelBuilder &k, const LayerNormShape &shape,
                  SmallVector<Index> position)
      : k(k), shape(shape), position(std::move(position)),
        source(k.bufferOf(shape.input)),
        from(k.address(shape.source, this->position)),
        width(std::min(partials, k.lanes())) {}

  void write();

private:
  /// x or its square less the mean, of vectors and of scalars.
  using Add = function_ref<Value(Value sum, Value x, bool isRest)>;

  template <typename OpT> Value make(Value lhs, Value rhs) {
    return OpT::create(k.b, k.loc, lhs, rhs);
  }
  Value constant(Type element, double value) {
    return arith::ConstantOp::create(k.b, k.loc,
                                     FloatAttr::get(element, value));
  }
  Value widen(Value x) {
    return arith::ExtFOp::create(k.b, k.loc,
                                 withElement(x.getType(), k.b.getF64Type()), x);
  }
  Value narrow(Value x) {
    return arith::TruncFOp::create(
        k.b, k.loc, withElement(x.getType(), k.b.getF32Type()), x);
  }
  /// The same in every lane.
  Value spread(Value scalar, Value like) {
    auto type = dyn_cast<VectorType>(like.getType());
    return type ? vector::BroadcastOp::create(k.b, k.loc, type, scalar)
                      .getResult()
                : scalar;
  }
  Value multiplyAdd(Value a, Value b, Value c);
  /// The row's sum of the type `element`, in the operator's order.
  Value sumInEights(Type element, Add add);
  Value findMean();
  Value findFactor(Value mean);

  KernelBuilder &k;
  const LayerNormShape &shape;
  SmallVector<Index> position;
  Value source;
  Index from;
  int64_t width;
};

} // namespace

Value LayerNormWriter::multiplyAdd(Value a, Value b, Value c) {
  if (k.machine.getHasFma())
    return k.fma(a, b, c);
  Value product = make<arith::MulFOp>(widen(a), widen(b));
  return narrow(make<arith::AddFOp>(product, widen(c)));
}

Value LayerNormWriter::sumInEights(Type element, Add add) {
  int64_t whole = shape.size / partials * partials;
  SmallVector<Value> zeros;
  for (int64_t first = 0; first < partials; first += width) {
    Type type = withElement(k.vectorType(width), element);
    zeros.push_back(
        arith::ConstantOp::create(k.b, k.loc, k.b.getZeroAttr(type)));
  }
  SmallVector<Value> sums =
      k.loop(0, whole, partials, zeros, [&](Index at, ArrayRef<Value> carried) {
        SmallVector<Value> next;
        for (auto [v, sum] : llvm::enumerate(carried)) {
          Index place = k.add(from, at + int64_t(v) * width);
          next.push_back(add(sum, k.load(source, place, width), false));
        }
        return next;
      });
  SmallVector<Value> scalars;
  for (int64_t j = 0; j < partials; ++j)
    scalars.push_back(
        vector::ExtractOp::create(k.b, k.loc, sums[j / width], j % width));
  for (int64_t apart = partials / 2; apart > 0; apart /= 2)
    for (int64_t j = 0; j < apart; ++j)
      scalars[j] = make<arith::AddFOp>(scalars[j], scalars[j + apart]);
  Value total = scalars.front();
  for (int64_t i = whole; i < shape.size; ++i)
    total = add(total, k.loadScalar(source, k.add(from, i)), true);
  return total;
}

Value LayerNormWriter::findMean() {
  Type wide = k.b.getF64Type();
  Value total = sumInEights(wide, [&](Value sum, Value x, bool) {
    return make<arith::AddFOp>(sum, widen(x));
  });
  return narrow(make<arith::DivFOp>(total, constant(wide, double(shape.size))));
}

/// 1 / sqrt(variance + epsilon)
Value LayerNormWriter::findFactor(Value mean) {
  Type real = k.b.getF32Type();
  Value squares = sumInEights(real, [&](Value sum, Value x, bool isRest) {
    Value apart = make<arith::SubFOp>(x, spread(mean, x));
    if (isRest)
      return make<arith::AddFOp>(sum, make<arith::MulFOp>(apart, apart));
    return multiplyAdd(apart, apart, sum);
  });
  Value variance =
      make<arith::DivFOp>(squares, constant(real, double(shape.size)));
  Value positive =
      k.splat(make<arith::AddFOp>(variance, constant(real, shape.epsilon)), 1);
  return vector::ExtractOp::create(
      k.b, k.loc, emitRsqrt(k.b, k.loc, positive, MathTarget::get(k.machine)),
      int64_t(0));
}

void LayerNormWriter::write() {
  Value mean = findMean(), factor = findFactor(mean);
  auto perElement = [&](Value operand, Index at, int64_t lanes) {
    Index place = k.address(k.layoutOf(operand), {at});
    return k.load(k.bufferOf(operand), place, lanes);
  };
  forVectors(k, shape.size, 4, [&](Index at, ArrayRef<int64_t> widths) {
    for (auto [v, lanes] : llvm::enumerate(widths)) {
      Index place = at + int64_t(v) * k.lanes();
      Value apart = make<arith::SubFOp>(
          k.load(source, k.add(from, place), lanes), k.splat(mean, lanes));
      Value normalized = make<arith::MulFOp>(apart, k.splat(factor, lanes));
      Value y = multiplyAdd(normalized, perElement(shape.scale, place, lanes),
                            perElement(shape.bias, place, lanes));
      position.back() = place;
      k.store(emitEpilogue(k, y, position, lanes), k.resultBuffer(),
              k.address(shape.result, position), lanes);
    }
  });
}

LogicalResult LayerNormEmitter::emit(KernelBuilder &k) const {
  LayerNormShape shape(k.kernel);
  SplitLoops(shape.space.sizes).emit(k, [&](ArrayRef<Index> indices) {
    LayerNormWriter(k, shape, shape.space.position(indices)).write();
  });
  return success();
}

const KernelEmitter &kernel::layerNormEmitter() {
  static const LayerNormEmitter emitter;
  return emitter;
}
