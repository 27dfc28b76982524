//===- StrassenShape.h - a product in Strassen's halves --------*- C++ -*-===//
//
// What the emitter, its scratch memory and its packed weights agree on: how
// rows and panels are paired, and where the combinations of one block lie. See
// Strassen.cpp for the loops.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_STRASSENSHAPE_H
#define EDGEC_PASSES_KERNEL_STRASSENSHAPE_H

#include "passes/kernel/ContractionShape.h"
#include "passes/schedule/StrassenCost.h"

namespace edgec::kernel {

/// A matrix product: result[row][n] = bias[n] + sum over k of
/// lhs[row][k] * weights[n][k].
struct StrassenShape {
  explicit StrassenShape(const ContractionShape &product) : product(product) {}

  /// the product as it is defined; one group, no batch, a single run
  ContractionShape product;

  /// All positions of an image, or the rows of a matrix.
  int64_t rows() const { return product.height * product.width; }
  int64_t half() const { return product.run / 2; }
  /// Whether rows of lhs are copied before they are read: they do not lie at
  /// one stride, or at one with which all of them share a set of a cache.
  bool copiesRows() const {
    constexpr int64_t wayBytes = 4096;
    bool isUniform = product.height == 1 ||
                     product.lhsRow == product.width * product.lhsColumn;
    return !isUniform || 4 * product.lhsColumn % wayBytes == 0;
  }
};

/// The kernel's product if the method suits it: packed f32 weights, an even
/// depth in one run, and neither groups nor batches that stay loops.
std::optional<StrassenShape> getStrassenShape(schedule::KernelOp kernel);

/// The products of a pair of panels, in the order of their weights:
///   P1 = A11 B11, P2 = A12 B21, P6 = S2 T2, P7 = S3 T3, P4 = A22 (-T4),
///   P5 = S1 T1, P3 = S4 B22.
enum StrassenProduct : int64_t { p1, p2, p6, p7, p4, p5, p3, strassenProducts };

/// The blocks of row pairs in which the kernel goes through its rows, what each
/// iteration of its range does, and the scratch memory of both.
struct StrassenBlocks {
  StrassenBlocks(const StrassenShape &shape, schedule::TilingAttr tiling,
                 int64_t cores);

  /// rows of a register tile, pairs of such in a block
  int64_t tileRows, pairs;
  /// pairs in all blocks, and the rows left behind them
  int64_t allPairs, restRows;
  /// number of blocks
  int64_t count;
  /// pairs of whole panels, and the whole panels and channels left
  int64_t panelPairs, restPanels, restChannels;
  /// Whether an iteration does some of the panel pairs of all blocks, or some
  /// of the blocks; how many; and how many iterations there are. What panels
  /// are left count as one more pair.
  bool byPanels;
  int64_t perIteration, extent;

  /// Scratch, in elements: [pair][S1 to S4][tile row][half], and where rows are
  /// copied, behind it, [row][depth]; an iteration has its own.
  bool copiesRows;
  int64_t sumStride, rowStride, sums, slot;
  int64_t scratch() const { return extent * slot; }
  /// number of all panel pairs, those that are left included
  int64_t panelWork() const { return panelPairs + (restPanels > 0); }
};

StrassenBlocks getStrassenBlocks(schedule::KernelOp kernel,
                                 const StrassenShape &shape,
                                 schedule::TilingAttr tiling);

/// The weights: [panel pair][StrassenProduct][half][panel width], then the
/// panels that are left as [panel][depth][panel width].
Packing packStrassenWeights(schedule::KernelOp kernel,
                            const StrassenShape &shape,
                            schedule::TilingAttr tiling);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_STRASSENSHAPE_H
