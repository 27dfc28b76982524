//===- Product.h - products of two values of integers -----------*- C++ -*-===//
//
// The family of EdgeProduct.td. It has a header of its own so that a new
// operator recompiles only what works with these.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_PRODUCT_H
#define EDGEC_DIALECTS_EDGE_PRODUCT_H

#include "dialects/edge/Edge.h"

#define GET_OP_CLASSES
#include "dialects/edge/EdgeProduct.h.inc"

#endif // EDGEC_DIALECTS_EDGE_PRODUCT_H
