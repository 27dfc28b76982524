//===- TableExponential.h - e^x by a table of powers of two ----*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_TABLEEXPONENTIAL_H
#define EDGEC_PASSES_KERNEL_TABLEEXPONENTIAL_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Location.h"

namespace edgec::kernel {

/// Whether one register looks up all lanes of the type: vectors of up to 16
/// f32, on processors with AVX-512F.
bool takesExponentialTable(mlir::Type type);

/// e^x, or e^-x, for |x| <= 104; 1.1 ulp. x must not be infinite; NaN stays.
/// `type` is one that takesExponentialTable.
mlir::Value emitTableExponential(mlir::OpBuilder &builder, mlir::Location loc,
                                 mlir::Value x, bool isNegated);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_TABLEEXPONENTIAL_H
