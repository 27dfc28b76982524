//===- JobInfo.h - accelerators and jobs in the descriptor -----*- C++ -*-===//
//
// The rows of edge_device_info and edge_job_info of
// runtime/include/edge/model.h for a program that submits work to accelerators,
// and how long a run is expected to take.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_JOBINFO_H
#define EDGEC_TARGETS_CPU_JOBINFO_H

#include "dialects/rt/Rt.h"
#include "passes/place/HostCost.h"
#include "targets/cpu/ConstantGlobals.h"

namespace edgec {

using ConstantRow = llvm::SmallVector<ConstantField>;

/// One edge_device_info for each of the module's accelerators; none if the
/// program submits nothing.
llvm::SmallVector<ConstantRow> deviceRows(ConstantGlobals &data,
                                          rt::ProgramOp program);

/// The kinds of accelerators that the program submits work to, each once:
/// "npu", "npu+dsp"; "model" if there are none.
std::string usedDevices(rt::ProgramOp program);

/// One edge_job_info for each of the program's submissions, in their order.
/// `weights` is the symbol of the model's weights.
llvm::SmallVector<ConstantRow>
jobRows(ConstantGlobals &data, rt::ProgramOp program, llvm::StringRef weights);

/// What a run of the program costs by the predictions on its calls and jobs:
/// kernels one after the other on one core, jobs at the same time. Branches
/// count as if both ran, loops as one iteration.
struct RunPrediction {
  double nanoseconds = 0;
  /// Of the processor while it computes kernels, and of the jobs.
  double nanojoules = 0;
};
RunPrediction predictRun(rt::ProgramOp program, const place::HostFigures &host);

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_JOBINFO_H
