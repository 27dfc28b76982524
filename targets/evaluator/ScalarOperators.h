//===- ScalarOperators.h - arith and math on one number --------*- C++ -*-===//
//
// What the region of a generic operator may hold.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_EVALUATOR_SCALAROPERATORS_H
#define EDGEC_TARGETS_EVALUATOR_SCALAROPERATORS_H

#include "mlir/IR/Operation.h"

namespace edgec::evaluator {

/// A float lies in `real`; an integer or an index in `integer`, sign-extended
/// from its width (an i1 is 0 or 1).
struct Scalar {
  double real = 0.0;
  int64_t integer = 0;
};

using ScalarFormula = Scalar (*)(mlir::Operation *op,
                                 llvm::ArrayRef<Scalar> operands);

/// The operation's meaning, or null when there is none here.
ScalarFormula findScalarFormula(mlir::Operation *op);

} // namespace edgec::evaluator

#endif // EDGEC_TARGETS_EVALUATOR_SCALAROPERATORS_H
