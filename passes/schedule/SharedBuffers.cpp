//===- SharedBuffers.cpp - tensors beside each other in one array --------===//
//
// Joining two values moves the boxes of one array into the other's
// coordinates. Halos belong to the array: the boxes at its borders have them,
// so that around every box which reaches from border to border there is one.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/SharedBuffers.h"
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Views.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::schedule;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// What is written itself, not a view of it; a reshaped value counts as that.
static bool isWritten(Value value) {
  Operation *op = value.getDefiningOp();
  return !isView(op) || isa<edge::ReshapeOp>(op);
}

static Value rootOf(Value value) {
  while (auto reshape = value.getDefiningOp<edge::ReshapeOp>())
    value = reshape.getX();
  return value;
}

//===-- boxes ------------------------------------------------------------===//

bool Box::overlaps(const Box &other) const {
  for (size_t d = 0; d < low.size(); ++d)
    if (high[d] <= other.low[d] || other.high[d] <= low[d])
      return false;
  return true;
}

Box SharedArray::bounds() const {
  Box bounds = boxes.front();
  bounds.value = nullptr;
  for (const Box &box : boxes) {
    for (size_t d = 0; d < bounds.low.size(); ++d) {
      bounds.low[d] = std::min(bounds.low[d], box.low[d]);
      bounds.high[d] = std::max(bounds.high[d], box.high[d]);
    }
  }
  return bounds;
}

std::optional<Halo> SharedArray::halo() const {
  Halo halo;
  Box all = bounds();
  for (const Box &box : boxes) {
    Halo wanted = readHalo(box.value);
    if (wanted.isEmpty())
      continue;
    if (hasSeveralFills(box.value) ||
        (!halo.isEmpty() && halo.fill != wanted.fill))
      return std::nullopt;
    for (size_t d : {1, 2})
      if (box.low[d] != all.low[d] || box.high[d] != all.high[d])
        return std::nullopt;
    halo.enlarge(wanted);
  }
  return halo;
}

//===-- joining ----------------------------------------------------------===//

size_t SharedBuffers::arrayFor(Value value) {
  auto [found, isNew] = arrayOf.try_emplace(value, arrays.size());
  if (isNew) {
    Box box{value, SmallVector<int64_t>(shapeOf(value).size(), 0),
            SmallVector<int64_t>(shapeOf(value))};
    arrays.push_back({{std::move(box)}});
  }
  return found->second;
}

/// A tensor lies in one array: as it is, or as one reshaped value.
bool SharedBuffers::claimRoot(Value value) {
  if (!value.getDefiningOp<edge::ReshapeOp>())
    return !reshaped.contains(value);
  Value root = rootOf(value);
  return !arrayOf.contains(root) &&
         reshaped.try_emplace(root, value).first->second == value;
}

bool SharedBuffers::join(Value whole, Value part, ArrayRef<int64_t> offset) {
  if (shapeOf(whole).size() != shapeOf(part).size() || !claimRoot(whole) ||
      !claimRoot(part))
    return false;
  size_t into = arrayFor(whole), from = arrayFor(part);
  const Box *base = findBox(whole), *moved = findBox(part);
  SmallVector<int64_t> shift;
  for (size_t d = 0; d < offset.size(); ++d)
    shift.push_back(base->low[d] + offset[d] - moved->low[d]);
  if (into == from)
    return llvm::all_of(shift, [](int64_t by) { return by == 0; });
  for (Box &box : arrays[from].boxes) {
    for (size_t d = 0; d < offset.size(); ++d) {
      box.low[d] += shift[d];
      box.high[d] += shift[d];
    }
    arrayOf[box.value] = into;
    arrays[into].boxes.push_back(std::move(box));
  }
  arrays[from].boxes.clear();
  return true;
}

const SharedArray *SharedBuffers::find(Value value) const {
  auto found = arrayOf.find(value);
  return found == arrayOf.end() ? nullptr : &arrays[found->second];
}

const Box *SharedBuffers::findBox(Value value) const {
  const SharedArray *array = find(value);
  if (!array)
    return nullptr;
  return llvm::find_if(array->boxes,
                       [&](const Box &box) { return box.value == value; })
      .base();
}

bool schedule::isDecided(Value value) {
  Operation *op = value.getDefiningOp();
  return op && !isa<edge::ReshapeOp, edge::ConstantOp>(op);
}

SharedBuffers SharedBuffers::get(Operation *function) {
  SharedBuffers buffers;
  for (Operation &op : function->getRegion(0).front()) {
    if (auto slice = dyn_cast<edge::SliceOp>(op)) {
      if (isDecided(slice.getX()))
        buffers.join(slice.getX(), slice.getResult(), slice.getOffsets());
    } else if (auto concat = dyn_cast<edge::ConcatOp>(op)) {
      SmallVector<int64_t> offset(shapeOf(concat.getResult()).size(), 0);
      for (Value input : concat.getInputs()) {
        buffers.join(concat.getResult(), input, offset);
        offset[concat.getAxis()] += shapeOf(input)[concat.getAxis()];
      }
    }
  }
  return buffers;
}

//===-- layouts ----------------------------------------------------------===//

static MemoryAttr memoryIn(const SharedArray &array, const Box &box) {
  Box all = array.bounds();
  Halo halo = array.halo().value_or(Halo());
  SmallVector<int64_t> shape, offsets, before, behind;
  for (size_t d = 0; d < all.low.size(); ++d) {
    shape.push_back(all.high[d] - all.low[d] + halo.before(d) + halo.behind(d));
    offsets.push_back(box.low[d] - all.low[d] + halo.before(d));
    before.push_back(box.low[d] == all.low[d] ? halo.before(d) : 0);
    behind.push_back(box.high[d] == all.high[d] ? halo.behind(d) : 0);
  }
  MLIRContext *context = box.value.getContext();
  if (box.isAt(all))
    return MemoryAttr::get(context, shape, offsets, halo.fill);
  return MemoryAttr::get(context, shape, offsets, before, behind, /*base=*/0,
                         /*allocated=*/0, halo.fill);
}

MemoryAttr SharedBuffers::memoryOf(Value value) const {
  if (const Box *box = findBox(value))
    return memoryIn(*find(value), *box);
  auto found = reshaped.find(value);
  if (found == reshaped.end())
    return nullptr;
  Value part = found->second;
  MemoryAttr memory = memoryIn(*find(part), *findBox(part));
  SmallVector<int64_t> zeros(shapeOf(value).size(), 0);
  return MemoryAttr::get(value.getContext(), shapeOf(value), zeros, {}, {},
                         firstOfRun(memory, shapeOf(part)).value_or(0),
                         memory.getBufferElements(), /*fill=*/0);
}

//===-- what can be ------------------------------------------------------===//

/// Whether where the value lies says no more than where its elements begin: it
/// is reshaped, or consists of such (see getMemory).
static bool isKnownAsRun(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto slice = dyn_cast_or_null<edge::SliceOp>(op))
    return isKnownAsRun(slice.getX());
  if (auto concat = dyn_cast_or_null<edge::ConcatOp>(op))
    return llvm::any_of(concat.getInputs(), isKnownAsRun);
  return isa_and_nonnull<edge::ReshapeOp>(op);
}

namespace {
/// Checks one array.
class ArrayCheck {
public:
  ArrayCheck(const SharedArray &array, function_ref<bool(KernelOp)> takesParts)
      : array(array), takesParts(takesParts), all(array.bounds()) {}

  bool run() {
    std::optional<Halo> wanted = array.halo();
    if (!wanted)
      return false;
    halo = *wanted;
    return llvm::all_of(array.boxes,
                        [&](const Box &box) {
                          return canBeWritten(box) && canBeRead(box.value, box);
                        }) &&
           returned <= 1 && !isWrittenTwice();
  }

private:
  bool isWhole(const Box &box) const { return box.isAt(all); }
  bool isDense(const Box &box) const { return isWhole(box) && halo.isEmpty(); }
  bool isRun(const Box &box) const {
    return firstOfRun(memoryIn(array, box), shapeOf(box.value)).has_value();
  }

  bool canBeWritten(const Box &box) {
    Operation *op = box.value.getDefiningOp();
    if (auto kernel = dyn_cast_or_null<KernelOp>(op))
      return isWhole(box) || takesParts(kernel);
    // A slice of what is decided elsewhere lies there.
    if (auto slice = dyn_cast_or_null<edge::SliceOp>(op)) {
      return llvm::any_of(array.boxes, [&](const Box &other) {
        return other.value == slice.getX();
      });
    }
    // What is known as a run of elements continues others' in one run only.
    if (auto concat = dyn_cast_or_null<edge::ConcatOp>(op))
      return isRun(box) || llvm::none_of(concat.getInputs(), isKnownAsRun);
    auto reshape = dyn_cast_or_null<edge::ReshapeOp>(op);
    if (!reshape)
      return isView(op) || isDense(box);
    Value root = rootOf(box.value);
    auto kernel = root.getDefiningOp<KernelOp>();
    return kernel && takesParts(kernel) && isRun(box) && halo.isEmpty() &&
           readHalo(root).isEmpty() && canBeRead(root, box);
  }

  /// By all who read it, or a reshaped value of it, where `box` is.
  bool canBeRead(Value value, const Box &box) {
    return llvm::all_of(value.getUsers(), [&](Operation *user) {
      if (auto kernel = dyn_cast<KernelOp>(user))
        return (isWhole(box) && value == box.value) || takesParts(kernel);
      if (auto reshape = dyn_cast<edge::ReshapeOp>(user)) {
        // What it writes is looked at from its own box.
        return reshape.getResult() == box.value ||
               (isRun(box) && halo.isEmpty() &&
                canBeRead(reshape.getResult(), box));
      }
      if (isView(user))
        return true;
      returned += isa<func::ReturnOp>(user);
      return isDense(box);
    });
  }

  bool isWrittenTwice() const {
    for (const Box &box : array.boxes) {
      for (const Box &other : array.boxes) {
        if (&box != &other && isWritten(box.value) && isWritten(other.value) &&
            box.overlaps(other))
          return true;
      }
    }
    return false;
  }

  const SharedArray &array;
  function_ref<bool(KernelOp)> takesParts;
  Box all;
  Halo halo;
  unsigned returned = 0;
};
} // namespace

bool schedule::canBe(const SharedArray &array,
                     function_ref<bool(KernelOp)> takesParts) {
  return ArrayCheck(array, takesParts).run();
}
