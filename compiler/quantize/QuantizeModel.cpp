//===- QuantizeModel.cpp - ranges for a float model -----------------------===//
//
// calibrate -> choose a calibrator -> correct biases -> evaluate. The float
// model is compiled once and kept: its values are measured first and are the
// reference afterwards.
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
  LogicalResult prepare();
  LogicalResult readExceptions(ArrayRef<ValueGroup> groups);
  LogicalResult computeRangesInRun();
  LogicalResult narrowWeights();
  LogicalResult keepReference(StringRef mark);
  LogicalResult calibrate();
  bool mayKeepSlowLayers() const;
  LogicalResult keepSlowLayers(ArrayRef<Operation *> layers,
                               function_ref<void()> reassign);
  LogicalResult tryCalibrators();
  LogicalResult choosePrecision();
  FailureOr<bool> keepsBound(FrontierPoint &point);
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
  /// Why layers stay float though they need not.
  llvm::DenseMap<Operation *, std::string> reasons;
  QuantizationReport report;
};
} // namespace

LogicalResult Quantizer::readExceptions(ArrayRef<ValueGroup> groups) {
  if (options.overridesPath.empty())
    return success();
  auto read = readOverrides(options.overridesPath, model, names, groups);
  if (failed(read))
    return failure();
  overrides = std::move(*read);
  for (Operation *layer : overrides.keepFloat)
    layer->setAttr(keepFloatAttrName, UnitAttr::get(layer->getContext()));
  return success();
}

/// Everything that can be wrong, before anything runs.
LogicalResult Quantizer::prepare() {
  auto opened = SampleSet::open(options.calibrationPath, model);
  std::vector<ValueGroup> groups = findQuantizable(model);
  for (const ValueGroup &group : groups)
    values.append(group.begin(), group.end());
  // Both are read, so that both are told.
  LogicalResult exceptions = readExceptions(groups);
  bool isWrong = failed(opened) || failed(exceptions);
  if (values.empty()) {
    return model.emitError(
        "nothing to quantize: the model has no convolution or fully connected "
        "layer of f32 with constant weights; compile it without -quantize");
  }
  if (isWrong)
    return failure();
  samples = std::move(*opened);
  if (!options.equalize)
    return success();
  PassManager passes(module.getContext());
  passes.nest<func::FuncOp>().addPass(createEqualizeLayers());
  return passes.run(module);
}

/// Marks the layers whose scales the run computes.
LogicalResult Quantizer::computeRangesInRun() {
  if (failed(readExceptions(findQuantizable(model))))
    return failure();
  report.type = "int8";
  SmallVector<Operation *> layers;
  for (Operation &op : model.getBody().front()) {
    if (!isQuantizableLayer(&op))
      continue;
    if (!isa<edge::FullyConnectedOp>(op))
      reasons[&op] = "scales of a run are for fully connected layers";
    else if (!op.hasAttr(keepFloatAttrName))
      layers.push_back(&op);
  }
  if (layers.empty()) {
    return model.emitError(
        "nothing to quantize: the model has no fully connected layer of f32 "
        "with constant weights; compile it without -quantize");
  }
  auto mark = [&] {
    for (Operation *layer : layers) {
      if (layer->hasAttr(keepFloatAttrName))
        layer->removeAttr(dynamicRangeAttrName);
      else
        layer->setAttr(dynamicRangeAttrName,
                       UnitAttr::get(layer->getContext()));
    }
  };
  mark();
  if (mayKeepSlowLayers() && failed(keepSlowLayers(layers, mark)))
    return failure();
  return keepReference(dynamicRangeAttrName);
}

static Type elementOf(WeightFormat format, MLIRContext *context) {
  switch (format) {
  case WeightFormat::float16:
    return Float16Type::get(context);
  case WeightFormat::bfloat16:
    return BFloat16Type::get(context);
  case WeightFormat::int8:
    return IntegerType::get(context, 8);
  case WeightFormat::int4:
    return IntegerType::get(context, 4);
  }
  llvm_unreachable("a format of weights");
}

static StringRef nameOf(WeightFormat format) {
  switch (format) {
  case WeightFormat::float16:
    return "fp16";
  case WeightFormat::bfloat16:
    return "bf16";
  case WeightFormat::int8:
    return "int8w";
  case WeightFormat::int4:
    return "int4w";
  }
  llvm_unreachable("a format of weights");
}

/// Marks the layers whose weights take less memory.
LogicalResult Quantizer::narrowWeights() {
  if (failed(readExceptions(findQuantizable(model))))
    return failure();
  report.type = nameOf(*options.weightFormat);
  auto element =
      TypeAttr::get(elementOf(*options.weightFormat, module.getContext()));
  bool isAny = false;
  for (Operation &op : model.getBody().front()) {
    if (!isQuantizableLayer(&op))
      continue;
    if (!hasNarrowableWeights(&op)) {
      reasons[&op] = "depthwise convolutions have few weights";
    } else if (!op.hasAttr(keepFloatAttrName)) {
      op.setAttr(narrowWeightsAttrName, element);
      isAny = true;
    }
  }
  if (!isAny) {
    return model.emitError(
        "nothing to quantize: the model has no dense convolution or fully "
        "connected layer of f32 with constant weights; compile it without "
        "-quantize");
  }
  return keepReference(narrowWeightsAttrName);
}

/// The float model for the comparison, if there will be one: this one without
/// the marks.
LogicalResult Quantizer::keepReference(StringRef mark) {
  if (options.evaluationPath.empty())
    return success();
  OwningOpRef<ModuleOp> floats(module.clone());
  floats->walk([&](Operation *op) { op->removeAttr(mark); });
  auto compiled = ExposedModel::compile(*floats, {}, Stage::Graph, compiler);
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
  ranges.emplace(model, values, statistics, overrides, options.dataBits);
  report.type = options.dataBits == 16 ? "int16x8" : "int8";
  report.samples = samples->size();
  return success();
}

bool Quantizer::mayKeepSlowLayers() const {
  return !options.quantizeSlowLayers && !options.maxError &&
         !options.maxSizeBytes && !compiler.hasAccelerators;
}

/// Leaves layers on floats that would become slower on the target. `reassign`
/// makes integers of those without edge.keep_float.
LogicalResult Quantizer::keepSlowLayers(ArrayRef<Operation *> layers,
                                        function_ref<void()> reassign) {
  auto assign = [&](const llvm::BitVector &isFloat) {
    for (auto [index, layer] : llvm::enumerate(layers)) {
      if (isFloat[index])
        layer->setAttr(keepFloatAttrName, UnitAttr::get(layer->getContext()));
      else
        layer->removeAttr(keepFloatAttrName);
    }
    reassign();
  };
  auto slow = findSlowLayers(module, layers, assign, compiler);
  if (failed(slow))
    return failure();
  for (const SlowLayer &each : *slow)
    reasons[each.layer] = each.reason;
  report.slowLayers = int64_t(slow->size());
  return success();
}

/// The layers that have ranges.
static SmallVector<Operation *> integerLayers(func::FuncOp model) {
  SmallVector<Operation *> layers;
  for (Operation &op : model.getBody().front())
    if (RangeAssignment::isInteger(&op))
      layers.push_back(&op);
  return layers;
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
  if (options.calibrator) {
    calibrator = *options.calibrator;
    return success();
  }
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

static std::string whyNotTaken(const LayerRank &rank,
                               const QuantizeOptions &options) {
  if (options.maxSizeBytes)
    return "the weights are small enough without it";
  if (rank.savedCycles() <= 0) {
    return "it would not be faster: predicted " +
           std::to_string(rank.integerCycles) + " cycles on integers, " +
           std::to_string(rank.floatCycles) + " on floats";
  }
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("its error (%.2e of the outputs alone) would be too much",
                      rank.error.relative());
  return text;
}

/// Keeps layers float where a bound asks for it.
LogicalResult Quantizer::choosePrecision() {
  if (!options.maxError && !options.maxSizeBytes)
    return success();
  auto choice = edgec::choosePrecision(module, integerLayers(model), options,
                                       *samples, compiler);
  if (failed(choice))
    return failure();
  // What lies between layers is rounded too, once neighbours are integers, and
  // constants are packed: the real model may need a layer less, or one more.
  for (;;) {
    for (auto [index, rank] : llvm::enumerate(choice->ranks)) {
      rank.layer->removeAttr(keepFloatAttrName);
      if (index >= choice->taken)
        rank.layer->setAttr(keepFloatAttrName,
                            UnitAttr::get(rank.layer->getContext()));
    }
    ranges->assign(calibrator);
    auto isKept = keepsBound(choice->frontier[choice->taken]);
    if (failed(isKept))
      return failure();
    bool isLast = choice->taken == (options.maxSizeBytes ? choice->worth : 0);
    if (*isKept)
      break;
    if (isLast && options.maxSizeBytes) {
      return model.emitError("the weights take ")
             << choice->frontier[choice->taken].sizeBytes
             << " bytes with all layers that gain by it on integers, more than "
                "-max-size="
             << *options.maxSizeBytes;
    }
    if (isLast)
      break;
    choice->taken += options.maxSizeBytes ? 1 : -1;
  }
  for (auto [index, rank] : llvm::enumerate(choice->ranks))
    if (index >= choice->taken)
      reasons[rank.layer] = whyNotTaken(rank, options);
  report.frontier = std::move(choice->frontier);
  report.frontier[choice->taken].isTaken = true;
  for (auto [index, rank] : llvm::enumerate(choice->ranks))
    report.frontier[index + 1].added = names.of(rank.layer);
  return success();
}

std::string Quantizer::whyFloat(Operation *layer) const {
  if (!isQuantizableLayer(layer)) {
    return isa<edge::MatMulOp>(layer)
               ? "both of its operands are values of the run"
               : "its weights are no constants of f32";
  }
  auto known = reasons.find(layer);
  if (known != reasons.end())
    return known->second;
  return layer->hasAttr(keepFloatAttrName)
             ? "kept by the overrides"
             : "its data have infinities or NaNs in some samples";
}

void Quantizer::reportLayers() {
  if (ranges) {
    report.calibrator = calibrator.text();
    report.tensors = ranges->tensors(names);
  }
  for (Operation &op : model.getBody().front()) {
    if (!isa<edge::Conv2DOp, edge::FullyConnectedOp, edge::MatMulOp>(op))
      continue;
    LayerReport layer{names.of(&op), op.getName().stripDialect().str(),
                      RangeAssignment::isInteger(&op) ||
                          op.hasAttr(dynamicRangeAttrName) ||
                          op.hasAttr(narrowWeightsAttrName),
                      ""};
    layer.reason = layer.isInteger ? "" : whyFloat(&op);
    report.layers.push_back(std::move(layer));
  }
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
  if (options.isDynamic || options.weightFormat) {
    if (failed(options.weightFormat ? narrowWeights() : computeRangesInRun()))
      return failure();
    reportLayers();
    if (failed(evaluate()))
      return failure();
    return std::move(report);
  }
  if (failed(prepare()) || failed(calibrate()))
    return failure();
  if (mayKeepSlowLayers()) {
    auto assign = [&] {
      ranges->assign(options.calibrator.value_or(calibrator));
    };
    assign();
    if (failed(keepSlowLayers(integerLayers(model), assign)))
      return failure();
  }
  if (failed(tryCalibrators()))
    return failure();
  ranges->assign(calibrator);
  if (failed(choosePrecision()))
    return failure();
  reportLayers();
  if (options.correctBiases)
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
