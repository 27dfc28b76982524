//===- TilingGuide.h - tilings that somebody measured ----------*- C++ -*-===//
//
// The cost model predicts; who has measured knows better. A guide chooses among
// the tilings that a kernel's emitter offers, once the method (direct or
// Winograd's) is decided.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_TILINGGUIDE_H
#define EDGEC_PASSES_SCHEDULE_TILINGGUIDE_H

#include "dialects/schedule/Schedule.h"
#include <string>

namespace edgec::schedule {

class TilingGuide {
public:
  virtual ~TilingGuide() = default;
  /// The number of the candidate to use. The cost model's choice comes first,
  /// then what it likes next. `kernel` has that choice as its tiling.
  virtual size_t choose(KernelOp kernel, MachineAttr machine,
                        llvm::ArrayRef<TilingAttr> candidates) = 0;
};

/// What the kernel computes, how its tensors lie and on which machine: kernels
/// of one description take the same time with the same tiling. Does not say
/// where in the model it stands, nor what constants hold.
std::string describeKernel(KernelOp kernel, MachineAttr machine);

/// A tiling without its predicted time, which changes with the cost model.
std::string describeTiling(TilingAttr tiling);

/// Of all the tilings that an emitter knows those that are worth measuring, the
/// most promising ones first, and `chosen` before them: within a third of its
/// predicted time, and variations of the best that the cost model cannot tell
/// apart (unrolling, prefetching).
llvm::SmallVector<TilingAttr>
promisingTilings(TilingAttr chosen, llvm::ArrayRef<TilingAttr> tilings);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_TILINGGUIDE_H
