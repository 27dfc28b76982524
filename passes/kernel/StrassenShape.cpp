//===- StrassenShape.cpp - a product in Strassen's halves -----------------===//
#include "passes/kernel/StrassenShape.h"
#include "llvm/Support/MathExtras.h"
#include <array>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

std::optional<StrassenShape>
kernel::getStrassenShape(schedule::KernelOp kernel) {
  std::optional<ContractionShape> product = getContractionShape(kernel);
  if (!product || !product->packed || product->dot || product->groups != 1 ||
      product->batchCount() != 1 || product->depth() != product->run)
    return std::nullopt;
  if (!product->element.isF32() || !product->lhsElement.isF32() ||
      !product->rhsElement.isF32())
    return std::nullopt;
  if (product->run < 2 || product->run % 2)
    return std::nullopt;
  return StrassenShape(*product);
}

//===-- blocks and scratch -----------------------------------------------===//

/// `count` elements in whole cache lines; more only where a register tile's
/// rows would share few sets of a cache.
static int64_t spread(int64_t count) {
  constexpr int64_t line = 16;
  int64_t lines = llvm::divideCeil(count, line);
  return lines % 16 ? lines * line : (lines + 1) * line;
}

StrassenBlocks::StrassenBlocks(const StrassenShape &shape,
                               schedule::TilingAttr tiling, int64_t cores)
    : tileRows(tiling.getColumns()), pairs(tiling.getRows()),
      allPairs(shape.rows() / (2 * tileRows)),
      restRows(shape.rows() - allPairs * 2 * tileRows),
      count(llvm::divideCeil(allPairs + (restRows > 0), pairs)),
      byPanels(tiling.getSplit() == schedule::Split::columns),
      copiesRows(shape.copiesRows()), sumStride(spread(shape.half())),
      rowStride(spread(shape.product.run)) {
  Panels panels(shape.product, tiling);
  panelPairs = panels.full / 2;
  restPanels = panels.count() - 2 * panelPairs;
  restChannels = shape.product.channels - 2 * panelPairs * panels.width;
  // Iterations cost scratch memory: just enough to keep the cores busy.
  int64_t work = byPanels ? panelWork() : count;
  int64_t wanted = std::min(work, byPanels ? cores : 2 * cores);
  perIteration = llvm::divideCeil(work, wanted);
  extent = llvm::divideCeil(work, perIteration);
  int64_t used = std::min(pairs, allPairs + (restRows > 0));
  sums = std::min(used, allPairs) * 4 * tileRows * sumStride;
  slot = sums + (copiesRows ? used * 2 * tileRows * rowStride : 0);
}

StrassenBlocks kernel::getStrassenBlocks(schedule::KernelOp kernel,
                                         const StrassenShape &shape,
                                         schedule::TilingAttr tiling) {
  schedule::MachineAttr machine =
      schedule::getMachine(kernel->getParentOfType<ModuleOp>());
  return StrassenBlocks(shape, tiling,
                        std::max<int64_t>(machine.getCores(), 1));
}

//===-- weights ----------------------------------------------------------===//

/// The combinations of one channel of each panel of a pair at one step of the
/// halves: b11, b21 of the first, b12, b22 of the second.
static std::array<float, strassenProducts> combine(double b11, double b21,
                                                   double b12, double b22) {
  double t1 = b12 - b11, t2 = b22 - t1, t3 = b22 - b12, t4 = t2 - b21;
  std::array<float, strassenProducts> result;
  result[p1] = float(b11);
  result[p2] = float(b21);
  result[p6] = float(t2);
  result[p7] = float(t3);
  result[p4] = float(-t4);
  result[p5] = float(t1);
  result[p3] = float(b22);
  return result;
}

Packing kernel::packStrassenWeights(schedule::KernelOp kernel,
                                    const StrassenShape &shape,
                                    schedule::TilingAttr tiling) {
  Panels panels(shape.product, tiling);
  int64_t half = shape.half(), depth = shape.product.run, width = panels.width,
          pairs = panels.full / 2, perPair = strassenProducts * half * width,
          rest = panels.groupWidth() - 2 * pairs * width;
  auto type = RankedTensorType::get({pairs * perPair + rest * depth},
                                    Float32Type::get(kernel.getContext()));
  int64_t channels = shape.product.channels,
          channelStride = shape.product.rhsChannel,
          stepStride = shape.product.rhsRun;
  std::string key =
      ("strassen " + Twine(panels.lanes) + "x" + Twine(panels.vectors) +
       " channels " + Twine(shape.product.channels) + " step " +
       Twine(channelStride) + "," + Twine(stepStride))
          .str();
  auto write = [=](ArrayRef<float> source, MutableArrayRef<float> packed) {
    auto weight = [&](int64_t n, int64_t k) {
      return source[n * channelStride + k * stepStride];
    };
    for (int64_t n = 0; n < pairs * 2 * width; ++n) {
      int64_t pair = n / (2 * width), lane = n % (2 * width);
      // The second panel's channels come with the first's.
      if (lane >= width)
        continue;
      float *out = packed.data() + pair * perPair + lane;
      for (int64_t k = 0; k < half; ++k) {
        auto all = combine(weight(n, k), weight(n, half + k),
                           weight(n + width, k), weight(n + width, half + k));
        for (int64_t product = 0; product < strassenProducts; ++product)
          out[(product * half + k) * width] = all[product];
      }
    }
    int64_t first = pairs * 2 * width;
    float *out = packed.data() + pairs * perPair;
    for (int64_t n = first; n < channels; ++n) {
      int64_t panel = n / width;
      int64_t own = panel == panels.full ? panels.lastWidth() : width;
      float *column = out + (panel * width - first) * depth + n % width;
      for (int64_t k = 0; k < depth; ++k)
        column[k * own] = weight(n, k);
    }
  };
  return Packing{type, std::move(key), onElements<float>(write)};
}
