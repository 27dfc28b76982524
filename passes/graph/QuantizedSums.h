//===- QuantizedSums.h - operators on stored integers ----------*- C++ -*-===//
//
// What the parts of edge-fuse-quantization hand to each other: sums of products
// of stored integers with the scale of the real numbers that they stand for,
// and what reads those.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_QUANTIZEDSUMS_H
#define EDGEC_PASSES_GRAPH_QUANTIZEDSUMS_H

#include "dialects/edge/Integer.h"
#include "passes/graph/QuantizedValue.h"

namespace edgec {

/// On a quantize operator whose scale nobody defined but our own calibration:
/// multiplying with the scale's reciprocal serves as well as dividing.
inline constexpr llvm::StringLiteral byReciprocalAttrName("edge.by_reciprocal");

/// scales / counts * words + bias are real numbers.
struct Sums {
  /// i32, or whole numbers of f32, in any shape whose last dimension is that of
  /// the real numbers
  mlir::Value words;
  /// One for all, or as many as `shape` has; they broadcast to the words.
  llvm::SmallVector<float> scales;
  llvm::SmallVector<int64_t> shape;
  /// Of a mean: as many as there are scales; else none.
  llvm::SmallVector<float> counts;
  /// f32, one per element of the last dimension; null: none
  mlir::Value bias;
};

/// What reads a real number: its quantization, behind operators that only set
/// bounds; or something else.
struct Reader {
  /// null: something else
  edge::QuantizeOp quantize;
  Scales scales;
  /// of the stored numbers
  int64_t low = 0, high = 0;
  /// What the quantization reads before the bounds.
  mlir::Value real;
};

/// The reader of what a computation gives.
Reader findReader(mlir::Value real);
/// The reader seen from its quantization: the bounds in front of it.
Reader boundsOf(edge::QuantizeOp quantize);

/// Puts the sums in the place of a real value: in that of the integers that are
/// stored for it where it is only quantized. The builder stands behind `real`.
void replaceReal(mlir::OpBuilder &builder, mlir::Value real, const Sums &sums);
/// Puts integers in the place of what a reader stores.
void replaceStored(const Reader &reader, mlir::Value integers);

/// Why a real number is not computed of integers; empty: it is now.
using Reason = std::string;

/// conv2d, fully_connected, matmul (QuantizedProducts.cpp)
Reason fuseProduct(mlir::Operation *op);
/// avg_pool2d, reduce_mean, reduce_sum (QuantizedMeans.cpp)
Reason fuseMean(mlir::Operation *op);
/// The sum, difference or product of two 8-bit numbers, as 8 bits; false if it
/// is none (QuantizedBinary.cpp).
bool fuseBinary(edge::QuantizeOp quantize);
/// A layer normalization of quantized numbers as ONNX Runtime rounds it; false
/// if the root is of no such deviation (QuantizedNormalizations.cpp).
bool fuseNormalization(edge::RsqrtOp root);
/// A softmax of 8-bit numbers that leaves such, as ONNX Runtime computes it;
/// false if it is none (QuantizedSoftmax.cpp).
bool fuseSoftmax(edge::SoftmaxOp softmax);
/// A function of one 8-bit number that needs more than sums and products
/// becomes a table; false if it is none (QuantizedTables.cpp).
bool fuseTable(edge::RequantizeOp requantize);

/// Writes both as float arithmetic (LowerQuantization.cpp).
void lowerQuantize(edge::QuantizeOp quantize);
void lowerDequantize(edge::DequantizeOp dequantize);

/// Whether round(v * (1 / scale)) is round(v / scale) for every value v of the
/// quantization's operand: tried out, for functions of one or two 8-bit numbers
/// (ReciprocalScale.cpp), unless edge.by_reciprocal says that it need not be.
/// The reciprocal, or none.
std::optional<float> findReciprocal(const Reader &reader);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_QUANTIZEDSUMS_H
