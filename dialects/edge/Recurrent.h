//===- Recurrent.h - operators with a state -------------------*- C++ -*-===//
//
// The family of EdgeRecurrent.td. It has a header of its own so that a new
// operator recompiles only what works with recurrent layers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_RECURRENT_H
#define EDGEC_DIALECTS_EDGE_RECURRENT_H

#include "dialects/edge/Edge.h"

#include "dialects/edge/EdgeRecurrentEnums.h.inc"
#define GET_OP_CLASSES
#include "dialects/edge/EdgeRecurrent.h.inc"

#endif // EDGEC_DIALECTS_EDGE_RECURRENT_H
