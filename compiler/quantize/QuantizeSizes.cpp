//===- QuantizeSizes.cpp - a model of several sizes, quantized ------------===//
//
// See QuantizeSizes.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/QuantizeSizes.h"

#include "compiler/ExposeValues.h"
#include "compiler/quantize/QuantizeModel.h"
#include "compiler/quantize/SampleSet.h"
#include "dialects/edge/Control.h"
#include "dialects/edge/NodeName.h"
#include "dialects/edge/Variant.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/Quantizable.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace edgec;
using namespace mlir;

/// The model and its variants, the largest first.
static SmallVector<func::FuncOp> sizesOf(ModuleOp module) {
  SmallVector<func::FuncOp> sizes;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic())
      sizes.push_back(function);
  return sizes;
}

/// A copy of the module in which `size` is the only model.
static FailureOr<OwningOpRef<ModuleOp>> isolate(ModuleOp module,
                                                func::FuncOp size) {
  OwningOpRef<ModuleOp> copy(module.clone());
  for (func::FuncOp function : sizesOf(*copy)) {
    if (function.getSymName() == size.getSymName())
      function->removeAttr(edge::variantAttrName);
    else
      function.erase();
  }
  PassManager passes(module.getContext());
  passes.addPass(createSymbolDCEPass());
  if (failed(passes.run(*copy)))
    return failure();
  return std::move(copy);
}

/// Whether the samples at `path` are inputs of this size; says nothing.
static bool areSamplesOf(StringRef path, func::FuncOp size) {
  ScopedDiagnosticHandler quiet(size.getContext(),
                                [](Diagnostic &) { return success(); });
  return succeeded(SampleSet::open(path, size));
}

/// The size whose samples these are; the largest, which will say what is wrong
/// with them, if they are of none.
static func::FuncOp choose(ArrayRef<func::FuncOp> sizes,
                           const QuantizeOptions &options) {
  bool areLongest =
      llvm::is_contained(options.precisions, LayerPrecision::int16x8);
  StringRef path = options.calibrationPath.empty() ? options.evaluationPath
                                                   : options.calibrationPath;
  if (path.empty() || areLongest)
    return sizes.front();
  const auto *found = llvm::find_if(
      sizes, [&](func::FuncOp size) { return areSamplesOf(path, size); });
  return found == sizes.end() ? sizes.front() : *found;
}

//===-- from one size to the others
//----------------------------------------===//

/// All operators of a size but constants, with those of its branches and
/// bodies.
static SmallVector<Operation *> operatorsOf(func::FuncOp size) {
  SmallVector<Operation *> found;
  llvm::SetVector<Operation *> functions;
  functions.insert(size);
  for (size_t i = 0; i < functions.size(); ++i) {
    auto function = cast<func::FuncOp>(functions[i]);
    for (Operation &op : function.getBody().front().without_terminator()) {
      if (!isa<edge::ConstantOp>(op))
        found.push_back(&op);
      if (edge::isControl(&op))
        for (func::FuncOp called : edge::calledFunctions(&op))
          functions.insert(called);
    }
  }
  return found;
}

namespace {
/// The operators of a function by what they are and what the model calls them.
class NamedOperators {
public:
  explicit NamedOperators(func::FuncOp function) {
    for (Operation *op : operatorsOf(function))
      known[keyOf(op)].push_back(op);
  }
  /// The one that stands where `op` stands in its own function, of which these
  /// are the `others`; null if both have not as many of its name.
  Operation *counterpart(Operation *op, const NamedOperators &others) const {
    std::string key = keyOf(op);
    auto mine = known.find(key), theirs = others.known.find(key);
    if (mine == known.end() || theirs == others.known.end() ||
        mine->second.size() != theirs->second.size())
      return nullptr;
    const auto *at = llvm::find(theirs->second, op);
    return mine->second[at - theirs->second.begin()];
  }

private:
  static std::string keyOf(Operation *op) {
    return op->getName().getStringRef().str() + " " +
           llvm::join(edge::nodeNames(op->getLoc()), ";");
  }
  llvm::StringMap<SmallVector<Operation *>> known;
};

/// Gives a size what was found for another.
class Transfer {
public:
  Transfer(func::FuncOp source, func::FuncOp target)
      : source(source), target(target), sources(source), targets(target) {}
  /// Layers that stay on floats for want of a counterpart.
  SmallVector<std::string> run();

private:
  void copyArguments();
  void copyBias(Operation *from, Operation *to);

  func::FuncOp source, target;
  NamedOperators sources, targets;
};
} // namespace

static constexpr llvm::StringLiteral marks[] = {
    rangeAttrName, keepFloatAttrName, dynamicRangeAttrName,
    narrowWeightsAttrName, weightBlockAttrName};

void Transfer::copyArguments() {
  for (unsigned i = 0; i < source.getNumArguments(); ++i) {
    if (Attribute range = source.getArgAttr(i, rangeAttrName))
      target.setArgAttr(i, rangeAttrName, range);
    else
      target.removeArgAttr(i, rangeAttrName);
  }
}

/// Corrected biases belong to rounded weights.
void Transfer::copyBias(Operation *from, Operation *to) {
  if (!isQuantizableLayer(from) || !isQuantizableLayer(to) ||
      from->getNumOperands() < 3)
    return;
  auto constantOf = [](Operation *layer) {
    return layer->getNumOperands() > 2
               ? layer->getOperand(2).getDefiningOp<edge::ConstantOp>()
               : edge::ConstantOp();
  };
  edge::ConstantOp known = constantOf(to);
  if (known && known.getValue() == constantOf(from).getValue())
    return;
  OpBuilder builder(to);
  Operation *bias = builder.clone(*from->getOperand(2).getDefiningOp());
  if (to->getNumOperands() > 2)
    to->setOperand(2, bias->getResult(0));
  else
    to->insertOperands(2, bias->getResult(0));
}

SmallVector<std::string> Transfer::run() {
  SmallVector<std::string> missing;
  copyArguments();
  for (Operation &op : source.getBody().front().without_terminator()) {
    if (isa<edge::ConstantOp>(op))
      continue;
    bool isMarked =
        llvm::any_of(marks, [&](StringRef mark) { return op.hasAttr(mark); });
    Operation *other = targets.counterpart(&op, sources);
    if (!other) {
      if (isMarked || isQuantizableLayer(&op))
        missing.push_back(edge::nodeName(&op));
      continue;
    }
    for (StringRef mark : marks) {
      other->removeAttr(mark);
      if (Attribute attribute = op.getAttr(mark))
        other->setAttr(mark, attribute);
    }
    copyBias(&op, other);
  }
  return missing;
}

FailureOr<QuantizationReport>
edgec::quantizeSizes(ModuleOp module, const QuantizeOptions &options,
                     const HostCompiler &compiler) {
  SmallVector<func::FuncOp> sizes = sizesOf(module);
  if (sizes.size() < 2)
    return quantizeModel(module, options, compiler);
  QuantizeOptions own = options;
  if (options.equalize) {
    // It looks at weights alone, which are the same in all of them.
    PassManager passes(module.getContext());
    passes.nest<func::FuncOp>().addPass(createEqualizeLayers());
    if (failed(passes.run(module)))
      return failure();
    own.equalize = false;
  }
  auto one = isolate(module, choose(sizes, options));
  if (failed(one))
    return failure();
  auto report = quantizeModel(**one, own, compiler);
  if (failed(report))
    return failure();
  func::FuncOp source = modelFunction(**one);
  for (func::FuncOp size : sizes) {
    SmallVector<std::string> missing = Transfer(source, size).run();
    if (!missing.empty()) {
      size.emitWarning("of these sizes ")
          << llvm::join(missing, ", ")
          << " stay on floats, for the sizes of the samples have no operators "
             "like them";
    }
  }
  return report;
}
