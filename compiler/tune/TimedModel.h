//===- TimedModel.h - times of a compiled model's kernels ------*- C++ -*-===//
#ifndef EDGEC_COMPILER_TUNE_TIMEDMODEL_H
#define EDGEC_COMPILER_TUNE_TIMEDMODEL_H

#include "compiler/HostModel.h"
#include <string>

namespace edgec {

/// A model in this process that takes the time of its kernels, on one thread
/// and made-up inputs.
class TimedModel {
public:
  static llvm::Expected<TimedModel> load(const Artifact &artifact);

  /// Runs once and keeps each kernel's least time.
  llvm::Error run();
  /// Seconds of the fastest run: all kernels' least times together.
  double seconds() const;

  const edge_model &descriptor() const { return model.descriptor(); }
  size_t kernelCount() const { return least.size(); }
  /// The model's nodes behind a kernel, as the artifact names them.
  llvm::StringRef layers(size_t kernel) const;
  /// Nanoseconds; 0 if it never ran.
  uint64_t leastTime(size_t kernel) const { return least[kernel]; }

private:
  explicit TimedModel(HostModel model);

  HostModel model;
  std::vector<std::vector<char>> inputs;
  std::vector<uint64_t> least;
};

} // namespace edgec

#endif // EDGEC_COMPILER_TUNE_TIMEDMODEL_H
