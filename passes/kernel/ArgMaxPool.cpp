//===- ArgMaxPool.cpp - where the largest element of a window lies --------===//
//
// Vectors run along the channels and carry the largest elements so far beside
// their indices; loops go over the taps inside the image only.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Spatial.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

class ArgMaxPoolEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "arg_max_pool"; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::ArgMaxPoolOp>(kernel.getAnchor());
    return op && isa<BlockArgument>(op.getInput()) &&
           isEmittableElement(
               cast<ShapedType>(op.getInput().getType()).getElementType());
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return loops(kernel).extent();
  }

  static SplitLoops loops(schedule::KernelOp kernel) {
    auto type = cast<RankedTensorType>(kernel.getResult(0).getType());
    return SplitLoops(type.getShape().drop_back());
  }

  LogicalResult emit(KernelBuilder &k) const override;
};

/// The taps of one dimension that lie in the image.
struct TapRange {
  Index begin, end;
};

/// Writes one kernel.
class ArgMaxPoolWriter {
public:
  explicit ArgMaxPoolWriter(KernelBuilder &k)
      : k(k), op(cast<edge::ArgMaxPoolOp>(k.kernel.getAnchor())),
        source(k.layoutOf(op.getInput())), result(k.resultLayout()) {}

  void write();

private:
  TapRange insideTaps(size_t dimension, Index output);
  SmallVector<Value> fold(size_t dimension, ArrayRef<Index> outer,
                          ArrayRef<TapRange> taps, Index address, Index index,
                          int64_t lanes, ArrayRef<Value> best);
  SmallVector<Value> compare(Index address, Index index, int64_t lanes,
                             ArrayRef<Value> best);
  Value indexVector(Value index, int64_t lanes);

  KernelBuilder &k;
  edge::ArgMaxPoolOp op;
  Layout source, result;
};

} // namespace

/// Differences are taken so that none is negative.
TapRange ArgMaxPoolWriter::insideTaps(size_t d, Index output) {
  Index start = k.mul(output, op.getStrides()[d]);
  int64_t dilation = op.getDilations()[d];
  auto tapsUntil = [&](int64_t position) -> Index {
    Index stop = k.maximum(start, position);
    Value distance =
        arith::SubIOp::create(k.b, k.loc, k.value(stop), k.value(start));
    Index taps = k.div(Index(distance) + (dilation - 1), dilation);
    return k.minimum(taps, op.getWindow()[d]);
  };
  return {tapsUntil(op.getPads()[d]),
          tapsUntil(op.getPads()[d] + source.shape[1 + d])};
}

Value ArgMaxPoolWriter::indexVector(Value index, int64_t lanes) {
  Value integer =
      arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), index);
  return k.splat(integer, lanes);
}

/// best: the largest elements, their indices (-1: none yet).
SmallVector<Value> ArgMaxPoolWriter::compare(Index address, Index index,
                                             int64_t lanes,
                                             ArrayRef<Value> best) {
  Value x = k.load(k.bufferOf(op.getInput()), address, lanes);
  Value larger;
  Type element = cast<VectorType>(x.getType()).getElementType();
  if (isa<FloatType>(element)) {
    larger = arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::OGT, x,
                                   best[0]);
  } else {
    bool natural = isUnsignedElement(elementOf(op.getInput().getType()));
    larger = arith::CmpIOp::create(k.b, k.loc,
                                   natural ? arith::CmpIPredicate::ugt
                                           : arith::CmpIPredicate::sgt,
                                   x, best[0]);
  }
  Value none = k.splat(
      Value(arith::ConstantIntOp::create(k.b, k.loc, k.b.getI64Type(), -1)),
      lanes);
  Value isFirst = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::eq,
                                        best[1], none);
  Value taken = arith::OrIOp::create(k.b, k.loc, larger, isFirst);
  Value here = indexVector(k.value(index), lanes);
  return {arith::SelectOp::create(k.b, k.loc, taken, x, best[0]),
          arith::SelectOp::create(k.b, k.loc, taken, here, best[1])};
}

SmallVector<Value> ArgMaxPoolWriter::fold(size_t d, ArrayRef<Index> outer,
                                          ArrayRef<TapRange> taps,
                                          Index address, Index index,
                                          int64_t lanes, ArrayRef<Value> best) {
  if (d == taps.size())
    return compare(address, index, lanes, best);
  return k.loop(taps[d].begin, taps[d].end, 1, SmallVector<Value>(best),
                [&](Index tap, ArrayRef<Value> carried) {
                  Index at = k.add(k.mul(outer[1 + d], op.getStrides()[d]),
                                   k.mul(tap, op.getDilations()[d])) +
                             -op.getPads()[d];
                  Index position(k.value(at));
                  return fold(
                      d + 1, outer, taps,
                      k.add(address, k.mul(position, source.strides[1 + d])),
                      k.add(index, k.mul(position, op.getIndexStrides()[d])),
                      lanes, carried);
                });
}

void ArgMaxPoolWriter::write() {
  ArgMaxPoolEmitter::loops(k.kernel).emit(k, [&](ArrayRef<Index> outer) {
    SmallVector<TapRange> taps;
    for (size_t d = 0; d < op.getWindow().size(); ++d)
      taps.push_back(insideTaps(d, outer[1 + d]));
    Index image = k.mul(outer[0], source.strides[0]) + source.offset;
    forVectors(
        k, source.shape.back(), 1, [&](Index at, ArrayRef<int64_t> widths) {
          int64_t lanes = widths.front();
          Value zero = k.splat(
              computedNumber(elementOf(op.getInput().getType()), 0.0), lanes);
          Value none = k.splat(Value(arith::ConstantIntOp::create(
                                   k.b, k.loc, k.b.getI64Type(), -1)),
                               lanes);
          SmallVector<Value> best =
              fold(0, outer, taps, k.add(image, at), 0, lanes, {zero, none});
          SmallVector<Index> position(outer);
          position.push_back(at);
          k.store(best[1], k.resultBuffer(), k.address(result, position),
                  lanes);
        });
  });
}

LogicalResult ArgMaxPoolEmitter::emit(KernelBuilder &k) const {
  ArgMaxPoolWriter(k).write();
  return success();
}

const KernelEmitter &kernel::argMaxPoolEmitter() {
  static const ArgMaxPoolEmitter emitter;
  return emitter;
}
