//===- EdgeCustom.cpp - operators that are somebody else's code ----------===//
//
// The verifier of edge.custom.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Custom.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeCustom.cpp.inc"

bool edgec::edge::isCIdentifier(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

LogicalResult CustomOp::verify() {
  if (!isCIdentifier(getSymbol()))
    return emitOpError("C1: '") << getSymbol() << "' is no C identifier";
  if (getNumResults() == 0)
    return emitOpError("C2: has no result");
  return success();
}
