//===- LayerNames.cpp - how users call layers and tensors -----------------===//
//
// See LayerNames.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/LayerNames.h"

#include "dialects/edge/Edge.h"
#include "dialects/edge/NodeName.h"

using namespace edgec;
using namespace mlir;

LayerNames::LayerNames(func::FuncOp model) : model(model) {
  llvm::StringMap<unsigned> counts;
  for (func::FuncOp function : functionsOf(model)) {
    for (Operation &op : function.getBody().front().without_terminator()) {
      if (isa<edge::ConstantOp>(op))
        continue;
      StringRef kind = op.getName().stripDialect();
      unsigned number = counts[kind]++;
      for (StringRef name : edge::nodeNames(op.getLoc()))
        known[name].push_back(&op);
      if (edge::nodeNames(op.getLoc()).empty()) {
        numbered[&op] = (kind + "_" + Twine(number)).str();
        known[numbered[&op]].push_back(&op);
      }
    }
  }
}

SmallVector<func::FuncOp> edgec::functionsOf(func::FuncOp model) {
  SmallVector<func::FuncOp> functions = {model};
  for (auto function :
       model->getParentOfType<ModuleOp>().getOps<func::FuncOp>())
    if (function.isPrivate() && !function.isExternal())
      functions.push_back(function);
  return functions;
}

std::string LayerNames::of(Operation *op) const {
  auto at = numbered.find(op);
  if (at != numbered.end())
    return at->second;
  SmallVector<StringRef> names = edge::nodeNames(op->getLoc());
  return names.empty() ? op->getName().stripDialect().str()
                       : names.front().str();
}

std::string LayerNames::of(Value value) const {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return of(value.getDefiningOp());
  auto name =
      model.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "edge.name");
  return name ? name.getValue().str() : std::to_string(argument.getArgNumber());
}

ArrayRef<Operation *> LayerNames::operations(StringRef name) const {
  auto at = known.find(name);
  return at == known.end() ? ArrayRef<Operation *>() : at->second;
}

Value LayerNames::input(StringRef name) const {
  for (BlockArgument argument : model.getArguments())
    if (of(argument) == name)
      return argument;
  return nullptr;
}

std::string LayerNames::nearest(StringRef name) const {
  std::string best;
  unsigned distance = unsigned(name.size()) / 2 + 1;
  auto consider = [&](StringRef candidate) {
    unsigned found = name.edit_distance(candidate, true, distance);
    // The map has no order, so equal distances need a rule.
    if (found < distance ||
        (found == distance && !best.empty() && candidate < best)) {
      distance = found;
      best = candidate.str();
    }
  };
  for (const auto &entry : known)
    consider(entry.first());
  for (BlockArgument argument : model.getArguments())
    consider(of(argument));
  return best;
}
