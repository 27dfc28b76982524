//===- QuantizeModel.cpp - ranges for a float model -----------------------===//
//
// calibrate -> choose precisions and a calibrator -> correct biases ->
// evaluate. The float model is compiled once and kept: its values are measured
// first and are the reference afterwards.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/QuantizeModel.h"

#include "compiler/Compiler.h"
#include "compiler/ExposeValues.h"
#include "compiler/quantize/Evaluate.h"
#include "compiler/quantize/LayerLoss.h"
#include "compiler/quantize/MixedPrecision.h"
#include "compiler/quantize/RangeAssignment.h"
#include "compiler/quantize/SlowLayers.h"
#include "dialects/rt/Rt.h"
#include "mlir/Pass/PassManager.h"
#include "passes/quantize/Passes.h"
#include "llvm/Support/Format.h"

using namespace edgec;
using namespace mlir;

namespace {
class Quantizer {
public:
  Quantizer(ModuleOp module, const QuantizeOptions &options,
            const HostCompiler &compiler)
      : module(module), model(modelFunction(module)), options(options),
        compiler(compiler), names(model) {}

  FailureOr<QuantizationReport> run();

private:
  bool needsRanges() const {
    return llvm::any_of(options.precisions, edgec::needsRanges);
  }
  bool hasBound() const { return options.maxError || options.maxSizeBytes; }
  LogicalResult readExceptions(ArrayRef<ValueGroup> groups);
  LogicalResult prepare();
  StringRef whyNotInBody(LayerPrecision precision, Operation *layer);
  void addChoice(Operation *layer);
  LogicalResult checkLayers();
  LogicalResult keepReference();
  LogicalResult calibrate();
  void findChoices();
  void assign(const PrecisionState &wanted);
  bool mayKeepSlowLayers() const;
  LogicalResult takeFirst();
  FailureOr<SmallVector<size_t>> findSlow(ArrayRef<size_t> candidates);
  LogicalResult tryCalibrators();
  LogicalResult choosePrecision();
  FailureOr<bool> keepsBound(FrontierPoint &point);
  void explainChoice(MixedPrecision &choice);
  FailureOr<Evaluation> compareWithFloats();
  LogicalResult evaluate();
  LogicalResult evaluateLayers(const SampleSet &held);
  std::string whyFloat(Operation *layer) const;
  void reportLayers();

  ModuleOp module;
  func::FuncOp model;
  const QuantizeOptions &options;
  const HostCompiler &compiler;
  LayerNames names;

  std::optional<SampleSet> samples;
  Overrides overrides;
  /// All that could be integers.
  SmallVector<Value> values;
  std::optional<ExposedModel> reference;
  std::vector<TensorStatistics> statistics;
  std::optional<RangeAssignment> ranges;
  Calibrator calibrator;
  /// The layers that may change, and what they are now.
  std::vector<LayerChoice> choices;
  PrecisionState state;
  /// Why layers stay float, or have not the first precision, though they could.
  llvm::DenseMap<Operation *, std::string> reasons;
  QuantizationReport report;
};
} // namespace

LogicalResult Quantizer::readExceptions(ArrayRef<ValueGroup> groups) {
  if (options.overridesPath.empty())
    return success();
  auto read = readOverrides(options.overridesPath, model, names, groups,
                            options.precisions);
  if (failed(read))
    return failure();
  overrides = std::move(*read);
  for (Operation *layer : overrides.keepFloat) {
    layer->setAttr(keepFloatAttrName, UnitAttr::get(layer->getContext()));
    reasons[layer] = "kept by the overrides";
  }
  return success();
}

/// Why a layer of a branch or a loop cannot be quantized; empty for others.
StringRef Quantizer::whyNotInBody(LayerPrecision precision, Operation *layer) {
  if (layer->getParentOp() == model.getOperation())
    return "";
  if (edgec::needsRanges(precision))
    return "calibration does not see what comes up in branches and loops";
  if (hasBound())
    return "a bound chooses among the layers outside of branches and loops";
  return "";
}

void Quantizer::addChoice(Operation *layer) {
  LayerChoice choice{layer, {}};
  std::string reason, firstReason;
  auto given = overrides.precisions.find(layer);
  for (LayerPrecision precision : options.precisions) {
    if (given != overrides.precisions.end() && given->second != precision)
      continue;
    StringRef obstacle = whyNot(precision, layer);
    if (obstacle.empty())
      obstacle = whyNotInBody(precision, layer);
    if (obstacle.empty())
      choice.precisions.push_back(precision);
    else
      reason = obstacle;
    if (choice.precisions.empty() && firstReason.empty())
      firstReason = reason;
  }
  if (choice.precisions.empty()) {
    reasons.try_emplace(layer, reason);
    return;
  }
  if (layer->hasAttr(keepFloatAttrName))
    return;
  if (!firstReason.empty())
    reasons[layer] = firstReason;
  choices.push_back(std::move(choice));
}

/// The layers that could have one of the precisions, but for what the user
/// keeps and for ranges.
LogicalResult Quantizer::checkLayers() {
  for (func::FuncOp function : functionsOf(model)) {
    for (Operation &op : function.getBody().front())
      if (isQuantizableLayer(&op))
        addChoice(&op);
  }
  if (needsRanges() ? !values.empty() : !choices.empty())
    return success();
  // There are layers, but none of them fits.
  for (Operation &op : model.getBody().front()) {
    if (!needsRanges() && hasNarrowableWeights(&op) && reasons.contains(&op) &&
        !op.hasAttr(keepFloatAttrName) &&
        llvm::any_of(options.precisions, isWeightsOnly)) {
      return model.emitError("nothing to quantize: no layer can be ")
             << namesOf(options.precisions) << "; of '" << names.of(&op)
             << "': " << reasons.lookup(&op)
             << "; name a further precision, as in int4w:32,int4w";
    }
  }
  for (func::FuncOp function : functionsOf(model)) {
    if (function != model &&
        llvm::any_of(function.getBody().front(),
                     [](Operation &op) { return isQuantizableLayer(&op); })) {
      return model.emitError("nothing to quantize: all layers lie in branches "
                             "and loops, and calibration does not see what "
                             "comes up there; -quantize=dynamic and weights "
                             "alone (int8w, int4w, fp16) need no samples");
    }
  }
  bool isDynamic = options.precisions.front() == LayerPrecision::dynamic &&
                   options.precisions.size() == 1;
  return model.emitError("nothing to quantize: the model has no ")
         << (needsRanges() ? "convolution or fully connected layer"
             : isDynamic   ? "fully connected layer"
                           : "dense convolution or fully connected layer")
         << " of f32 with constant weights; compile it without -quantize";
}

/// Everything that can be wrong, before anything runs.
LogicalResult Quantizer::prepare() {
  bool isWrong = false;
  if (needsRanges() || hasBound()) {
    auto opened = SampleSet::open(options.calibrationPath, model);
    isWrong = failed(opened);
    if (!isWrong)
      samples = std::move(*opened);
  }
  std::vector<ValueGroup> groups = findQuantizable(model);
  for (const ValueGroup &group : groups)
    values.append(group.begin(), group.end());
  // All are read, so that all are told.
  isWrong |= failed(readExceptions(groups));
  isWrong |= failed(checkLayers());
  if (isWrong)
    return failure();
  report.type = namesOf(options.precisions);
  if (samples)
    report.samples = samples->size();
  if (!options.equalize)
    return success();
  PassManager passes(module.getContext());
  passes.nest<func::FuncOp>().addPass(createEqualizeLayers());
  return passes.run(module);
}

/// The float model for comparisons, if there will be one.
LogicalResult Quantizer::keepReference() {
  if (options.evaluationPath.empty() && !hasBound())
    return success();
  auto compiled = ExposedModel::compile(module, {}, Stage::Graph, compiler);
  if (failed(compiled))
    return failure();
  reference.emplace(std::move(*compiled));
  return success();
}

LogicalResult Quantizer::calibrate() {
  auto compiled = ExposedModel::compile(module, values, Stage::Graph, compiler);
  if (failed(compiled))
    return failure();
  reference.emplace(std::move(*compiled));
  bool histograms = !options.calibrator || overrides.needHistogram() ||
                    options.calibrator->needsHistogram() ||
                    !options.evaluationPath.empty();
  auto measured = measure(*reference, values, *samples, histograms, compiler);
  if (failed(measured))
    return failure();
  statistics = std::move(*measured);
  ranges.emplace(model, values, statistics, overrides);
  calibrator = options.calibrator.value_or(calibrator);
  return success();
}

/// Takes integers from layers whose data have no range.
void Quantizer::findChoices() {
  state.resize(choices.size());
  if (!ranges)
    return;
  ranges->assign(calibrator);
  for (LayerChoice &choice : choices) {
    if (RangeAssignment::isInteger(choice.layer))
      continue;
    reasons[choice.layer] = "its data have infinities or NaNs in some samples";
    llvm::erase_if(choice.precisions, edgec::needsRanges);
  }
}

/// Makes of the layers what is wanted.
void Quantizer::assign(const PrecisionState &wanted) {
  state = wanted;
  for (auto [choice, precision] : llvm::zip_equal(choices, state)) {
    markLayer(choice.layer, precision);
    if (ranges && precision)
      ranges->setDataBits(choice.layer, dataBits(*precision));
  }
  if (ranges)
    ranges->assign(calibrator);
}

bool Quantizer::mayKeepSlowLayers() const {
  // With a bound the choice says which layers are worth it.
  return !options.quantizeSlowLayers && !hasBound() &&
         !compiler.hasAccelerators;
}

/// Those of the layers, by their indices, that would become slower on the
/// target, with the reason of each; they are on floats afterwards.
FailureOr<SmallVector<size_t>>
Quantizer::findSlow(ArrayRef<size_t> candidates) {
  SmallVector<Operation *> layers;
  llvm::DenseMap<Operation *, size_t> indexOf;
  for (size_t index : candidates) {
    layers.push_back(choices[index].layer);
    indexOf[layers.back()] = index;
  }
  const PrecisionState whole = state;
  auto leave = [&](const llvm::BitVector &isFloat) {
    PrecisionState wanted = whole;
    for (auto [number, index] : llvm::enumerate(candidates))
      if (isFloat[number])
        wanted[index] = std::nullopt;
    assign(wanted);
  };
  auto slow = findSlowLayers(module, layers, leave, compiler);
  if (failed(slow))
    return failure();
  SmallVector<size_t> indices;
  for (const SlowLayer &each : *slow) {
    reasons[each.layer] = each.reason;
    indices.push_back(indexOf[each.layer]);
  }
  return indices;
}

/// Gives each layer the first of its precisions, or the next where it would
/// become slower with that.
LogicalResult Quantizer::takeFirst() {
  std::vector<size_t> taken(choices.size(), 0);
  SmallVector<size_t> changed;
  PrecisionState wanted(choices.size());
  for (size_t i = 0; i < choices.size(); ++i) {
    changed.push_back(i);
    if (!choices[i].precisions.empty())
      wanted[i] = choices[i].precisions.front();
  }
  for (;;) {
    assign(wanted);
    // Weights alone are for size, and cost no time. What the user has given
    // stays, whatever it costs.
    llvm::erase_if(changed, [&](size_t i) {
      return !state[i] || isWeightsOnly(*state[i]) ||
             overrides.precisions.contains(choices[i].layer);
    });
    if (changed.empty() || !mayKeepSlowLayers())
      return success();
    auto slow = findSlow(changed);
    if (failed(slow))
      return failure();
    changed = *slow;
    wanted = state;
    for (size_t i : changed) {
      ArrayRef<LayerPrecision> precisions = choices[i].precisions;
      if (++taken[i] < precisions.size())
        wanted[i] = precisions[taken[i]];
      else
        ++report.slowLayers;
    }
  }
}

/// The outputs of the model as it is now beside the float model's, on the
/// samples.
FailureOr<Evaluation> Quantizer::compareWithFloats() {
  auto compiled = ExposedModel::compile(module, {}, Stage::Graph, compiler);
  if (failed(compiled))
    return failure();
  return compareOutputs(*reference, *compiled, model, *samples, {}, compiler);
}

/// Takes the calibrator whose outputs are nearest to the float model's.
LogicalResult Quantizer::tryCalibrators() {
  if (options.calibrator || !ranges)
    return success();
  std::optional<double> least;
  for (const Calibrator &candidate : allCalibrators()) {
    ranges->assign(candidate);
    auto found = compareWithFloats();
    if (failed(found))
      return failure();
    report.trials.push_back({candidate.text(), found->outputs});
    double error = found->outputs.relative() + double(found->differing);
    if (!least || error < *least) {
      least = error;
      calibrator = candidate;
    }
  }
  assign(state);
  return success();
}

/// Whether the model as it is now keeps to the bound; notes what it really has.
FailureOr<bool> Quantizer::keepsBound(FrontierPoint &point) {
  if (options.maxSizeBytes) {
    OwningOpRef<ModuleOp> copy(module.clone());
    auto lowered = compiler.lower(std::move(copy), Stage::Graph, Stage::Memory);
    if (failed(lowered))
      return failure();
    point.sizeBytes = 0;
    (*lowered)->walk([&](rt::ProgramOp program) {
      point.sizeBytes += program.getWeightsBytes();
    });
    return point.sizeBytes <= *options.maxSizeBytes;
  }
  auto found = compareWithFloats();
  if (failed(found))
    return failure();
  point.error = found->outputs;
  return point.error.relative() <= *options.maxError;
}

static std::string whyNotTaken(const PrecisionStep &step,
                               const QuantizeOptions &options) {
  if (options.maxSizeBytes)
    return "the weights are small enough without it";
  if (!isWeightsOnly(step.to) && step.cycles >= step.floatCycles) {
    return "it would not be faster: predicted " + std::to_string(step.cycles) +
           " cycles on integers, " + std::to_string(step.floatCycles) +
           " on floats";
  }
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("its error (%.2e of the outputs alone) would be too much",
                      step.error.relative());
  return text;
}

/// Keeps layers float where a bound asks for it.
LogicalResult Quantizer::choosePrecision() {
  auto choice = edgec::choosePrecision(
      module, choices, [&](const PrecisionState &wanted) { assign(wanted); },
      [&](FrontierPoint &point) { return keepsBound(point); }, options,
      *samples, compiler);
  if (failed(choice))
    return failure();
  assign(choice->state(choices.size()));
  explainChoice(*choice);
  return success();
}

void Quantizer::explainChoice(MixedPrecision &choice) {
  choice.frontier[choice.point()].isTaken = true;
  for (const PrecisionStep &step : choice.steps) {
    Operation *layer = choices[step.layer].layer;
    FrontierPoint &point = choice.frontier[step.point];
    point.added = names.of(layer);
    point.addedType = nameOf(step.to);
    if (!state[step.layer])
      reasons[layer] = whyNotTaken(step, options);
  }
  report.frontier = std::move(choice.frontier);
}

std::string Quantizer::whyFloat(Operation *layer) const {
  if (!isQuantizableLayer(layer)) {
    return isa<edge::MatMulOp>(layer)
               ? "both of its operands are values of the run"
               : "its weights are no constants of f32";
  }
  return reasons.lookup(layer);
}

void Quantizer::reportLayers() {
  if (ranges) {
    report.calibrator = calibrator.text();
    report.tensors = ranges->tensors(names);
  }
  llvm::DenseMap<Operation *, size_t> indexOf;
  for (auto [index, choice] : llvm::enumerate(choices))
    indexOf[choice.layer] = index;
  auto add = [&](Operation &op) {
    if (!isa<edge::Conv2DOp, edge::FullyConnectedOp, edge::MatMulOp>(op))
      return;
    LayerReport layer{names.of(&op), op.getName().stripDialect().str(), false,
                      "float32", ""};
    auto known = indexOf.find(&op);
    if (known != indexOf.end() && state[known->second]) {
      layer.isInteger = true;
      layer.type = nameOf(*state[known->second]);
      layer.reason = reasons.lookup(&op);
    } else {
      layer.reason = whyFloat(&op);
    }
    report.layers.push_back(std::move(layer));
  };
  for (func::FuncOp function : functionsOf(model))
    llvm::for_each(function.getBody().front(), add);
}

LogicalResult Quantizer::evaluate() {
  if (options.evaluationPath.empty())
    return success();
  auto opened = SampleSet::open(options.evaluationPath, model);
  if (failed(opened))
    return failure();
  auto labels =
      readLabels(options.evaluationPath, opened->size() * rowsPerSample(model),
                 *model.getContext());
  if (failed(labels))
    return failure();
  auto plain = ExposedModel::compile(module, {}, Stage::Graph, compiler);
  if (failed(plain))
    return failure();
  auto result =
      compareOutputs(*reference, *plain, model, *opened, *labels, compiler);
  if (failed(result))
    return failure();
  report.evaluation = std::move(*result);
  return ranges ? evaluateLayers(*opened) : success();
}

/// The same model again, with its values to be seen.
LogicalResult Quantizer::evaluateLayers(const SampleSet &held) {
  auto exposed = ExposedModel::compile(module, values, Stage::Graph, compiler);
  if (failed(exposed))
    return failure();
  auto errors =
      compareValues(*reference, *exposed, values.size(), held, compiler);
  if (failed(errors))
    return failure();
  report.evaluation->layers = layerLosses(values, *errors, *ranges, names);
  return success();
}

FailureOr<QuantizationReport> Quantizer::run() {
  if (failed(prepare()) ||
      failed(needsRanges() ? calibrate() : keepReference()))
    return failure();
  findChoices();
  if (failed(takeFirst()) || failed(tryCalibrators()))
    return failure();
  if (hasBound() && failed(choosePrecision()))
    return failure();
  reportLayers();
  if (options.correctBiases && ranges)
    correctBiases(model, *ranges);
  if (failed(evaluate()))
    return failure();
  return std::move(report);
}

FailureOr<QuantizationReport>
edgec::quantizeModel(ModuleOp module, const QuantizeOptions &options,
                     const HostCompiler &compiler) {
  return Quantizer(module, options, compiler).run();
}
