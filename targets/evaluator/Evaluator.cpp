//===- Evaluator.cpp - runs functions and kernels op by op ---------------===//
//
// Values live from their definition to their last use. Constants are converted
// where they are used and dropped again, so that a model with half a gigabyte
// of weights does not stand in memory as doubles.
//
//===----------------------------------------------------------------------===//
#include "targets/evaluator/Evaluator.h"
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "targets/evaluator/Operators.h"
#include <list>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

namespace {

/// The values of one block while it runs.
class BlockRun {
public:
  explicit BlockRun(Block &block) : block(block) {}

  FailureOr<std::vector<HostTensor>> run(ArrayRef<HostTensor> arguments);

private:
  /// The operand's value; a constant's is put into `constants`.
  FailureOr<const HostTensor *> read(Value value,
                                     std::list<HostTensor> &constants);
  void forgetAfter(Operation &op);

  Block &block;
  llvm::DenseMap<Value, HostTensor> values;
};

} // namespace

FailureOr<const HostTensor *> BlockRun::read(Value value,
                                             std::list<HostTensor> &constants) {
  auto constant = value.getDefiningOp<edge::ConstantOp>();
  if (!constant)
    return &values.find(value)->second;
  FailureOr<HostTensor> tensor =
      fromElements(constant.getValue(), constant.getLoc());
  if (failed(tensor))
    return failure();
  constants.push_back(std::move(*tensor));
  return &constants.back();
}

FailureOr<std::vector<HostTensor>>
edgec::evaluator::evaluate(Operation &op, Operands operands) {
  if (auto kernel = dyn_cast<schedule::KernelOp>(op)) {
    std::vector<HostTensor> arguments;
    for (const HostTensor *operand : operands)
      arguments.push_back(*operand);
    return BlockRun(kernel.getBody().front()).run(arguments);
  }
  for (auto family : {evaluateUnary, evaluateBinary, evaluateLogic,
                      evaluateConversion, evaluateContraction, evaluateWindow,
                      evaluateReduction, evaluateNormalisation, evaluateMove,
                      evaluateSpatial, evaluateDynamic, evaluateInteger}) {
    Result result = family(&op, operands);
    if (!result)
      continue;
    if (failed(*result))
      return failure();
    std::vector<HostTensor> results;
    results.push_back(std::move(**result));
    return results;
  }
  for (auto family : {evaluateControl, evaluateIndexing, evaluateRecurrent,
                      evaluateSelection, evaluateGeneric})
    if (Results results = family(&op, operands))
      return std::move(*results);
  return op.emitError("the evaluator does not know '")
         << op.getName()
         << "'; it runs edge operators up to the schedule stage";
}

/// Drops the values that `op` was the last to use.
void BlockRun::forgetAfter(Operation &op) {
  for (Value operand : op.getOperands()) {
    if (llvm::all_of(operand.getUsers(), [&](Operation *user) {
          return user == &op || user->isBeforeInBlock(&op);
        }))
      values.erase(operand);
  }
}

FailureOr<std::vector<HostTensor>>
BlockRun::run(ArrayRef<HostTensor> arguments) {
  for (auto [argument, tensor] :
       llvm::zip_equal(block.getArguments(), arguments))
    values[argument] = tensor;
  for (Operation &op : block) {
    if (isa<edge::ConstantOp>(op))
      continue;
    std::list<HostTensor> constants;
    SmallVector<const HostTensor *> operands;
    for (Value operand : op.getOperands()) {
      FailureOr<const HostTensor *> tensor = read(operand, constants);
      if (failed(tensor))
        return failure();
      operands.push_back(*tensor);
    }
    if (op.hasTrait<OpTrait::IsTerminator>()) {
      std::vector<HostTensor> results;
      for (const HostTensor *operand : operands)
        results.push_back(*operand);
      return results;
    }
    FailureOr<std::vector<HostTensor>> results =
        evaluator::evaluate(op, operands);
    if (failed(results))
      return failure();
    forgetAfter(op);
    for (auto [value, tensor] : llvm::zip_equal(op.getResults(), *results))
      values[value] = std::move(tensor);
  }
  return failure();
}

FailureOr<std::vector<HostTensor>>
edgec::evaluator::evaluate(func::FuncOp function, ArrayRef<HostTensor> inputs) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitError("the evaluator needs a body of one block");
  if (inputs.size() != function.getNumArguments()) {
    return function.emitError("has ")
           << function.getNumArguments() << " inputs, " << inputs.size()
           << " were given";
  }
  for (auto [index, input] : llvm::enumerate(inputs)) {
    if (input.type != function.getArgumentTypes()[index]) {
      return function.emitError("input ")
             << index << " must be " << function.getArgumentTypes()[index]
             << ", " << input.type << " was given";
    }
  }
  return BlockRun(function.getBody().front()).run(inputs);
}

FailureOr<func::FuncOp> edgec::evaluator::findModel(ModuleOp module) {
  func::FuncOp model;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic())
      continue;
    if (model)
      return function.emitError("a second public function beside @")
             << model.getName() << "; a model has exactly one";
    model = function;
  }
  if (!model)
    return module.emitError("no public function; a model has exactly one");
  return model;
}

FailureOr<std::vector<HostTensor>>
edgec::evaluator::evaluate(ModuleOp module, ArrayRef<HostTensor> inputs) {
  FailureOr<func::FuncOp> model = findModel(module);
  if (failed(model))
    return failure();
  return evaluate(*model, inputs);
}
