//===- MatrixShape.cpp - a product in tiles of a matrix unit --------------===//
#include "passes/kernel/MatrixShape.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/KernelTable.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- positions and steps ----------------------------------------------===//

/// Cuts the result's rows and columns into tiles.
static void cutPositions(MatrixShape &shape) {
  const ContractionShape &product = shape.product;
  int64_t height = product.height, width = product.width;
  shape.across = llvm::divideCeil(width, tileRows);
  shape.rows = shape.outputs = llvm::divideCeil(width, shape.across);
  if (height > 1 && shape.across == 1 && product.lhsColumn > 0 &&
      product.lhsRow % product.lhsColumn == 0) {
    int64_t pitch = product.lhsRow / product.lhsColumn;
    if (pitch >= width) {
      shape.pitch = pitch;
      shape.imageRows = std::min((tileRows - width) / pitch + 1, height);
      shape.rows = (shape.imageRows - 1) * pitch + width;
    }
  }
  shape.tiles = llvm::divideCeil(height, shape.imageRows) * shape.across;
  shape.blockTiles = std::min<int64_t>(shape.tiles, 2);
  shape.panelTiles =
      std::min<int64_t>(llvm::divideCeil(product.channels, tileLanes), 2);
}

/// Cuts a run of bf16 into steps that cover it exactly: what other steps would
/// multiply with zeros might be an infinity or no number. False if that takes
/// twice as many.
static bool cutExactly(MatrixShape &shape) {
  int64_t run = shape.product.run, perLane = shape.elements.perLane();
  int64_t fewest = llvm::divideCeil(run, shape.elements.perRow());
  for (int64_t steps = fewest; steps < 2 * fewest + 1; ++steps) {
    if (run % (steps * perLane) != 0)
      continue;
    shape.stepsPerRun = steps;
    shape.stepElements = run / steps;
    return true;
  }
  return false;
}

/// Cuts a run into steps of equal length; false if it is too short.
static bool cutRun(MatrixShape &shape) {
  const ContractionShape &product = shape.product;
  int64_t run = product.run, perLane = shape.elements.perLane();
  if (shape.elements.isFloat())
    return cutExactly(shape);
  if (run < perLane)
    return false;
  shape.stepsPerRun = llvm::divideCeil(run, shape.elements.perRow());
  shape.stepElements =
      llvm::alignTo(llvm::divideCeil(run, shape.stepsPerRun), perLane);
  if (shape.stepElements <= run)
    return true;
  // A tap that reads beyond its end is followed by another one, and the last
  // one, which reads before its beginning, follows one.
  int64_t apart =
      product.kernelWidth > 1 ? product.lhsKernelColumn : product.lhsKernelRow;
  if (shape.taps() > 1 && apart >= shape.lastTapShift())
    return true;
  shape.stepElements = run / perLane * perLane;
  shape.stepsPerRun = 2;
  return true;
}

/// What an image's outputs read and write, the filter aside.
static int64_t bytesOfPositions(schedule::KernelOp kernel,
                                const MatrixShape &shape) {
  auto bytesOf = [](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return llvm::divideCeil(tensor.getNumElements() *
                                tensor.getElementType().getIntOrFloatBitWidth(),
                            8);
  };
  Type result = kernel.getResult(0).getType();
  int64_t outer = bytesOf(result);
  for (BlockArgument argument : epilogueOperands(kernel)) {
    if (cast<RankedTensorType>(argument.getType()).getShape() ==
        cast<RankedTensorType>(result).getShape())
      outer += bytesOf(argument.getType());
  }
  int64_t lhs = getOperandLayout(kernel, shape.product.lhs).allocated *
                shape.elements.elementBytes();
  return (outer + lhs) / (shape.product.batchCount() * shape.product.groups);
}

/// Without passes each panel goes through all positions, which come from
/// beyond the second-level cache again and again if it does not hold them.
static int64_t choosePass(schedule::KernelOp kernel, const MatrixShape &shape,
                          schedule::MachineAttr machine) {
  constexpr int64_t fewestBlocks = 4;
  int64_t cache = machine.getL2Bytes();
  int64_t filter = shape.groupElements() * shape.elements.elementBytes();
  int64_t bytes = bytesOfPositions(kernel, shape);
  if (shape.panels() < 2 || filter > cache / 3 || bytes <= cache / 4)
    return shape.blocks();
  int64_t perBlock = std::max<int64_t>(bytes / shape.blocks(), 1);
  int64_t fitting = std::max(cache / 4 / perBlock, fewestBlocks);
  // Of equal size.
  int64_t passes = llvm::divideCeil(shape.blocks(), fitting);
  return llvm::divideCeil(shape.blocks(), passes);
}

/// What vectors would take.
static int64_t vectorCycles(schedule::KernelOp kernel,
                            schedule::MachineAttr machine) {
  return contractionEmitter().schedule(kernel, machine).getCycles();
}

/// What the product's factors are to a matrix unit; nothing if they are none.
static std::optional<MatrixElements>
elementsOf(const ContractionShape &product) {
  if (isa<FloatType>(product.element)) {
    bool isBrain = product.packed && product.lhsElement.isBF16() &&
                   product.rhsElement.isBF16();
    return isBrain ? std::optional(MatrixElements{MatrixElements::bfloats})
                   : std::nullopt;
  }
  // Filters that are bytes when their zero point is taken.
  if (!product.dot || product.packedInRun || product.dot->rhsMovedBy ||
      !IntegerRange{-128, 127}.contains(product.dot->elements.rhs))
    return std::nullopt;
  return MatrixElements{MatrixElements::bytes,
                        isUnsignedElement(product.lhsElement)};
}

std::optional<MatrixShape> kernel::getMatrixShape(schedule::KernelOp kernel) {
  schedule::MachineAttr machine = schedule::getMachine(kernel);
  if (!hasMatrixUnit(machine))
    return std::nullopt;
  std::optional<ContractionShape> product = getContractionShape(kernel);
  if (!product)
    return std::nullopt;
  std::optional<MatrixElements> elements = elementsOf(*product);
  if (!elements || !hasMatrixUnit(machine, elements->kind))
    return std::nullopt;
  if (product->batchCount() <= 0 || product->height <= 0 ||
      product->width <= 0 || product->channels <= 0)
    return std::nullopt;
  MatrixShape shape;
  shape.product = std::move(*product);
  shape.elements = *elements;
  cutPositions(shape);
  if (!cutRun(shape))
    return std::nullopt;
  if (schedule::matrixCycles(matrixWork(kernel, shape), machine) >=
      double(vectorCycles(kernel, machine)))
    return std::nullopt;
  shape.passBlocks = choosePass(kernel, shape, machine);
  return shape;
}

schedule::MatrixWork kernel::matrixWork(schedule::KernelOp kernel,
                                        const MatrixShape &shape) {
  const ContractionShape &product = shape.product;
  schedule::MatrixWork work;
  work.batch = product.batchCount() * product.groups;
  work.blocks = shape.blocks();
  work.blockTiles = shape.blockTiles;
  work.rows = shape.rows;
  work.outputs = product.height * product.width;
  work.channels = product.channels;
  work.panelTiles = shape.panelTiles;
  work.steps = shape.steps();
  work.stepBytes = shape.stepElements * shape.elements.elementBytes();
  work.lhsBytes = getOperandLayout(kernel, product.lhs).allocated *
                  shape.elements.elementBytes();
  work.epilogueOperators = countEpilogueOperators(kernel);
  return work;
}

//===-- packing ----------------------------------------------------------===//

namespace {

/// Writes the packed numbers of one channel after the other: bytes, or the bits
/// of bf16.
template <typename T> class TilePacker {
public:
  TilePacker(const MatrixShape &shape, ArrayRef<T> source)
      : shape(shape), source(source.data()),
        isUnsigned(isUnsignedElement(shape.product.rhsElement)) {}

  /// `channel` of the whole filter is number `n` of the panel at `out`.
  void pack(int64_t channel, int64_t n, int64_t tiles, T *out) const {
    if (!shape.elements.isFloat())
      packStart(channel, out + n * 4 / int64_t(sizeof(T)));
    T *to = out + shape.startElements(tiles) + n / tileLanes * shape.rhsTile();
    for (int64_t tap = 0; tap < shape.taps(); ++tap) {
      for (int64_t step = 0; step < shape.stepsPerRun; ++step) {
        packStep(channel, tap, step, n % tileLanes, to);
        to += tiles * shape.rhsTile();
      }
    }
  }

private:
  const MatrixShape &shape;
  const T *source;
  bool isUnsigned;

  /// Number `k` of the channel, counted over all taps.
  int64_t weight(int64_t channel, int64_t k) const {
    const ContractionShape &product = shape.product;
    T number = source[channel * product.rhsChannel + k * product.rhsRun];
    if (shape.elements.isFloat())
      return number;
    return (isUnsigned ? int64_t(uint8_t(number)) : number) -
           product.rhsZeroPoint;
  }

  void packStart(int64_t channel, T *out) const {
    int64_t sum = 0;
    for (int64_t k = 0; k < shape.product.depth(); ++k)
      sum += weight(channel, k);
    auto start = uint32_t(-sum * shape.product.lhsZeroPoint);
    std::memcpy(out, &start, sizeof start);
  }

  /// What an earlier step multiplied stays zero here.
  void packStep(int64_t channel, int64_t tap, int64_t step, int64_t lane,
                T *to) const {
    int64_t run = shape.product.run, perLane = shape.elements.perLane();
    int64_t begin = step * shape.stepElements;
    int64_t first = shape.stepBegin(step);
    if (tap == shape.taps() - 1)
      first -= shape.lastTapShift();
    for (int64_t k = begin; k < std::min(begin + shape.stepElements, run);
         ++k) {
      int64_t at = k - first;
      to[(at / perLane * tileLanes + lane) * perLane + at % perLane] =
          T(weight(channel, tap * run + k));
    }
  }
};

} // namespace

template <typename T>
static void packTiles(const MatrixShape &shape, ArrayRef<T> source, T *out) {
  TilePacker<T> packer(shape, source);
  const ContractionShape &product = shape.product;
  for (int64_t group = 0; group < product.groups; ++group) {
    for (int64_t panel = 0; panel < shape.panels(); ++panel) {
      bool isLast = panel == shape.fullPanels();
      int64_t first = panel * shape.panelWidth();
      int64_t tiles = isLast ? shape.lastTiles() : shape.panelTiles;
      int64_t count = isLast ? shape.lastChannels() : shape.panelWidth();
      for (int64_t n = 0; n < count; ++n)
        packer.pack(group * product.channels + first + n, n, tiles, out);
      out += shape.panelElements(tiles);
    }
  }
}

Packing kernel::packMatrix(const MatrixShape &shape) {
  const ContractionShape &product = shape.product;
  auto type = RankedTensorType::get({product.groups * shape.groupElements()},
                                    storedType(product.rhsElement));
  std::string key =
      ("matrix " + Twine(shape.panelTiles) + " tiles, channels " +
       Twine(product.channels) + "x" + Twine(product.groups) + " runs of " +
       Twine(product.run) + " step " + Twine(product.rhsChannel) + "," +
       Twine(product.rhsRun) + " steps of " + Twine(shape.stepElements) +
       " offset " + Twine(product.lhsZeroPoint) + " zero " +
       Twine(product.rhsZeroPoint))
          .str();
  auto write = [shape](auto source, auto packed) {
    packTiles(shape, source, packed.data());
  };
  if (shape.elements.isFloat())
    return Packing{type, std::move(key), onElements<int16_t>(write)};
  return Packing{type, std::move(key), onElements<int8_t>(write)};
}
