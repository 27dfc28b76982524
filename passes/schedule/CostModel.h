//===- CostModel.h - how many cycles a tile takes --------------*- C++ -*-===//
//
// The one place that knows why a register tile is good: given what a kernel
// computes and the machine, it predicts cycles and picks the fastest tiling.
// The formulas stand in CostModel.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_COSTMODEL_H
#define EDGEC_PASSES_SCHEDULE_COSTMODEL_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// A product: `batch` times `height` x `width` outputs of `groups` times
/// `channels`, each a sum of `runs` * `run` products.
struct ContractionWork {
  int64_t batch = 1, height = 1, width = 1;
  int64_t groups = 1, channels = 1;
  /// the reduction is `runs` loops over `run` consecutive elements
  int64_t runs = 1, run = 1;
  /// of what is multiplied and added up: 32, or 16 for f16
  int64_t elementBits = 32;
  /// rhs is packed at compile time and read panel after panel
  bool packed = true;
  /// rhs was written just before, and is in the second-level cache
  bool isRhsNear = false;
  /// vectors of a panel; 0: as many as are best
  int64_t panelVectors = 0;
  int64_t lhsBytes = 0;
  /// of the result, and of what the epilogue adds to it element by element
  int64_t resultBytes = 0, addedBytes = 0;
  /// of an element of the packed rhs, and the instructions that a vector of it
  /// takes besides its load
  int64_t rhsBits = 32, vectorInstructions = 0;
  /// bytes between neighbouring outputs' elements of lhs
  int64_t lhsRowBytes = 0, lhsColumnBytes = 0;
  /// elementwise operators applied to each output
  int64_t epilogueOperators = 0;
  /// Where a multiply-add takes several instructions: those, those that an
  /// output's element takes before, and the registers of both.
  int64_t productInstructions = 1, elementInstructions = 0, temporaries = 0;
  /// Outputs whose products one instruction adds up, each with half a vector of
  /// channels; a step is as many times longer.
  int64_t outputsPerProduct = 1;
  /// The elements that a tile reads of lhs are widened into a buffer first, a
  /// vector at a time, anew for each panel.
  bool widensLhs = false;
  /// Each product is added to its sum by a second instruction.
  bool addsSeparately = false;
  /// vectors of rhs that one instruction loads
  int64_t weightsPerLoad = 1;
};

/// A depthwise convolution of `height` x `width` outputs of `channels`.
struct DepthwiseWork {
  int64_t batch = 1, height = 1, width = 1, channels = 1;
  int64_t elementBits = 32;
  int64_t kernelHeight = 1, kernelWidth = 1;
  /// steps of the input per output
  int64_t strideHeight = 1, strideWidth = 1;
  int64_t dilationHeight = 1, dilationWidth = 1;
  /// bytes that are widened, multiplied and added one by one
  bool widens = false;
  /// bytes that become f32 where they are loaded
  bool converts = false;
  /// Where four columns of bytes are multiplied at a time: outputs that such a
  /// quad serves, and quads per row of the filter; 0: one tap at a time.
  int64_t outputsPerQuad = 0, quadsPerRow = 0;
  /// Where products of bytes are added up in 16 bits: how often those are
  /// widened; 0: each one is.
  int64_t chains = 0;
  /// vectors of channels that are computed together, each with registers of its
  /// own
  int64_t quadVectors = 1;
  int64_t lhsBytes = 0;
  /// from one pixel to the next, of the input and of the result
  int64_t lhsPixelBytes = 0, resultPixelBytes = 0;
  int64_t epilogueOperators = 0;

  int64_t taps() const { return kernelHeight * kernelWidth; }
  /// Rows and columns of the input that so many rows and columns of outputs
  /// read, without those that a dilation leaves out.
  int64_t inputRows(int64_t rows) const {
    return positionsRead(rows, strideHeight, kernelHeight, dilationHeight);
  }
  int64_t inputColumns(int64_t columns) const {
    return positionsRead(columns, strideWidth, kernelWidth, dilationWidth);
  }

private:
  static int64_t positionsRead(int64_t outputs, int64_t stride, int64_t kernel,
                               int64_t dilation);
};

/// Predicted cycles of the whole kernel on one core.
double contractionCycles(const ContractionWork &work, TilingAttr tiling,
                         MachineAttr machine);
double depthwiseCycles(const DepthwiseWork &work, TilingAttr tiling,
                       MachineAttr machine);
/// A kernel that reads and writes `bytes` and applies `operators` to each of
/// `elements`.
double elementwiseCycles(int64_t elements, int64_t operators, int64_t bytes,
                         MachineAttr machine);

/// Cycles in which `bytes` of a set of `workingSet` that is read again and
/// again come from the cache that holds it; none from the first level.
double streamCycles(double bytes, int64_t workingSet, MachineAttr machine);

/// Elements of lhs that a product loads as one vector, whose lanes its
/// multiply-adds then take one after the other (NEON, by element); 1: it loads
/// them singly.
int64_t elementsPerLoad(MachineAttr machine, int64_t elementBits = 32);

/// Vectors of packed weights of f32 or f16 that one instruction loads and
/// kernels ask it to (NEON, out of order: those in order want their loads
/// spread); 1: none does.
int64_t weightsPerLoad(MachineAttr machine);

/// Whether a register tile of so many outputs and vectors of channels, whose
/// weights come `perLoad` at a time, does not spill.
bool fitsRegisters(int64_t outputs, int64_t vectors, int64_t perLoad,
                   MachineAttr machine);

/// The contraction's tiling for a given register tile, cycles included.
TilingAttr makeContractionTiling(const ContractionWork &work,
                                 MachineAttr machine, int64_t rows,
                                 int64_t columns, int64_t vectors);

/// Every tiling that the machine's registers allow, with its cycles.
llvm::SmallVector<TilingAttr> contractionTilings(const ContractionWork &work,
                                                 MachineAttr machine);
llvm::SmallVector<TilingAttr> depthwiseTilings(const DepthwiseWork &work,
                                               MachineAttr machine);

/// The one with the fewest cycles, of equals the first; null if there is none.
TilingAttr fastest(llvm::ArrayRef<TilingAttr> tilings);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_COSTMODEL_H
