//===- EdgeFold.cpp - local simplifications of edge operators ------------===//
//
// Folders only: identities that hold for every element type and need no data
// movement. Folding of whole constant subgraphs is a pass of its own
// (passes/graph/FoldConstants.cpp) because it touches large weights.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace edgec::edge;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

/// True when `attribute` is a splat of the float `number`.
static bool isSplat(Attribute attribute, double number) {
  auto dense = dyn_cast_or_null<DenseElementsAttr>(attribute);
  return dense && dense.isSplat() && isa<FloatType>(dense.getElementType()) &&
         dense.getSplatValue<APFloat>().isExactlyValue(number);
}

OpFoldResult NegOp::fold(FoldAdaptor) {
  // -(-x)
  if (auto inner = getX().getDefiningOp<NegOp>())
    if (inner.getX().getType() == getType())
      return inner.getX();
  return {};
}

OpFoldResult ReluOp::fold(FoldAdaptor) {
  // relu(relu(x)) and relu of a clamp whose range is not negative
  Operation *source = getX().getDefiningOp();
  if (getX().getType() != getType())
    return {};
  if (isa_and_nonnull<ReluOp>(source))
    return getX();
  if (auto clamp = dyn_cast_or_null<ClampOp>(source))
    if (!clamp.getMin().isNegative())
      return getX();
  return {};
}

OpFoldResult ClampOp::fold(FoldAdaptor) {
  auto inner = getX().getDefiningOp<ClampOp>();
  if (inner && getX().getType() == getType() && getMin() <= inner.getMin() &&
      inner.getMax() <= getMax())
    return getX();
  return {};
}

OpFoldResult AddOp::fold(FoldAdaptor adaptor) {
  // Commutative operators have their constant on the right. x + 0 = x up to
  // the sign of zero, which no consumer here distinguishes.
  if (isSplat(adaptor.getRhs(), 0.0) && getLhs().getType() == getType())
    return getLhs();
  return {};
}

OpFoldResult SubOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getRhs(), 0.0) && getLhs().getType() == getType())
    return getLhs();
  return {};
}

OpFoldResult MulOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getRhs(), 1.0) && getLhs().getType() == getType())
    return getLhs();
  return {};
}

OpFoldResult DivOp::fold(FoldAdaptor adaptor) {
  if (isSplat(adaptor.getRhs(), 1.0) && getLhs().getType() == getType())
    return getLhs();
  return {};
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getType())
    return getX();
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(adaptor.getX()))
    return dense.reshape(cast<ShapedType>(getType()));
  if (auto resource =
          dyn_cast_or_null<DenseResourceElementsAttr>(adaptor.getX()))
    return DenseResourceElementsAttr::get(cast<ShapedType>(getType()),
                                          resource.getRawHandle());
  if (auto inner = getX().getDefiningOp<ReshapeOp>()) {
    getXMutable().assign(inner.getX());
    return getResult();
  }
  return {};
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  ArrayRef<int64_t> permutation = getPermutation();
  if (llvm::equal(permutation,
                  llvm::seq<int64_t>(0, int64_t(permutation.size()))))
    return getX().getType() == getType() ? getX() : OpFoldResult();
  if (auto inner = getX().getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> composed;
    for (int64_t source : permutation)
      composed.push_back(inner.getPermutation()[source]);
    setPermutation(composed);
    getXMutable().assign(inner.getX());
    return getResult();
  }
  return {};
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 && getInputs().front().getType() == getType())
    return getInputs().front();
  return {};
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  // Same shape with positive strides can only be the whole tensor.
  if (getX().getType() == getType() &&
      llvm::all_of(getOffsets(), [](int64_t offset) { return offset == 0; }) &&
      llvm::all_of(getStrides(), [](int64_t stride) { return stride > 0; }))
    return getX();
  return {};
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? getX() : OpFoldResult();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? getX() : OpFoldResult();
}
