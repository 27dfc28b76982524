//===- NodeName.cpp - what a model calls an operator ----------------------===//
#include "dialects/edge/NodeName.h"
#include "mlir/IR/Location.h"

using namespace mlir;

llvm::SmallVector<llvm::StringRef> edgec::edge::nodeNames(Location location) {
  SmallVector<StringRef> names;
  location->walk([&](Location part) {
    auto named = dyn_cast<NameLoc>(part);
    if (named && !llvm::is_contained(names, named.getName().getValue()))
      names.push_back(named.getName().getValue());
    return WalkResult::advance();
  });
  return names;
}

std::string edgec::edge::nodeName(Operation *op) {
  SmallVector<StringRef> names = nodeNames(op->getLoc());
  std::string mnemonic = op->getName().stripDialect().str();
  return names.empty() ? mnemonic
                       : "'" + names.front().str() + "' (" + mnemonic + ")";
}
