//===- Views.h - values that are parts of others' buffers ------*- C++ -*-===//
//
// Once layouts are assigned, an edge.reshape, edge.concat or edge.slice that
// stands outside of kernels moves nothing: the operands of a concatenation lie
// beside each other in one buffer, and a slice is a part of its operand's.
// Where such a value lies follows from where its operands lie. Reasons:
// docs/rationale/schedule.md.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_SCHEDULE_VIEWS_H
#define EDGEC_DIALECTS_SCHEDULE_VIEWS_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// Where the results of operations that write tensors lie; null: dense.
using WrittenMemory = llvm::function_ref<MemoryAttr(mlir::OpResult)>;

/// A reshape, a concatenation, or a slice without steps.
bool isView(mlir::Operation *op);

/// A reshape of images [n, h, w, ...] that regroups what lies at each pixel: it
/// may have a halo around it.
bool keepsPixels(mlir::Operation *op);

/// Where a value lies in its buffer; null: it is dense in a buffer of its own.
/// Of what is written, `written` knows; without it, the kernels' layouts. Null
/// too for a view that has no place (see checkView).
MemoryAttr getMemory(mlir::Value value, WrittenMemory written);
MemoryAttr getMemory(mlir::Value value);

/// The memory of a tensor that is dense in a buffer of its own.
MemoryAttr denseMemory(mlir::Value value);

/// Whether the view has a place: the parts of a concatenation lie beside each
/// other, with equal halos, and a reshaped value is one run of elements, or
/// whole pixels.
mlir::LogicalResult checkView(mlir::Operation *view, WrittenMemory written);
mlir::LogicalResult checkView(mlir::Operation *view);

/// The element of the buffer at which a run of elements begins that is the
/// tensor of `shape`, row-major; nothing when it is not one run.
std::optional<int64_t> firstOfRun(MemoryAttr memory,
                                  llvm::ArrayRef<int64_t> shape);

} // namespace edgec::schedule

#endif // EDGEC_DIALECTS_SCHEDULE_VIEWS_H
