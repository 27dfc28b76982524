//===- FormKernels.cpp - operators become kernels ------------------------===//
//
// Each anchor (convolution, pooling, reduction, ...) takes the elementwise
// operators behind it into its kernel, as long as a single value leaves it:
// what was computed is used while it is in registers.
//
//   %a = edge.conv2d %x, %f, %b            %r = schedule.kernel
//   "conv2d_3x3_relu"(%x, %f, %b) { %r = edge.relu %a             becomes
//   ^bb0(...): conv2d, relu, yield }
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Blocks.h"
#include "dialects/edge/Control.h"
#include "dialects/edge/Generic.h"
#include "dialects/edge/Integer.h"
#include "dialects/edge/Normalize.h"
#include "dialects/edge/Product.h"
#include "dialects/edge/Softmax.h"
#include "dialects/edge/Spatial.h"
#include "dialects/edge/Variant.h"
#include "mlir/IR/IRMapping.h"
#include "passes/fuse/FusionRemarks.h"
#include "passes/fuse/KernelName.h"
#include "passes/fuse/Passes.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_FORMKERNELS
#include "passes/fuse/Passes.h.inc"

/// A branch in an epilogue is followed at most so far: its values all live in
/// registers at once.
static constexpr size_t maxBranchOperators = 16;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Copies ask for a buffer of their own and so stay alone.
static bool isElementwise(Operation *op) {
  return op->hasTrait<edge::ElementwiseTrait>() && !isa<edge::CopyOp>(op);
}

/// Operators whose emitters compute an epilogue in registers.
static bool takesEpilogue(Operation *op) {
  return isElementwise(op) ||
         (isa<edge::GenericOp>(op) && op->getNumResults() == 1) ||
         isa<edge::BlockProductOp, edge::Conv2DOp, edge::IntegerConv2DOp,
             edge::MatMulOp, edge::IntegerMatMulOp, edge::FullyConnectedOp,
             edge::MaxPool2DOp, edge::AvgPool2DOp, edge::ReduceSumOp,
             edge::ReduceMeanOp, edge::ReduceMaxOp, edge::ReduceMinOp,
             edge::ReduceProdOp, edge::SoftmaxOp, edge::LookupSoftmaxOp,
             edge::NormalizeOp, edge::LayerNormOp, edge::ResampleOp,
             edge::SampleOp, edge::RoiAlignOp>(op);
}

/// Whether the kernel's result can be `last`'s: softmax keeps its exponentials
/// in the result's buffer, whose elements must be its own, or a row of them on
/// the stack.
static bool holdsPartialResults(Operation *anchor, Operation *last) {
  constexpr int64_t longestRow = 4096;
  auto elementOf = [](Operation *op) {
    return cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
  };
  auto softmax = dyn_cast<edge::SoftmaxOp>(anchor);
  if (!softmax || elementOf(anchor) == elementOf(last))
    return true;
  ArrayRef<int64_t> shape = shapeOf(anchor->getResult(0));
  return softmax.getAxis() + 1 == shape.size() && shape.back() <= longestRow;
}

static bool isSplatConstant(Value value) {
  auto constant = value.getDefiningOp<edge::ConstantOp>();
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                        : DenseElementsAttr();
  return dense && dense.isSplat();
}

namespace {
/// The operators of one kernel, the anchor first, the others in program order;
/// the last one's result leaves.
struct Group {
  SmallVector<Operation *> operators;
};

class FormKernels : public impl::FormKernelsBase<FormKernels> {
  void runOnOperation() override;

  void copyCasts();
  void collect();
  SmallVector<Operation *> findExtension(Operation *last);
  void grow(size_t index);
  void absorbInputs(size_t index);
  SmallVector<Operation *> wideningTail(size_t index) const;
  void handNarrow(size_t index);
  void explain(ArrayRef<Group *> order);
  void build(Group &group);

  std::vector<Group> groups;
  DenseMap<Operation *, size_t> groupOf;
};
} // namespace

/// What is stored in 16 bits becomes f32 where it is computed with, not in a
/// buffer of f32 for several readers.
void FormKernels::copyCasts() {
  auto widens = [](edge::CastOp cast) {
    Type from = cast.getX().getType().getElementType();
    return (from.isF16() || from.isBF16()) &&
           cast.getResult().getType().getElementType().isF32();
  };
  for (auto cast : llvm::make_early_inc_range(
           getOperation().getBody().getOps<edge::CastOp>())) {
    if (!widens(cast) || cast->hasOneUse())
      continue;
    DenseMap<Operation *, Operation *> copies;
    for (OpOperand &use : llvm::make_early_inc_range(cast->getUses())) {
      Operation *user = use.getOwner();
      if (!isElementwise(user))
        continue;
      Operation *&copy = copies[user];
      if (!copy)
        copy = OpBuilder(user).clone(*cast);
      use.set(copy->getResult(0));
    }
    if (cast->use_empty())
      cast->erase();
  }
}

/// One group for each operator that computes or moves data.
void FormKernels::collect() {
  groups.clear();
  groupOf.clear();
  for (Operation &op : getOperation().getBody().getOps()) {
    if (!isa<edge::EdgeDialect>(op.getDialect()) ||
        isa<edge::ConstantOp, edge::ReshapeOp>(op) || edge::isControl(&op))
      continue;
    groupOf[&op] = groups.size();
    groups.push_back({{&op}});
  }
}

/// The shortest run of elementwise operators behind `last` after which again
/// one value leaves the kernel; empty when there is none.
SmallVector<Operation *> FormKernels::findExtension(Operation *last) {
  ArrayRef<int64_t> shape = shapeOf(last->getResult(0));
  llvm::SetVector<Operation *> region;
  region.insert(last);
  SmallVector<Operation *> extension;
  auto readsRegion = [&](Operation *op) {
    return llvm::any_of(op->getOperands(), [&](Value operand) {
      return region.contains(operand.getDefiningOp());
    });
  };
  for (Operation *op = last->getNextNode();
       op && extension.size() < maxBranchOperators; op = op->getNextNode()) {
    if (!readsRegion(op))
      continue;
    if (!isElementwise(op) || shapeOf(op->getResult(0)) != shape)
      return {};
    // It may already have joined another anchor's kernel.
    Group &other = groups[groupOf.lookup(op)];
    if (other.operators.front() != op &&
        !isElementwise(other.operators.front()))
      return {};
    region.insert(op);
    extension.push_back(op);
    bool closed = llvm::all_of(region, [&](Operation *inside) {
      return inside == op ||
             llvm::all_of(inside->getUsers(), [&](Operation *user) {
               return region.contains(user);
             });
    });
    if (closed)
      return extension;
  }
  return {};
}

/// The anchor, then the elementwise operators in program order. None of them
/// computes what the anchor reads, so the anchor may always go first.
static void sortOperators(Group &group) {
  llvm::sort(group.operators, [](Operation *a, Operation *b) {
    bool isElementwiseA = isElementwise(a), isElementwiseB = isElementwise(b);
    if (isElementwiseA != isElementwiseB)
      return isElementwiseB;
    return a->isBeforeInBlock(b);
  });
}

/// Takes the elementwise operators behind a group into it, with those that
/// compute only their other operands.
void FormKernels::grow(size_t index) {
  while (true) {
    Group &group = groups[index];
    if (!takesEpilogue(group.operators.front()))
      return;
    SmallVector<Operation *> extension = findExtension(group.operators.back());
    if (extension.empty() ||
        !holdsPartialResults(group.operators.front(), extension.back()))
      return;
    llvm::SetVector<size_t> joined;
    for (Operation *op : extension)
      joined.insert(groupOf.lookup(op));
    for (size_t other : joined) {
      for (Operation *op : groups[other].operators) {
        groupOf[op] = index;
        group.operators.push_back(op);
      }
      groups[other].operators.clear();
    }
    sortOperators(group);
  }
}

/// Elementwise operators that compute nothing but an epilogue's operand, at
/// the full shape, are computed in that epilogue.
void FormKernels::absorbInputs(size_t index) {
  Group &group = groups[index];
  for (size_t i = 0; i < group.operators.size(); ++i) {
    Operation *op = group.operators[i];
    if (!isElementwise(op))
      continue;
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (!producer || !groupOf.contains(producer) ||
          groupOf.lookup(producer) == index ||
          shapeOf(operand) != shapeOf(op->getResult(0)) ||
          !llvm::all_of(producer->getUsers(), [&](Operation *user) {
            return isElementwise(user) && groupOf.lookup(user) == index;
          }))
        continue;
      size_t other = groupOf.lookup(producer);
      if (!llvm::all_of(groups[other].operators, isElementwise))
        continue;
      for (Operation *joining : groups[other].operators) {
        groupOf[joining] = index;
        group.operators.push_back(joining);
      }
      groups[other].operators.clear();
    }
  }
  sortOperators(group);
}

static unsigned bitsOf(Value value) {
  return cast<RankedTensorType>(value.getType())
      .getElementType()
      .getIntOrFloatBitWidth();
}

/// The elementwise operators at a group's end, the last one first, that make
/// wider elements of what one of its values holds; none, if there are none.
SmallVector<Operation *> FormKernels::wideningTail(size_t index) const {
  constexpr size_t longest = 8;
  SmallVector<Operation *> tail;
  Operation *op = groups[index].operators.back();
  unsigned least = bitsOf(op->getResult(0));
  size_t count = 0;
  while (tail.size() < longest && isElementwise(op)) {
    Value narrow;
    for (Value operand : op->getOperands()) {
      if (operand.getDefiningOp<edge::ConstantOp>())
        continue;
      if (narrow)
        return {tail.begin(), tail.begin() + count};
      narrow = operand;
    }
    Operation *producer = narrow ? narrow.getDefiningOp() : nullptr;
    auto group = groupOf.find(producer);
    if (!producer || group == groupOf.end() || group->second != index ||
        !narrow.hasOneUse() || shapeOf(narrow) != shapeOf(op->getResult(0)))
      break;
    tail.push_back(op);
    if (bitsOf(narrow) < least) {
      least = bitsOf(narrow);
      count = tail.size();
    }
    op = producer;
  }
  tail.resize(count);
  return tail;
}

/// What makes wide elements of narrow ones for one reader is computed there:
/// bytes are stored and read instead of floats, and nothing is computed twice.
void FormKernels::handNarrow(size_t index) {
  Group &group = groups[index];
  Operation *last = group.operators.back();
  if (last->getNumResults() != 1 || last->use_empty())
    return;
  auto reader = groupOf.find(*last->user_begin());
  if (reader == groupOf.end() || reader->second == index ||
      !llvm::all_of(last->getUsers(), [&](Operation *user) {
        auto found = groupOf.find(user);
        return found != groupOf.end() && found->second == reader->second &&
               isElementwise(user) &&
               shapeOf(user->getResult(0)) == shapeOf(last->getResult(0));
      }))
    return;
  SmallVector<Operation *> tail = wideningTail(index);
  if (tail.empty())
    return;
  auto isOutside = [&](Operation *op) { return !llvm::is_contained(tail, op); };
  auto stays = llvm::find_if(llvm::reverse(group.operators), isOutside);
  if (!holdsPartialResults(group.operators.front(), *stays))
    return;
  for (Operation *op : tail) {
    groupOf[op] = reader->second;
    groups[reader->second].operators.push_back(op);
  }
  llvm::erase_if(group.operators,
                 [&](Operation *op) { return llvm::is_contained(tail, op); });
  sortOperators(groups[reader->second]);
}

/// Tells whoever listens what became of each operator.
void FormKernels::explain(ArrayRef<Group *> order) {
  auto anchorOf = [&](Operation *op) -> Operation * {
    auto found = groupOf.find(op);
    return found == groupOf.end() ? nullptr
                                  : groups[found->second].operators.front();
  };
  // The model's variants become the same, but for their sizes.
  if (edge::variantOf(getOperation()))
    return;
  for (Group *group : order)
    remarkKernel(group->operators,
                 {isElementwise, takesEpilogue, anchorOf, maxBranchOperators});
}

/// Moves the group's operators into a schedule.kernel at the last one's place,
/// where all operands are known.
void FormKernels::build(Group &group) {
  Operation *last = group.operators.back();
  OpBuilder builder(last);
  DenseSet<Operation *> inside(group.operators.begin(), group.operators.end());
  llvm::SetVector<Value> inputs;
  llvm::MapVector<Value, edge::ConstantOp> splats;
  SmallVector<Location> locations;
  for (Operation *op : group.operators) {
    locations.push_back(op->getLoc());
    for (Value operand : op->getOperands()) {
      if (inside.contains(operand.getDefiningOp()))
        continue;
      // Anchors read constants from memory like everything else.
      if (isElementwise(op) && isSplatConstant(operand))
        splats[operand] = operand.getDefiningOp<edge::ConstantOp>();
      else
        inputs.insert(operand);
    }
  }
  auto kernel = schedule::KernelOp::create(
      builder, FusedLoc::get(&getContext(), locations), last->getResultTypes(),
      inputs.getArrayRef(),
      builder.getStringAttr(makeKernelName(group.operators)),
      schedule::TilingAttr(), ArrayAttr());
  Block *body = builder.createBlock(&kernel.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
  // A splat that an anchor of the same kernel reads too is an operand there
  // and a constant in the epilogue: elementwise operators are mapped apart.
  IRMapping epilogue;
  for (auto [value, constant] : splats)
    epilogue.map(value, builder.clone(*constant)->getResult(0));
  for (Operation *op : group.operators) {
    Operation *clone = builder.clone(*op, mapping);
    if (isElementwise(op)) {
      for (auto [index, operand] : llvm::enumerate(op->getOperands()))
        if (Value splat = epilogue.lookupOrNull(operand))
          clone->setOperand(index, splat);
    }
    mapping.map(op->getResults(), clone->getResults());
  }
  SmallVector<Value> yielded;
  for (Value result : last->getResults())
    yielded.push_back(mapping.lookup(result));
  schedule::YieldOp::create(builder, last->getLoc(), yielded);
  last->replaceAllUsesWith(kernel);
  for (Operation *op : llvm::reverse(group.operators))
    op->erase();
}

void FormKernels::runOnOperation() {
  if (!getOperation().getBody().hasOneBlock())
    return;
  copyCasts();
  collect();
  // Anchors first, so that an operator behind both an anchor and elementwise
  // operators joins the anchor; the later of two anchors takes it, because the
  // earlier one's result is ready by then.
  for (size_t i = groups.size(); i-- > 0;) {
    if (!groups[i].operators.empty() &&
        !isElementwise(groups[i].operators.front()))
      grow(i);
  }
  for (size_t i = 0; i < groups.size(); ++i)
    if (!groups[i].operators.empty())
      grow(i);
  for (size_t i = 0; i < groups.size(); ++i)
    if (!groups[i].operators.empty())
      absorbInputs(i);
  for (size_t i = 0; i < groups.size(); ++i)
    if (!groups[i].operators.empty())
      handNarrow(i);
  for (Group &group : groups) {
    if (group.operators.empty())
      continue;
    numFused += group.operators.size() - 1;
    ++numKernels;
  }
  // In the order of their last operators, so that each operand is built before
  // it is read.
  std::vector<Group *> order;
  for (Group &group : groups)
    if (!group.operators.empty())
      order.push_back(&group);
  llvm::sort(order, [](Group *a, Group *b) {
    return a->operators.back()->isBeforeInBlock(b->operators.back());
  });
  explain(order);
  for (Group *group : order)
    build(*group);
  // Constants that were only cloned.
  for (auto constant : llvm::make_early_inc_range(
           getOperation().getBody().getOps<edge::ConstantOp>()))
    if (constant->use_empty())
      constant->erase();
}

} // namespace edgec
