//===- ArmNarrowing.h - sums become bytes on AArch64 -----------*- C++ -*-===//
//
// Advanced SIMD narrows with saturation, several vectors into one register, so
// that zero points and bounds are cheapest on the narrow numbers: an epilogue
// that treats four vectors of sums at once takes half of the instructions.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_ARMNARROWING_H
#define EDGEC_PASSES_KERNEL_ARMNARROWING_H

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

/// Whether emitBytes can write it for vectors of so many lanes.
bool narrowsToBytes(schedule::MachineAttr machine, int64_t lanes,
                    const Narrowing &narrowing);

/// The bytes of a vector of i32, none of which is within 512 of overflow.
mlir::Value emitBytes(mlir::OpBuilder &b, mlir::Location loc, mlir::Value words,
                      const Narrowing &narrowing);

/// Whether no element of a requantized value can be a NaN, whatever the
/// kernel's inputs are; follows from constants.
bool excludesNaN(edge::RequantizeOp op);

/// A requantized vector, or null where the machine has nothing better than
/// emitRequantize (OperatorTable.h). Operands as there.
mlir::Value emitArmRequantize(mlir::OpBuilder &b, schedule::MachineAttr machine,
                              edge::RequantizeOp op,
                              llvm::ArrayRef<mlir::Value> operands);

/// `name` applied to four lanes of each of `operands` at a time:
/// llvm.aarch64.neon.NAME.v4i32 of vectors of i32 or f32. The result is of i32.
mlir::Value emitArmWords(mlir::OpBuilder &b, mlir::Location loc,
                         llvm::StringRef name, llvm::StringRef suffix,
                         llvm::ArrayRef<mlir::Value> operands);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_ARMNARROWING_H
