//===- Synchronize.h - orders the units ------------------------*- C++ -*-===//
//
// Commands are listed in an order in which they could run one by one. These
// functions let the units overlap: loads move to the front as far as what they
// overwrite allows, and semaphores keep apart what touches the same memory.
//
//     load A; mac A -> B; store B      load A; signal load; wait mac, load 1;
//                                      mac A -> B; signal mac; wait store ...
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_SYNCHRONIZE_H
#define EDGEC_TARGETS_NPU_SYNCHRONIZE_H

#include "targets/npu/Accesses.h"
#include "targets/npu/NpuMachine.h"

namespace edgec::npu {

/// Moves loads ahead of commands that they do not depend on, at most over
/// `window` commands of the other units, the order among loads kept.
std::vector<Command> hoistLoads(std::vector<Command> commands,
                                const NpuMachine &machine, int64_t window);

/// Inserts a signal behind each command that another unit depends on, and waits
/// in front of those that depend.
std::vector<Command> synchronize(std::vector<Command> commands,
                                 const NpuMachine &machine);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_SYNCHRONIZE_H
