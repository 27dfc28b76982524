//===- Blocks.h - products with weights in blocks ---------------*- C++ -*-===//
//
// The family of EdgeBlocks.td.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_BLOCKS_H
#define EDGEC_DIALECTS_EDGE_BLOCKS_H

#include "dialects/edge/Edge.h"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeBlocks.h.inc"

#endif // EDGEC_DIALECTS_EDGE_BLOCKS_H
