//===- DotProduct.h - instructions that add up products of bytes -*- C++
//-*-===//
//
// Some processors multiply four neighbouring bytes of one vector with four of
// another and add the products to a lane of i32, all in one instruction; others
// multiply pairs of i16, which bytes become on the way, into two partial sums
// per lane. What kernels must know of it: which signs it takes, and how sums
// begin and end.
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

/// The numbers that are multiplied.
struct DotElements {
  /// i8 or ui8
  mlir::Type lhs, rhs;
  int64_t rhsZeroPoint = 0;
};

struct DotUnit {
  enum Kind { vnni, sdot, pairs } kind;
  DotElements elements;
  /// Most lanes that fill a vector.
  int64_t lanes;

  /// What lhs is moved by before it is multiplied: 128 or -128 where the
  /// instruction takes the other sign.
  int64_t movedBy() const;
  /// Partial sums per lane.
  int64_t sumsPerLane() const { return kind == pairs ? 2 : 1; }
  /// Lanes of i32 as sums, and back.
  mlir::Value begin(mlir::OpBuilder &b, mlir::Location loc,
                    mlir::Value start) const;
  mlir::Value end(mlir::OpBuilder &b, mlir::Location loc,
                  mlir::Value sums) const;
  /// sums + the products of four bytes per lane.
  mlir::Value emit(mlir::OpBuilder &b, mlir::Location loc, mlir::Value sums,
                   mlir::Value lhs, mlir::Value rhs) const;
};

/// The machine's best for these numbers, if it has one.
std::optional<DotUnit> findDotUnit(schedule::MachineAttr machine,
                                   const DotElements &elements);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_DOTPRODUCT_H
