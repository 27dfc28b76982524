//===- Generic.h - loops over a scalar computation -------------*- C++ -*-===//
//
// The family of EdgeGeneric.td, in a header of its own: few files look into a
// generic operator.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_GENERIC_H
#define EDGEC_DIALECTS_EDGE_GENERIC_H

#include "dialects/edge/Edge.h"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeGeneric.h.inc"

#endif // EDGEC_DIALECTS_EDGE_GENERIC_H
