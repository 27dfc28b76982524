//===- DotProduct.h - instructions that add up products of bytes -*- C++
//-*-===//
//
// Some processors multiply four neighbouring bytes of one vector with four of
// another and add the products to a lane of i32, all in one instruction. What
// kernels must know of it: which signs it takes, and how wide it comes.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_DOTPRODUCT_H
#define EDGEC_PASSES_KERNEL_DOTPRODUCT_H

#include "dialects/schedule/Schedule.h"
#include "mlir/IR/Builders.h"
#include <optional>

namespace edgec::kernel {

/// Bytes that one lane adds up.
constexpr int64_t dotBytes = 4;

struct DotUnit {
  enum Kind { vnni, sdot } kind;

  /// Whether lhs is of unsigned bytes; rhs is of signed ones.
  bool takesUnsigned() const { return kind == vnni; }
  /// sums + the products of four bytes each; `sums` is a vector of i32, the
  /// others of four times as many bytes.
  mlir::Value emit(mlir::OpBuilder &b, mlir::Location loc, mlir::Value sums,
                   mlir::Value lhs, mlir::Value rhs) const;
};

/// The machine's, if it has one for its vectors.
std::optional<DotUnit> findDotUnit(schedule::MachineAttr machine);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_DOTPRODUCT_H
