//===- WinogradShape.h - a convolution in Winograd's tiles -----*- C++ -*-===//
//
// What the emitter, its scratch memory and its packed filters agree on: how
// many tiles there are, how they are cut into blocks, and where the values of
// one block lie. See Winograd.cpp for the loops.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_WINOGRADSHAPE_H
#define EDGEC_PASSES_KERNEL_WINOGRADSHAPE_H

#include "passes/kernel/ContractionShape.h"
#include "passes/schedule/WinogradCost.h"

namespace edgec::kernel {

struct WinogradShape {
  /// operand numbers of the kernel
  unsigned input = 0, filter = 0;
  std::optional<unsigned> bias;
  int64_t batch = 1, height = 1, width = 1;
  int64_t inputs = 1, channels = 1;
  /// zeros that the convolution reads before the first row and column
  int64_t top = 0, left = 0;
  /// outputs per side of a tile
  int64_t outputs = 4;

  /// points per side of a tile, which are as many as inputs
  int64_t side() const { return outputs + 2; }
  int64_t points() const { return side() * side(); }
  /// The last tile of a row or column lies so that it ends with it, over its
  /// neighbour: no tile is cut.
  int64_t tileRows() const { return llvm::divideCeil(height, outputs); }
  int64_t tileColumns() const { return llvm::divideCeil(width, outputs); }
  int64_t tiles() const { return batch * tileRows() * tileColumns(); }
  /// The matrix product at each point, as far as its panels go.
  ContractionShape product() const;
};

/// The kernel's convolution if tiles of `outputs` x `outputs` suit it: 3x3 with
/// packed f32 filters, neither strides, dilations nor groups, and outputs
/// enough for one tile.
std::optional<WinogradShape> getWinogradShape(schedule::KernelOp kernel,
                                              int64_t outputs);

/// The blocks of tiles in which the kernel goes through its image, what each
/// iteration of its range does, and the scratch memory of both.
struct WinogradBlocks {
  WinogradBlocks(const WinogradShape &shape, schedule::TilingAttr tiling,
                 int64_t cores);

  /// tiles of one row of the matrix product's register tile, such rows in a
  /// block, and tiles of a block
  int64_t rowTiles, rows, tiles;
  /// whole rows in all blocks, and the tiles left behind them
  int64_t wholeRows, restTiles;
  /// number of blocks
  int64_t count;
  /// Whether an iteration does some of the channel panels of all blocks, or
  /// some of the blocks; how many; and how many iterations there are.
  bool byPanels;
  int64_t perIteration, extent;

  /// Scratch, in elements: [point][tile][channel] of inputs and products, with
  /// strides that do not meet in one set of a cache.
  int64_t inputTile, inputPoint, productTile, productPoint;
  /// An iteration has its own inputs; its own products too unless it is by
  /// panels, where they lie beside each other in one buffer.
  int64_t slot, products, scratch;
};

WinogradBlocks getWinogradBlocks(schedule::KernelOp kernel,
                                 const WinogradShape &shape,
                                 schedule::TilingAttr tiling);

/// The filters at all points: [point][panel][input][panel width].
Packing packWinogradFilter(schedule::KernelOp kernel,
                           const WinogradShape &shape,
                           schedule::TilingAttr tiling);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRADSHAPE_H
