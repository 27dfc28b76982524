//===- LookupSoftmax.cpp - softmax of bytes by a table --------------------===//
//
// Per row: the largest byte, in vectors; the sum of the exponentials, which is
// defined as one chain of additions, on scalars; the quotients with the
// epilogue, in vectors. So that additions need not wait for each other, a few
// rows are summed up side by side. The exponentials that were looked up wait on
// the stack.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Softmax.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/MatrixUnit.h"
#include "passes/kernel/RowSpace.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Rows that are summed up side by side.
static constexpr int64_t mostRows = 4;
/// Most exponentials that wait on the stack.
static constexpr int64_t mostWaiting = 4096;

namespace {

struct LookupSoftmaxShape : RowSpace {
  explicit LookupSoftmaxShape(schedule::KernelOp kernel)
      : LookupSoftmaxShape(kernel,
                           cast<edge::LookupSoftmaxOp>(kernel.getAnchor())) {}

  /// Whether the exponentials of whole rows wait.
  bool keepsRows() const { return size <= mostWaiting; }
  int64_t rowsAtOnce() const {
    return std::clamp<int64_t>(mostWaiting / std::max<int64_t>(size, 1), 1,
                               mostRows);
  }
  GroupedLoops rows() const {
    return GroupedLoops(space.outer(), space.inner(), rowsAtOnce(),
                        /*lanes=*/1);
  }

  /// 256 numbers, one number
  Value exponentials, factor;

private:
  LookupSoftmaxShape(schedule::KernelOp kernel, edge::LookupSoftmaxOp op)
      : RowSpace(kernel, op.getX()), exponentials(op.getExponentials()),
        factor(op.getFactor()) {}
};

class LookupSoftmaxEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "lookup_softmax"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    Operation *anchor = kernel.getAnchor();
    return isa_and_nonnull<edge::LookupSoftmaxOp>(anchor) &&
           llvm::all_of(anchor->getOperands(),
                        [](Value x) { return isa<BlockArgument>(x); });
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return LookupSoftmaxShape(kernel).rows().extent();
  }

  LogicalResult emit(KernelBuilder &k) const override;

  /// Two loads, an addition and a store of scalars; a vector's product,
  /// quotient and rounding are little beside them.
  int64_t flops(schedule::KernelOp kernel) const override {
    constexpr int64_t lanes = 16, perElement = 2;
    return lanes * perElement *
           cast<RankedTensorType>(kernel.getResult(0).getType())
               .getNumElements();
  }
};

/// Some neighbouring rows.
class RowsWriter {
public:
  RowsWriter(KernelBuilder &k, const LookupSoftmaxShape &shape, Value waiting,
             ArrayRef<SmallVector<Index>> positions);

  void write();

private:
  /// 255 less the largest byte of a row, as an index.
  Value findShift(size_t row);
  Value exponential(size_t row, Index at);
  SmallVector<Value> sumUp();
  void divide(size_t row, Value sum);
  Index waitingAt(size_t row, Index at) {
    return k.add(int64_t(row) * shape.size, at);
  }
  Value number(Value byte);

  KernelBuilder &k;
  const LookupSoftmaxShape &shape;
  Value bytes, waiting;
  SmallVector<SmallVector<Index>> positions;
  SmallVector<Index> from;
  SmallVector<Value> shifts;
};

} // namespace

RowsWriter::RowsWriter(KernelBuilder &k, const LookupSoftmaxShape &shape,
                       Value waiting, ArrayRef<SmallVector<Index>> positions)
    : k(k), shape(shape), bytes(k.bufferOf(shape.input)), waiting(waiting),
      positions(positions) {
  for (ArrayRef<Index> position : positions)
    from.push_back(k.address(shape.source, position));
}

Value RowsWriter::number(Value byte) {
  Type index = k.b.getIndexType();
  if (isUnsignedElement(k.elementIn(bytes)))
    return arith::IndexCastUIOp::create(k.b, k.loc, index, byte);
  return arith::IndexCastOp::create(k.b, k.loc, index, byte);
}

Value RowsWriter::findShift(size_t row) {
  Reduction maximum{Reduction::maximum, k.elementIn(bytes)};
  Value largest = reducePartials(
      k, maximum,
      reduceRun(k, maximum, shape.size, [&](Index at, int64_t lanes) {
        return k.load(bytes, k.add(from[row], at), lanes);
      }));
  int64_t table = k.layoutOf(shape.exponentials).offset;
  return arith::SubIOp::create(k.b, k.loc, k.constantIndex(table + 255),
                               number(largest));
}

Value RowsWriter::exponential(size_t row, Index at) {
  Value byte = k.loadScalar(bytes, k.add(from[row], at));
  Value entry = arith::AddIOp::create(k.b, k.loc, number(byte), shifts[row]);
  return k.loadScalar(k.bufferOf(shape.exponentials), Index(entry));
}

/// The sum of each row; what is added waits.
SmallVector<Value> RowsWriter::sumUp() {
  Value zero = arith::ConstantOp::create(k.b, k.loc, k.b.getF32FloatAttr(0));
  SmallVector<Value> zeros(positions.size(), zero);
  return k.loop(0, shape.size, 1, zeros, [&](Index at, ArrayRef<Value> sums) {
    SmallVector<Value> next;
    for (size_t row = 0; row < positions.size(); ++row) {
      Value e = exponential(row, at);
      if (shape.keepsRows())
        k.storeScalar(e, waiting, waitingAt(row, at));
      next.push_back(arith::AddFOp::create(k.b, k.loc, sums[row], e));
    }
    return next;
  });
}

void RowsWriter::divide(size_t row, Value sum) {
  Value factor =
      k.loadScalar(k.bufferOf(shape.factor), k.layoutOf(shape.factor).offset);
  SmallVector<Index> position = positions[row];
  forVectors(k, shape.size, 4, [&](Index at, ArrayRef<int64_t> widths) {
    for (auto [v, lanes] : llvm::enumerate(widths)) {
      Index start = at + int64_t(v) * k.lanes(), kept = waitingAt(row, start);
      if (!shape.keepsRows()) {
        kept = 0;
        k.loop(0, lanes, 1, [&](Index lane) {
          k.storeScalar(exponential(row, k.add(start, lane)), waiting, lane);
        });
      }
      Value scaled = arith::MulFOp::create(
          k.b, k.loc, k.load(waiting, kept, lanes), k.splat(factor, lanes));
      Value quotient =
          arith::DivFOp::create(k.b, k.loc, scaled, k.splat(sum, lanes));
      position.back() = start;
      k.store(emitEpilogue(k, quotient, position, lanes), k.resultBuffer(),
              k.address(shape.result, position), lanes);
    }
  });
}

void RowsWriter::write() {
  for (size_t row = 0; row < positions.size(); ++row)
    shifts.push_back(findShift(row));
  SmallVector<Value> sums = sumUp();
  for (auto [row, sum] : llvm::enumerate(sums))
    divide(row, sum);
}

LogicalResult LookupSoftmaxEmitter::emit(KernelBuilder &k) const {
  LookupSoftmaxShape shape(k.kernel);
  int64_t kept =
      shape.keepsRows() ? shape.rowsAtOnce() * shape.size : k.lanes();
  Value waiting = allocateOnStack(k, kept, k.b.getF32Type());
  shape.rows().emit(
      k, [&](ArrayRef<Index> outer, Index start, ArrayRef<int64_t> widths) {
        SmallVector<SmallVector<Index>> positions;
        for (size_t row = 0; row < widths.size(); ++row) {
          SmallVector<Index> indices(outer);
          indices.push_back(start + int64_t(row));
          positions.push_back(shape.space.position(indices));
        }
        RowsWriter(k, shape, waiting, positions).write();
      });
  return success();
}

const KernelEmitter &kernel::lookupSoftmaxEmitter() {
  static const LookupSoftmaxEmitter emitter;
  return emitter;
}
