//===- Move.cpp - concat, slice, pad and broadcast -----------------------===//
//
// Each of them is a few boxes of the result: an input per box (concat), a
// strided view (slice, broadcast), or a view with constant boxes around it
// (pad). Threads split the result's first dimension; a box takes part with what
// of the range lies in it.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/Move.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- boxes
//---------------------------------------------------------------===//

/// The dimension that the kernel's range counts: the first that is not 1, but
/// not the one that vectors run along.
static std::optional<size_t> splitDimension(ArrayRef<int64_t> shape) {
  std::optional<size_t> first;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1)
      continue;
    if (first)
      return first;
    first = d;
  }
  return std::nullopt;
}

int64_t kernel::boxExtent(schedule::KernelOp kernel) {
  Layout result = getResultLayout(kernel, 0);
  std::optional<size_t> split = splitDimension(result.shape);
  return split ? result.shape[*split] : 1;
}

namespace {
/// Writes one box.
class BoxWriter {
public:
  BoxWriter(KernelBuilder &k, const Box &box);
  void write();

private:
  void writeRow(ArrayRef<Index> outer, Index splitIndex);
  void forOuter(SmallVector<Index> &indices, Index splitIndex);
  Value load(ArrayRef<Index> indices, Index splitIndex, int64_t lanes);
  SmallVector<Index> resultPosition(ArrayRef<Index> indices, Index splitIndex);

  KernelBuilder &k;
  const Box &box;
  Layout result;
  std::optional<size_t> split;
  /// The box without the split dimension.
  IterationSpace space;
};
} // namespace

static Layout withoutDimension(Layout layout, std::optional<size_t> d) {
  if (d)
    layout.shape[*d] = 1;
  return layout;
}

BoxWriter::BoxWriter(KernelBuilder &k, const Box &box)
    : k(k), box(box), result(k.resultLayout()),
      split(splitDimension(result.shape)) {
  SmallVector<Layout> layouts;
  auto add = [&](Layout layout) {
    layout.shape = box.source.shape;
    layouts.push_back(withoutDimension(layout, split));
  };
  add(box.source);
  add(result);
  for (BlockArgument argument : epilogueOperands(k.kernel))
    add(k.layoutOf(argument).broadcastTo(result.shape));
  space = IterationSpace::get(layouts.front().shape, layouts);
  if (innerStride(layouts[1]) != 1)
    space.endInScalars();
}

void BoxWriter::write() {
  SmallVector<Index> indices;
  if (!split)
    return forOuter(indices, 0);
  int64_t offset = box.offsets[*split], size = box.source.shape[*split];
  Index lo = k.maximum(Index(k.begin), offset);
  Index hi = k.minimum(Index(k.end), offset + size);
  k.loop(lo, hi, 1, [&](Index i) {
    SmallVector<Index> none;
    forOuter(none, i + -offset);
  });
}

void BoxWriter::forOuter(SmallVector<Index> &indices, Index splitIndex) {
  size_t d = indices.size();
  if (d == space.rank() - 1)
    return writeRow(indices, splitIndex);
  k.loop(0, space.sizes[d], 1, [&](Index i) {
    indices.push_back(i);
    forOuter(indices, splitIndex);
    indices.pop_back();
  });
}

/// The joined dimensions' indices run past their sizes, which is as good for
/// addresses.
SmallVector<Index> BoxWriter::resultPosition(ArrayRef<Index> indices,
                                             Index splitIndex) {
  SmallVector<Index> position = space.position(indices);
  if (split)
    position[*split] = splitIndex;
  for (auto [index, offset] : llvm::zip_equal(position, box.offsets))
    index = index + offset;
  return position;
}

/// Backward strides count from the dimension's end: index arithmetic has no
/// negative numbers.
Value BoxWriter::load(ArrayRef<Index> indices, Index splitIndex,
                      int64_t lanes) {
  if (!box.buffer) {
    return k.splat(box.fill, lanes);
  }
  SmallVector<Index> position = space.position(indices);
  if (split)
    position[*split] = splitIndex;
  Index address(box.source.offset);
  for (auto [index, stride] : llvm::zip_equal(position, box.source.strides)) {
    if (stride >= 0 || index.isConstant()) {
      address = k.add(address, k.mul(index, stride));
      continue;
    }
    // A joined index is at most the number of the box's elements.
    int64_t bound = Layout::dense(box.source.shape).allocated;
    Value back = arith::SubIOp::create(k.b, k.loc, k.constantIndex(bound),
                                       k.value(index));
    address = k.add(address + stride * bound, k.mul(Index(back), -stride));
  }
  return loadStrided(k, box.buffer, address,
                     innerStride(withoutDimension(box.source, split)), lanes,
                     Form::stored);
}

void BoxWriter::writeRow(ArrayRef<Index> outer, Index splitIndex) {
  forVectors(k, space.inner(), 4, [&](Index at, ArrayRef<int64_t> widths) {
    SmallVector<SmallVector<Index>> positions;
    SmallVector<Value> vectors;
    for (auto [v, lanes] : llvm::enumerate(widths)) {
      SmallVector<Index> indices(outer);
      indices.push_back(at + int64_t(v) * k.lanes());
      positions.push_back(resultPosition(indices, splitIndex));
      vectors.push_back(load(indices, splitIndex, lanes));
    }
    for (auto [v, lanes] : llvm::enumerate(widths))
      k.store(emitEpilogue(k, vectors[v], positions[v], lanes),
              k.resultBuffer(), k.address(result, positions[v]), lanes);
  });
}

void kernel::emitBoxes(KernelBuilder &k, ArrayRef<Box> boxes) {
  for (const Box &box : boxes)
    BoxWriter(k, box).write();
}

//===-- operators as boxes
//--------------------------------------------------===//

static SmallVector<int64_t> zeros(size_t rank) {
  return SmallVector<int64_t>(rank, 0);
}

static SmallVector<Box> concatBoxes(KernelBuilder &k, edge::ConcatOp op) {
  SmallVector<Box> boxes;
  int64_t at = 0;
  for (Value input : op.getInputs()) {
    Box box;
    box.source = k.layoutOf(input);
    box.buffer = k.bufferOf(input);
    box.offsets = zeros(box.source.shape.size());
    box.offsets[op.getAxis()] = at;
    at += box.source.shape[op.getAxis()];
    boxes.push_back(box);
  }
  return boxes;
}

static SmallVector<Box> sliceBoxes(KernelBuilder &k, edge::SliceOp op) {
  Box box;
  box.source = k.layoutOf(op.getX());
  box.buffer = k.bufferOf(op.getX());
  box.offsets = zeros(box.source.shape.size());
  box.source.shape = SmallVector<int64_t>(op.getSizes());
  for (size_t d = 0; d < box.source.shape.size(); ++d) {
    box.source.offset += op.getOffsets()[d] * box.source.strides[d];
    box.source.strides[d] *= op.getStrides()[d];
  }
  return {box};
}

static SmallVector<Box> broadcastBoxes(KernelBuilder &k, edge::BroadcastOp op) {
  Box box;
  box.source = k.layoutOf(op.getX()).broadcastTo(op.getType().getShape());
  box.buffer = k.bufferOf(op.getX());
  box.offsets = zeros(box.source.shape.size());
  return {box};
}

/// Per dimension what lies before and after the input, over the whole of the
/// later dimensions; in the end the input itself.
static SmallVector<Box> padBoxes(KernelBuilder &k, edge::PadOp op) {
  Box box;
  box.source = k.layoutOf(op.getX());
  box.buffer = k.bufferOf(op.getX());
  box.offsets = SmallVector<int64_t>(op.getLow());

  Type element = op.getType().getElementType();
  Box constant;
  constant.fill = storedNumber(element, op.getValue().convertToFloat());
  constant.source.shape = SmallVector<int64_t>(op.getType().getShape());
  constant.source.strides = zeros(constant.source.shape.size());
  constant.offsets = zeros(constant.source.shape.size());

  SmallVector<Box> boxes;
  auto addConstant = [&](size_t d, int64_t offset, int64_t size) {
    if (size == 0)
      return;
    Box part = constant;
    part.offsets[d] = offset;
    part.source.shape[d] = size;
    boxes.push_back(part);
  };
  for (size_t d = 0; d < box.offsets.size(); ++d) {
    int64_t low = box.offsets[d], size = box.source.shape[d];
    addConstant(d, 0, low);
    addConstant(d, low + size, constant.source.shape[d] - low - size);
    constant.offsets[d] = low;
    constant.source.shape[d] = size;
  }
  boxes.push_back(box);
  return boxes;
}

//===-- the emitter
//---------------------------------------------------------===//

namespace {
class MoveEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "move"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    Operation *anchor = kernel.getAnchor();
    if (!isa_and_nonnull<edge::ConcatOp, edge::SliceOp, edge::PadOp,
                         edge::BroadcastOp>(anchor))
      return false;
    return llvm::all_of(anchor->getOperands(), [](Value operand) {
      return isa<BlockArgument>(operand) &&
             isEmittableElement(
                 cast<ShapedType>(operand.getType()).getElementType());
    });
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return boxExtent(kernel);
  }

  LogicalResult emit(KernelBuilder &k) const override {
    SmallVector<Box> boxes =
        llvm::TypeSwitch<Operation *, SmallVector<Box>>(k.kernel.getAnchor())
            .Case([&](edge::ConcatOp op) { return concatBoxes(k, op); })
            .Case([&](edge::SliceOp op) { return sliceBoxes(k, op); })
            .Case([&](edge::PadOp op) { return padBoxes(k, op); })
            .Case([&](edge::BroadcastOp op) { return broadcastBoxes(k, op); });
    emitBoxes(k, boxes);
    return success();
  }

  int64_t flops(schedule::KernelOp kernel) const override { return 0; }
};
} // namespace

const KernelEmitter &kernel::moveEmitter() {
  static const MoveEmitter emitter;
  return emitter;
}
