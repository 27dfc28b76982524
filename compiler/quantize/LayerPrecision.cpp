//===- LayerPrecision.cpp - in what bits a layer is computed --------------===//
//
// See LayerPrecision.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/LayerPrecision.h"

#include "passes/quantize/Quantizable.h"
#include "llvm/ADT/StringExtras.h"

using namespace edgec;
using namespace mlir;

static constexpr std::pair<LayerPrecision, llvm::StringLiteral> names[] = {
    {LayerPrecision::int8, "int8"},
    {LayerPrecision::int16x8, "int16x8"},
    {LayerPrecision::dynamic, "dynamic"},
    {LayerPrecision::int8w, "int8w"},
    {LayerPrecision::int4wBy32, "int4w:32"},
    {LayerPrecision::int4wBy64, "int4w:64"},
    {LayerPrecision::int4wBy128, "int4w:128"},
    {LayerPrecision::int4w, "int4w"},
    {LayerPrecision::fp16, "fp16"},
    {LayerPrecision::bf16, "bf16"}};

StringRef edgec::nameOf(LayerPrecision precision) {
  for (const auto &[known, name] : names)
    if (known == precision)
      return name;
  llvm_unreachable("a precision");
}

std::string edgec::namesOf(ArrayRef<LayerPrecision> precisions) {
  return llvm::join(llvm::map_range(precisions, nameOf), ",");
}

std::optional<LayerPrecision> edgec::parsePrecision(StringRef name) {
  for (const auto &[precision, known] : names)
    if (known == name)
      return precision;
  return std::nullopt;
}

bool edgec::needsRanges(LayerPrecision precision) {
  return precision == LayerPrecision::int8 ||
         precision == LayerPrecision::int16x8;
}

bool edgec::isWeightsOnly(LayerPrecision precision) {
  return !needsRanges(precision) && precision != LayerPrecision::dynamic;
}

unsigned edgec::dataBits(LayerPrecision precision) {
  return precision == LayerPrecision::int16x8 ? 16 : 8;
}

/// Weights of a channel that share a scale, where that are not all.
static std::optional<int64_t> blockOf(LayerPrecision precision) {
  switch (precision) {
  case LayerPrecision::int4wBy32:
    return 32;
  case LayerPrecision::int4wBy64:
    return 64;
  case LayerPrecision::int4wBy128:
    return 128;
  default:
    return std::nullopt;
  }
}

int64_t edgec::constantBytes(std::optional<LayerPrecision> precision,
                             int64_t weights, int64_t channels) {
  if (!precision)
    return 4 * (weights + channels);
  switch (*precision) {
  case LayerPrecision::fp16:
  case LayerPrecision::bf16:
    return 2 * weights + 4 * channels;
  case LayerPrecision::int4w:
    return weights / 2 + 8 * channels;
  case LayerPrecision::int4wBy32:
  case LayerPrecision::int4wBy64:
  case LayerPrecision::int4wBy128:
    return weights / 2 + 4 * weights / *blockOf(*precision) + 4 * channels;
  default:
    return weights + 8 * channels;
  }
}

StringRef edgec::whyNot(LayerPrecision precision, Operation *layer) {
  if (precision == LayerPrecision::dynamic &&
      !isa<edge::FullyConnectedOp>(layer))
    return "scales of a run are for fully connected layers";
  if (isWeightsOnly(precision) && !hasNarrowableWeights(layer))
    return "depthwise convolutions have few weights";
  std::optional<int64_t> block = blockOf(precision);
  if (!block)
    return "";
  if (!hasWeightRows(layer))
    return "runs of weights have scales of their own in fully connected layers "
           "and convolutions of single pixels with stride 1";
  auto filter = cast<RankedTensorType>(layer->getOperand(1).getType());
  if (filter.getNumElements() / filter.getDimSize(0) % *block != 0)
    return "its channels have no whole number of such runs of weights";
  return "";
}

static Type weightType(LayerPrecision precision, MLIRContext *context) {
  switch (precision) {
  case LayerPrecision::fp16:
    return Float16Type::get(context);
  case LayerPrecision::bf16:
    return BFloat16Type::get(context);
  case LayerPrecision::int4w:
  case LayerPrecision::int4wBy32:
  case LayerPrecision::int4wBy64:
  case LayerPrecision::int4wBy128:
    return IntegerType::get(context, 4);
  default:
    return IntegerType::get(context, 8);
  }
}

void edgec::markLayer(Operation *layer,
                      std::optional<LayerPrecision> precision) {
  MLIRContext *context = layer->getContext();
  layer->removeAttr(dynamicRangeAttrName);
  layer->removeAttr(narrowWeightsAttrName);
  layer->removeAttr(weightBlockAttrName);
  // Data may have a range that other readers need; this layer makes no use of
  // it.
  if (precision && needsRanges(*precision))
    layer->removeAttr(keepFloatAttrName);
  else
    layer->setAttr(keepFloatAttrName, UnitAttr::get(context));
  if (precision == LayerPrecision::dynamic)
    layer->setAttr(dynamicRangeAttrName, UnitAttr::get(context));
  else if (precision && isWeightsOnly(*precision))
    layer->setAttr(narrowWeightsAttrName,
                   TypeAttr::get(weightType(*precision, context)));
  if (std::optional<int64_t> block =
          precision ? blockOf(*precision) : std::nullopt)
    layer->setAttr(weightBlockAttrName,
                   Builder(context).getI64IntegerAttr(*block));
}
