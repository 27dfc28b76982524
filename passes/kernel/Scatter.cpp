//===- Scatter.cpp - results written by index ----------------------------===//
//
// The operand is copied, then the updates are applied in their order; an update
// with an index outside is left out. Updates of scatter_elements stay within
// the slice of the dimensions before the axis, so threads split those. Those of
// scatter_nd may hit any slice in any order, so one thread does all.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Indexing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// Both operators begin with x.
template <typename Op> class ScatterEmitter : public SingleOperatorEmitter<Op> {
public:
  SmallVector<int64_t>
  inPlaceOperands(schedule::KernelOp kernel) const override {
    auto x = cast<BlockArgument>(cast<Op>(kernel.getAnchor()).getX());
    unsigned number = x.getArgNumber();
    bool onlyAsX = llvm::hasSingleElement(x.getUses());
    bool sameLayout = getOperandLayout(kernel, number).strides ==
                          getResultLayout(kernel, 0).strides &&
                      getOperandLayout(kernel, number).offset ==
                          getResultLayout(kernel, 0).offset;
    if (onlyAsX && sameLayout)
      return {int64_t(number)};
    return {};
  }
};

class ScatterElementsEmitter : public ScatterEmitter<edge::ScatterElementsOp> {
public:
  StringRef name() const override { return "scatter_elements"; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override;
  LogicalResult emit(KernelBuilder &k) const override;
};

class ScatterNdEmitter : public ScatterEmitter<edge::ScatterNdOp> {
public:
  StringRef name() const override { return "scatter_nd"; }
  int64_t extent(schedule::KernelOp, schedule::TilingAttr) const override {
    return 1;
  }
  LogicalResult emit(KernelBuilder &k) const override;
};

} // namespace

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static std::optional<Reduction> reductionOf(edge::Combine how, Type element) {
  switch (how) {
  case edge::Combine::none:
    return std::nullopt;
  case edge::Combine::add:
    return Reduction{Reduction::sum, element};
  case edge::Combine::mul:
    return Reduction{Reduction::product, element};
  case edge::Combine::min:
    return Reduction{Reduction::minimum, element};
  case edge::Combine::max:
    return Reduction{Reduction::maximum, element};
  }
  llvm_unreachable("all combinations are listed");
}

static void update(KernelBuilder &k, edge::Combine how, const Place &from,
                   const Place &to) {
  auto reduction = reductionOf(how, k.elementIn(to.buffer));
  if (reduction)
    combineBox(k, *reduction, from, to);
  else
    copyBox(k, from, to);
}

//===-- single elements --------------------------------------------------===//

int64_t ScatterElementsEmitter::extent(schedule::KernelOp kernel,
                                       schedule::TilingAttr) const {
  auto op = cast<edge::ScatterElementsOp>(kernel.getAnchor());
  return SplitLoops(shapeOf(op.getX()).take_front(op.getAxis())).extent();
}

/// Runs the body where the first dimensions of a position, which lies in
/// `whole`, lie in `shape`.
static void ifWithin(KernelBuilder &k, ArrayRef<Index> position,
                     ArrayRef<int64_t> whole, ArrayRef<int64_t> shape,
                     function_ref<void()> body) {
  if (position.empty())
    return body();
  auto others = [&] {
    ifWithin(k, position.drop_front(), whole.drop_front(), shape.drop_front(),
             body);
  };
  if (shape.front() == whole.front())
    return others();
  k.ifLess(position.front(), shape.front(), others);
}

LogicalResult ScatterElementsEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::ScatterElementsOp>(k.kernel.getAnchor());
  Layout x = k.layoutOf(op.getX()), result = k.resultLayout(),
         indices = k.layoutOf(op.getIndices()),
         updates = k.layoutOf(op.getUpdates());
  size_t axis = op.getAxis(), rank = x.shape.size();
  const Layout element; // of rank 0
  SplitLoops(ArrayRef(x.shape).take_front(axis))
      .emit(k, [&](ArrayRef<Index> outer) {
        SmallVector<Index> first(outer);
        first.resize(rank, Index(0));
        copyBox(k,
                {k.bufferOf(op.getX()), innerDimensions(x, axis),
                 k.address(x, first)},
                {k.resultBuffer(), innerDimensions(result, axis),
                 k.address(result, first)});
        auto apply = [&](ArrayRef<Index> inner) {
          SmallVector<Index> position(outer);
          position.append(inner.begin(), inner.end());
          Value index = countFromEnd(k,
                                     loadIndex(k, k.bufferOf(op.getIndices()),
                                               k.address(indices, position)),
                                     x.shape[axis]);
          Index from = k.address(updates, position);
          ifTrue(k, isInside(k, index, x.shape[axis]), [&] {
            position[axis] = Index(index);
            update(k, op.getCombine(),
                   {k.bufferOf(op.getUpdates()), element, from},
                   {k.resultBuffer(), element, k.address(result, position)});
          });
        };
        ifWithin(k, outer, x.shape, indices.shape, [&] {
          forPositions(k, ArrayRef(indices.shape).drop_front(axis), apply);
        });
      });
  return success();
}

//===-- slices -----------------------------------------------------------===//

LogicalResult ScatterNdEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::ScatterNdOp>(k.kernel.getAnchor());
  Layout x = k.layoutOf(op.getX()), result = k.resultLayout(),
         indices = k.layoutOf(op.getIndices()),
         updates = k.layoutOf(op.getUpdates());
  copyBox(k, {k.bufferOf(op.getX()), innerDimensions(x, 0), x.offset},
          {k.resultBuffer(), innerDimensions(result, 0), result.offset});
  size_t outerRank = indices.shape.size() - 1;
  int64_t count = indices.shape.back();
  forPositions(
      k, ArrayRef(indices.shape).drop_back(), [&](ArrayRef<Index> outer) {
        SmallVector<Index> at(outer), position, first(outer);
        at.push_back(0);
        first.resize(updates.shape.size(), Index(0));
        Value inside;
        for (int64_t i = 0; i < count; ++i) {
          at.back() = Index(i);
          int64_t size = x.shape[i];
          Value index =
              loadIndex(k, k.bufferOf(op.getIndices()), k.address(indices, at));
          index = countFromEnd(k, index, size);
          position.push_back(Index(index));
          Value here = isInside(k, index, size);
          inside =
              inside
                  ? arith::AndIOp::create(k.b, k.loc, inside, here).getResult()
                  : here;
        }
        position.resize(x.shape.size(), Index(0));
        ifTrue(k, inside, [&] {
          update(k, op.getCombine(),
                 {k.bufferOf(op.getUpdates()),
                  innerDimensions(updates, outerRank),
                  k.address(updates, first)},
                 {k.resultBuffer(), innerDimensions(result, count),
                  k.address(result, position)});
        });
      });
  return success();
}

const KernelEmitter &kernel::scatterElementsEmitter() {
  static const ScatterElementsEmitter emitter;
  return emitter;
}

const KernelEmitter &kernel::scatterNdEmitter() {
  static const ScatterNdEmitter emitter;
  return emitter;
}
