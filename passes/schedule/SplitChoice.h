//===- SplitChoice.h - what threads divide a contraction by -----*- C++ -*-===//
//
// The range of a kernel goes over tiles of rows or over panels of columns.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_SPLITCHOICE_H
#define EDGEC_PASSES_SCHEDULE_SPLITCHOICE_H

#include "passes/schedule/CostModel.h"

namespace edgec::schedule {

/// What a contraction of `cycles` cycles is divided by, in tiles of `rows` x
/// `columns` outputs by `channels` channels.
Split chooseSplit(const ContractionWork &work, int64_t rows, int64_t columns,
                  int64_t channels, int64_t cycles, MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_SPLITCHOICE_H
