//===- OutputTraffic.h - what a product's results cost ---------*- C++ -*-===//
//
// A product whose input, results and what is added to them do not stay in the
// second-level cache together moves all but the input through it once, however
// its loops are ordered; the order decides how much of that the processor's own
// prefetching hides:
//
//   panels outside   a pass over all positions per panel: each writes a few
//                    lines of every pixel, far apart
//   panels inside    pixel by pixel, from front to back; the weights, which
//                    must stay in the cache, are read again for each tile
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_OUTPUTTRAFFIC_H
#define EDGEC_PASSES_SCHEDULE_OUTPUTTRAFFIC_H

#include "passes/schedule/CostModel.h"

namespace edgec::schedule {

/// Bytes of the packed weights of one group.
int64_t weightBytes(const ContractionWork &work);

/// Whether the order with panels inside is worth trying for a register tile of
/// `vectors`.
bool suitsPanelsInside(const ContractionWork &work, int64_t vectors,
                       MachineAttr machine);

/// The same register tile in that order.
TilingAttr withPanelsInside(TilingAttr outside, const ContractionWork &work,
                            MachineAttr machine);

/// `cycles` of multiply-adds and what moving the outputs adds, which are
/// written from front to back if `inOrder`: panels are inside, or there is one.
double withOutputTraffic(double cycles, const ContractionWork &work,
                         bool inOrder, MachineAttr machine);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_OUTPUTTRAFFIC_H
