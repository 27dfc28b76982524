//===- WinogradShape.cpp - a convolution in Winograd's tiles --------------===//
#include "passes/kernel/WinogradShape.h"
#include "dialects/edge/Edge.h"
#include "passes/kernel/WinogradTransform.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

std::optional<WinogradShape> kernel::getWinogradShape(schedule::KernelOp kernel,
                                                      int64_t outputs) {
  auto conv = dyn_cast_or_null<edge::Conv2DOp>(kernel.getAnchor());
  if (outputs != 2 && outputs != 4)
    return std::nullopt;
  std::optional<ContractionShape> product =
      conv ? getContractionShape(kernel) : std::nullopt;
  auto isFloat = [](Type type) {
    return cast<RankedTensorType>(type).getElementType().isF32();
  };
  if (!product || !product->packed || conv.getGroups() != 1 ||
      !llvm::all_of(conv->getOperandTypes(), isFloat))
    return std::nullopt;
  auto are = [](ArrayRef<int64_t> pair, int64_t value) {
    return pair[0] == value && pair[1] == value;
  };
  ArrayRef<int64_t> filter = conv.getFilter().getType().getShape(),
                    result = conv.getType().getShape();
  if (!are(filter.slice(1, 2), 3) || !are(conv.getStrides(), 1) ||
      !are(conv.getDilations(), 1) || result[1] < outputs ||
      result[2] < outputs || llvm::is_contained(result, 0) || !filter[3])
    return std::nullopt;
  WinogradShape shape;
  shape.input = product->lhs;
  shape.filter = product->rhs;
  shape.bias = product->bias;
  shape.batch = result[0];
  shape.height = result[1];
  shape.width = result[2];
  shape.channels = result[3];
  shape.inputs = filter[3];
  shape.top = conv.getPads()[0];
  shape.left = conv.getPads()[1];
  shape.outputs = outputs;
  return shape;
}

ContractionShape WinogradShape::product() const {
  ContractionShape product;
  product.channels = channels;
  product.run = inputs;
  product.packed = true;
  return product;
}

//===-- blocks and scratch -----------------------------------------------===//

/// Elements of a cache line.
static constexpr int64_t line = 16;

/// `count` elements in whole lines, an odd number of them: a stride that visits
/// every set of a cache.
static int64_t oddLines(int64_t count) {
  int64_t lines = llvm::divideCeil(count, line);
  return (lines % 2 ? lines : lines + 1) * line;
}

/// Whole lines too; more only where a register tile's rows would share few
/// sets.
static int64_t spread(int64_t count) {
  int64_t lines = llvm::divideCeil(count, line);
  return lines % 16 ? lines * line : (lines + 1) * line;
}

WinogradBlocks::WinogradBlocks(const WinogradShape &shape,
                               schedule::TilingAttr tiling, int64_t cores)
    : rowTiles(tiling.getColumns()), rows(tiling.getRows()),
      tiles(rowTiles * rows), wholeRows(shape.tiles() / rowTiles),
      restTiles(shape.tiles() % rowTiles),
      count(llvm::divideCeil(wholeRows + (restTiles > 0), rows)),
      byPanels(tiling.getSplit() == schedule::Split::columns) {
  Panels panels(shape.product(), tiling);
  // Iterations cost scratch memory: just enough to keep the cores busy.
  int64_t work = byPanels ? panels.count() : count;
  int64_t wanted = std::min(work, byPanels ? cores : 2 * cores);
  perIteration = llvm::divideCeil(work, wanted);
  extent = llvm::divideCeil(work, perIteration);
  int64_t used = std::min(tiles, shape.tiles());
  inputTile = spread(shape.inputs);
  inputPoint = oddLines(used * inputTile);
  productTile = spread(panels.groupWidth());
  productPoint = oddLines(used * productTile);
  int64_t ownInputs = shape.points() * inputPoint,
          ownProducts = shape.points() * productPoint;
  slot = byPanels ? ownInputs : ownInputs + ownProducts;
  products = byPanels ? extent * slot : ownInputs;
  scratch = byPanels ? products + ownProducts : extent * slot;
}

WinogradBlocks kernel::getWinogradBlocks(schedule::KernelOp kernel,
                                         const WinogradShape &shape,
                                         schedule::TilingAttr tiling) {
  schedule::MachineAttr machine =
      schedule::getMachine(kernel->getParentOfType<ModuleOp>());
  return WinogradBlocks(shape, tiling,
                        std::max<int64_t>(machine.getCores(), 1));
}

//===-- filters ----------------------------------------------------------===//

Packing kernel::packWinogradFilter(schedule::KernelOp kernel,
                                   const WinogradShape &shape,
                                   schedule::TilingAttr tiling) {
  Panels panels(shape.product(), tiling);
  int64_t perPoint = panels.groupWidth() * shape.inputs;
  auto type = RankedTensorType::get({shape.points() * perPoint},
                                    Float32Type::get(kernel.getContext()));
  std::string key = ("winograd " + Twine(shape.outputs) + " lanes " +
                     Twine(panels.lanes) + "x" + Twine(panels.vectors))
                        .str();
  // Source order: [channel][kh][kw][input].
  auto write = [shape, panels, perPoint](ArrayRef<float> source,
                                         MutableArrayRef<float> packed) {
    WinogradTransform transform(shape.outputs);
    SmallVector<double> values(shape.points());
    for (int64_t n = 0; n < shape.channels; ++n) {
      int64_t panel = n / panels.width;
      int64_t width = panel == panels.full ? panels.lastWidth() : panels.width;
      float *column = packed.data() + panel * panels.width * shape.inputs +
                      n % panels.width;
      for (int64_t c = 0; c < shape.inputs; ++c) {
        double taps[9];
        for (int64_t tap = 0; tap < 9; ++tap)
          taps[tap] = source[(n * 9 + tap) * shape.inputs + c];
        transform.filter(taps, values.data());
        for (auto [point, value] : llvm::enumerate(values))
          column[int64_t(point) * perPoint + c * width] = float(value);
      }
    }
  };
  return Packing{type, std::move(key), onElements<float>(write)};
}
