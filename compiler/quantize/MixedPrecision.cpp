//===- MixedPrecision.cpp - which layers are worth fewer bits -------------===//
//
// The errors of single layers add up like noise, so a layer's share is the
// square of its error. Of the precisions of one layer those on the lower hull
// of error over gain are steps, one after the other; the steps of all layers
// are ordered by error per gain. What a prefix of that order really costs is
// measured, not predicted.
//
// With a bound for the size everything gains bytes. With a bound for the error
// integers gain time, and come first; what remains on floats may then keep its
// weights in fewer bits, which gains bytes.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/MixedPrecision.h"

#include "compiler/Compiler.h"
#include "compiler/quantize/PredictedTime.h"
#include "compiler/quantize/RangeAssignment.h"
#include "compiler/quantize/SwitchedModel.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#include "passes/quantize/Weights.h"

using namespace edgec;
using namespace mlir;

PrecisionState MixedPrecision::state(size_t layers) const {
  PrecisionState state(layers);
  for (size_t step : taken)
    state[steps[step].layer] = steps[step].to;
  return state;
}

namespace {
/// What the compilation for the target predicts.
struct Prediction {
  int64_t cycles = 0, weightsBytes = 0;
  std::vector<int64_t> layerCycles;
};

/// A layer in one of its precisions.
struct Option {
  LayerPrecision precision = LayerPrecision::int8;
  SignalError error;
  int64_t cycles = 0, bytes = 0;
};

/// A step before it has a place in the order.
struct Candidate {
  PrecisionStep step;
  int64_t savedCycles = 0, savedBytes = 0;
  double price = 0;
  bool isWorthIt = false;
  /// In the model.
  size_t order = 0;
};

class Choice {
public:
  Choice(ModuleOp module, ArrayRef<LayerChoice> layers,
         function_ref<void(const PrecisionState &)> assign,
         function_ref<FailureOr<bool>(FrontierPoint &)> check,
         const QuantizeOptions &options, const SampleSet &samples,
         const HostCompiler &compiler)
      : module(module), layers(layers), assign(assign), check(check),
        options(options), samples(samples), compiler(compiler),
        layerOptions(layers.size()), state(layers.size()) {}
  FailureOr<MixedPrecision> run();

private:
  FailureOr<Prediction> predict(const PrecisionState &state);
  LogicalResult predictOptions();
  LogicalResult measureOptions();
  FailureOr<SignalError> measure(const PrecisionState &state);
  std::vector<Candidate> hullOf(size_t layer, bool byTime,
                                function_ref<bool(LayerPrecision)> isAllowed);
  std::vector<Candidate>
  orderedSteps(bool byTime, function_ref<bool(LayerPrecision)> isAllowed);
  LogicalResult measureSteps(ArrayRef<Candidate> candidates);
  LogicalResult correctPredictions();
  bool keepsBound(const FrontierPoint &point) const;
  FailureOr<bool> checkTaken();
  LogicalResult takeFewest(size_t worth);
  LogicalResult takeMost(size_t first, size_t worth);
  LogicalResult addRound(bool byTime,
                         function_ref<bool(LayerPrecision)> isAllowed);
  int64_t clockMegahertz() const {
    schedule::MachineAttr machine = schedule::getMachine(module);
    return machine ? machine.getClockMHz() : 0;
  }

  ModuleOp module;
  ArrayRef<LayerChoice> layers;
  function_ref<void(const PrecisionState &)> assign;
  function_ref<FailureOr<bool>(FrontierPoint &)> check;
  const QuantizeOptions &options;
  const SampleSet &samples;
  const HostCompiler &compiler;
  MixedPrecision result;
  std::vector<SmallVector<Option>> layerOptions;
  std::optional<SwitchedModel> model;
  Prediction floats;
  std::vector<int64_t> floatBytes;
  /// What the steps taken so far make of the layers.
  PrecisionState state;
};
} // namespace

/// Lowers a copy of the model in a state, for the target.
FailureOr<Prediction> Choice::predict(const PrecisionState &state) {
  assign(state);
  SmallVector<Operation *> operations;
  for (const LayerChoice &choice : layers)
    operations.push_back(choice.layer);
  auto lowered = compiler.lower(cloneWithMarkedLayers(module, operations),
                                Stage::Graph, Stage::Memory);
  if (failed(lowered))
    return failure();
  Prediction prediction;
  prediction.layerCycles.resize(layers.size());
  (*lowered)->walk([&](rt::ProgramOp program) {
    prediction.weightsBytes += program.getWeightsBytes();
  });
  (*lowered)->walk([&](rt::CallOp call) {
    int64_t cycles = call.getCycles();
    prediction.cycles += cycles;
    SmallVector<StringRef> names;
    call.getLayers().split(names, ';');
    addShares(names, cycles, prediction.layerCycles);
  });
  return prediction;
}

/// Packing and tables apart.
static int64_t bytesOf(Operation *layer,
                       std::optional<LayerPrecision> precision) {
  auto type = cast<RankedTensorType>(layer->getOperand(1).getType());
  return constantBytes(precision, type.getNumElements(), type.getDimSize(0));
}

/// Every precision for all layers that may have it at once.
LogicalResult Choice::predictOptions() {
  PrecisionState none(layers.size());
  auto asFloats = predict(none);
  if (failed(asFloats))
    return failure();
  floats = std::move(*asFloats);
  for (const LayerChoice &choice : layers)
    floatBytes.push_back(bytesOf(choice.layer, std::nullopt));
  // A layer's twins in turn, as the switches count them.
  std::vector<SmallVector<LayerTwin>> twinsOf(layers.size());
  for (LayerPrecision precision : options.precisions) {
    PrecisionState all = none;
    for (auto [entry, choice] : llvm::zip_equal(all, layers))
      if (llvm::is_contained(choice.precisions, precision))
        entry = precision;
    auto predicted = predict(all);
    if (failed(predicted))
      return failure();
    for (auto [index, choice] : llvm::enumerate(layers)) {
      if (!all[index])
        continue;
      Option option{precision,
                    {},
                    predicted->layerCycles[index],
                    bytesOf(choice.layer, precision)};
      layerOptions[index].push_back(option);
      LayerTwin twin{choice.layer, precision, {}};
      if (needsRanges(precision))
        twin.data = RangeAssignment::typeOf(choice.layer->getOperand(0));
      twinsOf[index].push_back(twin);
    }
  }
  SmallVector<LayerTwin> twins;
  for (const auto &each : twinsOf)
    llvm::append_range(twins, each);
  assign(none);
  auto compiled = SwitchedModel::compile(module, twins, compiler);
  if (failed(compiled))
    return failure();
  model.emplace(std::move(*compiled));
  return success();
}

FailureOr<SignalError> Choice::measure(const PrecisionState &state) {
  SmallVector<bool> chosen;
  for (auto [entry, known] : llvm::zip_equal(state, layerOptions))
    for (const Option &option : known)
      chosen.push_back(entry == option.precision);
  return model->error(samples, chosen);
}

LogicalResult Choice::measureOptions() {
  size_t count = 0, done = 0;
  for (const auto &known : layerOptions)
    count += known.size();
  for (auto [index, known] : llvm::enumerate(layerOptions)) {
    for (Option &option : known) {
      compiler.onProgress({"rank", unsigned(done++), unsigned(count), "layer"});
      PrecisionState alone(layers.size());
      alone[index] = option.precision;
      auto error = measure(alone);
      if (failed(error))
        return failure();
      option.error = *error;
    }
  }
  return success();
}

/// The steps of one layer from what it is now, each to the precision that
/// causes least error for what it gains. Where nothing gains, the first.
std::vector<Candidate>
Choice::hullOf(size_t layer, bool byTime,
               function_ref<bool(LayerPrecision)> isAllowed) {
  std::vector<Candidate> hull;
  PrecisionStep step;
  step.layer = layer;
  step.floatCycles = floats.layerCycles[layer];
  int64_t cycles = step.floatCycles, bytes = floatBytes[layer];
  double noise = 0;
  for (;;) {
    std::optional<Candidate> best;
    for (const Option &option : layerOptions[layer]) {
      if (!isAllowed(option.precision) || option.precision == step.from)
        continue;
      Candidate next;
      next.step = step;
      next.step.to = option.precision;
      next.step.error = option.error;
      next.step.cycles = option.cycles;
      next.savedCycles = cycles - option.cycles;
      next.savedBytes = bytes - option.bytes;
      int64_t gain = byTime ? next.savedCycles : next.savedBytes;
      next.isWorthIt = gain > 0;
      next.price = (option.error.noise - noise) / double(gain);
      bool isBetter = !best || (next.isWorthIt && !best->isWorthIt) ||
                      (next.isWorthIt && next.price < best->price);
      if (isBetter && (next.isWorthIt || !step.from))
        best = next;
    }
    if (!best)
      return hull;
    hull.push_back(*best);
    if (!best->isWorthIt)
      return hull;
    step.from = best->step.to;
    cycles -= best->savedCycles;
    bytes -= best->savedBytes;
    noise = best->step.error.noise;
  }
}

/// The steps of all layers that are on floats now, cheapest first; those that
/// gain nothing come last.
std::vector<Candidate>
Choice::orderedSteps(bool byTime,
                     function_ref<bool(LayerPrecision)> isAllowed) {
  std::vector<Candidate> steps;
  for (size_t layer = 0; layer < layers.size(); ++layer)
    if (!state[layer])
      llvm::append_range(steps, hullOf(layer, byTime, isAllowed));
  // Equal ones stay in the model's order, and a layer's in that of the hull.
  for (auto [index, step] : llvm::enumerate(steps))
    step.order = index;
  llvm::sort(steps, [](const Candidate &a, const Candidate &b) {
    if (a.isWorthIt != b.isWorthIt)
      return a.isWorthIt;
    if (a.isWorthIt && a.price != b.price)
      return a.price < b.price;
    return a.order < b.order;
  });
  return steps;
}

LogicalResult Choice::measureSteps(ArrayRef<Candidate> candidates) {
  PrecisionState now = state;
  size_t base = result.point();
  for (const Candidate &candidate : candidates) {
    compiler.onProgress({"rank", unsigned(result.frontier.size()),
                         unsigned(candidates.size()), "combination"});
    FrontierPoint point = result.frontier[base];
    PrecisionStep step = candidate.step;
    step.base = base;
    step.point = result.frontier.size();
    now[step.layer] = step.to;
    auto error = measure(now);
    if (failed(error))
      return failure();
    point.integerLayers += step.from ? 0 : 1;
    point.error = *error;
    point.cycles -= candidate.savedCycles;
    point.sizeBytes -= candidate.savedBytes;
    base = step.point;
    result.frontier.push_back(point);
    result.steps.push_back(step);
  }
  return success();
}

/// What is saved or spent between layers is shared out in proportion.
LogicalResult Choice::correctPredictions() {
  if (result.steps.empty())
    return success();
  PrecisionState last(layers.size());
  for (size_t at = result.steps.back().point; at != 0;
       at = result.steps[at - 1].base) {
    const PrecisionStep &step = result.steps[at - 1];
    if (!last[step.layer])
      last[step.layer] = step.to;
  }
  auto whole = predict(last);
  if (failed(whole))
    return failure();
  const FrontierPoint point = result.frontier.back();
  auto share = [](int64_t all, int64_t known) {
    return known > 0 ? double(all) / double(known) : 1;
  };
  double cycleShare =
      share(floats.cycles - whole->cycles, floats.cycles - point.cycles);
  double byteShare = share(floats.weightsBytes - whole->weightsBytes,
                           floats.weightsBytes - point.sizeBytes);
  for (FrontierPoint &each : result.frontier) {
    each.cycles = floats.cycles -
                  int64_t(double(floats.cycles - each.cycles) * cycleShare);
    each.sizeBytes =
        floats.weightsBytes -
        int64_t(double(floats.weightsBytes - each.sizeBytes) * byteShare);
  }
  return success();
}

bool Choice::keepsBound(const FrontierPoint &point) const {
  return options.maxSizeBytes ? point.sizeBytes <= *options.maxSizeBytes
                              : point.error.relative() <= *options.maxError;
}

/// Whether the model itself keeps the bound with what is taken: between layers
/// that are neighbours more is rounded than in the measured model, and
/// constants are packed.
FailureOr<bool> Choice::checkTaken() {
  state = result.state(layers.size());
  assign(state);
  return check(result.frontier[result.point()]);
}

/// The shortest prefix that is small enough.
LogicalResult Choice::takeFewest(size_t worth) {
  for (size_t next = 0;;) {
    bool isPredicted = keepsBound(result.frontier[result.point()]);
    if (isPredicted || next == worth) {
      auto isKept = checkTaken();
      if (failed(isKept))
        return failure();
      if (*isKept)
        return success();
    }
    if (next == worth)
      break;
    result.taken.push_back(next++);
  }
  std::string names = namesOf(options.precisions);
  return module.emitError("the weights take ")
         << result.frontier[result.point()].sizeBytes
         << " bytes with all layers that gain by it "
         << (names == "int8" ? "on integers" : "in " + names)
         << ", more than -max-size=" << *options.maxSizeBytes;
}

/// The longest prefix of the steps behind `first` whose error is allowed:
/// errors need not grow with each step.
LogicalResult Choice::takeMost(size_t first, size_t worth) {
  size_t count = worth, before = result.taken.size();
  while (count > 0 &&
         !keepsBound(result.frontier[result.steps[first + count - 1].point]))
    --count;
  for (size_t i = 0; i < count; ++i)
    result.taken.push_back(first + i);
  for (; result.taken.size() > before; result.taken.pop_back()) {
    auto isKept = checkTaken();
    if (failed(isKept))
      return failure();
    if (*isKept)
      return success();
  }
  state = result.state(layers.size());
  return success();
}

LogicalResult Choice::addRound(bool byTime,
                               function_ref<bool(LayerPrecision)> isAllowed) {
  std::vector<Candidate> candidates = orderedSteps(byTime, isAllowed);
  size_t worth = llvm::count_if(
      candidates, [](const Candidate &each) { return each.isWorthIt; });
  size_t first = result.steps.size();
  if (failed(measureSteps(candidates)))
    return failure();
  if (!options.maxSizeBytes)
    return takeMost(first, worth);
  if (failed(correctPredictions()))
    return failure();
  return takeFewest(worth);
}

FailureOr<MixedPrecision> Choice::run() {
  if (failed(predictOptions()) || failed(measureOptions()))
    return failure();
  FrontierPoint point;
  point.cycles = floats.cycles;
  point.sizeBytes = floats.weightsBytes;
  point.clockMegahertz = clockMegahertz();
  result.frontier.push_back(point);
  auto anything = [](LayerPrecision) { return true; };
  auto integers = [](LayerPrecision each) { return !isWeightsOnly(each); };
  if (options.maxSizeBytes) {
    if (failed(addRound(/*byTime=*/false, anything)))
      return failure();
    return std::move(result);
  }
  if (failed(addRound(/*byTime=*/true, integers)) ||
      failed(addRound(/*byTime=*/false, isWeightsOnly)) ||
      failed(correctPredictions()))
    return failure();
  return std::move(result);
}

FailureOr<MixedPrecision>
edgec::choosePrecision(ModuleOp module, ArrayRef<LayerChoice> layers,
                       function_ref<void(const PrecisionState &)> assign,
                       function_ref<FailureOr<bool>(FrontierPoint &)> check,
                       const QuantizeOptions &options, const SampleSet &samples,
                       const HostCompiler &compiler) {
  return Choice(module, layers, assign, check, options, samples, compiler)
      .run();
}
