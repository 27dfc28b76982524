//===- Det.cpp - determinants --------------------------------------------===//
//
// Elimination with row pivots on a copy of each matrix; the product of the
// pivots. Rows are vectors.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class DetEmitter : public SingleOperatorEmitter<edge::DetOp> {
public:
  StringRef name() const override { return "det"; }
  /// One part per matrix.
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return cast<RankedTensorType>(kernel.getResult(0).getType())
        .getNumElements();
  }
  /// A copy of all matrices, in the form that is computed with.
  RankedTensorType scratch(schedule::KernelOp kernel,
                           schedule::TilingAttr) const override {
    auto x = cast<RankedTensorType>(kernel.getInputs()[0].getType());
    return RankedTensorType::get({x.getNumElements()},
                                 computedType(x.getElementType()));
  }
  LogicalResult emit(KernelBuilder &k) const override;
  int64_t flops(schedule::KernelOp kernel) const override {
    auto x = cast<RankedTensorType>(kernel.getInputs()[0].getType());
    return x.getNumElements() * x.getShape().back();
  }
};

/// The copy of one matrix.
class Elimination {
public:
  Elimination(KernelBuilder &k, Index begin, int64_t size)
      : k(k), begin(begin), size(size) {}
  /// The determinant.
  Value run();

private:
  Index at(Index row, Index column) {
    return k.add(begin, k.add(k.mul(row, size), column));
  }
  Value load(Index row, Index column) {
    return k.loadScalar(k.scratchBuffer(), at(row, column));
  }
  Value absolute(Value x) {
    Value negative = arith::NegFOp::create(k.b, k.loc, x);
    return arith::MaximumFOp::create(k.b, k.loc, x, negative);
  }
  Value findPivot(Index column);
  void swapRows(Index a, Index b);
  void eliminate(Index pivot, Value divisor);

  KernelBuilder &k;
  Index begin;
  int64_t size;
};
} // namespace

/// The row from `column` on whose element there is the largest.
Value Elimination::findPivot(Index column) {
  SmallVector<Value> inits{absolute(load(column, column)), k.value(column)};
  return k.loop(
      column + 1, size, 1, inits,
      [&](Index row, ArrayRef<Value> best) -> SmallVector<Value> {
        Value x = absolute(load(row, column));
        Value larger = arith::CmpFOp::create(
            k.b, k.loc, arith::CmpFPredicate::OGT, x, best[0]);
        return {
            arith::SelectOp::create(k.b, k.loc, larger, x, best[0]),
            arith::SelectOp::create(k.b, k.loc, larger, k.value(row), best[1])};
      })[1];
}

void Elimination::swapRows(Index a, Index b) {
  k.tiles(0, size, k.lanes(), [&](Index column, int64_t lanes) {
    Value x = k.load(k.scratchBuffer(), at(a, column), lanes);
    Value y = k.load(k.scratchBuffer(), at(b, column), lanes);
    k.store(y, k.scratchBuffer(), at(a, column), lanes);
    k.store(x, k.scratchBuffer(), at(b, column), lanes);
  });
}

void Elimination::eliminate(Index pivot, Value divisor) {
  k.loop(pivot + 1, size, 1, [&](Index row) {
    Value factor = arith::DivFOp::create(k.b, k.loc, load(row, pivot), divisor);
    factor = arith::NegFOp::create(k.b, k.loc, factor);
    k.tiles(0, size, k.lanes(), [&](Index column, int64_t lanes) {
      Value above = k.load(k.scratchBuffer(), at(pivot, column), lanes);
      Value x = k.load(k.scratchBuffer(), at(row, column), lanes);
      k.store(k.fma(k.splat(factor, lanes), above, x), k.scratchBuffer(),
              at(row, column), lanes);
    });
  });
}

Value Elimination::run() {
  Type type = load(0, 0).getType();
  Value one = scalarConstant(k, k.b.getFloatAttr(type, 1));
  return k.loop(
      0, size, 1, ValueRange{one},
      [&](Index column, ArrayRef<Value> product) -> SmallVector<Value> {
        Value row = findPivot(column);
        Value stays = arith::CmpIOp::create(
            k.b, k.loc, arith::CmpIPredicate::eq, row, k.value(column));
        swapRows(column, Index(row));
        Value pivot = load(column, column);
        ifTrue(k, isNotZero(k, pivot), [&] { eliminate(column, pivot); });
        Value negative = arith::NegFOp::create(k.b, k.loc, pivot);
        Value factor =
            arith::SelectOp::create(k.b, k.loc, stays, pivot, negative);
        return {arith::MulFOp::create(k.b, k.loc, product[0], factor)};
      })[0];
}

LogicalResult DetEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::DetOp>(k.kernel.getAnchor());
  Layout x = k.layoutOf(op.getX()), result = k.resultLayout();
  int64_t size = x.shape.back();
  k.loop(Index(k.begin), Index(k.end), 1, [&](Index matrix) {
    SmallVector<Index> position = unflatten(k, matrix, result.shape);
    Index begin = k.mul(matrix, size * size), to = k.address(result, position);
    forPositions(k, {size, size}, [&](ArrayRef<Index> inner) {
      SmallVector<Index> from(position);
      from.append(inner.begin(), inner.end());
      k.storeScalar(k.loadScalar(k.bufferOf(op.getX()), k.address(x, from)),
                    k.scratchBuffer(),
                    k.add(begin, k.add(k.mul(inner[0], size), inner[1])));
    });
    k.storeScalar(Elimination(k, begin, size).run(), k.resultBuffer(), to);
  });
  return success();
}

const KernelEmitter &kernel::detEmitter() {
  static const DetEmitter emitter;
  return emitter;
}
