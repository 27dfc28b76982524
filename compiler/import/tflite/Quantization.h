//===- Quantization.h - arithmetic of quantized TFLite operators -*- C++
//-*-===//
//
// What the operators on quantized tensors are made of: the scales of their
// tensors, factors as fixed-point numbers, rounding in the flavour that was
// asked for, bounds of activations. All of it follows TensorFlow Lite's
// reference kernels; the functions name what they follow.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_QUANTIZATION_H
#define EDGEC_COMPILER_IMPORT_TFLITE_QUANTIZATION_H

#include "compiler/import/Import.h"
#include "compiler/import/IntegerArithmetic.h"
#include "compiler/import/tflite/OperatorImport.h"

namespace edgec::tflite {

/// Whether an operator takes or gives integers that stand for real numbers,
/// other than constant weights.
bool computesOnQuantized(const Model &model, const schema::SubGraph &graph,
                         const schema::Operator &op);
bool computesOnQuantized(const SubgraphImport &subgraph,
                         const schema::Operator &op);

/// The numbers of a tensor: scale * (q - zero point).
struct Quantization {
  /// One per tensor, or per element of one dimension.
  llvm::ArrayRef<float> scales;
  llvm::SmallVector<int64_t> zeroPoints;
  int64_t dimension = 0;
  /// The least and the largest stored number.
  int64_t low = 0, high = 0;
  /// How it is stored.
  mlir::Type element;

  float scale() const { return scales.front(); }
  int64_t zeroPoint() const { return zeroPoints.front(); }
  bool isPerChannel() const { return scales.size() > 1; }
  /// The stored number next to `real`, which may lie outside of the bounds.
  int64_t quantize(float real) const;
};

/// The quantization of an input or a result. Faults are reported, and give a
/// harmless one: without scales, of an element that is not 8, 16 or 32 bits
/// wide, and (unless `mayBePerChannel`) with several scales.
Quantization inputQuantization(OperatorImport &n, unsigned index,
                               bool mayBePerChannel = false);
Quantization resultQuantization(OperatorImport &n, unsigned index);

/// multiplier / 2^31 * 2^shift, as TensorFlow Lite's QuantizeMultiplier makes
/// it of a real number (kernels/internal/quantization_util.cc).
struct FixedPointFactor {
  int32_t multiplier = 0;
  int shift = 0;
};
FixedPointFactor fixedPoint(double factor);

/// An i32 constant, a scalar if there is one number.
mlir::Value integers(OperatorImport &n, llvm::ArrayRef<int32_t> numbers);
/// x (i32) times each channel's factor, or the only one, rounded in the flavour
/// of this import.
mlir::Value rescale(OperatorImport &n, mlir::Value x,
                    llvm::ArrayRef<double> factors);
/// The same for factors that are fixed-point numbers already.
mlir::Value rescale(OperatorImport &n, mlir::Value x,
                    llvm::ArrayRef<FixedPointFactor> factors);

/// x (i64) times each channel's factor, of which the multiplier has 16 bits:
/// the reference's MultiplyByQuantizedMultiplier of 64-bit numbers. As i32.
mlir::Value rescaleWide(OperatorImport &n, mlir::Value x,
                        llvm::ArrayRef<double> factors);

/// Sums (i32, or i64 if `wide`) of the products of rows x [..., depth] with
/// `filter` [units, depth], plus a bias that may be null: [..., units].
mlir::Value sumProducts(OperatorImport &n, mlir::Value x, mlir::Value filter,
                        mlir::Value bias, ZeroPoints zeros, bool wide);
/// Sums of either width times each channel's factor, or the only one, as i32.
mlir::Value rescaleSums(OperatorImport &n, mlir::Value sums,
                        llvm::ArrayRef<double> factors);

/// What stands for the real number 0 in an input: the zero point of an operator
/// on quantized tensors, else 0.
int64_t storedZero(OperatorImport &n, unsigned index);

/// Whether an input and a result stand for the same numbers; an error else.
bool checkSameScale(OperatorImport &n, unsigned input, unsigned result);

/// What a fused activation leaves of a result's numbers
/// (CalculateActivationRangeQuantized in kernels/kernel_util.cc).
struct Bounds {
  int64_t low, high;
};
Bounds activationBounds(OperatorImport &n, const Quantization &result,
                        schema::Activation activation);
/// x (i32) within the bounds.
mlir::Value keepWithin(OperatorImport &n, mlir::Value x, Bounds bounds);
/// The same as the result is stored.
mlir::Value narrow(OperatorImport &n, mlir::Value x, Bounds bounds,
                   const Quantization &result);
/// The same after adding the zero point.
mlir::Value finish(OperatorImport &n, mlir::Value x, Bounds bounds,
                   const Quantization &result);

/// A function of the stored numbers of an 8-bit operand, computed now for each
/// of them.
mlir::Value tabulate(OperatorImport &n, mlir::Value x,
                     const Quantization &input, mlir::Type element,
                     llvm::function_ref<int64_t(int64_t)> function);

/// The flavour of this import.
Requantize requantizeFlavour(const OperatorImport &n);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_QUANTIZATION_H
