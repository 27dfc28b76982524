//===- CodeWeights.h - how weights are written -----------------*- C++ -*-===//
//
// The three codings of weights that the machine's decoder reads.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_CODEWEIGHTS_H
#define EDGEC_TARGETS_NPU_CODEWEIGHTS_H

#include "targets/npu/NpuMachine.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace edgec::npu {

/// Weights in the dense order [blocks][taps][macColumns].
struct DenseWeights {
  std::vector<char> bytes;
  int64_t blocks = 0, taps = 0;
};

/// The bytes with runs of `zero` shortened.
std::vector<char> codeZeroRuns(llvm::ArrayRef<char> dense, char zero);

/// A bitmap of blocks and those that are not all `zero`; `steps` gets the
/// number of present ones per block of columns, `decoded` their bytes.
std::vector<char> codeBlockSparse(const DenseWeights &dense, char zero,
                                  const NpuMachine &machine,
                                  std::vector<int64_t> &steps,
                                  int64_t &decoded);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_CODEWEIGHTS_H
