//===- Passes.h - the place and offload stages -----------------*- C++ -*-===//
//
// The passes that give parts of a model to accelerators. See Passes.td for what
// each needs and leaves. Those that ask backends are made with them; registered
// for edge-opt, they know none.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_PASSES_H
#define EDGEC_PASSES_PLACE_PASSES_H

#include "dialects/edge/Edge.h"
#include "dialects/place/Place.h"
#include "dialects/rt/Jobs.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "passes/place/Backend.h"
#include "passes/place/Placement.h"

namespace edgec {
#define GEN_PASS_DECL
#include "passes/place/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/place/Passes.h.inc"

/// Tells `listener`, if set, what was decided for each function.
std::unique_ptr<mlir::Pass>
createPlace(PlaceOptions options, place::Backends backends,
            std::function<void(const place::Placement &)> listener = {});
/// `listener` may be empty.
std::unique_ptr<mlir::Pass> createLowerRegions(place::Backends backends,
                                               place::ProgramListener listener);
std::unique_ptr<mlir::Pass> createEncodePrograms(place::Backends backends);
} // namespace edgec

#endif // EDGEC_PASSES_PLACE_PASSES_H
