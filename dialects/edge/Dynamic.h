//===- Dynamic.h - operators with offsets of the run ------------*- C++ -*-===//
//
// The family of EdgeDynamic.td.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_DYNAMIC_H
#define EDGEC_DIALECTS_EDGE_DYNAMIC_H

#include "dialects/edge/Edge.h"

#include "dialects/edge/EdgeDynamicEnums.h.inc"
#define GET_OP_CLASSES
#include "dialects/edge/EdgeDynamic.h.inc"

#endif // EDGEC_DIALECTS_EDGE_DYNAMIC_H
