//===- IterationSpace.cpp - loops over a result's elements ---------------===//
//
// Joining dimensions matters twice: longer vectors' runs, and fewer partial
// vectors at their ends. Splitting stops at a few dozen parts, for each part
// pays for finding its position.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/Epilogue.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Parts into which a kernel's range is split at most, roughly.
static constexpr int64_t enoughParts = 32;

static bool continues(const Layout &layout, size_t outer, size_t inner) {
  return layout.strides[outer] == layout.strides[inner] * layout.shape[inner];
}

IterationSpace IterationSpace::get(ArrayRef<int64_t> shape,
                                   ArrayRef<Layout> layouts) {
  IterationSpace space;
  space.originalRank = shape.size();
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1)
      continue;
    bool joined = !space.sizes.empty() &&
                  llvm::all_of(layouts, [&](const Layout &layout) {
                    return continues(layout, space.carriers.back(), d);
                  });
    if (joined) {
      space.sizes.back() *= shape[d];
      space.carriers.back() = d;
    } else {
      space.sizes.push_back(shape[d]);
      space.carriers.push_back(d);
    }
  }
  if (space.sizes.empty()) {
    space.sizes.push_back(1);
    space.carriers.push_back(shape.size());
  }
  return space;
}

IterationSpace IterationSpace::get(schedule::KernelOp kernel,
                                   ArrayRef<Layout> more) {
  SmallVector<Layout> layouts(more);
  Layout result = getResultLayout(kernel, 0);
  layouts.push_back(result);
  for (BlockArgument argument : epilogueOperands(kernel))
    layouts.push_back(getOperandLayout(kernel, argument.getArgNumber())
                          .broadcastTo(result.shape));
  IterationSpace space = get(result.shape, layouts);
  if (innerStride(result) != 1)
    space.endInScalars();
  return space;
}

void IterationSpace::endInScalars() {
  sizes.push_back(1);
  carriers.push_back(originalRank);
}

SmallVector<Index> IterationSpace::position(ArrayRef<Index> indices) const {
  SmallVector<Index> position(originalRank + 1, Index(0));
  for (auto [carrier, index] : llvm::zip_equal(carriers, indices))
    position[carrier] = index;
  position.pop_back();
  return position;
}

SplitLoops::SplitLoops(ArrayRef<int64_t> sizes) {
  for (int64_t size : sizes)
    (extent() < enoughParts ? flattened : inside).push_back(size);
}

int64_t SplitLoops::extent() const {
  int64_t extent = 1;
  for (int64_t size : flattened)
    extent *= size;
  return extent;
}

static void emitLoops(KernelBuilder &k, ArrayRef<int64_t> sizes,
                      SmallVector<Index> &indices,
                      function_ref<void(ArrayRef<Index>)> body) {
  if (sizes.empty())
    return body(indices);
  k.loop(0, sizes.front(), 1, [&](Index i) {
    indices.push_back(i);
    emitLoops(k, sizes.drop_front(), indices, body);
    indices.pop_back();
  });
}

void SplitLoops::emit(KernelBuilder &k,
                      function_ref<void(ArrayRef<Index>)> body) const {
  // A range of one part is all of it, and needs no loop at run time.
  bool single = extent() == 1;
  Index begin = single ? Index(0) : Index(k.begin);
  Index end = single ? Index(1) : Index(k.end);
  k.loop(begin, end, 1, [&](Index flat) {
    SmallVector<Index> indices = unflatten(k, flat, flattened);
    emitLoops(k, inside, indices, body);
  });
}

SmallVector<Index> kernel::unflatten(KernelBuilder &k, Index flat,
                                     ArrayRef<int64_t> sizes) {
  SmallVector<Index> indices(sizes.size(), Index(0));
  for (size_t d = sizes.size(); d-- > 1;) {
    indices[d] = k.rem(flat, sizes[d]);
    flat = k.div(flat, sizes[d]);
  }
  if (!sizes.empty())
    indices[0] = flat;
  return indices;
}

GroupedLoops::GroupedLoops(ArrayRef<int64_t> outer, int64_t inner,
                           int64_t groupVectors, int64_t lanes)
    : outer(outer), inner(inner), groupVectors(groupVectors), lanes(lanes) {}

SplitLoops GroupedLoops::loops() const {
  SmallVector<int64_t> sizes(outer);
  sizes.push_back(llvm::divideCeil(inner, groupElements()));
  return SplitLoops(sizes);
}

void GroupedLoops::emit(
    KernelBuilder &k,
    function_ref<void(ArrayRef<Index>, Index, ArrayRef<int64_t>)> body) const {
  int64_t whole = inner / groupElements(), rest = inner % groupElements();
  SmallVector<int64_t> full(groupVectors, lanes), last(rest / lanes, lanes);
  if (rest % lanes)
    last.push_back(rest % lanes);
  loops().emit(k, [&](ArrayRef<Index> indices) {
    Index group = indices.back();
    Index start = k.mul(group, groupElements());
    auto writeFull = [&] { body(indices.drop_back(), start, full); };
    auto writeLast = [&] {
      body(indices.drop_back(), whole * groupElements(), last);
    };
    if (last.empty())
      return writeFull();
    if (whole == 0)
      return writeLast();
    k.ifLess(group, whole, writeFull);
    k.ifEqual(group, whole, writeLast);
  });
}

void kernel::forVectors(KernelBuilder &k, int64_t size, int64_t unroll,
                        function_ref<void(Index, ArrayRef<int64_t>)> body) {
  int64_t lanes = k.lanes(), step = unroll * lanes;
  int64_t whole = size / step * step;
  SmallVector<int64_t> widths(unroll, lanes);
  k.loop(0, whole, step, [&](Index at) { body(at, widths); });
  widths.assign((size - whole) / lanes, lanes);
  if (int64_t rest = size % lanes)
    widths.push_back(rest);
  if (!widths.empty())
    body(Index(whole), widths);
}

/// Bytes over the second cache's rate, or an instruction per operator, vector
/// and cycle, whichever takes longer.
schedule::TilingAttr
StreamingEmitter::schedule(schedule::KernelOp kernel,
                           schedule::MachineAttr machine) const {
  auto bytesOf = [](Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    Type stored = storedType(type.getElementType());
    return type.getNumElements() * stored.getIntOrFloatBitWidth() / 8;
  };
  int64_t bytes = 0;
  for (Value operand : kernel.getInputs())
    bytes += bytesOf(operand);
  for (Value result : kernel.getOutputs())
    bytes += bytesOf(result);
  int64_t lanes = vectorLanes(kernel, machine);
  int64_t rate = std::max<int64_t>(machine.getL2BytesPerCycle(), 1);
  int64_t vectors = flops(kernel) / lanes;
  if (isExpensiveEpilogue(kernel))
    vectors *= 16;
  int64_t cycles = std::max(bytes * 100 / rate, vectors);
  return schedule::TilingAttr::get(
      kernel.getContext(), lanes, /*rows=*/1, /*columns=*/1,
      /*vectors=*/1, /*unroll=*/1, /*prefetch=*/0, /*prefetchNext=*/false,
      schedule::Split::rows, cycles);
}
