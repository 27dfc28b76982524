//===- BuildRegions.cpp - a partition becomes regions ---------------------===//
//
// Constants go first and are copied into the regions that read them. Reshapes
// stand as early as they can; those between two kernels of a region go with
// them, and are copied if others read them as well.
//
//===----------------------------------------------------------------------===//
#include "passes/place/BuildRegions.h"

#include "dialects/edge/Edge.h"
#include "dialects/place/Place.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::place;

namespace {
class RegionBuilder {
public:
  RegionBuilder(func::FuncOp function, const PlacementGraph &graph)
      : block(function.getBody().front()), graph(graph),
        builder(block.getTerminator()) {}

  void run(const std::vector<WorkItem> &items, const Timeline &timeline);

private:
  std::vector<Operation *> separate(const Nodes &nodes);
  void settle(Operation *op);
  void settleReshapes();
  RegionOp buildRegion(int64_t device, ArrayRef<Operation *> operations);

  Block &block;
  const PlacementGraph &graph;
  OpBuilder builder;
  /// What stands where it belongs.
  DenseSet<Operation *> settled;
  /// Reshapes outside of regions that do not yet, in program order.
  std::vector<Operation *> reshapes;
};
} // namespace

/// The operations of a region; reshapes that others read as well are copied.
std::vector<Operation *> RegionBuilder::separate(const Nodes &nodes) {
  std::vector<Operation *> operations = graph.regionOperations(nodes);
  DenseSet<Operation *> inside(operations.begin(), operations.end());
  // From the last: the copy reads what may have to be copied, too.
  for (Operation *&op : llvm::reverse(operations)) {
    auto isInside = [&](OpOperand &use) {
      return inside.contains(use.getOwner());
    };
    if (!isa<edge::ReshapeOp>(op) || llvm::all_of(op->getUses(), isInside))
      continue;
    builder.setInsertionPointAfter(op);
    Operation *copy = builder.clone(*op);
    op->getResult(0).replaceUsesWithIf(copy->getResult(0), isInside);
    inside.erase(op);
    inside.insert(copy);
    op = copy;
  }
  return operations;
}

/// Puts an operation at the end, and behind it the reshapes of what is there.
void RegionBuilder::settle(Operation *op) {
  op->moveBefore(block.getTerminator());
  settled.insert(op);
  settleReshapes();
}

void RegionBuilder::settleReshapes() {
  std::vector<Operation *> left;
  for (Operation *reshape : std::exchange(reshapes, {})) {
    Operation *source = reshape->getOperand(0).getDefiningOp();
    if (source && !settled.contains(source)) {
      left.push_back(reshape);
      continue;
    }
    reshape->moveBefore(block.getTerminator());
    settled.insert(reshape);
  }
  reshapes = std::move(left);
}

RegionOp RegionBuilder::buildRegion(int64_t device,
                                    ArrayRef<Operation *> operations) {
  DenseSet<Operation *> inside(operations.begin(), operations.end());
  llvm::SetVector<Value> inputs, constants, outputs;
  SmallVector<Location> locations;
  for (Operation *op : operations) {
    locations.push_back(op->getLoc());
    for (Value operand : op->getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (isa_and_nonnull<edge::ConstantOp>(source))
        constants.insert(operand);
      else if (!inside.contains(source))
        inputs.insert(operand);
    }
    for (Value result : op->getResults()) {
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !inside.contains(user); }))
        outputs.insert(result);
    }
  }
  builder.setInsertionPoint(block.getTerminator());
  auto region = RegionOp::create(builder, builder.getFusedLoc(locations),
                                 ValueRange(outputs.getArrayRef()).getTypes(),
                                 uint64_t(device), inputs.getArrayRef());
  Block *body = builder.createBlock(&region.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body->addArgument(input.getType(), input.getLoc()));
  for (Value constant : constants)
    builder.clone(*constant.getDefiningOp(), mapping);
  for (Operation *op : operations) {
    op->moveBefore(body, body->end());
    for (OpOperand &operand : op->getOpOperands())
      operand.set(mapping.lookupOrDefault(operand.get()));
  }
  builder.setInsertionPointToEnd(body);
  YieldOp::create(builder, region.getLoc(), outputs.getArrayRef());
  for (auto [index, inner] : llvm::enumerate(outputs)) {
    Value(inner).replaceUsesWithIf(
        region->getResult(unsigned(index)),
        [&](OpOperand &use) { return use.getOwner()->getBlock() != body; });
  }
  return region;
}

void RegionBuilder::run(const std::vector<WorkItem> &items,
                        const Timeline &timeline) {
  DenseSet<Operation *> inRegions;
  std::vector<std::vector<Operation *>> operations(items.size());
  for (auto [index, item] : llvm::enumerate(items)) {
    if (item.device == onHost)
      continue;
    operations[index] = separate(item.nodes);
    inRegions.insert(operations[index].begin(), operations[index].end());
  }
  SmallVector<Operation *> constants;
  for (Operation &op : block) {
    if (isa<edge::ConstantOp>(op))
      constants.push_back(&op);
    if (isa<edge::ReshapeOp>(op) && !inRegions.contains(&op))
      reshapes.push_back(&op);
  }
  for (Operation *constant : llvm::reverse(constants)) {
    constant->moveBefore(&block, block.begin());
    settled.insert(constant);
  }
  settleReshapes();
  for (const ScheduledItem &scheduled : timeline.order) {
    const WorkItem &item = items[scheduled.item];
    settle(item.device == onHost
               ? graph.operation(item.nodes.front())
               : buildRegion(item.device, operations[scheduled.item])
                     .getOperation());
  }
  for (Operation *constant : constants)
    if (constant->use_empty())
      constant->erase();
}

void edgec::place::buildRegions(func::FuncOp function,
                                const PlacementGraph &graph,
                                const std::vector<WorkItem> &items,
                                const Timeline &timeline) {
  RegionBuilder(function, graph).run(items, timeline);
}
