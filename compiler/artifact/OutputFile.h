//===- OutputFile.h - files that appear when they are complete -*- C++ -*-===//
//
// Everything edgec writes goes to a temporary file beside its destination and
// is renamed at the end, so that an error leaves no partial file and keeps what
// was there before.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ARTIFACT_OUTPUTFILE_H
#define EDGEC_COMPILER_ARTIFACT_OUTPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace edgec {

/// A folder for the temporary files of one artifact, beside the artifact. It
/// is removed with all that is in it when the object is.
class TemporaryFolder {
public:
  /// Creates the folder; the error says that `destination` cannot be written.
  static llvm::Expected<TemporaryFolder> beside(llvm::StringRef destination);
  TemporaryFolder(TemporaryFolder &&other) noexcept;
  TemporaryFolder &operator=(TemporaryFolder &&) = delete;
  ~TemporaryFolder();

  /// The path of the file `name` in the folder.
  std::string file(llvm::StringRef name) const;

private:
  explicit TemporaryFolder(std::string path);
  std::string path;
};

/// Removes the temporary folders of this process; for a tool's interrupt
/// handler, which ends the process right after.
void removeTemporaryFolders();

/// Writes a file with `write`; reports the system's error if that fails.
llvm::Error
writeFile(llvm::StringRef path,
          llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write);

/// Moves a complete file to its destination. "-" and destinations that are no
/// regular files (a pipe, /dev/null) receive its content instead.
llvm::Error publish(llvm::StringRef file, llvm::StringRef destination);

/// Whether `destination` could be written, without touching it: lets a long
/// compilation fail before it begins.
llvm::Error checkWritable(llvm::StringRef destination);

} // namespace edgec

#endif // EDGEC_COMPILER_ARTIFACT_OUTPUTFILE_H
