//===- Jobs.h - work for accelerators --------------------------*- C++ -*-===//
//
// The family of RtJobs.td. It has a header of its own because only few passes
// know of accelerators.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_RT_JOBS_H
#define EDGEC_DIALECTS_RT_JOBS_H

#include "dialects/rt/Rt.h"

#define GET_OP_CLASSES
#include "dialects/rt/RtJobs.h.inc"

#endif // EDGEC_DIALECTS_RT_JOBS_H
