//===- Dynamic.cpp - slices and pads whose offsets the run decides --------===//
//
// Before its loops the kernel reads what the run says about each dimension;
// then every element of the result is computed from its position alone, so any
// part of the range can be written by itself. Indices are clamped into the
// operand: wrong values read wrong elements of it, never others.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Dynamic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// Scalar arithmetic on i64.
struct Scalars {
  KernelBuilder &k;

  Value constant(int64_t value) const {
    return arith::ConstantOp::create(k.b, k.loc, k.b.getI64IntegerAttr(value));
  }
  Value add(Value a, Value b) const {
    return arith::AddIOp::create(k.b, k.loc, a, b);
  }
  Value sub(Value a, Value b) const {
    return arith::SubIOp::create(k.b, k.loc, a, b);
  }
  Value mul(Value a, Value b) const {
    return arith::MulIOp::create(k.b, k.loc, a, b);
  }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) const {
    return arith::CmpIOp::create(k.b, k.loc, predicate, a, b);
  }
  Value isNegative(Value a) const {
    return compare(arith::CmpIPredicate::slt, a, constant(0));
  }
  Value select(Value condition, Value a, Value b) const {
    return arith::SelectOp::create(k.b, k.loc, condition, a, b);
  }
  Value clamp(Value a, int64_t low, int64_t high) const {
    return arith::MinSIOp::create(
        k.b, k.loc, arith::MaxSIOp::create(k.b, k.loc, a, constant(low)),
        constant(high));
  }
  /// In [0, size), as the remainder of a floored division.
  Value modulo(Value a, int64_t size) const {
    Value rest = arith::RemSIOp::create(k.b, k.loc, a, constant(size));
    return select(isNegative(rest), add(rest, constant(size)), rest);
  }
  /// Element `index` of a list of i32 or i64.
  Value element(Value argument, int64_t index) const {
    Value loaded =
        k.loadScalar(k.bufferOf(argument), k.layoutOf(argument).offset + index);
    if (loaded.getType().isInteger(64))
      return loaded;
    return arith::ExtSIOp::create(k.b, k.loc, k.b.getI64Type(), loaded);
  }
  Value fromIndex(Index index) const {
    return arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(),
                                      k.value(index));
  }
  Index toIndex(Value value) const {
    return arith::IndexCastOp::create(k.b, k.loc, k.b.getIndexType(), value)
        .getResult();
  }
};

/// What a list of the run says about each dimension; null where it says
/// nothing.
SmallVector<Value> perDimension(const Scalars &s, int64_t rank, Value list,
                                Value axes, int64_t count, int64_t otherwise) {
  SmallVector<Value> values(rank);
  for (int64_t n = 0; list && n < count; ++n) {
    Value value = s.element(list, n);
    if (!axes) {
      values[n] = value;
      continue;
    }
    Value axis = s.element(axes, n);
    axis = s.select(s.isNegative(axis), s.add(axis, s.constant(rank)), axis);
    for (int64_t d = 0; d < rank; ++d) {
      Value before = values[d] ? values[d] : s.constant(otherwise);
      Value isThis = s.compare(arith::CmpIPredicate::eq, axis, s.constant(d));
      values[d] = s.select(isThis, value, before);
    }
  }
  return values;
}

/// Per dimension of the result where a position lies in the operand, and
/// whether it lies there at all (null: it does).
class Source {
public:
  virtual ~Source() = default;
  virtual Value place(int64_t d, Value position, Value &isInside) const = 0;
};

class SliceSource : public Source {
public:
  SliceSource(const Scalars &s, edge::DynamicSliceOp op)
      : s(s), sizes(op.getX().getType().getShape()) {
    int64_t rank = sizes.size();
    int64_t count =
        cast<RankedTensorType>(op.getStarts().getType()).getNumElements();
    starts = perDimension(s, rank, op.getStarts(), op.getAxes(), count, 0);
    steps = perDimension(s, rank, op.getSteps(), op.getAxes(), count, 1);
    for (int64_t d = 0; d < rank; ++d) {
      if (starts[d]) {
        Value fromEnd = s.add(starts[d], s.constant(sizes[d]));
        starts[d] =
            s.clamp(s.select(s.isNegative(starts[d]), fromEnd, starts[d]), 0,
                    sizes[d] - 1);
      }
      if (steps[d])
        steps[d] = s.clamp(steps[d], -sizes[d], sizes[d]);
    }
  }

  Value place(int64_t d, Value position, Value &) const override {
    if (steps[d])
      position = s.mul(position, steps[d]);
    if (starts[d])
      position = s.add(position, starts[d]);
    return s.clamp(position, 0, sizes[d] - 1);
  }

private:
  const Scalars &s;
  SmallVector<int64_t> sizes;
  SmallVector<Value> starts, steps;
};

class PadSource : public Source {
public:
  PadSource(const Scalars &s, edge::DynamicPadOp op)
      : s(s), mode(op.getMode()), sizes(op.getX().getType().getShape()) {
    int64_t count =
        cast<RankedTensorType>(op.getPads().getType()).getNumElements() / 2;
    low = perDimension(s, sizes.size(), op.getPads(), op.getAxes(), count, 0);
  }

  Value place(int64_t d, Value position, Value &isInside) const override {
    int64_t size = sizes[d];
    if (low[d])
      position = s.sub(position, low[d]);
    switch (mode) {
    case edge::PadMode::constant: {
      Value inside =
          s.compare(arith::CmpIPredicate::ult, position, s.constant(size));
      isInside = isInside
                     ? arith::AndIOp::create(s.k.b, s.k.loc, isInside, inside)
                     : inside;
      return s.clamp(position, 0, size - 1);
    }
    case edge::PadMode::edge:
      return s.clamp(position, 0, size - 1);
    case edge::PadMode::wrap:
      return s.modulo(position, size);
    case edge::PadMode::reflect: {
      if (size == 1)
        return s.constant(0);
      int64_t period = 2 * (size - 1);
      Value there = s.modulo(position, period);
      Value isFirst =
          s.compare(arith::CmpIPredicate::slt, there, s.constant(size));
      return s.select(isFirst, there, s.sub(s.constant(period), there));
    }
    }
    return position;
  }

private:
  const Scalars &s;
  edge::PadMode mode;
  SmallVector<int64_t> sizes;
  SmallVector<Value> low;
};

class DynamicEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "dynamic"; }

  bool matches(schedule::KernelOp kernel) const override {
    Operation *anchor = kernel.getAnchor();
    return isa_and_nonnull<edge::DynamicSliceOp, edge::DynamicPadOp>(anchor) &&
           countEpilogueOperators(kernel) == 0 &&
           llvm::all_of(anchor->getOperands(), [](Value operand) {
             return isa<BlockArgument>(operand);
           });
  }

  /// The first dimension is split.
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(kernel.getResult(0).getType()).getShape();
    return shape.empty() ? 1 : shape.front();
  }

  LogicalResult emit(KernelBuilder &k) const override;
  int64_t flops(schedule::KernelOp) const override { return 0; }
};

/// Writes the elements from dimension `d` on.
struct ElementWriter {
  KernelBuilder &k;
  const Scalars &s;
  const Source &source;
  Value x, fill;
  Layout from, to;

  void write(size_t d, Index fromAddress, Index toAddress, Value isInside) {
    if (d == to.shape.size()) {
      Value element = k.loadScalar(x, fromAddress);
      if (isInside)
        element = s.select(isInside, element, fill);
      return k.storeScalar(element, k.resultBuffer(), toAddress);
    }
    Index begin = d == 0 ? Index(k.begin) : Index(0),
          end = d == 0 ? Index(k.end) : Index(to.shape[d]);
    k.loop(begin, end, 1, [&](Index i) {
      Value inside = isInside;
      Value place = source.place(d, s.fromIndex(i), inside);
      write(d + 1, k.add(fromAddress, k.mul(s.toIndex(place), from.strides[d])),
            k.add(toAddress, k.mul(i, to.strides[d])), inside);
    });
  }
};

} // namespace

LogicalResult DynamicEmitter::emit(KernelBuilder &k) const {
  Scalars s{k};
  Operation *anchor = k.kernel.getAnchor();
  Value x = anchor->getOperand(0), fill;
  std::unique_ptr<Source> source;
  if (auto slice = dyn_cast<edge::DynamicSliceOp>(anchor)) {
    source = std::make_unique<SliceSource>(s, slice);
  } else {
    auto pad = cast<edge::DynamicPadOp>(anchor);
    source = std::make_unique<PadSource>(s, pad);
    Value buffer = k.resultBuffer();
    Type element = cast<MemRefType>(buffer.getType()).getElementType();
    fill = pad.getValue()
               ? k.loadScalar(k.bufferOf(pad.getValue()),
                              k.layoutOf(pad.getValue()).offset)
               : arith::ConstantOp::create(k.b, k.loc, k.b.getZeroAttr(element))
                     .getResult();
  }
  Layout from = k.layoutOf(x), to = k.resultLayout();
  ElementWriter writer{k, s, *source, k.bufferOf(x), fill, from, to};
  auto write = [&] { writer.write(0, from.offset, to.offset, nullptr); };
  // A scalar has one part.
  if (to.shape.empty())
    k.ifEqual(k.begin, 0, write);
  else
    write();
  return success();
}

const KernelEmitter &kernel::dynamicEmitter() {
  static const DynamicEmitter emitter;
  return emitter;
}
