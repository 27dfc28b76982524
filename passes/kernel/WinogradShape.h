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

/// What is special about products of bytes, whose sums are exact.
struct WinogradIntegers {
  /// i8 or ui8
  mlir::Type input, filter;
  int64_t inputZeroPoint = 0, filterZeroPoint = 0;
  /// Where one instruction multiplies two channels and adds up their products:
  /// the packed filters have both side by side.
  std::optional<DotUnit> pairs;
  /// Whether the packed filters begin with an i32 for each channel, which its
  /// sums lack: the inputs' zero point in all products.
  bool hasStarts() const { return inputZeroPoint != 0; }
};

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
  /// Of bytes; f32 without.
  std::optional<WinogradIntegers> integers;

  /// points per side of a tile, which are as many as inputs
  int64_t side() const { return outputs + 2; }
  int64_t points() const { return side() * side(); }
  /// The last tile of a row or column lies so that it ends with it, over its
  /// neighbour: no tile is cut.
  int64_t tileRows() const { return llvm::divideCeil(height, outputs); }
  int64_t tileColumns() const { return llvm::divideCeil(width, outputs); }
  int64_t tiles() const { return batch * tileRows() * tileColumns(); }
  /// Elements of scratch that a tile's channels take at a point: two i16 are
  /// one.
  int64_t inputWords() const {
    return integers ? llvm::divideCeil(inputs, 2) : inputs;
  }
  /// Packed factors of each channel at a point.
  int64_t factors() const {
    return integers && integers->pairs ? 2 * inputWords() : inputs;
  }
  /// Of scratch: f32, or i32.
  mlir::Type scratchElement(mlir::MLIRContext *context) const;
  /// The matrix product at each point, as far as its panels go.
  ContractionShape product() const;
};

/// The kernel's convolution if tiles of `outputs` x `outputs` suit it: 3x3 with
/// packed filters, neither strides, dilations nor groups, and outputs enough
/// for one tile. Of f32; or of bytes where the machine has no products of four
/// of them and what the outputs' transform makes of each sum is known to fit.
std::optional<WinogradShape> getWinogradShape(schedule::KernelOp kernel,
                                              int64_t outputs);

/// The blocks of tiles in which the kernel goes through its image, what each
/// iteration of its range does, and the scratch memory of both.
struct WinogradBlocks {
  WinogradBlocks(const WinogradShape &shape, schedule::TilingAttr tiling,
                 schedule::MachineAttr machine);

  /// tiles of one row of the matrix product's register tile, such rows in a
  /// block, and tiles of a block
  int64_t rowTiles, rows, tiles;
  /// whole rows in all blocks, and the tiles left behind them, which are a row
  /// as well
  int64_t wholeRows, restTiles;
  /// Whether an iteration does some of the channel panels of all rows, or some
  /// of the rows; how many of these there are; and how many iterations, which
  /// have as many of them as can be: i begins with i * work / extent.
  bool byPanels;
  int64_t work, extent;

  /// Rows in most blocks if all cores share them.
  int64_t sharedRows;

  int64_t allRows() const { return wholeRows + (restTiles > 0); }
  /// Scratch, in elements: [point][tile][channel] of inputs and products, with
  /// strides that do not meet in one set of a cache.
  int64_t inputTile, inputPoint, productTile, productPoint;
  /// Where filters are transformed in the run, those of so many inputs and a
  /// panel at a time, [point][input][channel] (then there are products of one
  /// panel at a time); 0: they come transformed. Those that are made in
  /// registers need no place.
  int64_t filterInputs, filterPoint;
  bool inRegisters;
  /// Each iteration has its own inputs and, `products` behind them, its own
  /// products: what two cores write must not lie side by side, where each would
  /// fetch the other's lines ahead.
  int64_t slot, products, filters, scratch;
};

WinogradBlocks getWinogradBlocks(schedule::KernelOp kernel,
                                 const WinogradShape &shape,
                                 schedule::TilingAttr tiling);

/// Elements that the packed filters of bytes begin with.
int64_t winogradStarts(const WinogradShape &shape, const Panels &panels);

/// The filters at all points: [point][panel][input][panel width]; of bytes as
/// i16, in pairs [point][panel][input / 2][panel width][2], behind the starts.
/// Or their taps, which are transformed in the run:
/// [panel][input][tap][panel width]; in registers, times their scales.
Packing packWinogradFilter(schedule::KernelOp kernel,
                           const WinogradShape &shape,
                           schedule::TilingAttr tiling);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRADSHAPE_H
