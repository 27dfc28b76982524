//===- DescribeSchedule.h - when an NPU does what, for reports -*- C++ -*-===//
//
// What the cost model predicts of a lowered region, made small enough to be
// read: runs of commands instead of commands, areas of SRAM instead of
// addresses.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_DESCRIBESCHEDULE_H
#define EDGEC_TARGETS_NPU_DESCRIBESCHEDULE_H

#include "passes/place/Backend.h"
#include "targets/npu/Command.h"
#include "targets/npu/NpuMachine.h"

namespace edgec::npu {

/// Fills in the program's schedule and localBuffers. `layers` are the names of
/// the region's layers.
void describeSchedule(llvm::ArrayRef<Command> commands,
                      const NpuMachine &machine,
                      llvm::ArrayRef<std::string> layers,
                      place::DeviceProgram &program);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_DESCRIBESCHEDULE_H
