//===- Scope.cpp - what names mean in one graph ---------------------------===//
//
// A name is looked up from the innermost scope outwards. Where the search
// leaves a function, a constant is remade inside and a computed value becomes
// one more argument.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Scope.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;

mlir::Value FunctionScope::capture(mlir::Value outside) {
  mlir::BlockArgument &argument = captures[outside];
  if (!argument)
    argument = function.getBody().front().addArgument(outside.getType(),
                                                      outside.getLoc());
  return argument;
}

Scope::Scope(const Graph &graph, FunctionScope &function, int64_t opset,
             Scope *outer)
    : graph(graph), function(function), opset(opset), outer(outer) {
  for (const auto *list : {&graph.values, &graph.outputs})
    for (const ValueInfo &value : *list)
      declared[value.name] = &value;
}

Binding *Scope::find(StringRef name) {
  if (auto found = bindings.find(name); found != bindings.end())
    return &found->second;
  Binding *outside = outer ? outer->find(name) : nullptr;
  if (!outside || &outer->function == &function)
    return outside;
  Binding inside = *outside;
  if (inside.constant)
    inside.value = nullptr;
  else if (inside.value)
    inside.value = function.capture(inside.value);
  return &(bindings[name] = inside);
}
