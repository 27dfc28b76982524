//===- DescriptionFile.h - faults of a file that a user wrote --*- C++ -*-===//
//
// Machines are described in JSON files that people write by hand, so a file
// with several faults is reported with all of them at once, each with the JSON
// path of the value. This class collects them; the reader of each kind of
// machine derives from it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_MACHINES_DESCRIPTIONFILE_H
#define EDGEC_TARGETS_MACHINES_DESCRIPTIONFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace edgec {

/// The problems of one description file.
class DescriptionFile {
protected:
  explicit DescriptionFile(llvm::StringRef fileName)
      : fileName(fileName.str()) {}

  /// Adds a problem of the value at `path`, "" for the whole file.
  void report(llvm::StringRef path, const llvm::Twine &message);
  bool hasProblems() const { return !problems.empty(); }
  /// All problems, one per line.
  llvm::Error problemsAsError() const;

  /// Text to an object; false, with a problem that has line and column, if it
  /// is none.
  bool parseObject(llvm::StringRef text, nlohmann::json &file);

  /// Reports the fields that are not `known`, with the known one that is meant.
  void checkKeys(const nlohmann::json &file, llvm::ArrayRef<std::string> known);

  /// Checks the object "sources": text for fields of `known`.
  void readSources(const nlohmann::json &file,
                   llvm::ArrayRef<std::string> known);

  /// The value in quotes, cut to a readable length.
  static std::string quoted(const nlohmann::json &value);
  /// Without a point if it is whole.
  static std::string shortNumber(double value);

private:
  std::string fileName;
  std::vector<std::string> problems;
};

} // namespace edgec

#endif // EDGEC_TARGETS_MACHINES_DESCRIPTIONFILE_H
