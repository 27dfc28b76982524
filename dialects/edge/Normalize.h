//===- Normalize.h - rows brought to mean 0 and variance 1 -----*- C++ -*-===//
//
// The family of EdgeNormalize.td, with a header of its own as Spatial.h.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_NORMALIZE_H
#define EDGEC_DIALECTS_EDGE_NORMALIZE_H

#include "dialects/edge/Edge.h"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeNormalize.h.inc"

#endif // EDGEC_DIALECTS_EDGE_NORMALIZE_H
