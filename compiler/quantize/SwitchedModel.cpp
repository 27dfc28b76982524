//===- SwitchedModel.cpp - layers as integers or floats, at will ----------===//
//
// The integer twin of a layer is its clone behind pairs of quantize and
// dequantize, as edge-quantize would write it; the quantize stage makes the
// same integer operators of it. Other twins are clones with the marks of their
// precision.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/SwitchedModel.h"

#include "compiler/ExposeValues.h"
#include "mlir/IR/IRMapping.h"
#include "passes/graph/QuantizedSums.h"
#include "passes/quantize/Quantizable.h"
#include "passes/quantize/Weights.h"

using namespace edgec;
using namespace mlir;

/// `value` through integers of its range.
static Value makePair(OpBuilder &builder, Value value,
                      quant::UniformQuantizedType integer) {
  auto real = cast<RankedTensorType>(value.getType());
  auto type = RankedTensorType::get(real.getShape(), integer);
  Location loc = value.getLoc();
  auto integers = edge::QuantizeOp::create(builder, loc, type, value);
  integers->setAttr(byReciprocalAttrName, builder.getUnitAttr());
  return edge::DequantizeOp::create(builder, loc, real, integers);
}

/// The layer on integers, whose data are of `type`.
static void putOnIntegers(Operation *twin, quant::UniformQuantizedType type) {
  double inputScale = type.getScale();
  OpBuilder before(twin);
  std::optional<LayerWeights> weights = LayerWeights::of(twin);
  twin->setOperand(0, makePair(before, twin->getOperand(0), type));
  if (!weights)
    return;
  Location loc = twin->getLoc();
  SmallVector<double> scales = weights->scales(inputScale);
  twin->setOperand(1, weights->quantizeFilter(before, loc, scales));
  for (double &scale : scales)
    scale = float(inputScale) * float(scale);
  if (weights->hasBias())
    twin->setOperand(2, weights->quantizeBias(before, loc, scales));
}

/// The layer in another precision, behind the one on floats.
static Value makeTwin(OpBuilder &builder, Operation *layer,
                      const LayerTwin &description) {
  Operation *twin = builder.clone(*layer);
  markLayer(twin, description.precision);
  twin->removeAttr(rangeAttrName);
  if (needsRanges(description.precision))
    putOnIntegers(twin, description.data);
  return twin->getResult(0);
}

/// Element `index` of the switches, alone.
static Value makeSwitch(OpBuilder &builder, Value switches, int64_t index) {
  auto type = RankedTensorType::get({1}, builder.getI1Type());
  return edge::SliceOp::create(builder, switches.getLoc(), type, switches,
                               builder.getDenseI64ArrayAttr({index}),
                               builder.getDenseI64ArrayAttr({1}),
                               builder.getDenseI64ArrayAttr({1}));
}

/// Adds the switches as the model's last input.
static Value addSwitches(func::FuncOp model, size_t count) {
  Builder builder(model.getContext());
  auto type = RankedTensorType::get({int64_t(count)}, builder.getI1Type());
  unsigned index = model.getNumArguments();
  NamedAttribute name = builder.getNamedAttr(
      "edge.name", builder.getStringAttr("edge.chosen_twins"));
  if (failed(model.insertArgument(index, type, builder.getDictionaryAttr(name),
                                  model.getLoc())))
    return nullptr;
  return model.getArgument(index);
}

/// Ranges would make integers of values for all readers.
static void removeRanges(func::FuncOp model) {
  for (unsigned i = 0; i < model.getNumArguments(); ++i)
    model.removeArgAttr(i, rangeAttrName);
  for (Operation &op : model.getBody().front())
    op.removeAttr(rangeAttrName);
}

FailureOr<SwitchedModel> SwitchedModel::compile(ModuleOp module,
                                                ArrayRef<LayerTwin> twins,
                                                const HostCompiler &compiler) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
  func::FuncOp model = modelFunction(*copy);
  std::vector<unsigned> floatOutputs;
  for (auto [index, type] : llvm::enumerate(model.getResultTypes()))
    if (cast<RankedTensorType>(type).getElementType().isF32())
      floatOutputs.push_back(index);
  Value switches = addSwitches(model, twins.size());
  if (!switches)
    return module.emitError("the model takes no further input");
  for (const LayerTwin &twin : twins)
    markLayer(mapping.lookup(twin.layer), std::nullopt);
  removeRanges(model);
  // What the layer's readers read so far: it, or the last selection.
  llvm::DenseMap<Operation *, Value> read;
  for (auto [index, twin] : llvm::enumerate(twins)) {
    Operation *layer = mapping.lookup(twin.layer);
    Value floats = layer->getResult(0);
    Value &before = read.try_emplace(layer, floats).first->second;
    OpBuilder builder(layer->getContext());
    builder.setInsertionPointAfterValue(before);
    Value other = makeTwin(builder, layer, twin);
    Value isChosen = makeSwitch(builder, switches, int64_t(index));
    auto chosen = edge::SelectOp::create(
        builder, layer->getLoc(), floats.getType(), isChosen, other, before);
    before.replaceAllUsesExcept(chosen, chosen);
    before = chosen;
  }
  FailureOr<HostModel> host = compiler.compile(std::move(copy), Stage::Graph);
  if (failed(host))
    return failure();
  SwitchedModel result(std::move(*host), module.getLoc());
  result.floatOutputs = std::move(floatOutputs);
  return std::move(result);
}

LogicalResult SwitchedModel::run(const SampleSet &samples, int64_t index,
                                 ArrayRef<bool> chosen) {
  SmallVector<ArrayRef<char>> inputs = samples[index];
  inputs.push_back(
      ArrayRef(reinterpret_cast<const char *>(chosen.data()), chosen.size()));
  if (llvm::Error error = model.run(inputs)) {
    return emitError(location) << samples.describe(index) << ": "
                               << llvm::toString(std::move(error));
  }
  return success();
}

std::vector<float> SwitchedModel::outputs() const {
  std::vector<float> elements;
  for (unsigned index : floatOutputs)
    llvm::append_range(elements, model.floats(index));
  return elements;
}

FailureOr<SignalError> SwitchedModel::error(const SampleSet &samples,
                                            ArrayRef<bool> chosen) {
  std::unique_ptr<bool[]> none(new bool[chosen.size()]());
  SignalError error;
  for (int64_t i = 0; i < samples.size(); ++i) {
    if (int64_t(wanted.size()) == i) {
      if (failed(run(samples, i, ArrayRef(none.get(), chosen.size()))))
        return failure();
      wanted.push_back(outputs());
    }
    if (failed(run(samples, i, chosen)))
      return failure();
    for (auto [got, want] : llvm::zip_equal(outputs(), wanted[i]))
      error.add(got, want);
  }
  return error;
}
