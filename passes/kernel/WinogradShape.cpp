//===- WinogradShape.cpp - a convolution in Winograd's tiles --------------===//
#include "passes/kernel/WinogradShape.h"
#include "dialects/edge/Edge.h"
#include "dialects/edge/Integer.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/WinogradTransform.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Of the output channels the largest sum of the sizes of all weights, or what
/// it is at most.
static int64_t largestFilterSum(schedule::KernelOp kernel,
                                const ContractionShape &product,
                                edge::IntegerConv2DOp conv) {
  ElementsAttr filter = getConstantOperand(kernel, product.rhs);
  ArrayRef<char> bytes = bytesOf(filter);
  int64_t channels = conv.getFilter().getType().getDimSize(0),
          count = conv.getFilter().getType().getNumElements();
  if (int64_t(bytes.size()) != count)
    return count / channels *
           rangeOfBytes(filter, product.rhsZeroPoint).magnitude();
  bool isUnsigned = isUnsignedElement(product.rhsElement);
  int64_t largest = 0;
  for (int64_t n = 0; n < channels; ++n) {
    int64_t sum = 0;
    for (char byte : bytes.slice(n * count / channels, count / channels))
      sum += std::abs((isUnsigned ? int64_t(uint8_t(byte)) : int8_t(byte)) -
                      product.rhsZeroPoint);
    largest = std::max(largest, sum);
  }
  return largest;
}

/// What is special about the products of bytes, if they are what the method
/// computes exactly and faster than the machine's own instructions do.
static std::optional<WinogradIntegers>
getIntegers(schedule::KernelOp kernel, edge::IntegerConv2DOp conv,
            const ContractionShape &product, int64_t outputs) {
  auto isByte = [](Type element) { return element.isInteger(8); };
  bool multipliesFours = product.dot && !product.dot->isWide() &&
                         product.dot->kind != DotUnit::smlal;
  schedule::MachineAttr machine = schedule::getMachine(kernel);
  if (!isByte(product.lhsElement) || !isByte(product.rhsElement) ||
      multipliesFours || !machine)
    return std::nullopt;
  WinogradIntegers integers;
  integers.input = product.lhsElement;
  integers.filter = product.rhsElement;
  integers.inputZeroPoint = product.lhsZeroPoint;
  integers.filterZeroPoint = product.rhsZeroPoint;
  // The outputs' transform is a multiple of the direct sum, modulo 2^32.
  int64_t largest = rangeOfElement(integers.input).magnitude() *
                    largestFilterSum(kernel, product, conv);
  if (WinogradTransform(outputs).remainder() * largest > INT32_MAX)
    return std::nullopt;
  // Inputs at points are at most 100 bytes' sums (17340 of unsigned ones),
  // weights 64 times as large as those of nine bits.
  std::optional<DotUnit> unit =
      findDotUnit(machine, {integers.input, {INT16_MIN, INT16_MAX}});
  if (unit && unit->isWide())
    integers.pairs = unit;
  return integers;
}

std::optional<WinogradShape> kernel::getWinogradShape(schedule::KernelOp kernel,
                                                      int64_t outputs) {
  if (outputs != 2 && outputs != 4)
    return std::nullopt;
  Operation *anchor = kernel.getAnchor();
  std::optional<edge::Convolution> conv =
      anchor ? edge::getConvolution(anchor) : std::nullopt;
  std::optional<ContractionShape> product =
      conv ? getContractionShape(kernel) : std::nullopt;
  if (!product || !product->packed || conv->groups != 1)
    return std::nullopt;
  auto are = [](ArrayRef<int64_t> pair, int64_t value) {
    return pair[0] == value && pair[1] == value;
  };
  ArrayRef<int64_t> filter = conv->filter.getType().getShape(),
                    result = conv->result.getType().getShape();
  if (!are(filter.slice(1, 2), 3) || !are(conv->strides, 1) ||
      !are(conv->dilations, 1) || result[1] < outputs || result[2] < outputs ||
      llvm::is_contained(result, 0) || !filter[3])
    return std::nullopt;
  WinogradShape shape;
  if (auto narrow = dyn_cast<edge::IntegerConv2DOp>(anchor)) {
    shape.integers = getIntegers(kernel, narrow, *product, outputs);
    if (!shape.integers)
      return std::nullopt;
  } else if (!llvm::all_of(anchor->getOperandTypes(),
                           [](Type type) { return elementOf(type).isF32(); })) {
    return std::nullopt;
  }
  shape.input = product->lhs;
  shape.filter = product->rhs;
  shape.bias = product->bias;
  shape.batch = result[0];
  shape.height = result[1];
  shape.width = result[2];
  shape.channels = result[3];
  shape.inputs = filter[3];
  shape.top = conv->pads[0];
  shape.left = conv->pads[1];
  shape.outputs = outputs;
  return shape;
}

Type WinogradShape::scratchElement(MLIRContext *context) const {
  return integers ? Type(IntegerType::get(context, 32))
                  : Type(Float32Type::get(context));
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
                               schedule::TilingAttr tiling,
                               schedule::MachineAttr machine)
    : rowTiles(tiling.getColumns()), rows(tiling.getRows()),
      tiles(rowTiles * rows), wholeRows(shape.tiles() / rowTiles),
      restTiles(shape.tiles() % rowTiles),
      byPanels(tiling.getSplit() == schedule::Split::columns),
      inRegisters(schedule::transformsInRegisters(tiling)) {
  Panels panels(shape.product(), tiling);
  int64_t cores = std::max<int64_t>(machine.getCores(), 1);
  filterInputs = tiling.getFiltersInRun()
                     ? schedule::filterInputsInRun(shape.points(), shape.inputs,
                                                   tiling, machine)
                     : 0;
  // Iterations cost scratch memory: just enough to keep the cores busy.
  work = byPanels ? panels.count() : allRows();
  extent = std::min(work, byPanels ? cores : 2 * cores);
  int64_t used = std::min(tiles, shape.tiles());
  sharedRows = byPanels ? rows : std::clamp<int64_t>(work / cores, 1, rows);
  inputTile = spread(shape.inputWords());
  inputPoint = oddLines(used * inputTile);
  int64_t most = byPanels ? llvm::divideCeil(work, extent) : panels.count();
  if (filterInputs)
    most = 1;
  productTile = spread(std::min(most * panels.width, panels.groupWidth()));
  productPoint = oddLines(used * productTile);
  products = shape.points() * inputPoint;
  filters = products + shape.points() * productPoint;
  filterPoint = oddLines(filterInputs * panels.width);
  slot = filters +
         (filterInputs && !inRegisters ? shape.points() * filterPoint : 0);
  scratch = extent * slot;
}

WinogradBlocks kernel::getWinogradBlocks(schedule::KernelOp kernel,
                                         const WinogradShape &shape,
                                         schedule::TilingAttr tiling) {
  schedule::MachineAttr machine =
      schedule::getMachine(kernel->getParentOfType<ModuleOp>());
  return WinogradBlocks(shape, tiling, machine);
}

//===-- filters ----------------------------------------------------------===//

int64_t kernel::winogradStarts(const WinogradShape &shape,
                               const Panels &panels) {
  return shape.integers && shape.integers->hasStarts() ? 2 * panels.groupWidth()
                                                       : 0;
}

/// Of the weights of each channel and input at all points: calls
/// function(values, index), the latter where the value at the first point
/// belongs in packed filters without starts. weight(channel, tap, input) is a
/// Number: double, or int64_t for whole ones.
template <typename Number, typename Weight, typename Function>
static void forEachFilter(const WinogradShape &shape, const Panels &panels,
                          Weight weight, Function function) {
  WinogradTransform transform(shape.outputs);
  SmallVector<Number> values(shape.points());
  int64_t factors = shape.factors();
  bool inPairs = shape.integers && shape.integers->pairs;
  for (int64_t n = 0; n < shape.channels; ++n) {
    int64_t panel = n / panels.width, column = n % panels.width;
    int64_t width = panel == panels.full ? panels.lastWidth() : panels.width;
    int64_t first = panel * panels.width * factors;
    for (int64_t c = 0; c < shape.inputs; ++c) {
      Number taps[9];
      for (int64_t tap = 0; tap < 9; ++tap)
        taps[tap] = weight(n, tap, c);
      transform.filter(taps, values.data());
      function(values, inPairs ? first + (c / 2 * width + column) * 2 + c % 2
                               : first + c * width + column);
    }
  }
}

static Packing packIntegerFilter(schedule::KernelOp kernel,
                                 const WinogradShape &shape,
                                 const Panels &panels) {
  int64_t perPoint = panels.groupWidth() * shape.factors(),
          starts = winogradStarts(shape, panels);
  const WinogradIntegers &integers = *shape.integers;
  auto type = RankedTensorType::get({starts + shape.points() * perPoint},
                                    IntegerType::get(kernel.getContext(), 16));
  std::string key =
      ("winograd " + Twine(shape.outputs) + " of bytes, lanes " +
       Twine(panels.lanes) + "x" + Twine(panels.vectors) +
       (integers.pairs ? " in pairs" : "") + " zeros " +
       Twine(integers.inputZeroPoint) + "," + Twine(integers.filterZeroPoint))
          .str();
  auto write = [shape, panels, perPoint, starts](
                   ArrayRef<int8_t> source, MutableArrayRef<int16_t> packed) {
    const WinogradIntegers &integers = *shape.integers;
    bool isUnsigned = isUnsignedElement(integers.filter);
    auto weight = [&](int64_t n, int64_t tap, int64_t c) {
      int8_t byte = source[(n * 9 + tap) * shape.inputs + c];
      return (isUnsigned ? int64_t(uint8_t(byte)) : int64_t(byte)) -
             integers.filterZeroPoint;
    };
    for (int64_t n = 0; n < shape.channels && starts; ++n) {
      int64_t sum = 0;
      for (int64_t tap = 0; tap < 9; ++tap)
        for (int64_t c = 0; c < shape.inputs; ++c)
          sum += weight(n, tap, c);
      auto start = uint32_t(-sum * integers.inputZeroPoint);
      std::memcpy(packed.data() + 2 * n, &start, sizeof start);
    }
    forEachFilter<int64_t>(
        shape, panels, weight, [&](ArrayRef<int64_t> values, int64_t index) {
          for (auto [point, value] : llvm::enumerate(values))
            packed[starts + int64_t(point) * perPoint + index] = int16_t(value);
        });
  };
  // Of bytes to i16.
  auto onBytes = [write](ArrayRef<char> source, MutableArrayRef<char> packed) {
    write({reinterpret_cast<const int8_t *>(source.data()), source.size()},
          {reinterpret_cast<int16_t *>(packed.data()),
           packed.size() / sizeof(int16_t)});
  };
  return Packing{type, std::move(key), onBytes};
}

/// The taps, which the kernel reads once and in order: as they are, or scaled
/// to make bare filters of.
static Packing packTaps(schedule::KernelOp kernel, const WinogradShape &shape,
                        const Panels &panels, bool isScaled) {
  auto type = RankedTensorType::get({9 * shape.inputs * panels.groupWidth()},
                                    Float32Type::get(kernel.getContext()));
  std::string key =
      ("winograd taps, lanes " + Twine(panels.lanes) + "x" +
       Twine(panels.vectors) + (isScaled ? ", scaled for " : ", of tiles of ") +
       Twine(shape.outputs))
          .str();
  // Source order: [channel][kh][kw][input].
  auto write = [shape, panels, isScaled](ArrayRef<float> source,
                                         MutableArrayRef<float> packed) {
    int64_t inputs = shape.inputs, width = panels.width;
    WinogradTransform transform(shape.outputs);
    for (int64_t n = 0; n < shape.channels; ++n) {
      for (int64_t tap = 0; tap < 9; ++tap) {
        double scale =
            isScaled ? transform.tapScale(tap / 3) * transform.tapScale(tap % 3)
                     : 1.0;
        for (int64_t c = 0; c < inputs; ++c)
          packed[((n / width * inputs + c) * 9 + tap) * width + n % width] =
              float(scale * double(source[(n * 9 + tap) * inputs + c]));
      }
    }
  };
  return Packing{type, std::move(key), onElements<float>(write)};
}

Packing kernel::packWinogradFilter(schedule::KernelOp kernel,
                                   const WinogradShape &shape,
                                   schedule::TilingAttr tiling) {
  Panels panels(shape.product(), tiling);
  if (shape.integers)
    return packIntegerFilter(kernel, shape, panels);
  if (tiling.getFiltersInRun())
    return packTaps(kernel, shape, panels,
                    schedule::transformsInRegisters(tiling));
  int64_t perPoint = panels.groupWidth() * shape.inputs;
  auto type = RankedTensorType::get({shape.points() * perPoint},
                                    Float32Type::get(kernel.getContext()));
  std::string key = ("winograd " + Twine(shape.outputs) + " lanes " +
                     Twine(panels.lanes) + "x" + Twine(panels.vectors))
                        .str();
  // Source order: [channel][kh][kw][input].
  auto write = [shape, panels, perPoint](ArrayRef<float> source,
                                         MutableArrayRef<float> packed) {
    auto weight = [&](int64_t n, int64_t tap, int64_t c) {
      return double(source[(n * 9 + tap) * shape.inputs + c]);
    };
    forEachFilter<double>(
        shape, panels, weight, [&](ArrayRef<double> values, int64_t index) {
          for (auto [point, value] : llvm::enumerate(values))
            packed[int64_t(point) * perPoint + index] = float(value);
        });
  };
  return Packing{type, std::move(key), onElements<float>(write)};
}
