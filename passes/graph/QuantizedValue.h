//===- QuantizedValue.h - integers behind real numbers ---------*- C++ -*-===//
//
// In a graph of quantize/dequantize pairs a real number is
//   edge.dequantize (edge.bitcast %integers : ui8 -> !quant.uniform<u8, s:z>)
// and what stores it ends in edge.bitcast (edge.quantize %real). This is how
// the patterns of edge-fuse-quantization see both, and what they write.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_QUANTIZEDVALUE_H
#define EDGEC_PASSES_GRAPH_QUANTIZEDVALUE_H

#include "dialects/edge/Edge.h"
#include "mlir/IR/PatternMatch.h"
#include <optional>

namespace edgec {

/// What stored integers stand for: scale * (q - zero point), one of each, or
/// one per slice along `axis`.
struct Scales {
  llvm::SmallVector<float> scales;
  llvm::SmallVector<int64_t> zeroPoints;
  int64_t axis = -1;
  /// The numbers that are used.
  int64_t low = 0, high = 0;

  bool isWhole() const { return axis < 0; }
  float scale() const { return scales.front(); }
  int64_t zeroPoint() const { return zeroPoints.front(); }
  bool hasOneZeroPoint() const { return llvm::all_equal(zeroPoints); }
  /// The stored number of a real one, halves to even, within the bounds.
  int64_t quantize(float real) const;
};

/// None for quantized types without uniform scales.
std::optional<Scales> getScales(mlir::Type quantizedElement);

/// Integers, and the quantized type that says what they stand for.
struct Stored {
  mlir::Value integers;
  mlir::Type element;
};

/// The integers of which `real` is the dequantization, in float32.
std::optional<Stored> storedBehind(mlir::Value real);
/// The same with one scale for all.
std::optional<Stored> wholeBehind(mlir::Value real);

/// The type of the integers of a quantized type.
mlir::Type storageOf(mlir::Type quantizedElement);
mlir::Type elementOf(mlir::Value value);
llvm::ArrayRef<int64_t> shapeOf(mlir::Value value);

/// The real numbers (f32) that integers stand for.
mlir::Value makeReal(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value integers, mlir::Type quantizedElement);
/// The integers that are stored for real numbers.
mlir::Value makeStored(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value real, mlir::Type quantizedElement);

/// An f32 constant, a scalar if all numbers are the same; else of this shape.
mlir::Value makeFloats(mlir::OpBuilder &builder, mlir::Location loc,
                       llvm::ArrayRef<float> numbers,
                       llvm::ArrayRef<int64_t> shape);
/// One number of an integer type, as a scalar.
mlir::Value makeInteger(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Type element, int64_t number);
/// The value in another element type or shape.
mlir::Value makeCast(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value value, mlir::Type element);
mlir::Value makeReshape(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value value, llvm::ArrayRef<int64_t> shape);

/// Patterns that move quantizations towards the operators that compute: down
/// from a dequantization, up from a quantization (MoveQuantization.cpp).
void populateMoveQuantization(mlir::RewritePatternSet &patterns);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_QUANTIZEDVALUE_H
