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
  if (inside.bound.isBounded()) {
    mlir::emitError(inside.value.getLoc())
        << "the actual size of '" << name
        << "' is known at run time only, and a branch or body that the run "
           "decides about cannot read it; give it a size in the model";
    inside = Binding();
  } else if (inside.constant) {
    inside.value = nullptr;
  } else if (inside.value) {
    inside.value = function.capture(inside.value);
  }
  return &(bindings[name] = inside);
}

/// Operators whose first result has the shape of their first operand.
static bool keepsShape(const Node &node) {
  static constexpr llvm::StringLiteral names[] = {
      "Abs",   "Cast",       "CastLike", "Ceil",      "Cos",        "Elu",
      "Erf",   "Exp",        "Floor",    "HardSwish", "Identity",   "LeakyRelu",
      "Log",   "LogSoftmax", "Neg",      "Not",       "Reciprocal", "Relu",
      "Round", "Sigmoid",    "Sign",     "Sin",       "Softmax",    "Softplus",
      "Sqrt",  "Tanh"};
  return llvm::is_contained(names, node.opType) && !node.inputs.empty() &&
         !node.outputs.empty();
}

void Scope::stateOperandShapes(llvm::ArrayRef<const Node *> order) {
  for (const Node *node : llvm::reverse(order)) {
    if (!keepsShape(*node))
      continue;
    const ValueInfo *result = declared.lookup(node->outputs.front());
    if (!result || !result->hasShape || node->inputs.front().empty())
      continue;
    const ValueInfo *&operand = declared[node->inputs.front()];
    if (operand)
      continue;
    ValueInfo &info = deduced.emplace_back();
    info.name = node->inputs.front();
    info.hasShape = true;
    info.shape = result->shape;
    operand = &info;
  }
}
