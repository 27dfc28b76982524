//===- TuningDatabase.h - what tuning measured -----------------*- C++ -*-===//
//
// A JSON file of measured times, by kernel and tiling. Compiling with it is
// deterministic: the same file and model give the same artifact.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_TUNE_TUNINGDATABASE_H
#define EDGEC_COMPILER_TUNE_TUNINGDATABASE_H

#include "passes/schedule/TilingGuide.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <optional>
#include <string>

namespace edgec {

/// The times of one kernel.
struct TunedKernel {
  /// What it computes, for people: its name and the model's nodes.
  std::string name;
  /// Microseconds of a run, by schedule::describeTiling.
  std::map<std::string, double> microseconds;
};

class TuningDatabase {
public:
  /// Reads a file; one that does not exist is an empty database. The error
  /// names the file and the place in it.
  static llvm::Expected<TuningDatabase> read(llvm::StringRef path);
  /// Writes it whole or not at all.
  llvm::Error write(llvm::StringRef path) const;

  /// The key under which a kernel stands: a hash of schedule::describeKernel.
  static std::string keyOf(llvm::StringRef description);

  TunedKernel &operator[](const std::string &key) { return kernels[key]; }
  /// The fastest known of the candidates: another one than the first only if
  /// it beats the first by what measurements scatter. The first if it was not
  /// measured.
  size_t best(const std::string &key,
              llvm::ArrayRef<schedule::TilingAttr> candidates) const;

private:
  std::map<std::string, TunedKernel> kernels;
};

/// Compiles with what a database knows.
class DatabaseGuide : public schedule::TilingGuide {
public:
  explicit DatabaseGuide(const TuningDatabase &database) : database(database) {}
  size_t choose(schedule::KernelOp kernel, schedule::MachineAttr machine,
                llvm::ArrayRef<schedule::TilingAttr> candidates) override;

private:
  const TuningDatabase &database;
};

} // namespace edgec

#endif // EDGEC_COMPILER_TUNE_TUNINGDATABASE_H
