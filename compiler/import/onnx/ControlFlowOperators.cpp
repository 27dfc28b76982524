//===- ControlFlowOperators.cpp - If, Loop and Scan -----------------------===//
//
// A branch that is known at import is imported in place.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Subgraphs.h"

using namespace edgec;
using namespace edgec::onnx;

static void importIf(NodeImport &n) {
  const Graph *then = n.graph("then_branch"),
              *otherwise = n.graph("else_branch");
  if (n.failed())
    return;
  auto condition = n.scalar(0, "condition");
  if (!condition)
    return;
  const Graph &taken = *condition != 0 ? *then : *otherwise;
  if (!taken.inputs.empty() || taken.outputs.size() < n.node.outputs.size()) {
    n.error() << "a branch has " << taken.inputs.size() << " inputs and "
              << taken.outputs.size() << " outputs, and should have none and "
              << n.node.outputs.size();
    return;
  }
  auto results = n.subgraphs->inlineGraph(taken, {});
  if (failed(results))
    return n.fail();
  for (unsigned i = 0; i < n.node.outputs.size(); ++i)
    n.set(i, (*results)[i]);
}

llvm::ArrayRef<Operator> onnx::controlFlowOperators() {
  static constexpr Operator rows[] = {
      {"If", 1, 1, 1, importIf, nullptr, types::anyType},
  };
  return rows;
}
