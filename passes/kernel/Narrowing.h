//===- Narrowing.h - sums become bytes -------------------------*- C++ -*-===//
//
// Processors narrow with saturation, several vectors into one register, so that
// zero points and bounds are cheapest on the narrow numbers: an epilogue that
// treats several vectors of sums at once takes half of the instructions.
//
// Saturation in between changes nothing: numbers beyond i16 are beyond the
// bounds of bytes as well, with a zero point of a byte added or without.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_NARROWING_H
#define EDGEC_PASSES_KERNEL_NARROWING_H

#include "dialects/edge/Integer.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/IR/Builders.h"

namespace edgec::kernel {

/// What becomes of a whole number: min(max(n + zeroPoint, low), high).
struct Narrowing {
  int64_t zeroPoint, low, high;
  /// i8 or ui8, which holds all three
  mlir::Type element;
};

/// Lanes that an epilogue treats at once: those of a register of bytes where
/// the kernel's result is of bytes and the machine narrows so, else the
/// kernel's own.
int64_t epilogueLanes(schedule::KernelOp kernel, schedule::MachineAttr machine);

/// The lanes of `vectors`, a power of two of them, in a row.
mlir::Value joinVectors(mlir::OpBuilder &b, mlir::Location loc,
                        llvm::ArrayRef<mlir::Value> vectors);

/// Lanes [first, first + count) of a vector; those that it has not are of any
/// value.
mlir::Value partOf(mlir::OpBuilder &b, mlir::Location loc, mlir::Value vector,
                   int64_t first, int64_t count);

/// Whether emitBytes can write it for vectors of so many lanes.
bool narrowsToBytes(schedule::MachineAttr machine, int64_t lanes,
                    const Narrowing &narrowing);

/// The bytes of a vector of i32, none of which is within 512 of overflow.
mlir::Value emitBytes(mlir::OpBuilder &b, mlir::Location loc,
                      schedule::MachineAttr machine, mlir::Value words,
                      const Narrowing &narrowing);

/// What is known of a requantized value whatever the kernel's inputs are; it
/// follows from constants. Kernels share a function only where it is the same.
struct RequantizedRange {
  /// No element is a NaN.
  bool excludesNaN;
  /// Each rounds to a number of 31 bits.
  bool fitsWords;

  static RequantizedRange of(edge::RequantizeOp op);
};

/// A requantized vector as floats, the bytes left out; null where the machine
/// has nothing better than those. Operands as in OperatorTable.h.
mlir::Value emitRequantizedReals(mlir::OpBuilder &b,
                                 schedule::MachineAttr machine,
                                 edge::RequantizeOp op,
                                 llvm::ArrayRef<mlir::Value> operands);

/// A requantized vector, or null where the machine has nothing better than
/// emitRequantize (OperatorTable.h). Operands as there.
mlir::Value emitNarrowRequantize(mlir::OpBuilder &b,
                                 schedule::MachineAttr machine,
                                 edge::RequantizeOp op,
                                 llvm::ArrayRef<mlir::Value> operands);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_NARROWING_H
