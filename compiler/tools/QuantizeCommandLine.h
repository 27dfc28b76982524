//===- QuantizeCommandLine.h - options of quantization ---------*- C++ -*-===//
//
// edgec's options from -quantize to -eval, and what they mean for the compiler.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_TOOLS_QUANTIZECOMMANDLINE_H
#define EDGEC_COMPILER_TOOLS_QUANTIZECOMMANDLINE_H

#include "compiler/quantize/QuantizeOptions.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

namespace edgec {

class QuantizeCommandLine {
public:
  /// Registers the options.
  explicit QuantizeCommandLine(llvm::cl::OptionCategory &category);

  /// What the command line asks for: nothing without -quantize. The error says
  /// what is wrong with it.
  llvm::Expected<std::optional<QuantizeOptions>> read() const;

  /// Where the report goes as JSON; empty: nowhere.
  std::string reportPath() const { return report; }
  /// Where the picture of the frontier goes; empty: nowhere.
  std::string plotPath() const { return plot; }

private:
  llvm::Error checkAlone() const;
  llvm::Error readPrecisions(QuantizeOptions &options) const;
  llvm::Error checkSamples(const QuantizeOptions &options) const;
  llvm::Error checkAll(const QuantizeOptions &options) const;
  llvm::Error readBound(QuantizeOptions &options) const;
  llvm::Error readCalibrator(QuantizeOptions &options) const;

  llvm::cl::opt<std::string> mode, calibrate, calibrator, overrides, report,
      plot, evaluate, maxError, maxSize;
  llvm::cl::opt<bool> biasCorrection, equalize, all;
};

} // namespace edgec

#endif // EDGEC_COMPILER_TOOLS_QUANTIZECOMMANDLINE_H
