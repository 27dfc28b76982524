//===- ElementTypes.h - a tensor's elements in memory and registers -*- C++
//-*-===//
//
// Kernels know elements in two forms. In memory an element is what the
// artifact's interface says: i1 a byte of 0 or 1, f16 and bf16 their 16 bits.
// In registers i1 is a lane of a mask, and f16 and bf16 are f32, in which all
// their arithmetic is done; storing rounds to nearest even. Integers lose their
// sign in both, because arithmetic has it in the operation.
//
//   edge element   in memory   in registers
//   i1             i8          i1
//   f16, bf16      i16         f32
//   ui8 ... ui64   i8 ... i64  i8 ... i64
//   f32, f64, iN   as they are
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_ELEMENTTYPES_H
#define EDGEC_PASSES_KERNEL_ELEMENTTYPES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace edgec::kernel {

/// Whether kernels load, compute and store tensors of this element type: i1,
/// integers of 8 to 64 bits, f16, bf16, f32 and f64.
bool isEmittableElement(mlir::Type element);

/// The element of a tensor type.
mlir::Type elementOf(mlir::Type tensor);

mlir::Type storedType(mlir::Type element);
mlir::Type computedType(mlir::Type element);

/// Stored elements of a cache line.
int64_t lineElements(mlir::Type element);

/// Integers whose order and division are those of unsigned numbers.
bool isUnsignedElement(mlir::Type element);

/// A number in the form in which elements are stored, and computed with.
mlir::TypedAttr storedNumber(mlir::Type element, double value);
mlir::TypedAttr computedNumber(mlir::Type element, double value);

/// From the stored to the computed form, of a scalar or a vector.
mlir::Value emitWiden(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value stored, mlir::Type element);
/// The reverse; what is in the stored form already stays.
mlir::Value emitNarrow(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value computed, mlir::Type element);

/// f64 to f32 such that rounding the result to f16 or bf16 is as good as
/// rounding the f64: an inexact result gets an odd last bit.
mlir::Value emitRoundToOdd(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value wide);

/// A factor of a product that is summed up in i32: `narrow`, a scalar or vector
/// of the 8- or 16-bit integer `element`, less its zero point. What LLVM sees
/// is the extension of at most 16 bits, which widening multiply-adds start
/// from.
mlir::Value emitFactor(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value narrow, mlir::Type element,
                       int64_t zeroPoint);

/// `value`'s type with another element.
mlir::Type withElement(mlir::Type type, mlir::Type element);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_ELEMENTTYPES_H
