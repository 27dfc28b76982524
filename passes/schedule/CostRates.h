//===- CostRates.h - what cost models take from a machine ------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_COSTRATES_H
#define EDGEC_PASSES_SCHEDULE_COSTRATES_H

#include "dialects/schedule/Schedule.h"
#include <algorithm>

namespace edgec::schedule {

/// Cycles that a mispredicted loop exit costs; between the published figures
/// of the cores we know (in-order 8, out-of-order 13 to 20).
inline double branchMissCycles(MachineAttr machine) {
  return machine.getInOrder() ? 8 : 14;
}

inline double issueWidth(MachineAttr machine) {
  return machine.getInOrder() ? 2 : 5;
}

inline double fmaRate(MachineAttr machine) {
  return std::max<int64_t>(machine.getFmaPerCycle(), 1) / 100.0;
}

inline double loadRate(MachineAttr machine) {
  return std::max<int64_t>(machine.getLoadsPerCycle(), 1) / 100.0;
}

/// Two things at once: the longer one, and what the other disturbs (a share
/// between 0 and 1, measured on Zen 4).
inline double overlapped(double first, double second, double disturbance) {
  return std::max(first, second) + disturbance * std::min(first, second);
}

/// Elements of `bits` in one vector.
inline int64_t lanesOf(int64_t bits, MachineAttr machine) {
  return bits == 32 ? machine.getFloatLanes()
                    : std::max<int64_t>(machine.getVectorBits() / bits, 1);
}

/// Outputs cut into tiles: how many are whole, and what is left.
struct Cut {
  int64_t whole, rest;
  Cut(int64_t size, int64_t tile) : whole(size / tile), rest(size % tile) {}
};

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_COSTRATES_H
