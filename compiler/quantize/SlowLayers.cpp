//===- SlowLayers.cpp - layers that integers make slower ------------------===//
//
// All integers and all floats are predicted once each. The layers that are then
// slower on integers become floats together; after that single layers change
// sides, the most doubtful first, where the whole model gains by it: what
// conversions cost depends on a layer's neighbours. Predictions err by about a
// tenth, so integer layers count with a tenth more: what gains less may lose.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/SlowLayers.h"

#include "compiler/Compiler.h"

using namespace edgec;
using namespace mlir;

namespace {
class Search {
public:
  Search(ModuleOp module, ArrayRef<Operation *> layers,
         function_ref<void(const llvm::BitVector &)> assign,
         const HostCompiler &compiler)
      : module(module), layers(layers), assign(assign), compiler(compiler) {}

  FailureOr<std::vector<SlowLayer>> run();

private:
  FailureOr<PredictedTime> predict(const llvm::BitVector &isFloat);
  int64_t cautious(const PredictedTime &time,
                   const llvm::BitVector &isFloat) const;
  LogicalResult consider(const llvm::BitVector &isFloat);
  LogicalResult changeSingleLayers();
  std::string reasonFor(size_t layer) const;

  ModuleOp module;
  ArrayRef<Operation *> layers;
  function_ref<void(const llvm::BitVector &)> assign;
  const HostCompiler &compiler;
  PredictedTime integers, floats;
  llvm::BitVector best;
  int64_t leastCycles = 0;
};
} // namespace

/// Layers that change sides one by one at most.
static constexpr size_t mostChanges = 16;

FailureOr<PredictedTime> Search::predict(const llvm::BitVector &isFloat) {
  assign(isFloat);
  return predictTime(module, layers, compiler);
}

/// What the model may take if integer layers are slower than predicted.
static int64_t cautious(int64_t integerCycles) {
  return integerCycles + integerCycles / 10;
}

int64_t Search::cautious(const PredictedTime &time,
                         const llvm::BitVector &isFloat) const {
  int64_t integerCycles = 0;
  for (size_t i = 0; i < layers.size(); ++i)
    integerCycles += isFloat[i] ? 0 : time.layers[i];
  return time.cycles - integerCycles + ::cautious(integerCycles);
}

/// Takes the assignment if the model is faster with it.
LogicalResult Search::consider(const llvm::BitVector &isFloat) {
  auto time = predict(isFloat);
  if (failed(time))
    return failure();
  if (int64_t cycles = cautious(*time, isFloat); cycles < leastCycles) {
    leastCycles = cycles;
    best = isFloat;
  }
  return success();
}

LogicalResult Search::changeSingleLayers() {
  // Within a tenth the layer's own cycles do not tell.
  SmallVector<std::pair<double, size_t>> doubtful;
  for (size_t i = 0; i < layers.size(); ++i) {
    double ratio = double(::cautious(integers.layers[i])) /
                   double(std::max<int64_t>(1, floats.layers[i]));
    if (ratio > 0.9 && ratio < 1.1)
      doubtful.push_back({std::abs(ratio - 1), i});
  }
  llvm::sort(doubtful);
  for (auto [distance, layer] : ArrayRef(doubtful).take_front(mostChanges)) {
    llvm::BitVector changed = best;
    changed.flip(layer);
    if (failed(consider(changed)))
      return failure();
  }
  return success();
}

std::string Search::reasonFor(size_t layer) const {
  int64_t slow = integers.layers[layer], fast = floats.layers[layer];
  std::string cycles = "predicted " + std::to_string(slow) +
                       " cycles on integers, " + std::to_string(fast) +
                       " on floats";
  if (slow >= fast)
    return "it would become slower: " + cycles;
  if (::cautious(slow) >= fast)
    return "it would gain too little to be sure: " + cycles;
  if (best.all())
    return "the model as a whole would gain too little to be sure: " + cycles;
  return "converting between it and its neighbours would take longer than it "
         "gains: " +
         cycles;
}

FailureOr<std::vector<SlowLayer>> Search::run() {
  auto number = unsigned(layers.size());
  llvm::BitVector none(number), all(number, true), slower(number);
  auto asFloats = predict(all);
  if (failed(asFloats))
    return failure();
  auto asIntegers = predict(none);
  if (failed(asIntegers))
    return failure();
  floats = std::move(*asFloats);
  integers = std::move(*asIntegers);
  best = none;
  leastCycles = cautious(integers, none);
  for (unsigned i = 0; i < number; ++i)
    if (::cautious(integers.layers[i]) > floats.layers[i])
      slower.set(i);
  if (slower.any() && !slower.all() && failed(consider(slower)))
    return failure();
  if (failed(changeSingleLayers()))
    return failure();
  // A twentieth of the whole is not worth the error.
  if (leastCycles > floats.cycles - floats.cycles / 20)
    best = all;
  assign(best);
  std::vector<SlowLayer> slow;
  for (unsigned layer : best.set_bits())
    slow.push_back({layers[layer], reasonFor(layer)});
  return slow;
}

FailureOr<std::vector<SlowLayer>>
edgec::findSlowLayers(ModuleOp module, ArrayRef<Operation *> layers,
                      function_ref<void(const llvm::BitVector &)> assign,
                      const HostCompiler &compiler) {
  if (layers.empty())
    return std::vector<SlowLayer>();
  return Search(module, layers, assign, compiler).run();
}
