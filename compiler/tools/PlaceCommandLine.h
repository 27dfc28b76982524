//===- PlaceCommandLine.h - options of placement and reports ---*- C++ -*-===//
//
// edgec's options that say what accelerators are for, where nodes must run, and
// which reports to write.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_TOOLS_PLACECOMMANDLINE_H
#define EDGEC_COMPILER_TOOLS_PLACECOMMANDLINE_H

#include "compiler/report/CollectReport.h"
#include "llvm/Support/CommandLine.h"

namespace edgec {

class PlaceCommandLine {
public:
  explicit PlaceCommandLine(llvm::cl::OptionCategory &category);

  /// Sets what `options`, whose accelerators are known, say of placement, and
  /// listens to the compilation if a report is asked for. The error says what
  /// is wrong with the command line, or which file cannot be written.
  llvm::Error read(CompileOptions &options);

  /// Writes the reports, after the compilation.
  llvm::Error write() const;

private:
  llvm::Error checkFiles() const;

  llvm::cl::opt<place::Objective> objective;
  llvm::cl::opt<std::string> overrides, placement;
  llvm::cl::list<std::string> reports;
  ReportCollector collector;
};

} // namespace edgec

#endif // EDGEC_COMPILER_TOOLS_PLACECOMMANDLINE_H
