//===- Spatial.h - operators that read images between their pixels -*- C++
//-*-===//
//
// The family of EdgeSpatial.td. It has a header of its own so that a new
// operator recompiles only what works with images.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_SPATIAL_H
#define EDGEC_DIALECTS_EDGE_SPATIAL_H

#include "dialects/edge/Edge.h"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeSpatial.h.inc"

#endif // EDGEC_DIALECTS_EDGE_SPATIAL_H
