//===- TuneCommandLine.h - options of tuning -------------------*- C++ -*-===//
//
// edgec's options -tune and -tuning-db, and what they mean for the compiler.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_TOOLS_TUNECOMMANDLINE_H
#define EDGEC_COMPILER_TOOLS_TUNECOMMANDLINE_H

#include "compiler/Compiler.h"
#include "compiler/tune/TuningDatabase.h"
#include "llvm/Support/CommandLine.h"
#include <memory>

namespace edgec {

class TuneCommandLine {
public:
  /// Registers the options.
  explicit TuneCommandLine(llvm::cl::OptionCategory &category);

  /// Reads the database, if one is named, and makes `options` use it. The error
  /// says what is wrong with the command line or the file.
  llvm::Error read(llvm::StringRef model, CompileOptions &options);

  /// With -tune: measures, prints to `stream` what came of it and writes the
  /// database. `options` are those of read().
  llvm::Error run(const Source &source, const CompileOptions &options,
                  llvm::raw_ostream &stream);

private:
  llvm::Error checkHost(llvm::StringRef model,
                        const CompileOptions &options) const;

  llvm::cl::opt<std::string> where, path;
  double seconds = 60;
  TuningDatabase database;
  DatabaseGuide guide{database};
};

} // namespace edgec

#endif // EDGEC_COMPILER_TOOLS_TUNECOMMANDLINE_H
