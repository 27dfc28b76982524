//===- ContractionUnit.cpp - which instruction multiplies bytes -----------===//
//
// What the machine has is DotProduct's; here is what suits a product: the range
// of its filter, how many rows and bytes there are, and where those lie.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ContractionUnit.h"
#include "passes/kernel/ElementTypes.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Whether every four elements of lhs that are multiplied together are a word
/// of memory: all of a run, in a tensor that some kernel wrote. A model's input
/// lies at any address.
static bool hasAlignedQuads(schedule::KernelOp kernel,
                            const ContractionShape &shape) {
  SmallVector<int64_t> distances = {
      shape.run,      shape.lhsOffset,    shape.lhsRow,         shape.lhsColumn,
      shape.lhsGroup, shape.lhsKernelRow, shape.lhsKernelColumn};
  llvm::append_range(distances, shape.lhsBatch);
  return kernel.getOperand(shape.lhs).getDefiningOp<schedule::KernelOp>() &&
         llvm::all_of(distances, [](int64_t distance) {
           return distance % dotBytes == 0;
         });
}

/// Filters with a zero point may be numbers of nine bits. What moves them to
/// bytes is made good for with the sums of the input, where those are cheap.
static std::optional<DotUnit> chooseQuads(schedule::KernelOp kernel,
                                          const ContractionShape &shape,
                                          schedule::MachineAttr machine) {
  constexpr IntegerRange bytes = {-128, 127};
  IntegerRange weights =
      rangeOfBytes(getConstantOperand(kernel, shape.rhs), shape.rhsZeroPoint);
  std::optional<DotUnit> unit =
      findDotUnit(machine, {shape.lhsElement, weights});
  if (bytes.contains(weights))
    return unit;
  std::optional<DotUnit> moved =
      findDotUnit(machine, {shape.lhsElement, bytes});
  if (!moved || moved->isWide())
    return unit;
  // Per output: steps that are saved, and those that a sum takes.
  int64_t vectors =
      std::min<int64_t>(llvm::divideCeil(shape.channels, moved->lanes), 4);
  int64_t saved = shape.depth() / dotBytes * vectors,
          more = shape.depth() / (dotBytes * moved->lanes) + 12 + vectors;
  if (2 * saved < 3 * more)
    return unit;
  moved->rhsMovedBy =
      (isUnsignedElement(shape.rhsElement) ? 128 : 0) - shape.rhsZeroPoint;
  return moved;
}

/// Whether products of two rows take fewer instructions than single ones, per
/// vector of channels. What is loaded of a row serves the vectors of a panel.
static bool prefersRowPairs(const ContractionShape &shape,
                            const DotUnit &paired) {
  constexpr int64_t vectorBytes = 16, mostVectors = 4, mostRows = 8;
  int64_t rows = std::min(shape.height * shape.width, mostRows);
  if (rows < 2 || shape.run < paired.perLane())
    return false;
  int64_t vectors = std::min<int64_t>(
      llvm::divideCeil(shape.channels, paired.lanes), mostVectors);
  int64_t loads = shape.run / vectorBytes, rest = shape.run % vectorBytes,
          even = llvm::alignTo(rows, 2);
  int64_t singly = rows * (vectors * llvm::divideCeil(shape.run, dotBytes) +
                           loads + llvm::divideCeil(rest, dotBytes)),
          inPairs =
              even * (vectors * llvm::divideCeil(shape.run, paired.perLane()) +
                      2 * loads + 2 * llvm::divideCeil(rest, paired.perLane()));
  // Blocks of sums become rows of them in the end.
  int64_t runs = shape.kernelHeight * shape.kernelWidth;
  return runs * inPairs + vectors * (even + 2) < runs * singly;
}

std::optional<DotUnit> kernel::chooseByteUnit(schedule::KernelOp kernel,
                                              const ContractionShape &shape,
                                              schedule::MachineAttr machine) {
  std::optional<DotUnit> unit = chooseQuads(kernel, shape, machine);
  // Without unaligned loads, an instruction per byte would be as good.
  if (!unit ||
      (unit->kind == DotUnit::vqdot && !hasAlignedQuads(kernel, shape)))
    return std::nullopt;
  std::optional<DotUnit> paired = findRowPairUnit(machine, *unit);
  return paired && prefersRowPairs(shape, *paired) ? paired : unit;
}

bool kernel::canAddBytePairs(schedule::KernelOp kernel,
                             const ContractionShape &shape,
                             schedule::MachineAttr machine) {
  bool widensProducts = llvm::Triple(machine.getTriple()).isRISCV() &&
                        machine.getVectorBits() >= 128;
  if (!widensProducts || !shape.packed ||
      !shape.lhsElement.isSignlessInteger(8) ||
      !shape.rhsElement.isSignlessInteger(8) || shape.lhsZeroPoint != 0 ||
      shape.rhsZeroPoint != 0)
    return false;
  // 2 * -128 * -127 fits, 2 * -128 * -128 does not.
  constexpr IntegerRange symmetric = {-127, 127};
  return symmetric.contains(
      rangeOfBytes(getConstantOperand(kernel, shape.rhs), /*zeroPoint=*/0));
}
