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
#include "llvm/Support/MemoryBuffer.h"

namespace edgec::evaluator {

/// A file whose header has been read and found to agree with its size; the
/// elements stay in the mapped file.
struct NpyFile {
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  /// NumPy's name of the element type, for example "<f4".
  std::string descriptor;
  std::vector<int64_t> shape;
  int64_t elementBytes = 0;
  llvm::ArrayRef<char> data;

  int64_t size() const { return int64_t(data.size()) / elementBytes; }
};

/// Reads a file's header; the error begins with the path.
llvm::Expected<NpyFile> openNpy(llvm::StringRef path);

/// The descriptor under which elements of `element` travel.
std::string npyDescriptor(mlir::Type element);

/// A shape as NumPy writes it: "(1, 8, 8)".
std::string npyShapeText(llvm::ArrayRef<int64_t> shape);

/// Reads a file whose shape and element type must be those of `type`.
llvm::Expected<HostTensor> readNpy(llvm::StringRef path,
                                   mlir::RankedTensorType type);

/// Writes `tensor` in its own element type.
llvm::Error writeNpy(llvm::StringRef path, const HostTensor &tensor);

} // namespace edgec::evaluator

#endif // EDGEC_TARGETS_EVALUATOR_NPYFILE_H
