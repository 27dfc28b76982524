//===- ControlFlowOperators.cpp - If, Loop and Scan -----------------------===//
//
// A branch that is known at import is imported in place; otherwise both become
// functions and edge.if chooses between them. The body of Loop and Scan becomes
// a function that edge.loop runs (LoopForm.cpp).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/LoopForm.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Subgraphs.h"
#include "dialects/edge/Control.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using mlir::Value;

static bool isEmpty(mlir::RankedTensorType type) {
  return type.getNumElements() == 0;
}

//===-- If
//-----------------------------------------------------------------===//

/// Both branches as functions, and an edge.if on them.
static void importRunTimeIf(NodeImport &n, const Graph &then,
                            const Graph &otherwise) {
  llvm::SmallVector<Binding> first;
  bool agree = true;
  auto compare = [&](unsigned index, const Binding &binding) {
    if (binding.type == first[index].type)
      return;
    agree = false;
    n.error() << "output " << index << " is of type " << first[index].type
              << " in the then_branch and of type " << binding.type
              << " in the else_branch; a branch that is chosen at run time "
                 "must give the same type";
  };
  auto withElements = [&](ArrayRef<Binding> bindings) {
    llvm::SmallVector<unsigned> indices;
    for (unsigned i = 0; i < n.node.outputs.size(); ++i)
      if (!isEmpty(bindings[i].type))
        indices.push_back(i);
    return indices;
  };
  auto thenFunction = n.subgraphs->outlineGraph(
      then, {}, "then", [&](ArrayRef<Binding> bindings) {
        first.assign(bindings.begin(), bindings.end());
        return std::optional(withElements(bindings));
      });
  if (failed(thenFunction))
    return n.fail();
  auto elseFunction = n.subgraphs->outlineGraph(
      otherwise, {}, "else",
      [&](ArrayRef<Binding> bindings)
          -> std::optional<llvm::SmallVector<unsigned>> {
        for (unsigned i = 0; i < n.node.outputs.size(); ++i)
          compare(i, bindings[i]);
        if (!agree)
          return std::nullopt;
        return withElements(bindings);
      });
  if (failed(elseFunction))
    return n.fail();
  Value condition = n.reshape(n.operand(0), {});
  if (!condition)
    return;
  auto types = llvm::to_vector_of<mlir::Type>(thenFunction->results);
  auto op =
      edge::IfOp::create(n.builder, n.loc, types, condition,
                         thenFunction->captures, elseFunction->captures,
                         mlir::FlatSymbolRefAttr::get(thenFunction->function),
                         mlir::FlatSymbolRefAttr::get(elseFunction->function));
  unsigned next = 0;
  for (unsigned i = 0; i < n.node.outputs.size(); ++i) {
    if (isEmpty(first[i].type))
      n.set(i, first[i]);
    else
      n.set(i, op.getResult(next++));
  }
}

static void importIf(NodeImport &n) {
  const Graph *then = n.graph("then_branch"),
              *otherwise = n.graph("else_branch");
  if (n.failed())
    return;
  for (const Graph *branch : {then, otherwise}) {
    if (branch->inputs.empty() &&
        branch->outputs.size() == n.node.outputs.size())
      continue;
    n.error() << "a branch has " << branch->inputs.size() << " inputs and "
              << branch->outputs.size() << " outputs, and should have none and "
              << n.node.outputs.size();
    return;
  }
  if (n.type(0).getNumElements() != 1 ||
      !n.type(0).getElementType().isInteger(1)) {
    n.error() << "the condition must be one bool, not " << n.type(0);
    return;
  }
  if (!n.constant(0))
    return importRunTimeIf(n, *then, *otherwise);
  auto condition = n.scalar(0, "condition");
  if (!condition)
    return;
  auto results =
      n.subgraphs->inlineGraph(*condition != 0 ? *then : *otherwise, {});
  if (failed(results))
    return n.fail();
  for (unsigned i = 0; i < n.node.outputs.size(); ++i)
    n.set(i, (*results)[i]);
}

//===-- Loop
//---------------------------------------------------------------===//

/// The operand as a scalar of the run; null if it is absent.
static Value scalarOperand(NodeImport &n, unsigned index, unsigned bits,
                           llvm::StringRef meaning) {
  mlir::RankedTensorType type = n.type(index);
  if (type.getNumElements() == 1 && type.getElementType().isInteger(bits))
    return n.reshape(n.operand(index), {});
  n.error() << "the " << meaning << " (input " << index << ") must be one "
            << (bits == 1 ? "bool" : "int64") << ", not " << type;
  return nullptr;
}

static void importLoop(NodeImport &n) {
  const Graph *body = n.graph("body");
  if (!body)
    return;
  LoopForm loop(*body);
  loop.isLoop = true;
  if (n.hasInput(0) && n.constant(0)) {
    if (auto trips = n.integers(0, "number of iterations"))
      loop.trips =
          trips->size() == 1 ? std::max<int64_t>(trips->front(), 0) : 0;
  } else if (n.hasInput(0)) {
    loop.count = scalarOperand(n, 0, 64, "number of iterations");
  }
  if (n.hasInput(1) && n.constant(1)) {
    if (auto begins = n.scalar(1, "condition"); begins && *begins == 0)
      loop.trips = 0;
  } else if (n.hasInput(1)) {
    loop.condition = scalarOperand(n, 1, 1, "condition");
  }
  for (unsigned i = 2; i < n.inputCount(); ++i) {
    if (!n.hasInput(i))
      n.error() << "input " << i << " is missing";
    else
      loop.states.push_back(n.binding(i));
  }
  if (n.failed())
    return;
  auto results = loop.import(n);
  if (!results)
    return n.fail();
  for (auto [index, result] : llvm::enumerate(*results))
    n.set(index, result);
}

//===-- Scan
//---------------------------------------------------------------===//

namespace {
/// Where a scanned tensor's rows lie.
struct RowOrder {
  int64_t axis = 0;
  bool isReversed = false;
};
} // namespace

static Value reverseRows(NodeImport &n, Value x) {
  if (!x)
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  llvm::SmallVector<int64_t> offsets(type.getRank(), 0),
      strides(type.getRank(), 1);
  offsets[0] = type.getDimSize(0) - 1;
  strides[0] = -1;
  return n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                     n.attr("sizes", type.getShape()),
                                     n.attr("strides", strides)});
}

/// Brings dimension `from` to the place `to`; the others keep their order.
static Value moveDimension(NodeImport &n, Value x, int64_t from, int64_t to) {
  if (!x || from == to)
    return x;
  int64_t rank = mlir::cast<mlir::RankedTensorType>(x.getType()).getRank();
  llvm::SmallVector<int64_t> permutation;
  for (int64_t d = 0; d < rank; ++d)
    if (d != from)
      permutation.push_back(d);
  permutation.insert(permutation.begin() + to, from);
  return n.transpose(x, permutation);
}

/// The attributes `axes` and `directions` for `count` tensors; axes are as
/// written, for the ranks are the caller's affair.
static llvm::SmallVector<RowOrder> readOrders(NodeImport &n,
                                              llvm::StringRef axes,
                                              llvm::StringRef directions,
                                              size_t count) {
  llvm::SmallVector<RowOrder> orders(count);
  auto axisList = n.list(axes), directionList = n.list(directions);
  for (const auto &[name, list] :
       {std::pair(axes, axisList), std::pair(directions, directionList)}) {
    if (list && list->size() != count) {
      n.error() << "attribute '" << name << "' has " << list->size()
                << " elements and should have " << count;
      return orders;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    if (axisList)
      orders[i].axis = (*axisList)[i];
    if (directionList)
      orders[i].isReversed = (*directionList)[i] != 0;
  }
  return orders;
}

static void importScan(NodeImport &n) {
  const Graph *body = n.graph("body");
  int64_t scanned = n.integer("num_scan_inputs", 0);
  int64_t states = int64_t(n.inputCount()) - scanned;
  if (!n.failed() && (scanned < 1 || states < 0)) {
    n.error() << "'num_scan_inputs' is " << scanned << ", and the node has "
              << n.inputCount() << " inputs";
  }
  if (n.failed())
    return;
  LoopForm loop(*body);
  for (unsigned i = 0; i < n.inputCount(); ++i)
    if (!n.hasInput(i))
      n.error() << "input " << i << " is missing";
  if (n.failed())
    return;
  for (int64_t i = 0; i < states; ++i)
    loop.states.push_back(n.binding(i));
  auto orders =
      readOrders(n, "scan_input_axes", "scan_input_directions", scanned);
  for (int64_t i = 0; i < scanned && !n.failed(); ++i) {
    unsigned input = states + i;
    int64_t axis = n.normalizeAxis(orders[i].axis, n.rank(input));
    if (n.failed())
      return;
    int64_t length = n.shape(input)[axis];
    if (loop.trips.value_or(length) != length) {
      n.error() << "input " << input << " has " << length
                << " rows, and those before it have " << *loop.trips;
    }
    loop.trips = length;
    Value rows =
        length == 0 ? nullptr : moveDimension(n, n.operand(input), axis, 0);
    if (length == 0)
      n.error() << "input " << input << " has no rows to scan";
    loop.sliced.push_back(orders[i].isReversed ? reverseRows(n, rows) : rows);
  }
  size_t stacked =
      std::max<int64_t>(0, int64_t(n.node.outputs.size()) - states);
  auto outputs =
      readOrders(n, "scan_output_axes", "scan_output_directions", stacked);
  if (n.failed())
    return;
  auto results = loop.import(n);
  if (!results)
    return n.fail();
  for (auto [index, result] : llvm::enumerate(*results)) {
    if (int64_t(index) < states || !result.value) {
      n.set(index, result);
      continue;
    }
    const RowOrder &order = outputs[index - states];
    Value rows = order.isReversed ? reverseRows(n, result.value) : result.value;
    int64_t axis = n.normalizeAxis(order.axis, result.type.getRank());
    if (!n.failed())
      n.set(index, moveDimension(n, rows, 0, axis));
  }
}

llvm::ArrayRef<Operator> onnx::controlFlowOperators() {
  static constexpr Operator rows[] = {
      {"If", 1, 1, 1, importIf, nullptr, types::anyType,
       "a branch chosen at run time gives the same types as the other"},
      {"Loop", 1, 0, anyNumber, importLoop, nullptr, types::anyType,
       "runs as a loop where carried values keep their types; the model states "
       "the size of outputs that collect rows of a run-time number of "
       "iterations"},
      {"Scan", 9, 1, anyNumber, importScan, nullptr, types::anyType},
  };
  return rows;
}
