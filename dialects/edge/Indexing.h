//===- Indexing.h - operators that read and write by index -----*- C++ -*-===//
//
// The family of EdgeIndexing.td. It has a header of its own so that a new
// operator recompiles only what works with indices.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_INDEXING_H
#define EDGEC_DIALECTS_EDGE_INDEXING_H

#include "dialects/edge/Edge.h"
#include "dialects/edge/EdgeIndexingEnums.h.inc"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeIndexing.h.inc"

#endif // EDGEC_DIALECTS_EDGE_INDEXING_H
