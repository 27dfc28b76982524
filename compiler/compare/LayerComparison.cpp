//===- LayerComparison.cpp - a compiled model beside its meaning ----------===//
//
// The kernels are exposed after the fuse stage, so that what is compared is
// what would have run; only the buffers' lifetimes differ.
//
//===----------------------------------------------------------------------===//
#include "compiler/compare/LayerComparison.h"
#include "compiler/ExposeValues.h"
#include "dialects/edge/Edge.h"
#include "dialects/edge/NodeName.h"
#include "dialects/schedule/Schedule.h"
#include "targets/evaluator/Evaluator.h"
#include <cmath>

using namespace edgec;
using namespace mlir;
using evaluator::HostTensor;

//===-- differences
//--------------------------------------------------------===//

static double elementOf(const HostTensor &tensor, int64_t i) {
  return tensor.isFloat() ? tensor.reals[i] : double(tensor.integers[i]);
}

/// Equal, both NaN, or the same infinity.
static bool isSame(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

Difference edgec::difference(const HostTensor &got, const HostTensor &want) {
  Difference result;
  double squares = 0, reference = 0, largest = -1;
  int64_t unequal = 0;
  for (int64_t i = 0; i < want.size(); ++i) {
    double a = elementOf(got, i), b = elementOf(want, i);
    double error = isSame(a, b) ? 0 : std::abs(a - b);
    // Against a NaN or an infinity nothing finite is near.
    if (!std::isfinite(error))
      error = std::numeric_limits<double>::infinity();
    if (error > largest) {
      largest = error;
      result.at = i;
      result.got = a;
      result.want = b;
    }
    unequal += error != 0;
    squares += error * error;
    reference += std::isfinite(b) ? b * b : 0;
  }
  if (!want.isFloat()) {
    result.relative =
        double(unequal) / double(std::max<int64_t>(1, want.size()));
  } else if (squares > 0) {
    result.relative =
        reference > 0 ? std::sqrt(squares / reference) : std::sqrt(squares);
  }
  return result;
}

//===-- exposing the kernels
//-----------------------------------------------===//

/// Makes every kernel's results outputs of the model.
static void exposeKernels(func::FuncOp model) {
  SmallVector<Value> results;
  model.walk([&](schedule::KernelOp kernel) {
    llvm::append_range(results, kernel.getResults());
  });
  exposeValues(model, results, "kernel_result_");
}

/// Gives the module constants of its own: the compilation releases the model's
/// when no later stage needs them.
static void ownConstants(ModuleOp module) {
  module.walk([](edge::ConstantOp constant) {
    auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue());
    if (!resource)
      return;
    ArrayRef<char> bytes = resource.getRawHandle().getBlob()->getData();
    constant.setValueAttr(
        DenseElementsAttr::getFromRawBuffer(resource.getType(), bytes));
  });
}

llvm::Expected<LayerComparison>
LayerComparison::prepare(const Source &source, CompileOptions options) {
  LayerComparison comparison;
  options.emit = Emit::Shared;
  options.afterStage = [&](Stage stage, ModuleOp module) {
    if (stage != Stage::Fuse)
      return success();
    func::FuncOp model = modelFunction(module);
    if (!model)
      return failure();
    exposeKernels(model);
    comparison.exposed = module.clone();
    ownConstants(*comparison.exposed);
    return success();
  };
  llvm::Expected<Artifact> artifact = compile(source, options);
  if (!artifact) {
    // Its context is gone with the failed compilation.
    (void)comparison.exposed.release();
    return artifact.takeError();
  }
  comparison.compiled = std::make_unique<Artifact>(std::move(*artifact));
  return std::move(comparison);
}

func::FuncOp LayerComparison::model() { return modelFunction(*exposed); }

llvm::StringRef LayerComparison::inputName(unsigned index) {
  auto name = model().getArgAttrOfType<StringAttr>(index, "edge.name");
  return name ? name.getValue() : llvm::StringRef();
}

//===-- the comparison
//-----------------------------------------------------===//

namespace {
/// A value as the compiled model had it, and as it should be.
struct Pair {
  HostTensor got, want;
};

/// Walks the exposed model beside its outputs.
class Walk {
public:
  Walk(func::FuncOp model, llvm::ArrayRef<HostTensor> inputs,
       llvm::ArrayRef<HostTensor> outputs);
  LogicalResult run();

  std::vector<LayerDifference> differences;

private:
  LogicalResult evaluate(Operation &op);
  void record(schedule::KernelOp kernel, const HostTensor &own,
              const Pair &pair);
  void forgetAfter(Operation &op);

  func::FuncOp model;
  llvm::DenseMap<Value, Pair> values;
  /// What the run wrote for each returned value.
  llvm::DenseMap<Value, const HostTensor *> outputOf;
};
} // namespace

Walk::Walk(func::FuncOp model, llvm::ArrayRef<HostTensor> inputs,
           llvm::ArrayRef<HostTensor> outputs)
    : model(model) {
  for (auto [argument, input] : llvm::zip_equal(model.getArguments(), inputs))
    values[argument] = {input, input};
  Operation *terminator = model.getBody().front().getTerminator();
  for (auto [value, output] :
       llvm::zip_equal(terminator->getOperands(), outputs))
    outputOf[value] = &output;
}

void Walk::record(schedule::KernelOp kernel, const HostTensor &own,
                  const Pair &pair) {
  LayerDifference layer;
  layer.kernel = kernel.getKernelName().str();
  layer.layers = llvm::join(edge::nodeNames(kernel.getLoc()), ", ");
  layer.type = pair.want.type;
  layer.own = difference(pair.got, own);
  layer.soFar = difference(pair.got, pair.want);
  differences.push_back(std::move(layer));
}

/// Views are computed on both sides; of a kernel, one side is what the run
/// wrote.
LogicalResult Walk::evaluate(Operation &op) {
  std::vector<HostTensor> constants(op.getNumOperands());
  SmallVector<const HostTensor *> got, want;
  for (auto [index, operand] : llvm::enumerate(op.getOperands())) {
    if (auto constant = operand.getDefiningOp<edge::ConstantOp>()) {
      FailureOr<HostTensor> tensor =
          evaluator::fromElements(constant.getValue(), constant.getLoc());
      if (failed(tensor))
        return failure();
      constants[index] = std::move(*tensor);
      got.push_back(&constants[index]);
      want.push_back(&constants[index]);
      continue;
    }
    const Pair &pair = values.find(operand)->second;
    got.push_back(&pair.got);
    want.push_back(&pair.want);
  }
  auto own = evaluator::evaluate(op, got);
  auto reference = evaluator::evaluate(op, want);
  if (failed(own) || failed(reference))
    return failure();
  auto kernel = dyn_cast<schedule::KernelOp>(op);
  for (auto [index, result] : llvm::enumerate(op.getResults())) {
    Pair pair{(*own)[index], std::move((*reference)[index])};
    if (kernel) {
      pair.got = *outputOf.lookup(result);
      record(kernel, (*own)[index], pair);
    }
    values[result] = std::move(pair);
  }
  return success();
}

void Walk::forgetAfter(Operation &op) {
  for (Value operand : op.getOperands()) {
    if (llvm::all_of(operand.getUsers(), [&](Operation *user) {
          return user == &op || user->isBeforeInBlock(&op);
        }))
      values.erase(operand);
  }
}

LogicalResult Walk::run() {
  for (Operation &op : model.getBody().front().without_terminator()) {
    if (isa<edge::ConstantOp>(op))
      continue;
    if (failed(evaluate(op)))
      return failure();
    forgetAfter(op);
  }
  return success();
}

llvm::Expected<std::vector<LayerDifference>>
LayerComparison::compare(llvm::ArrayRef<HostTensor> inputs,
                         llvm::ArrayRef<HostTensor> outputs) {
  std::string reasons;
  ScopedDiagnosticHandler handler(
      exposed->getContext(),
      [&](Diagnostic &diagnostic) { reasons += diagnostic.str() + "\n"; });
  Walk walk(model(), inputs, outputs);
  if (failed(walk.run()))
    return llvm::createStringError("the evaluator cannot run this model: " +
                                   reasons);
  return std::move(walk.differences);
}
