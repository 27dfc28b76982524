//===- MixedPrecision.cpp - which layers are worth to be integers ---------===//
//
// The errors of single layers add up like noise, so a layer's share is the
// square of its error; the order is that of share per gain. What a prefix of
// the order really costs is measured, not predicted.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/MixedPrecision.h"

#include "compiler/Compiler.h"
#include "compiler/quantize/PredictedTime.h"
#include "compiler/quantize/RangeAssignment.h"
#include "compiler/quantize/SwitchedModel.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"

using namespace edgec;
using namespace mlir;

namespace {
/// What the compilation for the target predicts.
struct Prediction {
  int64_t cycles = 0, weightsBytes = 0;
  std::vector<int64_t> layerCycles;
};

class Choice {
public:
  Choice(ModuleOp module, ArrayRef<Operation *> layers,
         const QuantizeOptions &options, const SampleSet &samples,
         const HostCompiler &compiler)
      : module(module), options(options), samples(samples), compiler(compiler) {
    result.ranks.resize(layers.size());
    for (auto [rank, layer] : llvm::zip_equal(result.ranks, layers))
      rank.layer = layer;
  }
  FailureOr<MixedPrecision> run();

private:
  FailureOr<Prediction> predict(bool integers);
  LogicalResult measureLayers(SwitchedModel &model);
  LogicalResult measurePrefixes(SwitchedModel &model);
  void sortRanks();
  void take();
  int64_t clockMegahertz() const {
    schedule::MachineAttr machine = schedule::getMachine(module);
    return machine ? machine.getClockMHz() : 0;
  }
  bool isWorthIt(const LayerRank &rank) const {
    return options.maxSizeBytes ? rank.savedBytes() > 0
                                : rank.savedCycles() > 0;
  }

  ModuleOp module;
  const QuantizeOptions &options;
  const SampleSet &samples;
  const HostCompiler &compiler;
  MixedPrecision result;
  Prediction floats, integers;
  /// The layers as they were given, for the switches.
  std::vector<Operation *> order;
};
} // namespace

/// Lowers a copy with every layer on integers or none, for the target.
FailureOr<Prediction> Choice::predict(bool isInteger) {
  SmallVector<Operation *> layers;
  for (const LayerRank &rank : result.ranks)
    layers.push_back(rank.layer);
  OwningOpRef<ModuleOp> copy = cloneWithMarkedLayers(module, layers);
  if (!isInteger) {
    copy->walk([](func::FuncOp function) {
      for (unsigned i = 0; i < function.getNumArguments(); ++i)
        function.removeArgAttr(i, rangeAttrName);
      function.walk([](Operation *op) { op->removeAttr(rangeAttrName); });
    });
  }
  auto lowered = compiler.lower(std::move(copy), Stage::Graph, Stage::Memory);
  if (failed(lowered))
    return failure();
  Prediction prediction;
  prediction.layerCycles.resize(result.ranks.size());
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

/// Bytes of a layer's constants as floats and as integers.
static std::pair<int64_t, int64_t> weightBytes(Operation *layer) {
  auto type = cast<RankedTensorType>(layer->getOperand(1).getType());
  int64_t weights = type.getNumElements(), channels = type.getDimSize(0);
  return {4 * (weights + channels), weights + 8 * channels};
}

LogicalResult Choice::measureLayers(SwitchedModel &model) {
  size_t count = result.ranks.size();
  std::unique_ptr<bool[]> chosen(new bool[count]());
  for (size_t i = 0; i < count; ++i) {
    compiler.onProgress({"rank", unsigned(i), unsigned(count), "layer"});
    chosen[i] = true;
    auto error = model.error(samples, ArrayRef(chosen.get(), count));
    chosen[i] = false;
    if (failed(error))
      return failure();
    LayerRank &rank = result.ranks[i];
    rank.error = *error;
    rank.floatCycles = floats.layerCycles[i];
    rank.integerCycles = integers.layerCycles[i];
    std::tie(rank.floatBytes, rank.integerBytes) = weightBytes(rank.layer);
  }
  return success();
}

void Choice::sortRanks() {
  for (const LayerRank &rank : result.ranks)
    order.push_back(rank.layer);
  auto price = [&](const LayerRank &rank) {
    double gain = options.maxSizeBytes ? double(rank.savedBytes())
                                       : double(rank.savedCycles());
    return rank.error.noise / gain;
  };
  // Those that gain nothing come last; equal ones in the model's order.
  llvm::sort(result.ranks, [&](const LayerRank &a, const LayerRank &b) {
    bool worthA = isWorthIt(a), worthB = isWorthIt(b);
    if (worthA != worthB)
      return worthA;
    if (worthA && price(a) != price(b))
      return price(a) < price(b);
    return a.layer != b.layer && a.layer->isBeforeInBlock(b.layer);
  });
}

LogicalResult Choice::measurePrefixes(SwitchedModel &model) {
  size_t count = result.ranks.size();
  std::unique_ptr<bool[]> chosen(new bool[count]());
  FrontierPoint point;
  point.cycles = floats.cycles;
  point.sizeBytes = floats.weightsBytes;
  point.clockMegahertz = clockMegahertz();
  result.frontier.push_back(point);
  for (const LayerRank &rank : result.ranks) {
    compiler.onProgress({"rank", unsigned(result.frontier.size()),
                         unsigned(count), "combination"});
    chosen[llvm::find(order, rank.layer) - order.begin()] = true;
    auto error = model.error(samples, ArrayRef(chosen.get(), count));
    if (failed(error))
      return failure();
    ++point.integerLayers;
    point.error = *error;
    point.cycles -= rank.savedCycles();
    point.sizeBytes -= rank.savedBytes();
    result.frontier.push_back(point);
  }
  // What is saved or spent between layers is shared out in proportion.
  auto share = [](int64_t all, int64_t known) {
    return known > 0 ? double(all) / double(known) : 1;
  };
  double cycleShare =
      share(floats.cycles - integers.cycles, floats.cycles - point.cycles);
  double byteShare = share(floats.weightsBytes - integers.weightsBytes,
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

void Choice::take() {
  size_t worth = llvm::count_if(
      result.ranks, [&](const LayerRank &rank) { return isWorthIt(rank); });
  result.worth = worth;
  if (options.maxSizeBytes) {
    while (result.taken < worth &&
           result.frontier[result.taken].sizeBytes > *options.maxSizeBytes)
      ++result.taken;
    return;
  }
  // Errors need not grow with each layer: the longest prefix that is allowed.
  for (size_t i = worth; i > 0 && result.taken == 0; --i)
    if (result.frontier[i].error.relative() <= *options.maxError)
      result.taken = i;
}

FailureOr<MixedPrecision> Choice::run() {
  auto asFloats = predict(false), asIntegers = predict(true);
  if (failed(asFloats) || failed(asIntegers))
    return failure();
  floats = std::move(*asFloats);
  integers = std::move(*asIntegers);
  SmallVector<Operation *> layers;
  for (const LayerRank &rank : result.ranks)
    layers.push_back(rank.layer);
  auto model = SwitchedModel::compile(module, layers, compiler);
  if (failed(model) || failed(measureLayers(*model)))
    return failure();
  sortRanks();
  if (failed(measurePrefixes(*model)))
    return failure();
  take();
  return std::move(result);
}

FailureOr<MixedPrecision> edgec::choosePrecision(ModuleOp module,
                                                 ArrayRef<Operation *> layers,
                                                 const QuantizeOptions &options,
                                                 const SampleSet &samples,
                                                 const HostCompiler &compiler) {
  return Choice(module, layers, options, samples, compiler).run();
}
