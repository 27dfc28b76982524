//===- SinkTranspose.cpp - one operator passes one transpose -------------===//
//
// How each operator looks when its operands keep the order that they had
// before a transpose: axes and per-dimension attributes are renamed, constants
// transposed, and the result transposed instead.
//
//   edge.softmax (edge.transpose %x {permutation = [0, 3, 1, 2]}) {axis = 1}
// becomes
//   edge.transpose (edge.softmax %x {axis = 3}) {permutation = [0, 3, 1, 2]}
//
//===----------------------------------------------------------------------===//
#include "passes/graph/SinkTranspose.h"
#include "dialects/edge/Integer.h"
#include "dialects/edge/Spatial.h"
#include "passes/graph/ConstantData.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace edgec {

SmallVector<int64_t> invertPermutation(ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> inverse(permutation.size());
  for (auto [d, source] : llvm::enumerate(permutation))
    inverse[source] = d;
  return inverse;
}

SmallVector<DimensionGroup> groupDimensions(ArrayRef<int64_t> from,
                                            ArrayRef<int64_t> to) {
  SmallVector<DimensionGroup> groups;
  size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    DimensionGroup group{i, i + 1, j, j + 1};
    int64_t left = from[i++], right = to[j++];
    while (left != right) {
      if (left < right)
        left *= from[i++];
      else
        right *= to[j++];
    }
    group.fromEnd = i;
    group.toEnd = j;
    groups.push_back(group);
  }
  // What is left over on one side has size 1.
  if (!groups.empty()) {
    groups.back().fromEnd = from.size();
    groups.back().toEnd = to.size();
  }
  return groups;
}

namespace {

ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// values[permutation[d]] for every d. For a value per dimension of a
/// transposed tensor, `reorder(values, inverse)` is the same per dimension of
/// the source.
SmallVector<int64_t> reorder(ArrayRef<int64_t> values,
                             ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> result;
  for (int64_t source : permutation)
    result.push_back(values[source]);
  return result;
}

/// One attempt to move the transposes in front of `op` behind it.
class Sinking {
public:
  Sinking(Operation *op, PatternRewriter &rewriter)
      : op(op), rewriter(rewriter) {}

  LogicalResult run();

private:
  bool findPermutation();
  bool isTransposed(Value operand) const;
  bool canRestore(Value operand) const;
  bool isWorthwhile() const;
  Value restore(Value operand);
  Value restoreConstant(edge::ConstantOp constant);
  LogicalResult sinkAll();
  LogicalResult sinkFirst(ArrayRef<int64_t> resultPermutation);
  LogicalResult sinkReduce();
  LogicalResult sinkReshape();
  LogicalResult sinkFullyConnected();
  void finish(ValueRange operands, ArrayRef<int64_t> resultShape,
              ArrayRef<int64_t> resultPermutation);
  void renameDimensions(Operation *sunk);

  Operation *op;
  PatternRewriter &rewriter;
  SmallVector<int64_t> permutation, inverse;
};

bool hasPerAxisElement(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor &&
         isa<quant::UniformQuantizedPerAxisType>(tensor.getElementType());
}

bool Sinking::isTransposed(Value operand) const {
  auto transpose = operand.getDefiningOp<edge::TransposeOp>();
  return transpose && transpose.getPermutation() == ArrayRef(permutation);
}

/// The first operand's that is as long as the result: operands of lower rank
/// are broadcast.
bool Sinking::findPermutation() {
  if (op->getNumResults() != 1 || hasPerAxisElement(op->getResult(0).getType()))
    return false;
  for (Value operand : op->getOperands()) {
    if (hasPerAxisElement(operand.getType()))
      return false;
    auto transpose = operand.getDefiningOp<edge::TransposeOp>();
    if (!permutation.empty() || !transpose)
      continue;
    if (op->hasTrait<edge::ElementwiseTrait>() &&
        shapeOf(operand).size() != shapeOf(op->getResult(0)).size())
      continue;
    permutation = llvm::to_vector(transpose.getPermutation());
    inverse = invertPermutation(permutation);
  }
  return !permutation.empty();
}

/// Operand shape with leading ones up to the permutation's length.
SmallVector<int64_t> extendShape(ArrayRef<int64_t> shape, size_t rank) {
  SmallVector<int64_t> extended(rank - shape.size(), 1);
  extended.append(shape.begin(), shape.end());
  return extended;
}

/// The operand before the transpose costs nothing.
bool Sinking::canRestore(Value operand) const {
  if (isTransposed(operand))
    return true;
  if (operand.getDefiningOp<edge::ConstantOp>())
    return ConstantData::get(operand).has_value();
  return keepsElementOrder(inverse,
                           extendShape(shapeOf(operand), inverse.size()));
}

/// More elements lose their transpose than gain one.
bool Sinking::isWorthwhile() const {
  int64_t lost = 0, gained = 0;
  for (Value operand : op->getOperands()) {
    if (shapeOf(operand).size() > permutation.size())
      return false;
    int64_t size = cast<RankedTensorType>(operand.getType()).getNumElements();
    if (isTransposed(operand))
      lost += size;
    else if (operand.getDefiningOp<edge::ConstantOp>() && !canRestore(operand))
      return false;
    else if (!canRestore(operand))
      gained += size;
  }
  return lost > gained;
}

Value Sinking::restoreConstant(edge::ConstantOp constant) {
  SmallVector<int64_t> shape =
      extendShape(shapeOf(constant.getResult()), inverse.size());
  ElementsAttr value =
      transposeConstant(reshapeConstant(constant.getValue(), shape), inverse);
  if (op->hasTrait<edge::ElementwiseTrait>()) {
    // [1, 1, 1, C] broadcasts as well as the shorter [C].
    ArrayRef<int64_t> full = cast<RankedTensorType>(value.getType()).getShape();
    size_t ones = 0;
    while (ones + 1 < full.size() && full[ones] == 1)
      ++ones;
    SmallVector<int64_t> shorter(full.drop_front(ones));
    value = reshapeConstant(value, shorter);
  }
  return edge::ConstantOp::create(rewriter, constant.getLoc(), value.getType(),
                                  value);
}

/// The value whose transpose is `operand`.
Value Sinking::restore(Value operand) {
  if (isTransposed(operand))
    return operand.getDefiningOp<edge::TransposeOp>().getX();
  if (auto constant = operand.getDefiningOp<edge::ConstantOp>())
    return restoreConstant(constant);
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<int64_t> shape = extendShape(type.getShape(), inverse.size());
  Location loc = operand.getLoc();
  if (keepsElementOrder(inverse, shape))
    return rewriter.createOrFold<edge::ReshapeOp>(
        loc, type.clone(reorder(shape, inverse)), operand);
  if (shape.size() != size_t(type.getRank()))
    operand =
        edge::ReshapeOp::create(rewriter, loc, type.clone(shape), operand);
  return edge::TransposeOp::create(rewriter, loc, operand, inverse);
}

/// Attributes that name dimensions, for the source's order of dimensions.
void Sinking::renameDimensions(Operation *sunk) {
  llvm::TypeSwitch<Operation *>(sunk)
      .Case<edge::ConcatOp, edge::SoftmaxOp, edge::BatchNormOp,
            edge::ResampleOp>(
          [&](auto axisOp) { axisOp.setAxis(permutation[axisOp.getAxis()]); })
      .Case([&](edge::PadOp pad) {
        pad.setLow(reorder(pad.getLow(), inverse));
        pad.setHigh(reorder(pad.getHigh(), inverse));
      })
      .Case([&](edge::SliceOp slice) {
        slice.setOffsets(reorder(slice.getOffsets(), inverse));
        slice.setSizes(reorder(slice.getSizes(), inverse));
        slice.setStrides(reorder(slice.getStrides(), inverse));
      })
      .Case<edge::ReduceSumOp, edge::ReduceMeanOp, edge::ReduceMaxOp,
            edge::ReduceMinOp, edge::ReduceProdOp>([&](auto reduce) {
        SmallVector<int64_t> axes = reorder(permutation, reduce.getAxes());
        llvm::sort(axes);
        reduce.setAxes(axes);
      });
}

/// Builds the operator on `operands` and transposes its result.
void Sinking::finish(ValueRange operands, ArrayRef<int64_t> resultShape,
                     ArrayRef<int64_t> resultPermutation) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Operation *sunk = rewriter.clone(*op);
  sunk->setOperands(operands);
  sunk->getResult(0).setType(type.clone(resultShape));
  renameDimensions(sunk);
  rewriter.replaceOpWithNewOp<edge::TransposeOp>(op, type, sunk->getResult(0),
                                                 resultPermutation);
}

/// Operators all of whose operands have the result's dimensions.
LogicalResult Sinking::sinkAll() {
  if (!isWorthwhile())
    return rewriter.notifyMatchFailure(op, "would transpose more than before");
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(restore(operand));
  finish(operands, reorder(shapeOf(op->getResult(0)), inverse), permutation);
  return success();
}

/// Operators whose first operand alone has the result's dimensions.
LogicalResult Sinking::sinkFirst(ArrayRef<int64_t> resultPermutation) {
  if (!isTransposed(op->getOperand(0)))
    return rewriter.notifyMatchFailure(op, "its input is not transposed");
  SmallVector<Value> operands(op->getOperands());
  operands[0] = restore(operands[0]);
  finish(
      operands,
      reorder(shapeOf(op->getResult(0)), invertPermutation(resultPermutation)),
      resultPermutation);
  return success();
}

/// Without keep_dims the remaining dimensions keep their order.
LogicalResult Sinking::sinkReduce() {
  if (shapeOf(op->getResult(0)).size() == permutation.size())
    return sinkFirst(permutation);
  SmallVector<int64_t> kept;
  auto axes = op->getAttrOfType<DenseI64ArrayAttr>("axes").asArrayRef();
  for (auto [d, source] : llvm::enumerate(permutation))
    if (!llvm::is_contained(axes, int64_t(d)))
      kept.push_back(source);
  SmallVector<int64_t> sorted(kept), compact;
  llvm::sort(sorted);
  for (int64_t source : kept)
    compact.push_back(llvm::find(sorted, source) - sorted.begin());
  return sinkFirst(compact);
}

LogicalResult Sinking::sinkFullyConnected() {
  if (permutation.back() + 1 != int64_t(permutation.size()))
    return rewriter.notifyMatchFailure(op, "the summed dimension moves");
  return sinkFirst(permutation);
}

/// A reshape that only splits dimensions, or merges those that also lay
/// together before the transpose, can go first.
LogicalResult Sinking::sinkReshape() {
  Value transposed = op->getOperand(0);
  ArrayRef<int64_t> to = shapeOf(op->getResult(0));
  SmallVector<DimensionGroup> groups = groupDimensions(shapeOf(transposed), to);
  if (groups.empty())
    return rewriter.notifyMatchFailure(op, "has no dimensions");
  for (const DimensionGroup &group : groups) {
    for (size_t d = group.fromBegin + 1; d < group.fromEnd; ++d) {
      if (permutation[d] != permutation[d - 1] + 1)
        return rewriter.notifyMatchFailure(op, "merges dimensions that lie "
                                               "apart before the transpose");
    }
  }
  SmallVector<DimensionGroup> sourceOrder(groups);
  llvm::sort(sourceOrder, [&](const auto &a, const auto &b) {
    return permutation[a.fromBegin] < permutation[b.fromBegin];
  });
  SmallVector<int64_t> shape, position(to.size());
  for (const DimensionGroup &group : sourceOrder) {
    for (size_t d = group.toBegin; d < group.toEnd; ++d) {
      position[d] = shape.size();
      shape.push_back(to[d]);
    }
  }
  finish(restore(transposed), shape, position);
  return success();
}

LogicalResult Sinking::run() {
  if (!findPermutation())
    return rewriter.notifyMatchFailure(op, "no operand is a transpose");
  if (op->hasTrait<edge::ElementwiseTrait>())
    return sinkAll();
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<edge::ConcatOp>([&](auto) { return sinkAll(); })
      .Case<edge::PadOp, edge::SliceOp, edge::SoftmaxOp, edge::BatchNormOp,
            edge::ResampleOp, edge::LookupOp>(
          [&](auto) { return sinkFirst(permutation); })
      .Case<edge::ReduceSumOp, edge::ReduceMeanOp, edge::ReduceMaxOp,
            edge::ReduceMinOp, edge::ReduceProdOp>(
          [&](auto) { return sinkReduce(); })
      .Case([&](edge::ReshapeOp) { return sinkReshape(); })
      .Case([&](edge::FullyConnectedOp) { return sinkFullyConnected(); })
      .Case([&](edge::BroadcastOp broadcast) {
        if (shapeOf(broadcast.getX()).size() !=
            shapeOf(broadcast.getResult()).size())
          return failure();
        return sinkFirst(permutation);
      })
      .Default([](Operation *) { return failure(); });
}

} // namespace

LogicalResult sinkTranspose(Operation *op, PatternRewriter &rewriter) {
  return Sinking(op, rewriter).run();
}

} // namespace edgec
