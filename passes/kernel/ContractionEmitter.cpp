//===- ContractionEmitter.cpp - products: tiling, range and packing -------===//
//
// What the framework asks of products; their loops are in Contraction.cpp.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ContractionShape.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelTable.h"
#include "passes/schedule/CostModel.h"
#include "passes/schedule/TilingDraft.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

int64_t kernel::rowTiles(const ContractionShape &shape,
                         schedule::TilingAttr tiling) {
  return shape.height > 1 ? llvm::divideCeil(shape.height, tiling.getRows())
                          : llvm::divideCeil(shape.width, tiling.getColumns());
}

bool kernel::countsBatches(const ContractionShape &shape,
                           schedule::TilingAttr tiling) {
  return shape.batchCount() > 1 && shape.groups == 1 &&
         tiling.getSplit() == schedule::Split::rows;
}

namespace {

class ContractionEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "contraction"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    return getContractionShape(kernel).has_value();
  }

  schedule::TilingAttr schedule(schedule::KernelOp kernel,
                                schedule::MachineAttr machine) const override {
    return schedule::fastest(candidates(kernel, machine));
  }

  SmallVector<schedule::TilingAttr>
  candidates(schedule::KernelOp kernel,
             schedule::MachineAttr machine) const override {
    return tilings(kernel, machine, /*panelVectors=*/0);
  }

  schedule::TilingAttr
  scheduleLike(schedule::TilingAttr model, schedule::KernelOp kernel,
               schedule::MachineAttr machine) const override {
    return schedule::fastest(tilings(kernel, machine, model.getVectors()));
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    ContractionShape shape = *getContractionShape(kernel);
    if (tiling.getSplit() == schedule::Split::columns)
      return shape.groups > 1 ? shape.groups : Panels(shape, tiling).count();
    int64_t tiles = kernel::rowTiles(shape, tiling);
    return countsBatches(shape, tiling) ? shape.batchCount() * tiles : tiles;
  }

  std::optional<RowTiles> rowTiles(schedule::KernelOp kernel,
                                   schedule::TilingAttr tiling) const override {
    ContractionShape shape = *getContractionShape(kernel);
    // Each call packs all of rhs: it computes many rows.
    if (shape.packedInRun)
      return std::nullopt;
    if (shape.batchCount() != 1 || tiling.getSplit() != schedule::Split::rows)
      return std::nullopt;
    // Likewise of what each call unpacks.
    constexpr int64_t fewestPositions = 56;
    if (shape.unpackedInRun && tiling.getRows() * shape.width < fewestPositions)
      return std::nullopt;
    if (shape.height > 1)
      return RowTiles{shape.height, tiling.getRows()};
    return RowTiles{shape.width, tiling.getColumns()};
  }

  std::optional<RowReads> rowReads(schedule::KernelOp kernel,
                                   unsigned operand) const override {
    ContractionShape shape = *getContractionShape(kernel);
    if (operand != shape.lhs || shape.batchCount() != 1)
      return std::nullopt;
    if (shape.height > 1)
      return convolutionRowReads(kernel);
    // A matrix whose rows follow each other.
    Layout lhs = getOperandLayout(kernel, operand);
    if (shape.kernelHeight != 1 || shape.kernelWidth != 1 ||
        lhs.strides.size() < 2 || shape.lhsColumn != lhs.strides.end()[-2])
      return std::nullopt;
    return RowReads{shape.width};
  }

  LogicalResult emit(KernelBuilder &k) const override {
    ContractionShape shape = *getContractionShape(k.kernel);
    writeContraction(k, shape);
    return success();
  }

  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    ContractionShape shape = *getContractionShape(kernel);
    if (!shape.packed || shape.packedInRun || operand != shape.rhs)
      return std::nullopt;
    return packRhs(kernel, shape, tiling);
  }

  int64_t flops(schedule::KernelOp kernel) const override {
    ContractionShape shape = *getContractionShape(kernel);
    return 2 * shape.batchCount() * shape.height * shape.width * shape.groups *
           shape.channels * shape.depth();
  }

private:
  static SmallVector<schedule::TilingAttr>
  tilings(schedule::KernelOp kernel, schedule::MachineAttr machine,
          int64_t panelVectors) {
    ContractionShape shape = *getContractionShape(kernel);
    schedule::ContractionWork wanted = work(kernel, shape, machine);
    wanted.panelVectors = panelVectors;
    SmallVector<schedule::TilingAttr> tilings =
        schedule::contractionTilings(wanted, machine);
    for (schedule::TilingAttr &tiling : tilings) {
      schedule::TilingDraft draft(tiling);
      // As many registers of wider elements: half the lanes in each.
      draft.lanes = std::min(draft.lanes, vectorLanes(kernel, machine));
      if (shape.dot)
        draft.lanes = std::min(draft.lanes, shape.dot->lanes);
      // What was packed just now lies in a near cache.
      if (shape.packedInRun || shape.unpackedInRun) {
        draft.prefetch = 0;
        draft.prefetchNext = draft.panelsInside = false;
      }
      tiling = draft.get(kernel.getContext());
    }
    if (shape.packedInRun || shape.unpackedInRun) {
      llvm::erase_if(tilings, [&](schedule::TilingAttr tiling) {
        return runPanelBytes(shape, Panels(shape, tiling)) > mostRunPanelBytes;
      });
    }
    return tilings;
  }

  static schedule::ContractionWork work(schedule::KernelOp kernel,
                                        const ContractionShape &shape,
                                        schedule::MachineAttr machine) {
    schedule::ContractionWork work;
    work.batch = shape.batchCount();
    work.height = shape.height;
    work.width = shape.width;
    work.groups = shape.groups;
    work.channels = shape.channels;
    work.runs = shape.kernelHeight * shape.kernelWidth;
    work.run = shape.stepsPerRun();
    work.packed = shape.packed;
    int64_t bytes = storedType(shape.lhsElement).getIntOrFloatBitWidth() / 8;
    work.lhsRowBytes = bytes * shape.lhsRow;
    work.lhsColumnBytes = bytes * shape.lhsColumn;
    // Strides may leave pixels out.
    int64_t read = shape.batchCount() * shape.height * shape.width *
                   shape.groups * shape.depth();
    work.lhsBytes =
        bytes * std::min(read, getOperandLayout(kernel, shape.lhs).allocated);
    work.epilogueOperators = countEpilogueOperators(kernel);
    addOutputs(kernel, shape, work);
    if (isa<FloatType>(shape.element) && shape.rhsElement != shape.element &&
        !shape.dot && !shape.unpackedInRun) {
      work.rhsBits = shape.fitsNibbles
                         ? 4
                         : storedType(shape.rhsElement).getIntOrFloatBitWidth();
      // Shifts and a join for nibbles, an extension, a conversion.
      work.vectorInstructions = shape.fitsNibbles ? 6 : 2;
    }
    if (shape.element.isF16())
      work.elementBits = work.rhsBits = 16;
    if (shape.streamsWeights())
      work.weightsPerLoad = schedule::weightsPerLoad(machine);
    if (shape.dot && shape.dot->kind == DotUnit::pairs) {
      work.addsSeparately = work.widensLhs = true;
      work.vectorInstructions = shape.dot->storesBytes;
    }
    if (shape.dot && shape.dot->takesRowPairs())
      work.outputsPerProduct = 2;
    // Two rows joined.
    if (shape.dot && !shape.packed)
      work.vectorInstructions = 3;
    // Elements of 16 bits become f32 one by one.
    if (isa<FloatType>(shape.element) && shape.lhsElement != shape.element &&
        !shape.dot)
      work.elementInstructions = 2;
    if (shape.dot && shape.dot->kind == DotUnit::smlal) {
      work.productInstructions = 3;
      work.elementInstructions = 2;
      // Of whole vectors of lhs, LLVM has many products on their way at once.
      work.temporaries = shape.run >= 4 * dotBytes ? 9 : 5;
    }
    return work;
  }

  static void addOutputs(schedule::KernelOp kernel,
                         const ContractionShape &shape,
                         schedule::ContractionWork &work) {
    auto bytes = [](Value value, const Layout &layout) {
      return layout.allocated * storedBits(value) / 8;
    };
    Layout result = getResultLayout(kernel, 0);
    work.resultBytes = bytes(kernel.getResult(0), result);
    for (auto [number, input] : llvm::enumerate(kernel.getInputs())) {
      Layout layout = getOperandLayout(kernel, number);
      if (number != shape.lhs && layout.shape == result.shape)
        work.addedBytes += bytes(input, layout);
    }
  }

  static int64_t storedBits(Value value) {
    return storedType(elementOf(value.getType())).getIntOrFloatBitWidth();
  }
};

} // namespace

const KernelEmitter &kernel::contractionEmitter() {
  static const ContractionEmitter emitter;
  return emitter;
}
