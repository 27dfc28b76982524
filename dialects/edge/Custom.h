//===- Custom.h - operators that are somebody else's code ------*- C++ -*-===//
//
// The family of EdgeCustom.td.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_CUSTOM_H
#define EDGEC_DIALECTS_EDGE_CUSTOM_H

#include "dialects/edge/Edge.h"

namespace edgec::edge {

/// Whether `name` can be the name of a C function.
bool isCIdentifier(llvm::StringRef name);

} // namespace edgec::edge

#define GET_OP_CLASSES
#include "dialects/edge/EdgeCustom.h.inc"

#endif // EDGEC_DIALECTS_EDGE_CUSTOM_H
