//===- Tuner.h - the fastest tilings by measurement ------------*- C++ -*-===//
//
// Compiles a model again and again, each time with other tilings for all of its
// kernels at once, runs it on this processor and keeps each kernel's time.
// Kernels are thus measured where they will run: between their neighbours, with
// weights that have left the caches. Every build takes turns with the one that
// the cost model chose, so that what else happens on the machine hits both.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_TUNE_TUNER_H
#define EDGEC_COMPILER_TUNE_TUNER_H

#include "compiler/Compiler.h"
#include "compiler/tune/TuningDatabase.h"
#include <functional>

namespace edgec {

struct TuneOptions {
  /// Wall time to spend, about.
  double seconds = 60;
  /// Called when the database has grown; an error ends the tuning.
  std::function<llvm::Error(const TuningDatabase &)> save;
  /// Called with the tilings that are measured and all that there are.
  std::function<void(unsigned done, unsigned total)> onProgress;
};

struct TuneReport {
  /// Kernels that have something to choose, and those of them that are faster
  /// with another tiling than the cost model's.
  size_t kernels = 0, improved = 0;
  /// Tilings measured, now or before, and all that are worth it.
  size_t measured = 0, candidates = 0;
  /// Microseconds of a run with the cost model's tilings and with the best,
  /// taken in turns: sums of the kernels' least times.
  double untuned = 0, tuned = 0;
};

/// Tunes `source` for this processor; `options` says all but the tilings, and
/// must ask for this processor and Emit::Shared. What `database` knows is not
/// measured again. The error is a CompileError, or says why the model cannot be
/// run.
llvm::Expected<TuneReport> tune(const Source &source,
                                const CompileOptions &options,
                                TuningDatabase &database,
                                const TuneOptions &tuning);

} // namespace edgec

#endif // EDGEC_COMPILER_TUNE_TUNER_H
