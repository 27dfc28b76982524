//===- NodeName.h - what a model calls an operator -------------*- C++ -*-===//
#ifndef EDGEC_DIALECTS_EDGE_NODENAME_H
#define EDGEC_DIALECTS_EDGE_NODENAME_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"
#include <string>

namespace edgec::edge {

/// The names of the model's nodes in a location, each once, in their order.
llvm::SmallVector<llvm::StringRef> nodeNames(mlir::Location location);

/// The model's name for an operator, with what it is: 'conv1' (conv2d). Without
/// a name what it is alone.
std::string nodeName(mlir::Operation *op);

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_NODENAME_H
