//===- ContractionWriter.h - writes the loops of a product -----*- C++ -*-===//
//
// Contraction.cpp has the loops around a register tile, ContractionReduce.cpp
// the reduction inside of one, ContractionDot.cpp its steps of several bytes,
// ContractionRowPairs.cpp those of two rows at once, ContractionBytePairs.cpp
// those of one row by long vectors, ContractionStreams.cpp what reads weights
// in several places, ContractionTurns.cpp tiles that take turns at the steps of
// a panel, ContractionOutputs.cpp what brings a tile's outputs to the
// cache; ContractionPack.cpp and ContractionUnpack.cpp have what is
// done to a panel before its tiles.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_CONTRACTIONWRITER_H
#define EDGEC_PASSES_KERNEL_CONTRACTIONWRITER_H

#include "passes/kernel/ContractionShape.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/LaneProducts.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/schedule/CostModel.h"
#include "llvm/TargetParser/Triple.h"

namespace edgec::kernel {

/// One panel of output channels, as the tile bodies see it.
struct Panel {
  /// first channel in the result
  Index channel;
  /// first element in rhs; where it is packed in each run, in the buffer, and
  /// in what is packed
  Index rhs, source;
  /// where lhs starts for this panel's group
  Index lhs;
  /// elements between reduction steps in rhs
  int64_t step;
  /// lanes of each vector as stored, and as computed
  llvm::SmallVector<int64_t> stored, computed;

  size_t vectors() const { return stored.size(); }
};

/// Outputs that are computed together: the first, and how many.
struct OutputTile {
  Index h, w;
  int64_t rows, columns;
};

/// One run of reduction steps of a tile.
struct Steps {
  const Panel &panel;
  int64_t rows, columns;
  /// first elements
  Index lhs, rhs;
  /// where the tile fetches the next panel, and how much each step does
  Index next;
  int64_t share = 0;
  /// likewise for what the next tile reads of lhs; 0: nothing
  Index nextLhs;
  int64_t lhsShare = 0;
  /// whose lines the steps fetch, one each; null: nobody's
  const OutputTile *fetched = nullptr;
  /// steps of the runs before
  Index before;
  /// `next` is what all tiles read a few turns later, in one stream
  bool inTurns = false;
};

/// How many parts of a run a tile goes through side by side, and the steps from
/// one to the next.
struct Streams {
  int64_t count = 1, apart = 0;
};

/// Writes the loops of one kernel.
class ContractionWriter {
public:
  ContractionWriter(KernelBuilder &k, const ContractionShape &shape)
      : k(k), shape(shape), tiling(k.tiling), panels(shape, tiling),
        rhsPerByte(packsNibbles(shape, panels) ? 2 : 1), rangeBegin(k.begin),
        rangeEnd(k.end) {
    // What is larger than the second-level cache is not left to the hardware's
    // prefetching, which cannot see a tile's many short streams coming.
    int64_t near = k.machine.getL2Bytes() / 64;
    auto lines = [](const Layout &layout, mlir::Type element) {
      return layout.allocated / lineElements(element);
    };
    farLhs = near && lines(k.operandLayout(shape.lhs), shape.lhsElement) > near;
    findFarOutputs();
  }

  void write();

private:
  void batches(size_t dim, llvm::SmallVector<Index> index, Index lhs,
               Index rhs);
  void groups(Index lhs, Index rhs);
  void channelPanels(Index group, Index lhs, Index rhs);
  Panel makePanel(Index group, Index number, bool last, Index lhs, Index rhs);
  mlir::Value rhsBuffer();
  void sumRows(Index lhs);
  void packPanel(const Panel &panel);
  Panel unpackPanel(const Panel &panel);
  mlir::Value loadManyWeights(Index at);
  mlir::Value packStep(const Panel &panel, size_t vector, Index at,
                       int64_t skipped, int64_t count);
  /// Outputs per panel of one thread, if those of a small machine take part:
  /// each has a cache of its own to fetch the next panel into. (A thread that
  /// computes more fetches it again, from that cache.)
  int64_t threadOutputs() const {
    int64_t all = shape.width * shape.height;
    if (tiling.getSplit() != schedule::Split::rows)
      return all;
    return llvm::divideCeil(all,
                            std::clamp<int64_t>(k.machine.getCores(), 1, 4));
  }
  /// Parts of the next panel that are fetched at once, side by side: x86 cores
  /// prefetch on their own within a page, and have more lines on their way if
  /// they do in two (measured on Granite Rapids, weights from memory).
  int64_t fetchStreams() const {
    return llvm::Triple(k.machine.getTriple()).isX86() ? 2 : 1;
  }
  /// From a panel to the next one.
  int64_t packedElements(const Panel &panel) const {
    return shape.packedPerChannel() * panel.step / shape.packedStep();
  }
  void allPanels(llvm::function_ref<void(Index, bool)> panel);
  void panelsInside(Index group, Index lhs, Index rhs);
  void tiles(llvm::function_ref<void(const OutputTile &)> body);
  void alongSplit(int64_t extent, int64_t size, bool split,
                  llvm::function_ref<void(Index, int64_t)> body);
  void tile(const Panel &panel, const OutputTile &at);
  Index lhsOf(const Panel &panel, const OutputTile &at);
  void finish(const Panel &panel, const OutputTile &at,
              llvm::ArrayRef<mlir::Value> sums);
  int64_t stepsPerTurn() const;
  void tilesInTurns(const Panel &panel);
  void findFarOutputs();
  bool fetchesOutputs(const Panel &panel, const OutputTile &tile) const;
  int64_t linesPerOutput(const Panel &panel) const;
  void fetchOutputs(const Steps &steps, Index at);
  size_t epilogueVectors(const Panel &panel, size_t first) const;
  llvm::SmallVector<mlir::Value> initial(const Panel &panel, int64_t outputs);
  llvm::SmallVector<mlir::Value> reduce(const Panel &panel, Index lhs,
                                        Index next, const OutputTile &tile,
                                        llvm::SmallVector<mlir::Value> sums);
  Steps makeSteps(const Panel &panel, Index lhs, Index next, Index kh, Index kw,
                  const OutputTile &tile);
  llvm::SmallVector<mlir::Value> blocks(const Steps &steps,
                                        llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> blocks(const Steps &steps, Index first,
                                        int64_t length,
                                        llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> scaledBlocks(const Steps &steps,
                                              llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> chain(const Steps &steps, Index from,
                                       int64_t length,
                                       llvm::ArrayRef<mlir::Value> sums,
                                       Streams streams = {});
  llvm::SmallVector<mlir::Value> step(const Steps &steps, Index at,
                                      llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value>
  chainOfBytePairs(const Steps &steps, Index from, int64_t length,
                   llvm::ArrayRef<mlir::Value> sums);
  mlir::Value addBytePair(const Steps &steps, Index at, int64_t count,
                          int64_t first, mlir::Value sum);
  llvm::SmallVector<mlir::Value>
  stepsByLanes(const Steps &steps, Index at, int64_t count,
               std::optional<WeightStream> &weights,
               llvm::ArrayRef<mlir::Value> sums);
  /// Whether steps by lanes take their weights from a WeightStream.
  bool streamsWeights() const {
    return shape.streamsWeights() && schedule::weightsPerLoad(k.machine) > 1;
  }
  /// Steps that one load of lhs brings.
  int64_t elementsPerLoad() const {
    return shape.lhsElement == shape.element
               ? schedule::elementsPerLoad(
                     k.machine, shape.element.getIntOrFloatBitWidth())
               : 1;
  }
  int64_t streams() const;
  llvm::SmallVector<mlir::Value>
  stepsInStreams(Streams streams, Index at, int64_t count,
                 llvm::ArrayRef<mlir::Value> sums,
                 std::optional<WeightStream> &weights, StepsWriter steps);
  llvm::SmallVector<mlir::Value>
  quadsInStreams(int64_t length, int64_t unroll,
                 llvm::ArrayRef<mlir::Value> sums, StepsWriter steps);
  llvm::SmallVector<mlir::Value>
  blocksInStreams(const Steps &steps, Index from, int64_t length,
                  Streams streams, llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> zerosLike(llvm::ArrayRef<mlir::Value> sums,
                                           int64_t times);
  void fetchAhead(const Steps &steps, Index at, int64_t count);
  llvm::SmallVector<mlir::Value> dotSteps(const Steps &steps,
                                          llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> quads(const Steps &steps,
                                       llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value>
  quadsByLanes(const Steps &steps, Index at, int64_t count,
               std::optional<WeightStream> &weights,
               llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> rowPairs(const Steps &steps,
                                          llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value>
  rowPairSteps(const Steps &steps, Index at, int64_t count,
               std::optional<WeightStream> &weights,
               llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> loadRowPair(const Steps &steps, Index lhs,
                                             int64_t output, int64_t count);
  /// Sums of outputs as blocks of two outputs and two channels, and back.
  llvm::SmallVector<mlir::Value> rowsToBlocks(llvm::ArrayRef<mlir::Value> sums,
                                              size_t vectors);
  llvm::SmallVector<mlir::Value>
  blocksToRows(llvm::ArrayRef<mlir::Value> blocks, size_t vectors);
  mlir::Value flipped(mlir::Value words);
  /// Words as what the instruction takes.
  mlir::Value factors(mlir::Value words);
  /// A word of lhs for all of `lanes`.
  mlir::Value lhsFactors(mlir::Value words, int64_t word, int64_t lanes);
  mlir::Value firstLanes(mlir::Value factors, mlir::Value sums);
  mlir::Value loadRhsWords(const Panel &panel, Index at, size_t vector,
                           int64_t count);
  mlir::Value joinRows(const Panel &panel, Index at, size_t vector,
                       int64_t count);
  llvm::SmallVector<mlir::Value> pairs(const Steps &steps,
                                       llvm::ArrayRef<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> movedSums(Index lhs, int64_t rows,
                                           int64_t columns);
  void addMovedSums(const Panel &panel, Index lhs, int64_t rows, Index w,
                    int64_t columns, llvm::MutableArrayRef<mlir::Value> sums);
  mlir::Value addBytes(Index at, int64_t count, mlir::Value sums);
  void widenLhs(const Steps &steps, Index from, int64_t count);
  mlir::Value widenedLhs();
  llvm::SmallVector<mlir::Value>
  dotStep(const Steps &steps, Index rhs,
          llvm::function_ref<mlir::Value(int64_t, int64_t)> lhs,
          llvm::ArrayRef<mlir::Value> sums, int64_t count);
  mlir::Value loadQuad(Index at, int64_t count);
  mlir::Value loadWords(mlir::Value buffer, Index at, int64_t lanes);
  mlir::Value loadRhs(const Panel &panel, Index at, size_t vector);
  mlir::Value loadPacked(const Panel &panel, Index at, size_t vector);
  mlir::Value loadNibbles(Index at, int64_t lanes);
  /// What is multiplied: narrow integers become those of the sums.
  mlir::Value factor(mlir::Value x, mlir::Type element, int64_t zeroPoint);
  /// Additions in a row before a sum is put aside. The error is least where a
  /// reduction has as many chains as a chain has additions, but putting sums
  /// aside takes time. Chains of f16 are shorter, for it has few digits.
  int64_t chainLength() const;
  /// Whether the sums are put aside at all; of bf16, whose products have lost
  /// more by then, they are not.
  bool isLong() const;
  /// Whether blocks are parts of a run, and not rows of taps.
  bool cutsRuns() const;
  /// Whether the sums that are put aside are f32 though products are not: those
  /// of so many chains that f16 would lose more by them than in a chain.
  bool hasWideSums() const {
    return shape.element.isF16() && shape.depth() > 32 * chainLength();
  }
  /// sums + body(zeros); the sums may be wider.
  llvm::SmallVector<mlir::Value>
  addBlock(llvm::ArrayRef<mlir::Value> sums,
           llvm::function_ref<
               llvm::SmallVector<mlir::Value>(llvm::ArrayRef<mlir::Value>)>
               body);
  /// Zero in every lane.
  mlir::Value zero(int64_t lanes) {
    return k.splat(mlir::isa<mlir::FloatType>(shape.element)
                       ? k.b.getZeroAttr(shape.element)
                       : computedNumber(shape.element, 0),
                   lanes);
  }
  mlir::Value widen(mlir::Value vector, int64_t lanes);
  mlir::Value narrow(mlir::Value vector, int64_t lanes);

  KernelBuilder &k;
  const ContractionShape &shape;
  schedule::TilingAttr tiling;
  Panels panels;
  /// Numbers of the packed rhs in what its addresses count.
  int64_t rhsPerByte;
  bool farLhs;
  /// What lies beyond the second-level cache of the result, and of the tensors
  /// that are added to it.
  llvm::SmallVector<std::pair<mlir::Value, Layout>> farResult, farAdded;
  /// What pairs() multiplies, the panel that is packed in each run, and the
  /// sums of tiles that take turns; made when they are first asked for.
  mlir::Value widened, packedPanel, waitingSums;
  /// movedSums() of all rows, where several panels want them; else null.
  mlir::Value rowSums;
  llvm::SmallVector<Index> batchIndex;
  /// This call's tiles of rows, of one batch where the range counts those of
  /// all.
  Index rangeBegin, rangeEnd;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_CONTRACTIONWRITER_H
