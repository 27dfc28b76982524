//===- NodeName.cpp - what a model calls an operator ----------------------===//
#include "dialects/edge/NodeName.h"
#include "mlir/IR/Location.h"

using namespace mlir;

std::string edgec::edge::nodeName(Operation *op) {
  std::string name;
  op->getLoc()->walk([&](Location part) {
    if (auto named = dyn_cast<NameLoc>(part); named && name.empty())
      name = named.getName().str();
    return WalkResult::advance();
  });
  std::string mnemonic = op->getName().stripDialect().str();
  return name.empty() ? mnemonic : "'" + name + "' (" + mnemonic + ")";
}
