//===- MappedFile.cpp - a file's bytes without reading it ----------------===//
//
// Directories and devices are refused: some of them never end.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/MappedFile.h"
#include "llvm/Support/FileSystem.h"

using namespace edgec;

llvm::ErrorOr<MappedFile> MappedFile::open(llvm::StringRef path) {
  namespace fs = llvm::sys::fs;
  if (path == "-") {
    auto buffer = llvm::MemoryBuffer::getSTDIN();
    if (!buffer)
      return buffer.getError();
    return MappedFile(std::move(*buffer));
  }
  fs::file_status status;
  if (std::error_code error = fs::status(path, status))
    return error;
  if (status.type() == fs::file_type::directory_file)
    return std::make_error_code(std::errc::is_a_directory);
  if (status.type() != fs::file_type::regular_file &&
      status.type() != fs::file_type::fifo_file)
    return std::make_error_code(std::errc::not_supported);
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return buffer.getError();
  return MappedFile(std::move(*buffer));
}

MappedFile MappedFile::view(llvm::StringRef bytes) {
  return MappedFile(llvm::MemoryBuffer::getMemBuffer(
      bytes, "<memory>", /*RequiresNullTerminator=*/false));
}
