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
  /// Channels that the packed filter has side by side.
  int64_t quadChannels() const { return dot->lanes * quadVectors; }
  /// What each product of quads is too large by, per unit of the filter.
  int64_t dotOffset() const { return inputZeroPoint + dot->movedBy(); }
  /// Words of the packed filter per channel: what the sums begin with, then
  /// [kernel row][quad][output], where it is split a second time for the rest.
  int64_t packedWords() const { return 1 + productWords() * (isSplit ? 2 : 1); }
};

/// The filter as [vector of channels][word][lane][4], for `shape.dot`.
Packing packQuads(const DepthwiseShape &shape);

class DepthwiseWriter {
public:
  DepthwiseWriter(KernelBuilder &k, const DepthwiseShape &shape)
      : k(k), shape(shape),
        bias(shape.bias ? k.operandLayout(*shape.bias).offset : 0) {}
  void write();

private:
  void columns(Index batch, Index h, int64_t rows);
  void tile(Index batch, Index h, int64_t rows, Index w, int64_t columns);
  void channels(Index input, Index c, int64_t lanes, int64_t rows,
                int64_t columns, llvm::ArrayRef<Index> position);
  mlir::Value start(Index c, int64_t lanes);
  llvm::SmallVector<mlir::Value>
  unrolledTaps(Index input, Index c, int64_t lanes, int64_t rows,
               int64_t columns, llvm::SmallVector<mlir::Value> sums);
  llvm::SmallVector<mlir::Value>
  loopedTaps(Index input, Index c, int64_t lanes, int64_t rows, int64_t columns,
             llvm::SmallVector<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> quadTaps(Index input, Index c, int64_t lanes,
                                          int64_t rows, int64_t columns,
                                          llvm::SmallVector<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> groupedQuadTaps(Index input, Index c,
                                                 int64_t lanes, int64_t rows,
                                                 int64_t columns);
  llvm::SmallVector<mlir::Value> loadGroupedQuads(Index at, int64_t columns,
                                                  int64_t lanes);
  mlir::Value loadQuads(Index at, int64_t columns, int64_t lanes);
  mlir::Value loadWords(Index c, int64_t word, int64_t lanes);

  mlir::Value loadInput(Index at, int64_t lanes) {
    return factor(k.load(k.operandBuffer(shape.input), at, lanes),
                  shape.inputElement, shape.inputZeroPoint);
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

  KernelBuilder &k;
  const DepthwiseShape &shape;
  int64_t bias;
};

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_DEPTHWISE_H
