//===- AcceleratorCommandLine.h - edgec's accelerators ---------*- C++ -*-===//
//
// The options that say which devices stand beside the processor, and what else
// the artifact holds for a run to choose from.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_TOOLS_ACCELERATORCOMMANDLINE_H
#define EDGEC_COMPILER_TOOLS_ACCELERATORCOMMANDLINE_H

#include "compiler/Compiler.h"
#include "llvm/Support/CommandLine.h"

namespace edgec {

/// What makes the run finish when a device fails.
enum class Fallback { none, cpu };

class AcceleratorCommandLine {
public:
  explicit AcceleratorCommandLine(llvm::cl::OptionCategory &category);

  /// Sets what `options` says of processors and accelerators, from `targets`
  /// ("aarch64,npu") and the options here.
  llvm::Error read(llvm::StringRef targets, CompileOptions &options);

  /// For -list-targets: the kinds and devices, each with what it means.
  llvm::Expected<std::vector<std::pair<std::string, std::string>>> list();

private:
  llvm::cl::list<std::string> libraries;
  llvm::cl::opt<Fallback> fallback;
  llvm::cl::list<std::string> alternatives;

  llvm::Expected<std::shared_ptr<const place::BackendRegistry>> registry();
};

} // namespace edgec

#endif // EDGEC_COMPILER_TOOLS_ACCELERATORCOMMANDLINE_H
