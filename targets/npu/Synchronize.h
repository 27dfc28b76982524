//===- Synchronize.h - orders the units ------------------------*- C++ -*-===//
//
// Commands are listed in an order in which they could run one by one. These
// functions let the units overlap: semaphores keep apart what touches the same
// memory, and loads are dispatched as early as their queue has room.
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

/// Inserts a signal behind each command that another unit depends on, and waits
/// in front of those that depend.
std::vector<Command> synchronize(std::vector<Command> commands,
                                 const NpuMachine &machine);

/// Chooses the order of dispatch: each unit keeps its own, a wait stays behind
/// its signal, and whatever has room in its queue goes first, loads before all
/// else, so that the dispatcher never stands in front of a full queue while
/// another unit runs dry.
std::vector<Command> orderDispatch(std::vector<Command> commands,
                                   const NpuMachine &machine);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_SYNCHRONIZE_H
