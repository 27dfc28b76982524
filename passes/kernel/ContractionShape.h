//===- ContractionShape.h - one form for all products ----------*- C++ -*-===//
//
// conv2d, fully_connected and matmul are one loop nest:
//   result[batch.., h, w, g * channels + n] = bias[g * channels + n] +
//     sum over kh, kw, c of lhs[batch.., h, w, g, kh, kw, c] * rhs[...]
// with constant strides. This file brings an anchor into that form, flattened
// as far as the strides allow: a 1x1 convolution without halo is one matrix
// product of H * W rows.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_CONTRACTIONSHAPE_H
#define EDGEC_PASSES_KERNEL_CONTRACTIONSHAPE_H

#include "passes/kernel/DotProduct.h"
#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

struct ContractionShape {
  /// operand numbers of the kernel
  unsigned lhs = 0, rhs = 0;
  std::optional<unsigned> bias;

  /// Outer dimensions of the result that stay loops of their own, and the
  /// operands' strides along them.
  llvm::SmallVector<int64_t> batch, lhsBatch, rhsBatch;
  /// The result's rows and columns: image height and width, or 1 and the
  /// rows of a matrix.
  int64_t height = 1, width = 1;
  int64_t groups = 1;
  /// output channels of one group
  int64_t channels = 1;

  /// The reduction: kernelHeight x kernelWidth runs of `run` elements that lie
  /// in a row in lhs.
  int64_t kernelHeight = 1, kernelWidth = 1, run = 1;

  int64_t lhsOffset = 0, lhsRow = 0, lhsColumn = 0, lhsGroup = 0;
  int64_t lhsKernelRow = 0, lhsKernelColumn = 0;

  /// The element of the sums, in registers, and those of lhs and rhs: the same,
  /// or narrower integers that stand for themselves less their zero points.
  /// With sums of f32, both may be of f16 or bf16, or rhs of i8; they become
  /// f32 in registers. Sums of f16 are put aside as f32.
  mlir::Type element, lhsElement, rhsElement;
  int64_t lhsZeroPoint = 0, rhsZeroPoint = 0;

  /// Whether rhs is packed; else these are its strides.
  bool packed = false;
  /// Whether it is packed in each run, for `dot` of bytes, by this kernel: a
  /// panel at a time into a buffer on the stack. Its rows lie as the strides
  /// say, the channels of one side by side.
  bool packedInRun = false;
  /// Whether each run makes f32 of packed, narrower weights, a panel at a time
  /// into a buffer on the stack, where many tiles read them.
  bool unpackedInRun = false;
  int64_t rhsOffset = 0, rhsChannel = 0, rhsKernelRow = 0, rhsKernelColumn = 0,
          rhsRun = 0;

  /// Operand of the scales [run / block, channels] of blocks of the run; no
  /// other loops are in the reduction then.
  std::optional<unsigned> scales;
  int64_t block = 0;

  /// Whether all weights of i8 beside an lhs of f32 fit 4 bits.
  bool fitsNibbles = false;

  /// Whether two products of lhs and packed rhs, signed bytes, are added up in
  /// 16 bits, which they fit, where there is one row of lhs
  /// (ContractionBytePairs.cpp).
  bool addsBytePairs = false;

  /// Where the machine adds up products of bytes or bf16: rhs is packed for it,
  /// or its rows, of bf16, are joined in registers.
  std::optional<DotUnit> dot;

  int64_t resultRank = 0;

  /// Whether vectors of packed rhs are multiplied as they lie in memory, one
  /// behind the other, where lanes of lhs are a factor.
  bool streamsWeights() const {
    if (dot)
      return dot->kind == DotUnit::sdot || dot->takesRowPairs();
    return packed && mlir::isa<mlir::FloatType>(element) &&
           (rhsElement == element || unpackedInRun);
  }
  int64_t depth() const { return kernelHeight * kernelWidth * run; }
  /// Reduction steps of one run.
  int64_t stepsPerRun() const {
    return dot ? (run + dot->perLane() - 1) / dot->perLane() : run;
  }
  /// Elements of the packed rhs per channel, and per step and channel; for
  /// `dot` of integers it begins with what the sums begin with.
  int64_t packedPerChannel() const {
    return kernelHeight * kernelWidth * stepsPerRun() * packedStep() +
           packedStart();
  }
  /// Elements per channel of what the sums begin with.
  int64_t packedStart() const {
    return dot && !dot->isFloat()
               ? 32 / int64_t(dot->storedElement().getIntOrFloatBitWidth())
               : 0;
  }
  int64_t packedStep() const { return dot ? dot->perLane() : 1; }
  /// The element of the packed rhs.
  mlir::Type packedElement() const;
  /// What a product with `dot` is too large by, per unit of rhs.
  int64_t dotOffset() const;
  int64_t batchCount() const;
  /// The result's position of an output: one Index per dimension.
  llvm::SmallVector<Index> position(llvm::ArrayRef<Index> batchIndex, Index h,
                                    Index w, Index channel) const;
};

/// The kernel's contraction, or nothing when its anchor is none on elements of
/// one type: f32, f64 or integers; or integer_conv2d, on narrow integers.
/// Weights of f32 and narrow integers are packed.
std::optional<ContractionShape> getContractionShape(schedule::KernelOp kernel);

/// How one group's output channels are cut into panels of vectors: `full`
/// panels of `vectors` whole vectors and perhaps a narrower one.
struct Panels {
  Panels(const ContractionShape &shape, schedule::TilingAttr tiling);

  int64_t lanes, vectors;
  /// channels of a whole panel
  int64_t width;
  int64_t full;
  /// the last panel: whole vectors, then one of `tailLanes` lanes (0: none)
  /// computed `tailWidth` wide
  int64_t lastVectors, tailLanes, tailWidth;

  bool hasLast() const { return lastVectors || tailLanes; }
  int64_t count() const { return full + hasLast(); }
  /// packed elements per reduction step of the last panel, and of a group
  int64_t lastWidth() const { return lastVectors * lanes + tailWidth; }
  int64_t groupWidth() const { return full * width + lastWidth(); }
};

/// Register tiles of rows (of a matrix: the columns' parameter) in one batch.
int64_t rowTiles(const ContractionShape &shape, schedule::TilingAttr tiling);

/// Whether the kernel's range counts the tiles of all batches, so that what
/// comes before and behind it, elementwise or softmax, is divided between
/// threads at the same rows.
bool countsBatches(const ContractionShape &shape, schedule::TilingAttr tiling);

/// Whether two numbers of the packed rhs share a byte: the first half of a
/// vector's lanes has the low bits of the bytes, the second half the high ones.
bool packsNibbles(const ContractionShape &shape, const Panels &panels);

/// rhs as [group][panel][kh][kw][run][panel width]; for `dot` as
/// [group][panel]{sums' beginnings [panel width] i32,
/// [kh][kw][run / perLane][panel width][perLane]}; of bf16 without the
/// beginnings.
Packing packRhs(schedule::KernelOp kernel, const ContractionShape &shape,
                schedule::TilingAttr tiling);

/// What multiplies bytes of which neither side is known, a `run` of them: rhs
/// less its zero point is moved to signed bytes. Nothing where that is not
/// faster than products of floats, or rhs has no room on the stack.
std::optional<DotUnit> findRunDotUnit(schedule::MachineAttr machine,
                                      mlir::Type lhs, mlir::Type rhs,
                                      int64_t rhsZeroPoint, int64_t run);

/// Bytes of the largest panel that is packed, or unpacked, in each run.
int64_t runPanelBytes(const ContractionShape &shape, const Panels &panels);
/// Most of them: little of a thread's stack.
constexpr int64_t mostRunPanelBytes = 72 * 1024;

/// Whether weights are to be unpacked in each run (ContractionUnpack.cpp).
bool unpacksInRun(const ContractionShape &shape, schedule::MachineAttr machine);

/// Writes the loops of a product's kernel (Contraction.cpp).
void writeContraction(KernelBuilder &builder, const ContractionShape &shape);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_CONTRACTIONSHAPE_H
