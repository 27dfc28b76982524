//===- ExposeValues.cpp - values of a model as its outputs ----------------===//
//
// See ExposeValues.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/ExposeValues.h"

#include "dialects/edge/Variant.h"

using namespace mlir;

SmallVector<unsigned> edgec::exposeValues(func::FuncOp model, ValueRange values,
                                          StringRef prefix) {
  Operation *terminator = model.getBody().front().getTerminator();
  SmallVector<Value> results(terminator->getOperands());
  SmallVector<unsigned> indices;
  indices.reserve(values.size());
  for (Value value : values) {
    auto *known = llvm::find(results, value);
    indices.push_back(unsigned(known - results.begin()));
    if (known == results.end())
      results.push_back(value);
  }
  Builder builder(model.getContext());
  SmallVector<Attribute> attributes;
  if (auto known = model.getResAttrsAttr())
    attributes.append(known.begin(), known.end());
  attributes.resize(terminator->getNumOperands(),
                    builder.getDictionaryAttr({}));
  for (size_t i = attributes.size(); i < results.size(); ++i) {
    auto name = builder.getStringAttr(prefix + Twine(i));
    attributes.push_back(
        builder.getDictionaryAttr(builder.getNamedAttr("edge.name", name)));
  }
  terminator->setOperands(results);
  model.setFunctionType(builder.getFunctionType(
      model.getArgumentTypes(), TypeRange(ValueRange(results))));
  model.setResAttrsAttr(builder.getArrayAttr(attributes));
  return indices;
}

func::FuncOp edgec::modelFunction(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !edge::variantOf(function))
      return function;
  return nullptr;
}
