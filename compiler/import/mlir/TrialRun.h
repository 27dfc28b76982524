//===- TrialRun.h - tries something where it can do no harm -----*- C++ -*-===//
//
// MLIR's readers trust their input: damaged bytecode ends the process or keeps
// it busy for ever, and some parsers of text do too. So a child process reads a
// file first. Our own readers need no trial, and get none.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_TRIALRUN_H
#define EDGEC_COMPILER_IMPORT_MLIR_TRIALRUN_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace edgec {

enum class Trial {
  passed,
  /// a bad address, an abort, more memory than `maxTrialBytes`
  crashed,
  tooLong,
};

/// Memory that a trial may have beside what the process has mapped.
constexpr unsigned long maxTrialBytes = 8ul << 30;

/// Runs `body` in a child process and waits for its end, at most `seconds`.
/// Nothing that it does is seen here. Passes also where no child can be had.
Trial runTrial(llvm::function_ref<void()> body, unsigned seconds);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MLIR_TRIALRUN_H
