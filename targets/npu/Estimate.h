//===- Estimate.h - how long commands take ---------------------*- C++ -*-===//
//
// The cost model: the machine's own timing rules (docs/npu.md) applied to a
// list of commands with their waits and signals.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_ESTIMATE_H
#define EDGEC_TARGETS_NPU_ESTIMATE_H

#include "targets/npu/Command.h"
#include "targets/npu/NpuMachine.h"

namespace edgec::npu {

/// Cycles of a command on its unit once it begins; of a transfer, those of its
/// data.
int64_t busyCycles(const Command &command, const NpuMachine &machine);

struct Estimate {
  int64_t cycles = 0;
  std::array<int64_t, 4> busy = {};
  int64_t loadedBytes = 0, storedBytes = 0;
  double femtojoules = 0;
};

/// Cycles from the one in which a command begins on its unit (a transfer: on
/// the bus) to that in which it is done.
struct Interval {
  int64_t begin = 0, end = 0;
};

/// `intervals`, if given, has an element for each command.
Estimate estimate(llvm::ArrayRef<Command> commands, const NpuMachine &machine,
                  std::vector<Interval> *intervals = nullptr);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_ESTIMATE_H
