//===- OutputTraffic.cpp - what a product's results cost ------------------===//
#include "passes/schedule/OutputTraffic.h"
#include "passes/schedule/CostRates.h"
#include "passes/schedule/TilingDraft.h"

using namespace edgec::schedule;

/// Cycles in which the outputs pass; 0 where the second-level cache has them.
/// A line is read before it is written, and written back.
static double outputCycles(const ContractionWork &work, MachineAttr machine) {
  // Cores whose multiply-adds take lanes, and those in order, were not
  // measured.
  if (machine.getInOrder() || elementsPerLoad(machine) > 1)
    return 0;
  int64_t set = work.lhsBytes + work.resultBytes + work.addedBytes;
  if (set <= machine.getL2Bytes() * 3 / 4)
    return 0;
  return streamCycles(double(2 * work.resultBytes + work.addedBytes), set,
                      machine);
}

int64_t edgec::schedule::weightBytes(const ContractionWork &work) {
  return work.rhsBits * work.runs * work.run * work.channels / 8;
}

bool edgec::schedule::suitsPanelsInside(const ContractionWork &work,
                                        int64_t vectors, MachineAttr machine) {
  return work.packed && work.groups == 1 &&
         work.channels > vectors * machine.getFloatLanes() &&
         weightBytes(work) <= machine.getL2Bytes() / 2 &&
         outputCycles(work, machine) > 0;
}

double edgec::schedule::withOutputTraffic(double cycles,
                                          const ContractionWork &work,
                                          bool inOrder, MachineAttr machine) {
  double outputs = outputCycles(work, machine);
  // Measured on Granite Rapids: 64 to 256 channels at 56x56 and 128 to 512 at
  // 28x28, with a sum.
  double disturbance = inOrder ? 0.5 : 0.9;
  return overlapped(cycles, outputs, disturbance);
}

TilingAttr edgec::schedule::withPanelsInside(TilingAttr outside,
                                             const ContractionWork &work,
                                             MachineAttr machine) {
  // Weights pass the first-level cache anew for each tile.
  bool pass = weightBytes(work) > machine.getL1Bytes() / 2;
  TilingDraft inside(outside);
  inside.prefetch = pass ? 16 : 0;
  inside.prefetchNext = false;
  inside.split = Split::rows;
  inside.panelsInside = true;
  mlir::MLIRContext *context = machine.getContext();
  inside.cycles =
      int64_t(contractionCycles(work, inside.get(context), machine));
  return inside.get(context);
}
