//===- Views.cpp - values that are parts of others' buffers --------------===//
//
// All views are looked through down to what is written. The parts of a
// concatenation are in one buffer, so the first one says where it begins.
//
//===----------------------------------------------------------------------===//
#include "dialects/schedule/Views.h"
#include "dialects/edge/Edge.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::schedule;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

MemoryAttr edgec::schedule::denseMemory(Value value) {
  return MemoryAttr::get(value.getContext(), shapeOf(value),
                         SmallVector<int64_t>(shapeOf(value).size(), 0),
                         /*fill=*/0);
}

/// The same place, of a tensor of `size`, with its halo spelled out.
namespace {
struct Place {
  SmallVector<int64_t> shape, offsets, before, behind;
  int64_t base, allocated, fill;

  Place(MemoryAttr memory, ArrayRef<int64_t> size)
      : shape(memory.getShape()), offsets(memory.getOffsets()),
        base(memory.getBase()), allocated(memory.getAllocated()),
        fill(memory.getFill()) {
    for (auto [d, elements] : llvm::enumerate(size)) {
      before.push_back(memory.getBefore(d));
      behind.push_back(memory.getBehind(d, elements));
    }
  }

  MemoryAttr get(MLIRContext *context) const {
    return MemoryAttr::get(context, shape, offsets, before, behind, base,
                           allocated, fill);
  }
};
} // namespace

bool schedule::isView(Operation *op) {
  if (auto slice = dyn_cast_or_null<edge::SliceOp>(op))
    return llvm::all_of(slice.getStrides(),
                        [](int64_t stride) { return stride == 1; });
  return isa_and_nonnull<edge::ReshapeOp, edge::ConcatOp>(op);
}

static MemoryAttr memoryOf(edge::SliceOp slice, WrittenMemory written) {
  MemoryAttr memory = getMemory(slice.getX(), written);
  ArrayRef<int64_t> whole = shapeOf(slice.getX());
  Place place(memory ? memory : denseMemory(slice.getX()), whole);
  for (size_t d = 0; d < whole.size(); ++d) {
    int64_t first = slice.getOffsets()[d];
    place.offsets[d] += first;
    if (first > 0)
      place.before[d] = 0;
    if (first + slice.getSizes()[d] < whole[d])
      place.behind[d] = 0;
  }
  return place.get(slice.getContext());
}

static MemoryAttr memoryOf(edge::ConcatOp concat, WrittenMemory written) {
  Value first = concat.getInputs().front(), last = concat.getInputs().back();
  MemoryAttr memory = getMemory(first, written),
             lastMemory = getMemory(last, written);
  // A dense tensor has no others beside it.
  if (!memory || !lastMemory)
    return memory;
  // The array is the first part's alone, and this a run of several such.
  if (memory.getAllocated()) {
    ArrayRef<int64_t> shape = shapeOf(concat.getResult());
    std::optional<int64_t> begin = firstOfRun(memory, shapeOf(first));
    SmallVector<int64_t> zeros(shape.size(), 0);
    return begin ? MemoryAttr::get(concat.getContext(), shape, zeros, {}, {},
                                   *begin, memory.getAllocated(),
                                   memory.getFill())
                 : MemoryAttr();
  }
  Place place(memory, shapeOf(first));
  place.behind[concat.getAxis()] =
      Place(lastMemory, shapeOf(last)).behind[concat.getAxis()];
  return place.get(concat.getContext());
}

bool schedule::keepsPixels(Operation *op) {
  auto reshape = dyn_cast_or_null<edge::ReshapeOp>(op);
  if (!reshape)
    return false;
  ArrayRef<int64_t> from = shapeOf(reshape.getX()),
                    to = shapeOf(reshape.getResult());
  return from.size() >= 4 && to.size() >= 4 &&
         from.take_front(3) == to.take_front(3);
}

/// Where the regrouped pixels lie; null when the array has more at each.
static MemoryAttr regroupedMemory(edge::ReshapeOp reshape, MemoryAttr memory) {
  ArrayRef<int64_t> from = shapeOf(reshape.getX()),
                    to = shapeOf(reshape.getResult());
  if (!keepsPixels(reshape) || memory.isPart() ||
      memory.getShape().drop_front(3) != from.drop_front(3))
    return nullptr;
  SmallVector<int64_t> shape(memory.getShape().take_front(3)),
      offsets(memory.getOffsets().take_front(3));
  shape.append(to.begin() + 3, to.end());
  offsets.resize(to.size(), 0);
  return MemoryAttr::get(reshape.getContext(), shape, offsets,
                         memory.getFill());
}

static MemoryAttr memoryOf(edge::ReshapeOp reshape, WrittenMemory written) {
  MemoryAttr memory = getMemory(reshape.getX(), written);
  if (!memory)
    return nullptr;
  std::optional<int64_t> first = firstOfRun(memory, shapeOf(reshape.getX()));
  if (!first)
    return regroupedMemory(reshape, memory);
  if (!memory.isPart())
    return nullptr;
  ArrayRef<int64_t> shape = shapeOf(reshape.getResult());
  SmallVector<int64_t> zeros(shape.size(), 0);
  return MemoryAttr::get(reshape.getContext(), shape, zeros, {}, {}, *first,
                         memory.getBufferElements(), memory.getFill());
}

MemoryAttr schedule::getMemory(Value value, WrittenMemory written) {
  auto result = dyn_cast<OpResult>(value);
  if (!result)
    return nullptr;
  Operation *op = result.getOwner();
  if (!isView(op))
    return written(result);
  if (auto slice = dyn_cast<edge::SliceOp>(op))
    return memoryOf(slice, written);
  if (auto concat = dyn_cast<edge::ConcatOp>(op))
    return memoryOf(concat, written);
  return memoryOf(cast<edge::ReshapeOp>(op), written);
}

static MemoryAttr writtenByKernel(OpResult result) {
  auto kernel = dyn_cast<KernelOp>(result.getOwner());
  return kernel ? kernel.getLayout(result.getResultNumber()) : MemoryAttr();
}

MemoryAttr schedule::getMemory(Value value) {
  return getMemory(value, writtenByKernel);
}

std::optional<int64_t> schedule::firstOfRun(MemoryAttr memory,
                                            ArrayRef<int64_t> shape) {
  int64_t first = memory.getBase(), stride = 1;
  // From the last dimension on: whole ones, then one in part, then single
  // elements.
  bool isWhole = true;
  for (size_t d = shape.size(); d-- > 0;) {
    if (!isWhole && shape[d] != 1)
      return std::nullopt;
    isWhole &= shape[d] == memory.getShape()[d];
    first += memory.getOffsets()[d] * stride;
    stride *= memory.getShape()[d];
  }
  return first;
}

/// Whether the parts are runs that continue each other.
static bool isRunOfRuns(edge::ConcatOp concat, WrittenMemory written) {
  std::optional<int64_t> next;
  int64_t elements = 0;
  ArrayRef<int64_t> outer =
      shapeOf(concat.getResult()).take_front(concat.getAxis());
  for (Value input : concat.getInputs()) {
    MemoryAttr memory = getMemory(input, written);
    std::optional<int64_t> first =
        memory ? firstOfRun(memory, shapeOf(input)) : std::nullopt;
    if (!first ||
        (next && (*first != *next || memory.getBufferElements() != elements)))
      return false;
    next = *first + ShapedType::getNumElements(shapeOf(input));
    elements = memory.getBufferElements();
  }
  return llvm::all_of(outer, [](int64_t size) { return size == 1; });
}

LogicalResult schedule::checkView(Operation *view, WrittenMemory written) {
  if (auto reshape = dyn_cast<edge::ReshapeOp>(view)) {
    MemoryAttr memory = getMemory(reshape.getX(), written);
    return success(!memory || firstOfRun(memory, shapeOf(reshape.getX())) ||
                   regroupedMemory(reshape, memory));
  }
  auto concat = dyn_cast<edge::ConcatOp>(view);
  if (!concat)
    return success();
  if (isRunOfRuns(concat, written))
    return success();
  int64_t axis = concat.getAxis(), at = 0;
  std::optional<Place> first;
  for (Value input : concat.getInputs()) {
    MemoryAttr memory = getMemory(input, written);
    if (!memory)
      return failure();
    Place place(memory, shapeOf(input));
    if (!first)
      first = place;
    Place expected = *first;
    expected.offsets[axis] += at;
    // Along the axis, neighbours take the halo's place.
    expected.before[axis] = place.before[axis];
    expected.behind[axis] = place.behind[axis];
    if (expected.get(view->getContext()) != place.get(view->getContext()))
      return failure();
    at += shapeOf(input)[axis];
  }
  return success();
}

LogicalResult schedule::checkView(Operation *view) {
  return checkView(view, writtenByKernel);
}
