//===- CopyKernel.h - kernels that only move tensors ------------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_COPYKERNEL_H
#define EDGEC_PASSES_SCHEDULE_COPYKERNEL_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace edgec::schedule {

/// `%c = schedule.kernel "copy"(%source) { edge.copy }`
mlir::Value makeCopyKernel(mlir::OpBuilder &builder, mlir::Location loc,
                           mlir::Value source);

/// `%c = schedule.kernel "concat"(%parts...) { edge.concat }`
mlir::Value makeConcatKernel(mlir::OpBuilder &builder, mlir::Location loc,
                             mlir::ValueRange parts, int64_t axis);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_COPYKERNEL_H
