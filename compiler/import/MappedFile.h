//===- MappedFile.h - a file's bytes without reading it --------*- C++ -*-===//
//
// Weights make up nearly all of a model file, and each is needed once. So the
// file is mapped, its pages come in on demand, and whoever keeps a view of the
// bytes (a constant's blob, say) also keeps a copy of this handle.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MAPPEDFILE_H
#define EDGEC_COMPILER_IMPORT_MAPPEDFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/ErrorOr.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace edgec {

class MappedFile {
public:
  /// Maps a regular file; "-", pipes and FIFOs are read to their end instead.
  static llvm::ErrorOr<MappedFile> open(llvm::StringRef path);
  /// Bytes that someone else holds (tests and the fuzzer).
  static MappedFile view(llvm::StringRef bytes);

  llvm::StringRef bytes() const { return buffer->getBuffer(); }
  /// Keeps the bytes alive.
  std::shared_ptr<const void> owner() const { return buffer; }
  llvm::MemoryBufferRef ref() const { return buffer->getMemBufferRef(); }

private:
  explicit MappedFile(std::unique_ptr<llvm::MemoryBuffer> buffer)
      : buffer(std::move(buffer)) {}
  std::shared_ptr<const llvm::MemoryBuffer> buffer;
};

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MAPPEDFILE_H
