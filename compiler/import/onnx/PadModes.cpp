//===- PadModes.cpp - Pad by elements of the input ------------------------===//
//
// In the modes reflect, edge and wrap every element of the result is one of the
// input, so each padded dimension is resampled by a table of indices. Pads that
// are an input of the model make the table at run time, for the shape that the
// model states.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Resize.h"
#include "compiler/import/Spatial.h"
#include "compiler/import/onnx/ShapeRules.h"
#include "dialects/edge/Spatial.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;
using mlir::Value;

/// The element that position p of the padded dimension shows.
static int64_t shownElement(int64_t p, int64_t size, StringRef mode) {
  if (mode == "edge" || size == 1)
    return std::clamp<int64_t>(p, 0, size - 1);
  int64_t period = mode == "wrap" ? size : 2 * (size - 1);
  int64_t rest = (p % period + period) % period;
  return mode == "wrap" ? rest : std::min(rest, period - rest);
}

static Value padKnown(NodeImport &n, StringRef mode, const Padding &padding) {
  Value x = n.operand(0);
  for (int64_t d = 0; d < n.rank(0); ++d) {
    int64_t low = padding.low[d], high = padding.high[d];
    if (low == 0 && high == 0)
      continue;
    // Negative pads cut; what remains is padded.
    int64_t start = std::max<int64_t>(0, -low);
    int64_t size = n.shape(0)[d] - start - std::max<int64_t>(0, -high);
    int64_t length = n.shape(0)[d] + low + high;
    if (length > (int64_t(1) << 24)) {
      n.error() << "a padded dimension of " << length
                << " elements; at most 2^24 are supported in mode '" << mode
                << "'";
      return nullptr;
    }
    std::vector<int64_t> indices;
    indices.reserve(std::max<int64_t>(0, length));
    for (int64_t o = 0; o < length; ++o)
      indices.push_back(
          start + shownElement(o - std::max<int64_t>(0, low), size, mode));
    x = pick(n, x, d, indices);
  }
  return x;
}

//===-- pads of the run
//----------------------------------------------------===//

/// `positions` of the padded dimension as elements of the input.
static Value shownElements(NodeImport &n, Value positions, int64_t size,
                           StringRef mode) {
  if (mode == "edge" || size == 1)
    return n.make<edge::ClampOp>(
        {positions}, {n.attr("min", 0.0F), n.attr("max", float(size - 1))});
  Value period = n.splat(float(mode == "wrap" ? size : 2 * (size - 1)));
  Value rounds =
      n.make<edge::FloorOp>({n.make<edge::DivOp>({positions, period})});
  Value rest =
      n.make<edge::SubOp>({positions, n.make<edge::MulOp>({rounds, period})});
  if (mode == "wrap")
    return rest;
  return n.make<edge::MinOp>({rest, n.make<edge::SubOp>({period, rest})});
}

static Value padComputed(NodeImport &n, StringRef mode) {
  auto stated = n.declaredShape(0);
  Value pads = n.operand(1), x = n.operand(0);
  int64_t rank = n.rank(0);
  if (!stated || int64_t(stated->size()) != rank || n.rank(1) != 1) {
    n.error() << "the pads are computed and the model does not state the "
                 "result's shape; export it with constant pads, or with the "
                 "shape of '"
              << n.node.outputs[0] << "'";
    return nullptr;
  }
  llvm::SmallVector<int64_t> axes =
      llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (n.hasInput(3))
    axes = n.integers(3, "axes").value_or(llvm::SmallVector<int64_t>());
  if (!x || !pads || n.shape(1)[0] != int64_t(2 * axes.size())) {
    if (!n.failed())
      n.error() << n.shape(1)[0] << " pads are not two for each of "
                << axes.size() << " axes";
    return nullptr;
  }
  auto real = mlir::RankedTensorType::get({1}, n.builder.getF32Type());
  for (auto [i, named] : llvm::enumerate(axes)) {
    int64_t d = n.normalizeAxis(named, rank);
    if (n.failed())
      return nullptr;
    int64_t size = n.shape(0)[d], length = (*stated)[d];
    std::vector<float> numbers;
    for (int64_t o = 0; o < std::min<int64_t>(length, 1 << 24); ++o)
      numbers.push_back(float(o));
    Value low = sliceAlong(n, pads, 0, int64_t(i), 1);
    if (!low || (size == 1 && length == 1))
      continue;
    low = edge::CastOp::create(n.builder, n.loc, real, low);
    Value positions = n.make<edge::SubOp>(
        {floats(n, {int64_t(numbers.size())}, numbers), low});
    Value table = n.reshape(shownElements(n, positions, size, mode),
                            {int64_t(numbers.size()), 1});
    x = n.make<edge::ResampleOp>({x, table}, {n.attr("axis", d)});
  }
  return x;
}

void onnx::importPadByElements(NodeImport &n, StringRef mode) {
  if (mode != "reflect" && mode != "edge" && mode != "wrap") {
    n.error() << "attribute 'mode' is '" << mode
              << "', but should be constant, reflect, edge or wrap";
    return;
  }
  if (n.opset >= 11 && !n.constant(1)) {
    n.set(0, padComputed(n, mode));
    return;
  }
  if (std::optional<Padding> padding = readPadding(n))
    n.set(0, padKnown(n, mode, *padding));
}
