//===- MatrixUnit.h - instructions that multiply matrices ------*- C++ -*-===//
//
// A matrix unit has a few tile registers, each of up to 16 rows of 64 bytes,
// and adds the product of two of them to a third. Kernels name the registers
// themselves: a tile never waits in memory because LLVM ran out of them, and
// the shapes are set once per call, by one instruction. (The amx dialect would
// have LLVM choose; its tiles cannot cross the branches that our lowering makes
// of loops.)
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_MATRIXUNIT_H
#define EDGEC_PASSES_KERNEL_MATRIXUNIT_H

#include "passes/kernel/KernelBuilder.h"

namespace edgec::kernel {

/// Rows of a tile register, bytes of a row, and registers.
constexpr int64_t tileRows = 16, tileRowBytes = 64, tileRegisters = 8;
/// What a row of sums has.
constexpr int64_t tileLanes = tileRowBytes / 4;

/// The numbers of both factors; sums of bytes are i32, others f32.
struct MatrixElements {
  enum Kind { bytes, bfloats } kind = bytes;
  bool isLhsUnsigned = false;

  bool isFloat() const { return kind == bfloats; }
  /// Neighbours along the reduction whose products one lane adds up.
  int64_t perLane() const { return kind == bytes ? 4 : 2; }
  int64_t elementBytes() const { return kind == bytes ? 1 : 2; }
  /// Elements in a whole row of lhs.
  int64_t perRow() const { return tileRowBytes / elementBytes(); }
};

/// Whether the machine multiplies matrices at all, and such.
bool hasMatrixUnit(schedule::MachineAttr machine);
bool hasMatrixUnit(schedule::MachineAttr machine, MatrixElements::Kind kind);

/// Shape of one register; a register without rows is not used.
struct TileShape {
  int64_t rows = 0, rowBytes = 0;
};

/// Writes the unit's instructions. Buffers are flat memrefs, positions count
/// their elements, strides bytes.
class MatrixUnit {
public:
  MatrixUnit(KernelBuilder &k, MatrixElements elements)
      : k(k), elements(elements) {}

  /// Sets the registers' shapes; release() gives them back.
  void configure(llvm::ArrayRef<TileShape> shapes);
  void release();
  void load(int64_t tile, mlir::Value buffer, Index at, int64_t strideBytes);
  void store(int64_t tile, mlir::Value buffer, Index at, int64_t strideBytes);
  /// sums += lhs x rhs
  void multiply(int64_t sums, int64_t lhs, int64_t rhs);

private:
  void call(llvm::StringRef name, mlir::ValueRange operands);
  mlir::Value number(int64_t tile);
  mlir::Value address(mlir::Value buffer, Index at);

  KernelBuilder &k;
  MatrixElements elements;
};

/// A buffer of the kernel's own, for the duration of one call, at an address
/// that is a multiple of 64.
mlir::Value allocateOnStack(KernelBuilder &k, int64_t size, mlir::Type element);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_MATRIXUNIT_H
