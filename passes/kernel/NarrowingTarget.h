//===- NarrowingTarget.h - how a processor narrows -------------*- C++ -*-===//
//
// What Narrowing.cpp asks of ArmNarrowing.cpp and X86Narrowing.cpp. Vectors
// have any number of lanes for which the target says that it narrows.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_NARROWINGTARGET_H
#define EDGEC_PASSES_KERNEL_NARROWINGTARGET_H

#include "passes/kernel/Narrowing.h"

namespace edgec::kernel {

/// Advanced SIMD: 4, 8 or 16 lanes.
bool armNarrows(schedule::MachineAttr machine, int64_t lanes);
mlir::Value emitArmBytes(mlir::OpBuilder &b, mlir::Location loc,
                         mlir::Value words, const Narrowing &narrowing);

/// `name` applied to four lanes of each of `operands` at a time:
/// llvm.aarch64.neon.NAME.v4i32 of vectors of i32 or f32. The result is of i32.
mlir::Value emitArmWords(mlir::OpBuilder &b, mlir::Location loc,
                         llvm::StringRef name, llvm::StringRef suffix,
                         llvm::ArrayRef<mlir::Value> operands);

/// Two or four vectors of SSE4.1, AVX2 or AVX-512BW.
bool x86Narrows(schedule::MachineAttr machine, int64_t lanes);
mlir::Value emitX86Bytes(mlir::OpBuilder &b, mlir::Location loc,
                         schedule::MachineAttr machine, mlir::Value words,
                         const Narrowing &narrowing);
/// Whether whole registers have so many lanes, and narrow.
bool x86RoundsReals(schedule::MachineAttr machine, int64_t lanes);
/// Floats rounded to nearest, halves to even; INT32_MIN of those that i32 does
/// not hold, and of NaN. Any number of lanes.
mlir::Value emitX86Words(mlir::OpBuilder &b, mlir::Location loc,
                         schedule::MachineAttr machine, mlir::Value reals);

/// The lane's number in a vector of integers.
mlir::Value emitSplat(mlir::OpBuilder &b, mlir::Location loc,
                      mlir::VectorType type, int64_t number);
/// The bounds of `narrowing` that are tighter than the type's.
mlir::Value emitByteBounds(mlir::OpBuilder &b, mlir::Location loc,
                           mlir::Value bytes, const Narrowing &narrowing);
/// One result of an intrinsic.
mlir::Value callIntrinsic(mlir::OpBuilder &b, mlir::Location loc,
                          llvm::StringRef name, mlir::Type type,
                          mlir::ValueRange operands);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_NARROWINGTARGET_H
