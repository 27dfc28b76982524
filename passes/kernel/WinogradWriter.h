//===- WinogradWriter.h - the loops of Winograd's method -------*- C++ -*-===//
//
// What the method is made of whatever it multiplies: blocks of tiles, channel
// panels, and which outputs are stored. What a tile's numbers are stands in
// WinogradFloat.cpp (f32) and WinogradInteger.cpp (bytes).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_WINOGRADWRITER_H
#define EDGEC_PASSES_KERNEL_WINOGRADWRITER_H

#include "passes/kernel/WinogradShape.h"
#include "passes/kernel/WinogradTransform.h"

namespace edgec::kernel {

/// Where a tile's outputs begin.
struct TilePosition {
  Index image, h, w;
  /// number of the tile in its column and row
  Index row, column;
};

/// Some channel panels of one width, at one point.
struct FilterPanel {
  /// first element in the packed filters, first channel
  Index filter, channel;
  llvm::SmallVector<int64_t> lanes;
  int64_t width = 0;
  /// tiles that are multiplied at once
  int64_t tiles = 0;
  /// Of the inputs those from `input` on, `depth` of them; whether products of
  /// others are there, to which theirs are added.
  Index input = 0;
  int64_t depth = 0;
  bool isAdded = false;
};

class WinogradWriter {
public:
  WinogradWriter(KernelBuilder &k, const WinogradShape &shape)
      : k(k), shape(shape), transform(shape.outputs),
        blocks(getWinogradBlocks(k.kernel, shape, k.tiling)),
        panels(shape.product(), k.tiling) {}
  virtual ~WinogradWriter() = default;

  void write();

protected:
  /// Lanes of the vectors in which inputs and outputs are transformed.
  virtual int64_t inputLanes() const = 0;
  virtual int64_t outputLanes() const = 0;
  /// `lanes` channels of a tile to all points, in scratch.
  virtual void transformVector(const TilePosition &at, Index local,
                               Index channel, int64_t lanes) = 0;
  /// The products of panel.tiles tiles from `local` on, at a point.
  virtual void multiplyTiles(const FilterPanel &panel, Index point,
                             Index local) = 0;
  /// The outputs of a tile, of `lanes` channels.
  virtual void finishVector(const TilePosition &at, Index local, Index channel,
                            int64_t lanes) = 0;

  /// From the inputs at all points to stored outputs, of some channel panels:
  /// of `tiles` tiles from `first` on, which are the rows [row, end).
  virtual void finishPanels(Index row, Index end, Index first, Index tiles);
  /// A panel's filters from their first element on, at the first point.
  FilterPanel panelAt(Index panel, bool last);
  /// The products of all tiles in the rows [row, end) at a point.
  void multiplyRows(Index row, Index end, Index point, FilterPanel filter);
  TilePosition position(Index tile);

  /// Products of tiles from `local` on at the first point, from `channel` on.
  Index productsOf(Index local, Index channel) {
    return k.add(k.add(products, k.mul(local, blocks.productTile)),
                 subtract(channel, firstChannel));
  }
  void storeProducts(const FilterPanel &panel, Index point, Index local,
                     llvm::ArrayRef<mlir::Value> sums);
  /// The outputs of a tile, row by row, from its products at all points; `from`
  /// is productsOf() it.
  llvm::SmallVector<mlir::Value> transformedOutputs(Index from, int64_t lanes);
  /// Outputs of a tile in rows, each with the epilogue applied. An output that
  /// lies in two tiles is stored by the first of them.
  void storeOutputs(const TilePosition &at, Index channel, int64_t lanes,
                    llvm::ArrayRef<mlir::Value> outputs);

  KernelBuilder &k;
  const WinogradShape &shape;
  WinogradTransform transform;
  WinogradBlocks blocks;
  Panels panels;
  /// where this call's inputs begin in scratch, and an iteration's products
  Index inputs, products;
  /// an iteration's channel panels, and the first channel of its products
  Index firstPanel, endPanel, firstChannel;

private:
  Index firstOf(Index iteration);
  void block(Index row, Index end);
  void transformInputs(Index tile, Index local);
  void multiply(Index row, Index end, Index point);
  void multiplyPanel(Index row, Index end, Index point, Index panel, bool last);
  void transformProducts(Index tile, Index local);
  void storeRow(const TilePosition &at, Index channel, int64_t lanes,
                int64_t row, llvm::ArrayRef<mlir::Value> outputs);
  void unlessRepeated(int64_t size, int64_t output, Index number,
                      llvm::function_ref<void()> body);
  Index subtract(Index from, Index subtrahend);
};

/// Writes the loops of a kernel whose tiling asks for the method.
void writeFloatWinograd(KernelBuilder &k, const WinogradShape &shape);
void writeIntegerWinograd(KernelBuilder &k, const WinogradShape &shape);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRADWRITER_H
