//===- MachineFeatures.h - what a machine's features say -------*- C++ -*-===//
#ifndef EDGEC_PASSES_SCHEDULE_MACHINEFEATURES_H
#define EDGEC_PASSES_SCHEDULE_MACHINEFEATURES_H

#include "dialects/schedule/Schedule.h"

namespace edgec::schedule {

/// Whether the machine has the extension that LLVM calls `name`, without "+".
/// Of several mentions the last one counts, as LLVM reads them: what -mattr
/// takes away is not there.
bool hasFeature(MachineAttr machine, llvm::StringRef name);

} // namespace edgec::schedule

#endif // EDGEC_PASSES_SCHEDULE_MACHINEFEATURES_H
