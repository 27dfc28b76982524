//===- NameChecks.cpp - the names of a graph and the order of its nodes ---===//
//
// Every name is defined once and before it is used; files may list their nodes
// in any order. A branch or body uses the names around it: for the order, what
// is used inside a node's graphs is used by the node.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/GraphImport.h"
#include "llvm/ADT/StringSet.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;
using mlir::LogicalResult;
using mlir::success;

/// Names the nodes of one diagnostic; a few stand for many.
std::string onnx::listNodes(llvm::ArrayRef<const Node *> nodes) {
  constexpr size_t shown = 8;
  std::string text;
  for (const Node *node : nodes.take_front(shown)) {
    StringRef name = node->name;
    if (name.empty() && !node->outputs.empty())
      name = node->outputs.front();
    text += (text.empty() ? "'" : ", '") + name.str() + "'";
  }
  if (nodes.size() > shown)
    text += " and " + std::to_string(nodes.size() - shown) + " more";
  return text;
}

LogicalResult
GraphImport::checkNames(const Graph &graph,
                        llvm::ArrayRef<const llvm::StringSet<> *> outer) {
  bool ok = true;
  llvm::StringSet<> defined, initialized;
  for (const Tensor &tensor : graph.initializers) {
    if (!initialized.insert(tensor.name).second) {
      mlir::emitError(nameLocation(tensor.name))
          << "initializer '" << tensor.name << "' is defined twice";
      ok = false;
    }
  }
  auto define = [&](StringRef name, mlir::Location loc) {
    if (name.empty() || defined.insert(name).second)
      return;
    mlir::emitError(loc) << "'" << name
                         << "' is defined twice; names must be unique";
    ok = false;
  };
  // An input may also be an initializer: the latter is its value.
  for (const ValueInfo &input : graph.inputs)
    define(input.name, nameLocation(input.name));
  for (const Tensor &tensor : graph.initializers)
    defined.insert(tensor.name);
  for (const Node &node : graph.nodes) {
    for (StringRef output : node.outputs)
      define(output, nodeLocation(node));
  }
  llvm::SmallVector<const llvm::StringSet<> *> visible(outer);
  visible.push_back(&defined);
  auto isVisible = [&](StringRef name) {
    return llvm::any_of(
        visible, [&](const auto *names) { return names->contains(name); });
  };
  for (const Node &node : graph.nodes) {
    for (StringRef input : node.inputs) {
      if (!input.empty() && !isVisible(input)) {
        mlir::emitError(nodeLocation(node))
            << node.opType << ": input '" << input
            << "' is defined nowhere in the model";
        ok = false;
      }
    }
    for (const Attribute &attribute : node.attributes)
      for (const Graph &inner : attribute.graph)
        ok &= succeeded(checkNames(inner, visible));
  }
  for (const ValueInfo &output : graph.outputs) {
    if (!isVisible(output.name)) {
      mlir::emitError(nameLocation(output.name))
          << "output '" << output.name << "' is defined nowhere in the model";
      ok = false;
    }
  }
  if (graph.outputs.empty() && outer.empty()) {
    fileError() << "the model has no outputs";
    ok = false;
  }
  return success(ok);
}

/// Calls `use` with the names that the node reads: its inputs, and what its
/// graphs read from around them.
static void forEachUse(const Node &node,
                       llvm::function_ref<void(StringRef)> use) {
  for (StringRef input : node.inputs)
    if (!input.empty())
      use(input);
  for (const Attribute &attribute : node.attributes) {
    for (const Graph &graph : attribute.graph) {
      llvm::StringSet<> inside;
      for (const ValueInfo &input : graph.inputs)
        inside.insert(input.name);
      for (const Tensor &tensor : graph.initializers)
        inside.insert(tensor.name);
      for (const Node &inner : graph.nodes)
        for (StringRef output : inner.outputs)
          inside.insert(output);
      auto useOutside = [&](StringRef name) {
        if (!inside.contains(name))
          use(name);
      };
      for (const Node &inner : graph.nodes)
        forEachUse(inner, useOutside);
      for (const ValueInfo &output : graph.outputs)
        useOutside(output.name);
    }
  }
}

/// Stable: nodes stay in the file's order where that is topological.
mlir::FailureOr<std::vector<const Node *>>
GraphImport::sortNodes(const Graph &graph) {
  std::vector<const Node *> order;
  llvm::StringMap<size_t> producer;
  for (auto [index, node] : llvm::enumerate(graph.nodes)) {
    for (StringRef output : node.outputs)
      if (!output.empty())
        producer[output] = index;
  }
  std::vector<std::vector<size_t>> consumers(graph.nodes.size());
  std::vector<size_t> waiting(graph.nodes.size(), 0);
  std::vector<size_t> ready;
  for (auto [index, node] : llvm::enumerate(graph.nodes)) {
    forEachUse(node, [&, index = index](StringRef name) {
      auto found = producer.find(name);
      if (found == producer.end())
        return;
      consumers[found->second].push_back(index);
      ++waiting[index];
    });
    if (waiting[index] == 0)
      ready.push_back(index);
  }
  auto later = std::greater<>();
  std::make_heap(ready.begin(), ready.end(), later);
  while (!ready.empty()) {
    std::pop_heap(ready.begin(), ready.end(), later);
    size_t index = ready.back();
    ready.pop_back();
    order.push_back(&graph.nodes[index]);
    for (size_t consumer : consumers[index]) {
      if (--waiting[consumer] == 0) {
        ready.push_back(consumer);
        std::push_heap(ready.begin(), ready.end(), later);
      }
    }
  }
  if (order.size() == graph.nodes.size())
    return order;
  std::vector<const Node *> stuck;
  for (auto [index, node] : llvm::enumerate(graph.nodes))
    if (waiting[index] != 0)
      stuck.push_back(&node);
  return mlir::emitError(nodeLocation(*stuck.front()))
         << "these nodes wait for each other in a cycle: " << listNodes(stuck);
}
