//===- ChannelGroups.cpp - values that share their channels ---------------===//
#include "passes/graph/ChannelGroups.h"
#include "dialects/edge/Integer.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/IntEqClasses.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace edgec;

namespace {
class Finder {
public:
  explicit Finder(func::FuncOp function) : function(function) {}
  std::vector<ChannelGroup> run();

private:
  void visit(Operation &op);
  void visitProduct(Operation &op);
  bool unitePixels(Operation &op);
  bool uniteOperands(Operation &op);

  unsigned numberOf(Value value) {
    auto [entry, isNew] = numbers.insert({value, unsigned(numbers.size())});
    return entry->second;
  }
  void unite(Value a, Value b) { joins.emplace_back(numberOf(a), numberOf(b)); }
  /// Its channels must stay.
  void pin(Value value) {
    if (isa<RankedTensorType>(value.getType()))
      pinned.push_back(numberOf(value));
  }
  void pinAll(Operation &op) {
    llvm::for_each(op.getOperands(), [&](Value value) { pin(value); });
    llvm::for_each(op.getResults(), [&](Value value) { pin(value); });
  }

  func::FuncOp function;
  llvm::MapVector<Value, unsigned> numbers;
  std::vector<std::pair<unsigned, unsigned>> joins;
  std::vector<unsigned> pinned;
  SmallVector<ChannelProduct> products;
  SmallVector<std::pair<Operation *, Value>> inner;
};
} // namespace

static bool isConstant(Value value) {
  return value.getDefiningOp<edge::ConstantOp>();
}

static bool hasChannels(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() > 0;
}

/// A constant of one number, or one per channel.
static bool canBeSliced(Value constant, int64_t channels) {
  std::optional<ConstantData> data = ConstantData::get(constant);
  return data &&
         (data->getNumElements() == 1 || (data->getNumElements() == channels &&
                                          channelCount(constant) == channels));
}

void Finder::visitProduct(Operation &op) {
  std::optional<ChannelProduct> product = ChannelProduct::get(&op);
  if (product && product->isDepthwise()) {
    unite(product->getInput(), product->getResult());
    inner.emplace_back(&op, product->getResult());
  } else if (product && product->getGroups() == 1) {
    numberOf(product->getInput());
    numberOf(product->getResult());
    products.push_back(*product);
  } else {
    pinAll(op);
  }
}

/// Whether the operator computes each channel of an elementwise result by
/// itself.
bool Finder::uniteOperands(Operation &op) {
  if (op.getNumResults() != 1)
    return false;
  Value result = op.getResult(0);
  if (!hasChannels(result))
    return false;
  for (Value operand : op.getOperands()) {
    // Others may broadcast along pixels.
    if (isConstant(operand) ? !canBeSliced(operand, channelCount(result))
                            : !hasChannels(operand) ||
                                  channelCount(operand) != channelCount(result))
      return false;
  }
  for (Value operand : op.getOperands())
    if (!isConstant(operand))
      unite(operand, result);
  return true;
}

/// Whether the operator computes each channel from pixels of the same one.
bool Finder::unitePixels(Operation &op) {
  if (!isa<edge::ReshapeOp, edge::MaxPool2DOp, edge::AvgPool2DOp,
           edge::ReduceMeanOp, edge::ReduceMaxOp, edge::ReduceMinOp>(op) ||
      op.getNumResults() != 1 || isConstant(op.getOperand(0)))
    return false;
  Value x = op.getOperand(0), result = op.getResult(0);
  if (!hasChannels(x) || !hasChannels(result))
    return false;
  int64_t last = cast<RankedTensorType>(x.getType()).getRank() - 1;
  auto axes = op.getAttrOfType<DenseI64ArrayAttr>("axes");
  if (axes && llvm::is_contained(axes.asArrayRef(), last))
    return false;
  if (channelCount(x) != channelCount(result) && flattenedImage(result) != x)
    return false;
  unite(x, result);
  return true;
}

void Finder::visit(Operation &op) {
  if (isa<edge::ConstantOp>(op))
    return;
  if (isa<edge::FullyConnectedOp>(op) || edge::getConvolution(&op))
    return visitProduct(op);
  bool isUnited = unitePixels(op);
  if (op.hasTrait<edge::ElementwiseTrait>()) {
    isUnited = uniteOperands(op);
  } else if (auto lookup = dyn_cast<edge::LookupOp>(op)) {
    unite(lookup.getX(), lookup.getResult());
    isUnited = true;
  }
  if (isUnited)
    inner.emplace_back(&op, op.getResult(0));
  else
    pinAll(op);
}

std::vector<ChannelGroup> Finder::run() {
  Block &body = function.getBody().front();
  for (Value argument : body.getArguments())
    pin(argument);
  for (Operation &op : body)
    visit(op);
  llvm::IntEqClasses classes(numbers.size());
  for (auto [a, b] : joins)
    classes.join(a, b);
  classes.compress();
  std::vector<ChannelGroup> groups(classes.getNumClasses());
  auto groupOf = [&](Value value) -> ChannelGroup & {
    return groups[classes[numbers.lookup(value)]];
  };
  for (auto &[value, number] : numbers)
    groupOf(value).values.push_back(value);
  for (auto [op, value] : inner)
    groupOf(value).inner.push_back(op);
  for (const ChannelProduct &product : products) {
    groupOf(product.getResult()).writers.push_back(product);
    groupOf(product.getInput()).readers.push_back(product);
  }
  llvm::BitVector isPinned(classes.getNumClasses());
  for (unsigned number : pinned)
    isPinned.set(classes[number]);
  std::vector<ChannelGroup> result;
  for (auto [i, group] : llvm::enumerate(groups)) {
    if (!isPinned[i] && !group.writers.empty() && !group.readers.empty())
      result.push_back(std::move(group));
  }
  return result;
}

std::vector<ChannelGroup> edgec::findChannelGroups(func::FuncOp function) {
  return Finder(function).run();
}
