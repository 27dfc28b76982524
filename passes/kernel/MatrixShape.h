//===- MatrixShape.h - a product in tiles of a matrix unit -----*- C++ -*-===//
//
// How a contraction's outputs, channels and reduction are cut into what tile
// registers hold, and how rhs is packed for that. The loops are in
// MatrixProduct.cpp.
//
// A tile of sums has positions of the result as its rows. They must lie at one
// stride in lhs: a part of a row of the image, or several short rows with what
// lies between them, which is computed for nothing.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_MATRIXSHAPE_H
#define EDGEC_PASSES_KERNEL_MATRIXSHAPE_H

#include "passes/kernel/ContractionShape.h"
#include "passes/kernel/MatrixUnit.h"
#include "passes/schedule/MatrixCost.h"

namespace edgec::kernel {

struct MatrixShape {
  ContractionShape product;
  MatrixElements elements;

  /// Positions: rows of the result that one tile takes, and how many of its own
  /// rows lie between theirs.
  int64_t imageRows = 1, pitch = 0;
  /// rows of a tile; of a result's row it has so many outputs
  int64_t rows = 1, outputs = 1;
  /// tiles beside each other, and in all of an image; the last of a row or
  /// column lies over its neighbour so that it ends with it
  int64_t across = 1, tiles = 1;
  /// tiles of positions of a block, and of channels
  int64_t blockTiles = 1, panelTiles = 1;
  /// Blocks that all panels are multiplied with before the next ones: their
  /// inputs and results stay in the second-level cache, where the filter is,
  /// too.
  int64_t passBlocks = 1;

  /// The reduction: steps per run, and what a step takes. The last step of a
  /// run lies over the one before it. A run shorter than a step (then it is the
  /// only one) is read beyond its end, or before its beginning by the last tap.
  int64_t stepsPerRun = 1, stepElements = 4;

  int64_t taps() const { return product.kernelHeight * product.kernelWidth; }
  int64_t steps() const { return taps() * stepsPerRun; }
  int64_t blocks() const { return llvm::divideCeil(tiles, blockTiles); }
  /// Where step `s` of a run begins.
  int64_t stepBegin(int64_t s) const {
    return std::max<int64_t>(
        std::min(s * stepElements, product.run - stepElements), 0);
  }
  /// What the last tap begins earlier.
  int64_t lastTapShift() const {
    return std::max<int64_t>(stepElements - product.run, 0);
  }

  int64_t panelWidth() const { return panelTiles * tileLanes; }
  int64_t fullPanels() const { return product.channels / panelWidth(); }
  /// Channels of the last, narrower panel, and the tiles they take.
  int64_t lastChannels() const { return product.channels % panelWidth(); }
  int64_t lastTiles() const {
    return llvm::divideCeil(lastChannels(), tileLanes);
  }
  int64_t panels() const { return fullPanels() + (lastChannels() != 0); }

  /// Elements of a packed tile of rhs, and of a panel: what its sums begin
  /// with (integers), then its steps.
  int64_t rhsTile() const { return stepElements * tileLanes; }
  int64_t startElements(int64_t tiles) const {
    return elements.isFloat() ? 0
                              : tiles * tileRowBytes / elements.elementBytes();
  }
  int64_t panelElements(int64_t tiles) const {
    return startElements(tiles) + steps() * tiles * rhsTile();
  }
  int64_t groupElements() const {
    return fullPanels() * panelElements(panelTiles) +
           (lastChannels() ? panelElements(lastTiles()) : 0);
  }
};

/// The kernel's product in tiles, if the machine multiplies such and the cost
/// model finds that faster than vectors.
std::optional<MatrixShape> getMatrixShape(schedule::KernelOp kernel);

/// What the cost model is told.
schedule::MatrixWork matrixWork(schedule::KernelOp kernel,
                                const MatrixShape &shape);

/// rhs as [group][panel]{beginnings of the sums [tile][16] of 4 bytes,
/// [kh][kw][step][tile][step elements / perLane][16][perLane]}; of bf16 without
/// the beginnings.
Packing packMatrix(const MatrixShape &shape);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_MATRIXSHAPE_H
