//===- SubgraphImport.cpp - graphs in attributes, functions of the model --===//
//
// A branch that is known to be taken is imported in place, as is a call of a
// function that the model defines:
//
//   F (a) -> b   with F (x) -> y { t = Relu (x); y = Exp (t) }
//   =>   Relu (a) -> t; Exp (t) -> b
//
// What runs conditionally or repeatedly becomes a private function of edge ops,
// to which edge.if and edge.loop refer.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/GraphImport.h"
#include "llvm/ADT/ScopeExit.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::failure;
using mlir::FailureOr;
using mlir::LogicalResult;
using mlir::success;

LogicalResult GraphImport::countNode(const Node &node) {
  if (++nodeCount <= maxNodes)
    return success();
  return mlir::emitError(nodeLocation(node))
         << "the model has more than " << maxNodes
         << " nodes once its functions and loops are expanded";
}

/// A node that fails leaves its results unbound, and the others go on, so that
/// one run reports them all.
LogicalResult GraphImport::importNodes(Scope &scope) {
  auto order = sortNodes(scope.graph);
  if (failed(order) || failed(importInitializers(scope)))
    return failure();
  scope.stateOperandShapes(*order);
  bool ok = true;
  for (const Node *node : *order) {
    ok &= succeeded(importNode(scope, *node));
    if (nodeCount > maxNodes)
      return failure();
  }
  return success(ok);
}

FailureOr<llvm::SmallVector<Binding>>
GraphImport::importGraph(Scope &scope, ArrayRef<Binding> arguments) {
  for (auto [input, argument] : llvm::zip_equal(scope.graph.inputs, arguments))
    scope.bindings[input.name] = argument;
  if (failed(importNodes(scope)))
    return failure();
  llvm::SmallVector<Binding> results;
  for (const ValueInfo &output : scope.graph.outputs) {
    Binding *binding = scope.find(output.name);
    if (!binding || !binding->type)
      return failure();
    results.push_back(*binding);
  }
  return results;
}

FailureOr<llvm::SmallVector<Binding>>
GraphImport::inlineGraph(const Graph &graph, ArrayRef<Binding> arguments) {
  Scope scope(graph, current->function, current->opset, current);
  return importGraph(scope, arguments);
}

FailureOr<OutlinedGraph> GraphImport::outlineGraph(const Graph &graph,
                                                   ArrayRef<Binding> arguments,
                                                   StringRef name,
                                                   Selection select) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(module->getBody());
  std::string symbol =
      (options.modelName + "_" + name + "_" + llvm::Twine(outlinedCount++))
          .str();
  auto function =
      mlir::func::FuncOp::create(builder, current->function.function.getLoc(),
                                 symbol, builder.getFunctionType({}, {}));
  function.setPrivate();
  auto abandon = llvm::scope_exit([&] { function.erase(); });
  mlir::Block *block = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  llvm::SmallVector<Binding> inside(arguments);
  for (auto [input, argument] : llvm::zip_equal(graph.inputs, inside)) {
    argument.value = nullptr;
    if (!argument.constant)
      argument.value =
          block->addArgument(argument.type, nameLocation(input.name));
  }
  FunctionScope functionScope{function, {}};
  Scope scope(graph, functionScope, current->opset, current);
  auto bindings = importGraph(scope, inside);
  if (failed(bindings))
    return failure();
  auto selected = select(*bindings);
  if (!selected)
    return failure();

  OutlinedGraph result;
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<mlir::Type> types;
  for (unsigned index : *selected) {
    Binding &binding = (*bindings)[index];
    if (binding.bound.isBounded()) {
      mlir::emitError(nameLocation(graph.outputs[index].name))
          << "output '" << graph.outputs[index].name
          << "' of a branch or body has a size that only the run knows, which "
             "cannot leave it; choose a fixed number of elements (TopK)";
      return failure();
    }
    if (!binding.value) {
      binding.value = NodeImport::materialize(
          builder, nameLocation(graph.outputs[index].name), *binding.constant);
    }
    values.push_back(binding.value);
    types.push_back(binding.type);
    result.results.push_back(binding.type);
  }
  mlir::func::ReturnOp::create(builder, function.getLoc(), values);
  function.setFunctionType(
      builder.getFunctionType(block->getArgumentTypes(), types));
  for (auto &[outside, argument] : functionScope.captures)
    result.captures.push_back(outside);
  result.function = function;
  abandon.release();
  return result;
}

//===-- functions of the model
//----------------------------------------------===//

const Function *GraphImport::findFunction(const Node &node) const {
  if (model.functions.empty() || rowOf(node))
    return nullptr;
  auto found = functions.find({node.domain, node.opType});
  return found == functions.end() ? nullptr : found->second;
}

namespace {
/// Copies a function's body for one call.
class FunctionInstance {
public:
  FunctionInstance(const Function &function, const Node &call,
                   ArrayRef<Binding *> operands)
      : function(function), call(call) {
    for (auto [index, input] : llvm::enumerate(function.inputs))
      if (index >= operands.size() || !operands[index])
        absent.insert(input);
  }

  Graph make() {
    Graph graph;
    graph.nodes = function.nodes;
    graph.values = function.values;
    auto add = [](std::vector<ValueInfo> &list, StringRef name) {
      list.emplace_back().name = name;
    };
    for (StringRef input : function.inputs)
      if (!absent.contains(input))
        add(graph.inputs, input);
    for (StringRef output : function.outputs)
      add(graph.outputs, output);
    fillIn(graph);
    return graph;
  }

private:
  /// Replaces references to the call's attributes, and the names of operands
  /// that the call leaves out.
  void fillIn(Graph &graph) {
    for (Node &node : graph.nodes) {
      for (StringRef &input : node.inputs)
        if (absent.contains(input))
          input = "";
      std::vector<Attribute> attributes;
      for (Attribute &attribute : node.attributes) {
        for (Graph &inner : attribute.graph)
          fillIn(inner);
        if (attribute.reference.empty()) {
          attributes.push_back(std::move(attribute));
        } else if (const Attribute *given = find(attribute.reference)) {
          attributes.push_back(*given);
          attributes.back().name = attribute.name;
        }
      }
      node.attributes = std::move(attributes);
    }
  }

  const Attribute *find(StringRef name) const {
    for (const auto *list : {&call.attributes, &function.defaults}) {
      for (const Attribute &attribute : *list)
        if (attribute.name == name)
          return &attribute;
    }
    return nullptr;
  }

  const Function &function;
  const Node &call;
  llvm::StringSet<> absent;
};
} // namespace

/// Nodes of a body, those in its graphs included.
static size_t countNodes(ArrayRef<Node> nodes) {
  size_t count = nodes.size();
  for (const Node &node : nodes) {
    for (const Attribute &attribute : node.attributes)
      for (const Graph &graph : attribute.graph)
        count += countNodes(graph.nodes);
  }
  return count;
}

LogicalResult GraphImport::checkCall(const Node &node,
                                     const Function &function) {
  auto error = [&] {
    return mlir::emitError(nodeLocation(node))
           << "function '" << function.name << "' ";
  };
  if (llvm::is_contained(calls, &function))
    return error() << "calls itself; functions may not be recursive";
  if (calls.size() >= maxGraphDepth)
    return error() << "is called at a depth of more than " << maxGraphDepth
                   << " calls";
  if (node.inputs.size() > function.inputs.size() ||
      node.outputs.size() > function.outputs.size()) {
    return error() << "has " << function.inputs.size() << " inputs and "
                   << function.outputs.size() << " outputs; the call has "
                   << node.inputs.size() << " and " << node.outputs.size();
  }
  for (const Attribute &attribute : node.attributes) {
    bool isKnown = llvm::is_contained(function.attributes, attribute.name) ||
                   llvm::any_of(function.defaults, [&](const Attribute &known) {
                     return known.name == attribute.name;
                   });
    if (!isKnown)
      return error() << "has no attribute '" << attribute.name << "'";
  }
  return success();
}

LogicalResult GraphImport::callFunction(Scope &scope, const Node &node,
                                        const Function &function,
                                        ArrayRef<Binding *> operands) {
  if (failed(checkCall(node, function)))
    return failure();
  nodeCount += countNodes(function.nodes);
  if (failed(countNode(node)))
    return failure();
  Graph body = FunctionInstance(function, node, operands).make();
  llvm::StringSet<> nothing;
  if (failed(checkNames(body, {&nothing})))
    return failure();
  int64_t version = scope.opset;
  for (const OperatorSet &set : function.operatorSets)
    if (set.domain.empty() || set.domain == "ai.onnx")
      version = set.version;
  Scope inside(body, scope.function, version, /*outer=*/nullptr);
  // What the model states about the call's results holds for the body's.
  for (auto [name, output] : llvm::zip(function.outputs, node.outputs))
    if (const ValueInfo *stated = scope.declared.lookup(output))
      inside.declared[name] = stated;
  llvm::SmallVector<Binding> arguments;
  for (Binding *operand : operands)
    if (operand)
      arguments.push_back(*operand);
  calls.push_back(&function);
  auto results = importGraph(inside, arguments);
  calls.pop_back();
  if (failed(results))
    return failure();
  return setResults(scope, node,
                    ArrayRef(*results).take_front(node.outputs.size()));
}
