//===- Selection.h - operators that search, sort and count -----*- C++ -*-===//
//
// The family of EdgeSelection.td. It has a header of its own so that a new
// operator recompiles only what works with these.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_SELECTION_H
#define EDGEC_DIALECTS_EDGE_SELECTION_H

#include "dialects/edge/Edge.h"
#include "dialects/edge/EdgeSelectionEnums.h.inc"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeSelection.h.inc"

#endif // EDGEC_DIALECTS_EDGE_SELECTION_H
