//===- NpyFile.h - tensors in NumPy's file format --------------*- C++ -*-===//
//
// Reads and writes .npy files, version 1, little-endian, C order: how tensors
// travel between the evaluator, edge-run and Python. Element types that NumPy
// lacks travel as their bits in an unsigned integer (int4 and uint4: one
// element per byte).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_EVALUATOR_NPYFILE_H
#define EDGEC_TARGETS_EVALUATOR_NPYFILE_H

#include "targets/evaluator/HostTensor.h"
#include "llvm/Support/Error.h"

namespace edgec::evaluator {

/// Reads a file whose shape and element type must be those of `type`.
llvm::Expected<HostTensor> readNpy(llvm::StringRef path,
                                   mlir::RankedTensorType type);

/// Writes `tensor` in its own element type.
llvm::Error writeNpy(llvm::StringRef path, const HostTensor &tensor);

} // namespace edgec::evaluator

#endif // EDGEC_TARGETS_EVALUATOR_NPYFILE_H
