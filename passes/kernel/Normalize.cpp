//===- Normalize.cpp - rows brought to mean 0 and variance 1 --------------===//
//
// Three passes over a row that stays in the first-level cache: its mean, the
// mean of the squares of what is left, and the result with the epilogue, where
// a layer's scale and bias come in. Vectors run along the row.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Normalize.h"
#include "dialects/edge/Normalize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/RowSpace.h"
#include "passes/kernel/VectorMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

struct NormalizeShape : RowSpace {
  explicit NormalizeShape(schedule::KernelOp kernel)
      : NormalizeShape(kernel, cast<edge::NormalizeOp>(kernel.getAnchor())) {}

  double epsilon;

private:
  NormalizeShape(schedule::KernelOp kernel, edge::NormalizeOp op)
      : RowSpace(kernel, op.getX()),
        epsilon(op.getEpsilon().convertToDouble()) {}
};

class NormalizeEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "normalize"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::NormalizeOp>(kernel.getAnchor());
    Type element = op ? elementOf(op.getX().getType()) : Type();
    return op && isa<BlockArgument>(op.getX()) &&
           (element.isF32() || element.isF64());
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SplitLoops(NormalizeShape(kernel).space.sizes).extent();
  }

  LogicalResult emit(KernelBuilder &k) const override;

  /// Two sums, a difference, a square and a product per element.
  int64_t flops(schedule::KernelOp kernel) const override {
    return 6 * cast<RankedTensorType>(kernel.getResult(0).getType())
                   .getNumElements();
  }
};

/// Normalizes one row.
class RowWriter {
public:
  RowWriter(KernelBuilder &k, const NormalizeShape &shape,
            SmallVector<Index> position)
      : k(k), shape(shape), position(std::move(position)),
        source(k.bufferOf(shape.input)), element(k.elementIn(source)),
        from(k.address(shape.source, this->position)) {}

  void write();

private:
  Value load(Index at, int64_t lanes) {
    return k.load(source, k.add(from, at), lanes);
  }
  Value number(double value, int64_t lanes) {
    return k.splat(FloatAttr::get(element, value), lanes);
  }
  /// The mean of what `leaf` reads, as a scalar.
  Value mean(function_ref<Value(Index, int64_t)> leaf);
  Value centered(Index at, int64_t lanes, Value mean) {
    return arith::SubFOp::create(k.b, k.loc, load(at, lanes),
                                 k.splat(mean, lanes));
  }

  KernelBuilder &k;
  const NormalizeShape &shape;
  SmallVector<Index> position;
  Value source;
  Type element;
  Index from;
};

} // namespace

Value RowWriter::mean(function_ref<Value(Index, int64_t)> leaf) {
  Reduction sum{Reduction::sum, element};
  Value total = reducePartials(k, sum, reduceRun(k, sum, shape.size, leaf));
  Value count = arith::ConstantOp::create(
      k.b, k.loc, FloatAttr::get(element, double(shape.size)));
  return arith::DivFOp::create(k.b, k.loc, total, count);
}

void RowWriter::write() {
  Value middle = mean([&](Index at, int64_t lanes) { return load(at, lanes); });
  Value variance = mean([&](Index at, int64_t lanes) -> Value {
    Value x = centered(at, lanes, middle);
    return arith::MulFOp::create(k.b, k.loc, x, x);
  });
  Value positive = arith::AddFOp::create(k.b, k.loc, k.splat(variance, 1),
                                         number(shape.epsilon, 1));
  Value factor = vector::ExtractOp::create(
      k.b, k.loc, emitRsqrt(k.b, k.loc, positive, MathTarget::get(k.machine)),
      int64_t(0));
  forVectors(k, shape.size, 4, [&](Index at, ArrayRef<int64_t> widths) {
    for (auto [v, lanes] : llvm::enumerate(widths)) {
      Index place = at + int64_t(v) * k.lanes();
      Value x = arith::MulFOp::create(
          k.b, k.loc, centered(place, lanes, middle), k.splat(factor, lanes));
      position.back() = place;
      k.store(emitEpilogue(k, x, position, lanes), k.resultBuffer(),
              k.address(shape.result, position), lanes);
    }
  });
}

LogicalResult NormalizeEmitter::emit(KernelBuilder &k) const {
  NormalizeShape shape(k.kernel);
  SplitLoops(shape.space.sizes).emit(k, [&](ArrayRef<Index> indices) {
    RowWriter(k, shape, shape.space.position(indices)).write();
  });
  return success();
}

const KernelEmitter &kernel::normalizeEmitter() {
  static const NormalizeEmitter emitter;
  return emitter;
}
