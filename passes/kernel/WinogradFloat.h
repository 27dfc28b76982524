//===- WinogradFloat.h - Winograd's method on f32 --------------*- C++ -*-===//
//
// What f32 adds to the loops of the method (WinogradWriter.h): filters that
// come transformed, or are transformed in the run, through the second-level
// cache. WinogradRegisters.cpp has those that are made in registers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_WINOGRADFLOAT_H
#define EDGEC_PASSES_KERNEL_WINOGRADFLOAT_H

#include "passes/kernel/WinogradWriter.h"
#include "llvm/Support/MathExtras.h"

namespace edgec::kernel {

class FloatWinogradWriter : public WinogradWriter {
public:
  using WinogradWriter::WinogradWriter;

protected:
  /// A cache line of float.
  static constexpr int64_t lineElements = 16;

  int64_t inputLanes() const override { return k.tiling.getLanes(); }
  int64_t outputLanes() const override { return k.tiling.getLanes(); }
  void transformVector(const TilePosition &at, Index local, Index channel,
                       int64_t lanes) override;
  void multiplyTiles(const FilterPanel &panel, Index point,
                     Index local) override;
  void finishVector(const TilePosition &at, Index local, Index channel,
                    int64_t lanes) override;
  void finishPanels(Index row, Index end, Index first, Index tiles) override;

  /// Inputs at the point in row y and column x, as they are stored.
  virtual mlir::Value scaledInput(mlir::Value input, int64_t y, int64_t x);
  /// The share of panel.depth inputs from panel.input on in a panel's products.
  virtual void multiplyInputs(Index row, Index end, FilterPanel panel);
  /// The taps of a panel, from an input's on.
  Index tapsOf(const FilterPanel &panel, Index input);

private:
  void transformFilters(const FilterPanel &panel);
  void fetchTaps(const FilterPanel &panel, Index at);
  void fetchOtherTaps(const FilterPanel &panel, Index point, Index c);
  /// Elements of the next panel that each step fetches: all of it in a block,
  /// also where threads share the rows, because each reads it by itself.
  int64_t nextShare(const FilterPanel &panel) const {
    return llvm::divideCeil(panel.width, blocks.sharedRows);
  }
  void fetchFilter(const FilterPanel &panel, Index next, Index c);
  void fetchAhead(Index at, Index channel, int64_t tile, int64_t point,
                  int64_t channels, bool forWriting);
};

/// Writes the loops of a kernel whose filters are transformed in registers.
void writeRegisterWinograd(KernelBuilder &k, const WinogradShape &shape);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRADFLOAT_H
