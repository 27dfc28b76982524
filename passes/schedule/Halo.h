//===- Halo.h - what padded convolutions read around their input -*- C++
//-*-===//
#ifndef EDGEC_PASSES_SCHEDULE_HALO_H
#define EDGEC_PASSES_SCHEDULE_HALO_H

#include "mlir/IR/Value.h"

namespace edgec::schedule {

/// What lies around an image: how many elements, and their value.
struct Halo {
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  int64_t fill = 0;

  bool isEmpty() const { return !(top || left || bottom || right); }
  /// The larger of both; `other` is not empty.
  void enlarge(const Halo &other);
  /// Before and behind an image in dimension `d` of [n, h, w, c].
  int64_t before(size_t d) const { return d == 1 ? top : d == 2 ? left : 0; }
  int64_t behind(size_t d) const {
    return d == 1 ? bottom : d == 2 ? right : 0;
  }
};

/// What a kernel needs around the operand; empty when it is not the input of a
/// padded convolution.
Halo readHalo(mlir::OpOperand &use);

/// The same for all uses of the value, whose fills should be equal.
Halo readHalo(mlir::Value value);

/// Whether padded readers of the value ask for different fills.
bool hasSeveralFills(mlir::Value value);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_HALO_H
