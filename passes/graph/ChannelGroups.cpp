//===- ChannelGroups.cpp - values that share their channels ---------------===//
#include "passes/graph/ChannelGroups.h"
#include "passes/graph/ChannelRanges.h"
#include "passes/graph/ConstantData.h"
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
  void visitConvolution(edge::IntegerConv2DOp conv);
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
  SmallVector<edge::IntegerConv2DOp> convolutions;
  SmallVector<std::pair<Operation *, Value>> inner;
};
} // namespace

static bool isConstant(Value value) {
  return value.getDefiningOp<edge::ConstantOp>();
}

/// A constant of one number, or one per channel.
static bool canBeSliced(Value constant, int64_t channels) {
  std::optional<ConstantData> data = ConstantData::get(constant);
  return data &&
         (data->getNumElements() == 1 || (data->getNumElements() == channels &&
                                          channelCount(constant) == channels));
}

void Finder::visitConvolution(edge::IntegerConv2DOp conv) {
  bool isKnown =
      integerElements(conv.getFilter()) &&
      (!conv.getBias() ||
       perChannelNumbers(conv.getBias(), channelCount(conv.getResult())));
  if (isKnown && conv.isDepthwise()) {
    unite(conv.getInput(), conv.getResult());
    inner.emplace_back(conv, conv.getResult());
  } else if (isKnown && conv.getGroups() == 1) {
    numberOf(conv.getInput());
    numberOf(conv.getResult());
    convolutions.push_back(conv);
  } else {
    pinAll(*conv);
  }
}

/// Whether the operator computes each channel by itself.
bool Finder::uniteOperands(Operation &op) {
  if (op.getNumResults() != 1)
    return false;
  Value result = op.getResult(0);
  auto type = dyn_cast<RankedTensorType>(result.getType());
  if (!type || type.getRank() == 0)
    return false;
  for (Value operand : op.getOperands()) {
    if (isConstant(operand)
            ? !canBeSliced(operand, channelCount(result))
            : cast<RankedTensorType>(operand.getType()).getShape() !=
                  type.getShape())
      return false;
  }
  for (Value operand : op.getOperands())
    if (!isConstant(operand))
      unite(operand, result);
  return true;
}

void Finder::visit(Operation &op) {
  if (isa<edge::ConstantOp>(op))
    return;
  if (auto conv = dyn_cast<edge::IntegerConv2DOp>(op))
    return visitConvolution(conv);
  bool isUnited = false;
  if (op.hasTrait<edge::ElementwiseTrait>()) {
    isUnited = uniteOperands(op);
  } else if (auto lookup = dyn_cast<edge::LookupOp>(op)) {
    unite(lookup.getX(), lookup.getResult());
    isUnited = true;
  } else if (isa<edge::ReshapeOp, edge::MaxPool2DOp>(op)) {
    Value x = op.getOperand(0), result = op.getResult(0);
    isUnited = !isConstant(x) && channelCount(x) == channelCount(result);
    if (isUnited)
      unite(x, result);
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
  for (edge::IntegerConv2DOp conv : convolutions) {
    groupOf(conv.getResult()).writers.push_back(conv);
    groupOf(conv.getInput()).readers.push_back(conv);
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
