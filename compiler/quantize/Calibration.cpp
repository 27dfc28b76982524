//===- Calibration.cpp - the values that come up in a model ---------------===//
//
// Two runs per sample where a histogram is asked for: the first gives its
// borders. That costs time, but the memory is that of one run and of 16 KB per
// value, however many samples there are.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/Calibration.h"

#include "compiler/Compiler.h"
#include "compiler/ExposeValues.h"
#include "mlir/IR/IRMapping.h"

using namespace edgec;
using namespace mlir;

FailureOr<ExposedModel> ExposedModel::compile(ModuleOp module,
                                              ValueRange values, Stage after,
                                              const HostCompiler &compiler) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
  std::vector<Place> places;
  SmallVector<Value> exposed;
  for (Value value : values) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      places.push_back({true, argument.getArgNumber()});
      continue;
    }
    places.push_back({false, unsigned(exposed.size())});
    exposed.push_back(mapping.lookup(value));
  }
  SmallVector<unsigned> outputs =
      exposeValues(modelFunction(*copy), exposed, "value_");
  for (Place &place : places)
    if (!place.isInput)
      place.index = outputs[place.index];
  FailureOr<HostModel> host = compiler.compile(std::move(copy), after);
  if (failed(host))
    return failure();
  ExposedModel model(std::move(*host), module.getLoc());
  model.places = std::move(places);
  return std::move(model);
}

LogicalResult ExposedModel::run(const SampleSet &samples, int64_t index) {
  if (llvm::Error error = model.run(samples[index])) {
    return emitError(location) << samples.describe(index) << ": "
                               << llvm::toString(std::move(error));
  }
  return success();
}

ArrayRef<float> ExposedModel::value(size_t index) const {
  Place place = places[index];
  if (!place.isInput)
    return model.floats(place.index);
  return model.inputFloats(place.index);
}

FailureOr<std::vector<TensorStatistics>>
edgec::measure(ExposedModel &model, ValueRange values, const SampleSet &samples,
               bool histograms, const HostCompiler &compiler) {
  std::vector<TensorStatistics> statistics;
  statistics.reserve(values.size());
  for (Value value : values) {
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(value.getType()).getShape();
    statistics.emplace_back(shape.empty() ? 1 : shape.back());
  }
  unsigned passes = histograms ? 2 : 1;
  auto total = unsigned(samples.size() * passes);
  for (unsigned pass = 0; pass < passes; ++pass) {
    for (int64_t i = 0; i < samples.size(); ++i) {
      compiler.onProgress(
          {"calibrate", unsigned(pass * samples.size() + i), total, "run"});
      if (failed(model.run(samples, i)))
        return failure();
      for (auto [v, tensor] : llvm::enumerate(statistics)) {
        if (pass == 0)
          tensor.addExtremes(model.value(v));
        else
          tensor.addToHistogram(model.value(v));
      }
    }
  }
  return std::move(statistics);
}
