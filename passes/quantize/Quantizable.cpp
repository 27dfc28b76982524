//===- Quantizable.cpp - which values are worth to be integers ------------===//
//
// See Quantizable.h.
//
//===----------------------------------------------------------------------===//
#include "passes/quantize/Quantizable.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/SetVector.h"

using namespace edgec;
using namespace mlir;

static bool isFloat32(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

static bool isConstant(Value value) {
  return isa_and_nonnull<edge::ConstantOp>(value.getDefiningOp());
}

/// The mean over a whole image: a sum with one factor. Means of other
/// dimensions belong to normalisations, which want their digits.
static bool isImageMean(Operation *op) {
  auto mean = dyn_cast<edge::ReduceMeanOp>(op);
  if (!mean)
    return false;
  auto type = cast<RankedTensorType>(mean.getX().getType());
  return type.getRank() == 4 && mean.getAxes() == ArrayRef<int64_t>{1, 2};
}

bool edgec::isQuantizableLayer(Operation *op) {
  if (op->getNumResults() != 1 || !isFloat32(op->getResult(0)) ||
      !llvm::all_of(op->getOperands(), isFloat32))
    return false;
  if (auto conv = dyn_cast<edge::Conv2DOp>(op))
    return isConstant(conv.getFilter()) && !isConstant(conv.getInput()) &&
           (!conv.getBias() || isConstant(conv.getBias()));
  if (auto dense = dyn_cast<edge::FullyConnectedOp>(op))
    return isConstant(dense.getFilter()) && !isConstant(dense.getInput()) &&
           (!dense.getBias() || isConstant(dense.getBias()));
  return false;
}

bool edgec::hasNarrowableWeights(Operation *op) {
  if (!isQuantizableLayer(op))
    return false;
  auto conv = dyn_cast<edge::Conv2DOp>(op);
  return !conv || !conv.isDepthwise();
}

bool edgec::hasWeightRows(Operation *op) {
  if (!isQuantizableLayer(op))
    return false;
  auto conv = dyn_cast<edge::Conv2DOp>(op);
  if (!conv)
    return true;
  auto areAll = [](ArrayRef<int64_t> numbers, int64_t number) {
    return llvm::all_of(numbers, [&](int64_t each) { return each == number; });
  };
  ArrayRef<int64_t> filter = conv.getFilter().getType().getShape();
  return conv.getGroups() == 1 && filter[1] == 1 && filter[2] == 1 &&
         areAll(conv.getStrides(), 1) && areAll(conv.getPads(), 0);
}

OperandRange edgec::movedOperands(Operation *op) {
  OperandRange operands = op->getOperands(),
               none = operands.drop_front(operands.size());
  if (isa<edge::ConcatOp>(op))
    return llvm::any_of(operands, isConstant) ? none : operands;
  if (auto pad = dyn_cast<edge::PadOp>(op))
    return pad.getValue().isZero() ? operands : none;
  if (isa<edge::ReshapeOp, edge::TransposeOp, edge::SliceOp, edge::MaxPool2DOp,
          edge::BroadcastOp>(op))
    return operands;
  return none;
}

/// The convolution whose result `value` is but for elementwise operators that
/// its kernel computes along, or null.
static Operation *convolutionBehind(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (isa<edge::Conv2DOp>(op))
      return op;
    if (!op->hasTrait<edge::ElementwiseTrait>() || op->getNumOperands() == 0)
      return nullptr;
    Value only;
    for (Value operand : op->getOperands()) {
      if (isConstant(operand))
        continue;
      if (only)
        return nullptr;
      only = operand;
    }
    if (!only || !only.hasOneUse())
      return nullptr;
    value = only;
  }
  return nullptr;
}

namespace {
class Search {
public:
  explicit Search(func::FuncOp model) : model(model) {}
  std::vector<ValueGroup> run();

private:
  void addReaders();
  void addJoins();
  void addMoved();

  func::FuncOp model;
  llvm::SetVector<Value> found;
  llvm::EquivalenceClasses<void *> groups;
};
} // namespace

/// What layers and sums over windows read.
void Search::addReaders() {
  for (Operation &op : model.getBody().front()) {
    bool isLayer = isQuantizableLayer(&op) && !op.hasAttr(keepFloatAttrName);
    bool isSum = (isa<edge::AvgPool2DOp>(op) || isImageMean(&op)) &&
                 isFloat32(op.getOperand(0));
    if ((isLayer || isSum) && !isConstant(op.getOperand(0)))
      found.insert(op.getOperand(0));
  }
}

/// Where two convolutions meet in one sum, the kernel of the later one adds,
/// and the result of the other goes through memory.
void Search::addJoins() {
  for (Operation &op : model.getBody().front()) {
    if (!isa<edge::AddOp, edge::SubOp, edge::MulOp>(op) ||
        !isFloat32(op.getResult(0)) ||
        op.getOperand(0).getType() != op.getOperand(1).getType())
      continue;
    Operation *left = convolutionBehind(op.getOperand(0));
    Operation *right = convolutionBehind(op.getOperand(1));
    if (!left || !right || left == right)
      continue;
    Value first = op.getOperand(left->isBeforeInBlock(right) ? 0 : 1);
    Operation *convolution = left->isBeforeInBlock(right) ? left : right;
    if (!convolution->hasAttr(keepFloatAttrName))
      found.insert(first);
  }
}

/// What the values found were before they were moved. A value that others move
/// along, once one of them is an integer, is one too.
void Search::addMoved() {
  for (size_t i = 0; i < found.size(); ++i) {
    Value value = found[i];
    groups.insert(value.getAsOpaquePointer());
    Operation *op = value.getDefiningOp();
    if (!op)
      continue;
    for (Value operand : movedOperands(op)) {
      groups.unionSets(value.getAsOpaquePointer(),
                       operand.getAsOpaquePointer());
      found.insert(operand);
    }
  }
}

std::vector<ValueGroup> Search::run() {
  addReaders();
  addJoins();
  addMoved();
  llvm::SmallVector<Value> ordered;
  for (Value argument : model.getArguments())
    if (found.contains(argument))
      ordered.push_back(argument);
  for (Operation &op : model.getBody().front()) {
    llvm::copy_if(op.getResults(), std::back_inserter(ordered),
                  [&](Value result) { return found.contains(result); });
  }
  std::vector<ValueGroup> result;
  llvm::DenseMap<void *, size_t> indexOf;
  for (Value value : ordered) {
    void *leader = groups.getLeaderValue(value.getAsOpaquePointer());
    auto [at, isNew] = indexOf.try_emplace(leader, result.size());
    if (isNew)
      result.emplace_back();
    result[at->second].push_back(value);
  }
  return result;
}

std::vector<ValueGroup> edgec::findQuantizable(func::FuncOp model) {
  return Search(model).run();
}
