//===- PadOperator.cpp - Pad ----------------------------------------------===//
//
// Constant mode with constant pads is edge.pad; for the other modes see
// PadModes.cpp. Where the run decides the pads, the model states the size of
// the result.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/ShapeRules.h"
#include "dialects/edge/Dynamic.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static std::optional<edge::PadMode> readMode(NodeImport &n) {
  llvm::StringRef mode = n.string("mode", "constant");
  auto known = edge::symbolizePadMode(mode);
  if (!known && !n.failed())
    n.error() << "mode '" << mode << "' is unknown";
  return known;
}

//===-- pads that are known
//--------------------------------------------------===//

static Value sliceDimension(NodeImport &n, Value x, int64_t d, int64_t offset,
                            int64_t size, int64_t stride) {
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  Shape offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  offsets[d] = offset;
  sizes[d] = size;
  strides[d] = stride;
  return n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                     n.attr("sizes", sizes),
                                     n.attr("strides", strides)});
}

/// Negative pads cut.
static Value cut(NodeImport &n, Value x, Padding &padding) {
  for (int64_t d = 0; d < n.rank(0); ++d) {
    int64_t before = std::max<int64_t>(0, -padding.low[d]),
            after = std::max<int64_t>(0, -padding.high[d]);
    if (before != 0 || after != 0)
      x = sliceDimension(n, x, d, before, n.shape(0)[d] - before - after, 1);
    padding.low[d] = std::max<int64_t>(0, padding.low[d]);
    padding.high[d] = std::max<int64_t>(0, padding.high[d]);
  }
  return x;
}

//===-- pads of the run
//------------------------------------------------------===//

static void importRunTimePad(NodeImport &n, edge::PadMode mode) {
  auto shape = n.shapeInsteadOf(n.isRunTime(1) ? 1 : 3,
                                n.isRunTime(1) ? "pads" : "axes");
  if (!shape)
    return;
  if (int64_t(shape->size()) != n.rank(0)) {
    n.error() << "padding a tensor of shape " << shapeText(n.shape(0))
              << " cannot give the shape " << shapeText(*shape)
              << " that the model states";
    return;
  }
  auto type = n.type(0).clone(*shape);
  if (countElements(*shape) == 0)
    return n.set(0, emptyConstant(type));
  Value x = n.operand(0), pads = n.operand(1),
        value = n.hasInput(2) ? n.operand(2) : Value(),
        axes = n.hasInput(3) ? n.operand(3) : Value();
  if (n.failed())
    return;
  n.set(0, n.checked(edge::DynamicPadOp::create(n.builder, n.loc, type, x, pads,
                                                value, axes, mode)));
}

void onnx::importPad(NodeImport &n) {
  auto mode = readMode(n);
  if (!mode)
    return;
  if (n.isRunTime(1) || n.isRunTime(2) || n.isRunTime(3))
    return importRunTimePad(n, *mode);
  if (*mode != edge::PadMode::constant)
    return importPadByElements(n, edge::stringifyPadMode(*mode));
  std::optional<Padding> padding = readPadding(n);
  if (!padding)
    return;
  Value x = cut(n, n.operand(0), *padding);
  n.set(0, n.make<edge::PadOp>({x}, {n.attr("low", padding->low),
                                     n.attr("high", padding->high),
                                     n.attr("value", padding->value)}));
}
