//===- AxisLoops.cpp - loops around lines along one dimension ------------===//
//
// The same scheme as softmax across rows.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/AxisLoops.h"
#include "passes/kernel/Epilogue.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Vectors at once: their chains of dependent operations overlap.
static constexpr int64_t groupVectors = 2;

static Layout withoutAxis(Layout layout, size_t axis) {
  layout.shape[axis] = 1;
  return layout;
}

Layout kernel::insertDimension(Layout layout, size_t axis) {
  layout.shape.insert(layout.shape.begin() + axis, 1);
  layout.strides.insert(layout.strides.begin() + axis, 0);
  return layout;
}

AxisLoops::AxisLoops(const Layout &source, const Layout &result, size_t axis)
    : axis(axis), source(source), result(result) {
  Layout layouts[] = {withoutAxis(source, axis), withoutAxis(result, axis)};
  sourceStride = innerStride(layouts[0]);
  space = IterationSpace::get(layouts[0].shape, layouts);
  if (innerStride(layouts[1]) != 1)
    space.endInScalars();
}

GroupedLoops AxisLoops::grouped(int64_t lanes) const {
  return GroupedLoops(space.outer(), space.inner(), groupVectors, lanes);
}

SmallVector<Index> AxisLoops::Group::position(size_t v, Index i) const {
  SmallVector<Index> indices(outer);
  indices.push_back(start + int64_t(v) * k.tiling.getLanes());
  SmallVector<Index> position = loops.space.position(indices);
  position[loops.axis] = i;
  return position;
}

Value AxisLoops::Group::load(Value buffer, size_t v, Index i) const {
  return loadStrided(k, buffer, k.address(loops.source, position(v, i)),
                     loops.sourceStride, widths[v]);
}

void AxisLoops::Group::store(Value vector, Value buffer, size_t v,
                             Index i) const {
  k.store(vector, buffer, k.address(loops.result, position(v, i)), widths[v]);
}

void AxisLoops::emit(KernelBuilder &k,
                     function_ref<void(const Group &)> body) const {
  grouped(k.tiling.getLanes())
      .emit(k,
            [&](ArrayRef<Index> outer, Index start, ArrayRef<int64_t> widths) {
              body(Group{k, *this, outer, start, widths});
            });
}
