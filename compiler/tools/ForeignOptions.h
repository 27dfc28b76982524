//===- ForeignOptions.h - a command line of one's own ----------*- C++ -*-===//
//
// LLVM's libraries register options of theirs when they are loaded, and LLD
// registers more when it runs; both have names that our tools use as well.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_TOOLS_FOREIGNOPTIONS_H
#define EDGEC_COMPILER_TOOLS_FOREIGNOPTIONS_H

#include "llvm/Support/CommandLine.h"

namespace edgec {

/// Unregisters every option but -help and -version. Called before a tool
/// registers its own, to be rid of the libraries', and again when those are
/// read, so that LLD finds the names free. Positional options are the caller's
/// to remove.
inline void removeRegisteredOptions() {
  llvm::SmallVector<llvm::cl::Option *> registered;
  for (auto &entry : llvm::cl::getRegisteredOptions())
    if (!entry.first.starts_with("help") && entry.first != "version")
      registered.push_back(entry.second);
  for (llvm::cl::Option *option : registered)
    option->removeArgument();
}

} // namespace edgec

#endif // EDGEC_COMPILER_TOOLS_FOREIGNOPTIONS_H
