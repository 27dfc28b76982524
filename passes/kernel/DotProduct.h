//===- DotProduct.h - instructions that add up products -------*- C++ -*-===//
//
// Some processors multiply four neighbouring bytes of one vector with four of
// another and add the products to a lane of i32, all in one instruction; others
// do so with pairs of i16, which bytes are widened to, and with pairs of bf16,
// whose sums are f32. Some multiply eight bytes of each of two rows with those
// of two channels at once. What kernels must know of it: how many numbers a
// lane takes, of which element, and of which sign.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_DOTPRODUCT_H
#define EDGEC_PASSES_KERNEL_DOTPRODUCT_H

#include "dialects/schedule/Schedule.h"
#include "mlir/IR/Builders.h"
#include "passes/kernel/IntegerRange.h"
#include <optional>

namespace edgec::kernel {

/// What one lane takes: four bytes, two i16 or two bf16.
constexpr int64_t dotBytes = 4;

/// The numbers that are multiplied.
struct DotElements {
  /// i8, ui8 or bf16
  mlir::Type lhs;
  /// of integers, less their zero point
  IntegerRange rhs = {};
};

struct DotUnit {
  enum Kind { vnni, sdot, mmla, smlal, vqdot, pairs, dpbf16, bfdot } kind;
  DotElements elements;
  /// Most lanes that fill a vector.
  int64_t lanes;
  /// What rhs less its zero point is moved by to be bytes: as many times the
  /// sum of lhs is missing from each sum.
  int64_t rhsMovedBy = 0;
  /// Of i16: rhs is stored as bytes, which loading widens.
  bool storesBytes = false;
  /// Of sdot: a form of it takes an unsigned lhs.
  bool mixesSigns = false;

  /// Whether both factors are i16 of which the zero point of rhs is taken.
  bool isWide() const { return kind == pairs; }
  /// Whether both factors are bf16.
  bool isFloat() const { return kind == dpbf16 || kind == bfdot; }
  /// Whether a product is of two rows of lhs and two channels: its four sums
  /// are those of the first row, then those of the second.
  bool takesRowPairs() const { return kind == mmla; }
  /// The factors' element, and how many of them a lane adds up.
  mlir::Type element() const;
  int64_t perLane() const {
    if (takesRowPairs())
      return 2 * dotBytes;
    return isWide() || isFloat() ? dotBytes / 2 : dotBytes;
  }
  /// That of rhs in memory.
  mlir::Type storedElement() const;
  /// What lhs is moved by before it is multiplied: 128 or -128 where the
  /// instruction takes the other sign.
  int64_t movedBy() const;
  /// Where factor `t` of lane `n` is in a step of rhs.
  int64_t place(int64_t n, int64_t t) const;
  /// sums + the products of perLane() factors per lane; smlal takes lhs as its
  /// first two bytes in every pair of 16, then its others so; mmla takes eight
  /// bytes of a row or channel, then those of the next.
  mlir::Value emit(mlir::OpBuilder &b, mlir::Location loc, mlir::Value sums,
                   mlir::Value lhs, mlir::Value rhs) const;
};

/// The machine's best for these numbers, if it has one.
std::optional<DotUnit> findDotUnit(schedule::MachineAttr machine,
                                   const DotElements &elements);

/// One of the same numbers for two rows at a time, if the machine has that.
std::optional<DotUnit> findRowPairUnit(schedule::MachineAttr machine,
                                       const DotUnit &unit);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_DOTPRODUCT_H
