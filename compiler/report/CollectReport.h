//===- CollectReport.h - listens to a compilation --------------*- C++ -*-===//
//
// Takes what a report needs from the stages of a compilation as they end.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_REPORT_COLLECTREPORT_H
#define EDGEC_COMPILER_REPORT_COLLECTREPORT_H

#include "compiler/Compiler.h"
#include "compiler/report/Report.h"
#include <map>

namespace edgec {

class ReportCollector {
public:
  /// Adds itself to whoever listens already; must outlive the compilation. The
  /// stages up to memory must be run.
  void listen(CompileOptions &options);

  /// Of the last compilation.
  const Report &report() const { return collected; }

private:
  mlir::LogicalResult look(Stage stage, mlir::ModuleOp module);

  Report collected;
  /// What backends say of their programs, by symbol.
  std::map<std::string, place::DeviceProgram, std::less<>> programs;
};

} // namespace edgec

#endif // EDGEC_COMPILER_REPORT_COLLECTREPORT_H
