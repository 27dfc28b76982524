//===- Trilu.cpp - triangles of matrices ---------------------------------===//
//
// Each row is a run of zeros and a run of copied elements (upper), or the
// reverse (lower); where they meet depends on the row and on the diagonal,
// which is a value of the run.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class TriluEmitter : public SingleOperatorEmitter<edge::TriluOp> {
public:
  StringRef name() const override { return "trilu"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SplitLoops(ArrayRef(getResultLayout(kernel, 0).shape).drop_back())
        .extent();
  }
  LogicalResult emit(KernelBuilder &k) const override;
};

/// One row of the result.
struct Row {
  Value source;
  Index from;
  int64_t fromStride;
  Index to;
  int64_t toStride;
};
} // namespace

static void copyRun(KernelBuilder &k, const Row &row, Index lo, Index hi) {
  // Partial vectors of a run whose end is not known are single elements, and
  // so are all where the result's neighbours lie apart.
  int64_t step = row.toStride == 1 ? k.lanes() : 1;
  k.tiles(lo, hi, step, [&](Index at, int64_t lanes) {
    Value vector =
        loadStrided(k, row.source, k.add(row.from, k.mul(at, row.fromStride)),
                    row.fromStride, lanes, Form::stored);
    k.store(vector, k.resultBuffer(), k.add(row.to, k.mul(at, row.toStride)),
            lanes);
  });
}

static void zeroRun(KernelBuilder &k, const Row &row, Index lo, Index hi) {
  int64_t step = row.toStride == 1 ? k.lanes() : 1;
  TypedAttr zero = storedNumber(k.elementIn(k.resultBuffer()), 0);
  k.tiles(lo, hi, step, [&](Index at, int64_t lanes) {
    k.store(k.splat(zero, lanes), k.resultBuffer(),
            k.add(row.to, k.mul(at, row.toStride)), lanes);
  });
}

LogicalResult TriluEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::TriluOp>(k.kernel.getAnchor());
  Layout x = k.layoutOf(op.getX()), result = k.resultLayout();
  int64_t columns = result.shape.back(),
          rows = result.shape[result.shape.size() - 2];
  Value diagonal = loadIndex(k, k.bufferOf(op.getDiagonal()),
                             k.layoutOf(op.getDiagonal()).offset);
  // Further away nothing changes any more.
  diagonal = clampIndex(k, diagonal, -rows, columns);
  if (!op.getUpper())
    diagonal = addIndex(k, diagonal, k.constantIndex(1));
  SplitLoops loops(ArrayRef(result.shape).drop_back());
  loops.emit(k, [&](ArrayRef<Index> outer) {
    SmallVector<Index> first(outer);
    first.push_back(0);
    Row row{k.bufferOf(op.getX()), k.address(x, first), x.strides.back(),
            k.address(result, first), result.strides.back()};
    Value border = addIndex(k, diagonal, k.value(outer.back()));
    Index split(clampIndex(k, border, 0, columns));
    if (op.getUpper()) {
      zeroRun(k, row, 0, split);
      copyRun(k, row, split, columns);
    } else {
      copyRun(k, row, 0, split);
      zeroRun(k, row, split, columns);
    }
  });
  return success();
}

const KernelEmitter &kernel::triluEmitter() {
  static const TriluEmitter emitter;
  return emitter;
}
