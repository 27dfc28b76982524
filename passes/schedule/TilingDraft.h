//===- TilingDraft.h - a tiling with one parameter changed -----*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_TILINGDRAFT_H
#define EDGEC_PASSES_SCHEDULE_TILINGDRAFT_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// A tiling whose parameters can be set one by one.
struct TilingDraft {
  int64_t lanes, rows, columns, vectors, unroll, prefetch;
  bool prefetchNext;
  Split split;
  int64_t cycles, winograd, strassen;
  bool filtersInRun, panelsInside;

  explicit TilingDraft(TilingAttr tiling)
      : lanes(tiling.getLanes()), rows(tiling.getRows()),
        columns(tiling.getColumns()), vectors(tiling.getVectors()),
        unroll(tiling.getUnroll()), prefetch(tiling.getPrefetch()),
        prefetchNext(tiling.getPrefetchNext()), split(tiling.getSplit()),
        cycles(tiling.getCycles()), winograd(tiling.getWinograd()),
        strassen(tiling.getStrassen()), filtersInRun(tiling.getFiltersInRun()),
        panelsInside(tiling.getPanelsInside()) {}

  TilingAttr get(mlir::MLIRContext *context) const {
    return TilingAttr::get(context, lanes, rows, columns, vectors, unroll,
                           prefetch, prefetchNext, split, cycles, winograd,
                           strassen, filtersInRun, panelsInside);
  }
};

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_TILINGDRAFT_H
