//===- Depthwise.h - one filter per channel --------------------*- C++ -*-===//
//
// Depthwise.cpp has the loops around a tile of outputs, DepthwiseTaps.cpp the
// sums inside of one.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_DEPTHWISE_H
#define EDGEC_PASSES_KERNEL_DEPTHWISE_H

#include "passes/kernel/DotProduct.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/kernel/LaneProducts.h"

namespace edgec::kernel {

struct DepthwiseShape {
  unsigned input, filter;
  std::optional<unsigned> bias;
  int64_t batch, height, width, channels;
  int64_t kernelHeight, kernelWidth;
  int64_t strides[2], dilations[2];
  /// of the sums; narrower ones of the operands are less their zero points
  mlir::Type sum, inputElement, filterElement;
  int64_t inputZeroPoint = 0, filterZeroPoint = 0;
  /// in elements of the input's buffer
  int64_t inputOffset, inputBatch, inputRow, inputColumn;

  /// Where the machine adds up products of bytes: a lane takes four
  /// neighbouring columns of its channel, a quad.
  std::optional<DotUnit> dot;
  /// Vectors of channels whose quads are put side by side together: as many as
  /// make a vector of bytes where vectors of four lanes are all there are.
  int64_t quadVectors = 1;
  /// The filter less its zero point does not fit bytes: it is the sum of two.
  bool isSplit = false;

  /// Where the machine multiplies bytes to i16 and has nothing better: taps
  /// whose products are added up in 16 bits.
  llvm::SmallVector<llvm::SmallVector<int64_t>> chains;
  /// Sums of a chain wait for those of all outputs of a tile: to change the
  /// width of elements takes an instruction.
  bool widensTogether = false;

  /// Columns of the filter that one quad serves; a wider filter is several.
  int64_t tapsPerQuad() const {
    return kernelWidth <= dotBytes ? kernelWidth : dotBytes - 1;
  }
  int64_t quadsPerRow() const {
    return (kernelWidth + tapsPerQuad() - 1) / tapsPerQuad();
  }
  /// Neighbouring outputs whose columns lie in one quad.
  int64_t outputsPerQuad() const {
    return (dotBytes - tapsPerQuad()) / strides[1] + 1;
  }
  int64_t productWords() const {
    return kernelHeight * quadsPerRow() * outputsPerQuad();
  }
  int64_t taps() const { return kernelHeight * kernelWidth; }
  /// Channels that the packed filter has side by side.
  int64_t quadChannels() const { return dot->lanes * quadVectors; }
  /// Where the machine multiplies and adds floats at once and bytes not: the
  /// sums are float32, which holds them exactly.
  bool isReal = false;
  /// Whether outputs are stored as soon as they are there. Many stores at the
  /// end of a short tile hold up the next one, presumably loads whose addresses
  /// end in the same bits; among the multiply-adds of a long one they only
  /// disturb.
  bool storesEarly() const {
    return mlir::isa<mlir::FloatType>(sum) && !isReal && taps() <= 9 &&
           dilations[0] == 1;
  }
  /// A row of the filter's floats, with room for the last vector.
  int64_t realChannels() const { return llvm::alignTo(channels, 16); }

  /// What bytes are moved by before they are multiplied.
  int64_t movedBy() const {
    if (dot)
      return dot->movedBy();
    return !chains.empty() && isUnsignedElement(inputElement) ? -128 : 0;
  }
  /// What each product of bytes is too large by, per unit of the filter.
  int64_t dotOffset() const { return inputZeroPoint + movedBy(); }
  /// Words of the packed filter per channel: what the sums begin with, then
  /// [kernel row][quad][output], where it is split a second time for the rest.
  int64_t packedWords() const { return 1 + productWords() * (isSplit ? 2 : 1); }
};

/// Channels whose bytes fill a register.
constexpr int64_t chainChannels = 16;

/// Vectors of channels whose sums are finished together where they are floats.
constexpr int64_t realVectors = 2;

/// A channel's weight of a tap in the model's filter of bytes, less the zero
/// point; of a filter of one number there is only that.
int64_t weightAt(const DepthwiseShape &shape, llvm::ArrayRef<char> filter,
                 int64_t channel, int64_t tap);

/// The filter as [vector of channels][word][lane][4], for `shape.dot`.
Packing packQuads(const DepthwiseShape &shape);

/// Sets `chains` if the machine multiplies the bytes of `shape` so; `machine`
/// is the kernel's.
void chooseChains(schedule::KernelOp kernel, schedule::MachineAttr machine,
                  DepthwiseShape &shape);
/// The filter by groups of 16 channels: what their sums begin with, as i32,
/// then [tap][16] bytes.
Packing packChains(const DepthwiseShape &shape);

/// Sets `isReal` where that is worth it and exact.
void chooseReals(schedule::KernelOp kernel, schedule::MachineAttr machine,
                 DepthwiseShape &shape);
/// The filter as floats: [tap][channel].
Packing packReals(const DepthwiseShape &shape);

/// `lanes` bytes at `at` as the first of a register of 16.
mlir::Value loadBytes(KernelBuilder &k, mlir::Value buffer, Index at,
                      int64_t lanes);

class DepthwiseWriter {
public:
  DepthwiseWriter(KernelBuilder &k, const DepthwiseShape &shape)
      : k(k), shape(shape),
        bias(shape.bias ? k.operandLayout(*shape.bias).offset : 0) {}
  void write();

private:
  /// Channels that go through all rows and columns of an image together.
  struct ChannelBlock {
    Index batch, first;
    int64_t count;
  };
  void rows();
  void columns(Index h, int64_t rows);
  void tile(Index h, int64_t rows, Index w, int64_t columns);
  void channels(Index input, Index c, int64_t lanes, int64_t rows,
                int64_t columns, llvm::ArrayRef<Index> position);
  mlir::Value start(Index c, int64_t lanes);
  /// Called with an output of the tile and its sum, as soon as that is one.
  using Finish = llvm::function_ref<void(int64_t output, mlir::Value sum)>;
  llvm::SmallVector<mlir::Value>
  unrolledTaps(Index input, Index c, int64_t lanes, int64_t rows,
               int64_t columns, llvm::SmallVector<mlir::Value> sums,
               Finish finish = nullptr);
  llvm::SmallVector<mlir::Value>
  loopedTaps(Index input, Index c, int64_t lanes, int64_t rows, int64_t columns,
             llvm::SmallVector<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> quadTaps(Index input, Index c, int64_t lanes,
                                          int64_t rows, int64_t columns,
                                          llvm::SmallVector<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> groupedQuadTaps(Index input, Index c,
                                                 int64_t lanes, int64_t rows,
                                                 int64_t columns);
  llvm::SmallVector<mlir::Value> chainTaps(Index input, Index c, int64_t lanes,
                                           int64_t rows, int64_t columns);
  llvm::SmallVector<mlir::Value> realTaps(Index input, Index c, int64_t lanes,
                                          int64_t rows, int64_t columns);
  mlir::Value asReal(mlir::Value bytes) const;
  mlir::Value loadRealTap(Index c, int64_t tap, int64_t lanes);
  mlir::Value chainStart(Index c, int64_t lanes, int64_t width);
  mlir::Value chainFactor(mlir::Value buffer, Index at, int64_t lanes,
                          int64_t width, bool flips);
  Index chainAddress(Index c) const;
  llvm::SmallVector<mlir::Value> loadGroupedQuads(Index at, int64_t columns,
                                                  int64_t lanes);
  mlir::Value loadQuads(Index at, int64_t columns, int64_t lanes);
  mlir::Value loadWords(Index c, int64_t word, int64_t lanes);

  mlir::Value loadInput(Index at, int64_t lanes) {
    mlir::Value loaded = k.load(k.operandBuffer(shape.input), at, lanes);
    return shape.isReal
               ? asReal(loaded)
               : factor(loaded, shape.inputElement, shape.inputZeroPoint);
  }
  mlir::Value loadFilter(Index at, int64_t lanes) {
    return factor(k.load(k.operandBuffer(shape.filter), at, lanes),
                  shape.filterElement, shape.filterZeroPoint);
  }
  /// What is multiplied: narrow integers become those of the sums.
  mlir::Value factor(mlir::Value value, mlir::Type element, int64_t zeroPoint) {
    return element == shape.sum || mlir::isa<mlir::FloatType>(shape.sum)
               ? value
               : emitFactor(k.b, k.loc, value, element, zeroPoint);
  }

  mlir::Value loadTap(Index c, int64_t tap, int64_t lanes) {
    return shape.isReal ? loadRealTap(c, tap, lanes)
                        : loadFilter(filterPlace(c) + tap * block.count, lanes);
  }

  /// The first tap of channel `c` of the block in the packed filter.
  Index filterPlace(Index c) {
    return k.add(k.mul(block.first, shape.taps() - 1), c);
  }

  KernelBuilder &k;
  const DepthwiseShape &shape;
  int64_t bias;
  /// what is written now
  ChannelBlock block;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_DEPTHWISE_H
