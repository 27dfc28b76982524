//===- SwitchedModel.cpp - layers as integers or floats, at will ----------===//
//
// The integer twin of a layer is its clone behind pairs of quantize and
// dequantize, as edge-quantize would write it; the quantize stage makes the
// same integer operators of it.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/SwitchedModel.h"

#include "compiler/ExposeValues.h"
#include "compiler/quantize/RangeAssignment.h"
#include "mlir/IR/IRMapping.h"
#include "passes/graph/QuantizedSums.h"
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

/// The layer on integers, behind the one on floats.
static Value makeTwin(OpBuilder &builder, Operation *layer) {
  quant::UniformQuantizedType type =
      RangeAssignment::typeOf(layer->getOperand(0));
  double inputScale = type.getScale();
  Operation *twin = builder.clone(*layer);
  OpBuilder before(twin);
  twin->setOperand(0, makePair(before, layer->getOperand(0), type));
  std::optional<LayerWeights> weights = LayerWeights::of(layer);
  if (!weights)
    return twin->getResult(0);
  Location loc = layer->getLoc();
  SmallVector<double> scales = weights->scales(inputScale);
  twin->setOperand(1, weights->quantizeFilter(before, loc, scales));
  for (double &scale : scales)
    scale = float(inputScale) * float(scale);
  if (weights->hasBias())
    twin->setOperand(2, weights->quantizeBias(before, loc, scales));
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
      "edge.name", builder.getStringAttr("edge.integer_layers"));
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
                                                ArrayRef<Operation *> layers,
                                                const HostCompiler &compiler) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
  func::FuncOp model = modelFunction(*copy);
  std::vector<unsigned> floatOutputs;
  for (auto [index, type] : llvm::enumerate(model.getResultTypes()))
    if (cast<RankedTensorType>(type).getElementType().isF32())
      floatOutputs.push_back(index);
  Value switches = addSwitches(model, layers.size());
  if (!switches)
    return module.emitError("the model takes no further input");
  for (auto [index, original] : llvm::enumerate(layers)) {
    Operation *layer = mapping.lookup(original);
    OpBuilder builder(layer->getContext());
    builder.setInsertionPointAfter(layer);
    Value integers = makeTwin(builder, layer);
    Value isInteger = makeSwitch(builder, switches, int64_t(index));
    Value floats = layer->getResult(0);
    auto chosen =
        edge::SelectOp::create(builder, layer->getLoc(), floats.getType(),
                               isInteger, integers, floats);
    floats.replaceAllUsesExcept(chosen, chosen);
    // What reads the value behind has its range from there.
    if (Attribute range = layer->getAttr(rangeAttrName))
      chosen->setAttr(rangeAttrName, range);
  }
  removeRanges(model);
  FailureOr<HostModel> host = compiler.compile(std::move(copy), Stage::Graph);
  if (failed(host))
    return failure();
  SwitchedModel result(std::move(*host), module.getLoc());
  result.floatOutputs = std::move(floatOutputs);
  return std::move(result);
}

LogicalResult SwitchedModel::run(const SampleSet &samples, int64_t index,
                                 ArrayRef<bool> integers) {
  SmallVector<ArrayRef<char>> inputs = samples[index];
  inputs.push_back(ArrayRef(reinterpret_cast<const char *>(integers.data()),
                            integers.size()));
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
                                            ArrayRef<bool> integers) {
  std::unique_ptr<bool[]> none(new bool[integers.size()]());
  SignalError error;
  for (int64_t i = 0; i < samples.size(); ++i) {
    if (int64_t(wanted.size()) == i) {
      if (failed(run(samples, i, ArrayRef(none.get(), integers.size()))))
        return failure();
      wanted.push_back(outputs());
    }
    if (failed(run(samples, i, integers)))
      return failure();
    for (auto [got, want] : llvm::zip_equal(outputs(), wanted[i]))
      error.add(got, want);
  }
  return error;
}
