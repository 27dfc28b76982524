//===- ControlOperators.cpp - variables, branches and loops ---------------===//
//
//   VAR_HANDLE "v" -> h; READ_VARIABLE (h) -> x     =>   %x is an input "v"
//   ASSIGN_VARIABLE (h, y)                          =>   %y is an output "v"
//   WHILE (x) {cond, body}                          =>   edge.loop
// A branch whose condition is known is imported in place.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/GraphImport.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "dialects/edge/Control.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::SmallVector;
using mlir::Value;
using schema::Builtin;

//===-- variables
//----------------------------------------------------------===//

static void importVarHandle(OperatorImport &n) {
  const auto &options = n.options<schema::VarHandleOptions>();
  llvm::StringRef container = text(options.container()),
                  name = text(options.shared_name());
  Binding handle;
  handle.resource =
      container.empty() ? name.str() : (container + "/" + name).str();
  if (handle.resource.empty())
    return void(n.error() << "the variable has no name");
  n.set(0, handle);
}

/// The file declares the result's type, and the variable has no other.
static void importReadVariable(OperatorImport &n) {
  llvm::StringRef name = n.resource(0);
  auto error = [&] { return n.error(); };
  auto type = tensorType(n.declared(0), n.builder.getContext(), error);
  if (n.failed() || mlir::failed(type))
    return;
  *type = storedType(*type);
  if (mlir::RankedTensorType known = n.subgraph.graph.stateType(name))
    type = known;
  if (type->getNumElements() == 0)
    return void(n.error() << "the variable '" << name << "' has no elements");
  n.set(0, n.subgraph.graph.readState(name, *type, error));
}

static void importAssignVariable(OperatorImport &n) {
  llvm::StringRef name = n.resource(0);
  Value value = n.operand(1);
  if (n.failed())
    return;
  if (n.subgraph.graph.readState(name, storedType(n.type(1)),
                                 [&] { return n.error(); }))
    n.subgraph.graph.writeState(name, value);
}

/// Runs a graph before the first run: it gives variables their first values.
/// Zeros are what state begins with anyway.
static void importCallOnce(OperatorImport &n) {
  const Model &model = n.subgraph.model();
  int64_t index = n.options<schema::CallOnceOptions>().init_subgraph();
  if (index < 0 || index >= int64_t(model->subgraphs()->size()))
    return void(n.error() << "it calls graph " << index
                          << ", which is not there");
  const schema::SubGraph &graph = model.subgraph(unsigned(index));
  for (unsigned i = 0; i < count(graph.operators()); ++i) {
    const schema::Operator &op = *graph.operators()->Get(i);
    OperatorKind kind = model.kind(op);
    if (kind.code == Builtin::VAR_HANDLE)
      continue;
    if (kind.code == Builtin::ASSIGN_VARIABLE && count(op.inputs()) == 2 &&
        op.inputs()->Get(1) >= 0) {
      llvm::StringRef first =
          model.data(*graph.tensors()->Get(op.inputs()->Get(1)));
      if (!first.empty() && llvm::all_of(first, [](char c) { return c == 0; }))
        continue;
    }
    mlir::emitWarning(n.loc)
        << n.kind.name() << ": the model's variables do not begin with zeros; "
        << "hand their first values, which stand in graph " << index
        << " of the file, to the first run";
    return;
  }
}

//===-- branches and loops
//-------------------------------------------------===//

static std::optional<SmallVector<Value>> operandsFrom(OperatorImport &n,
                                                      unsigned first) {
  SmallVector<Value> values;
  for (unsigned i = first; i < n.inputCount(); ++i)
    values.push_back(n.operand(i));
  if (n.failed())
    return std::nullopt;
  return values;
}

static void setAll(OperatorImport &n, mlir::ValueRange results) {
  if (results.size() != n.resultCount()) {
    n.error() << "it has " << n.resultCount() << " results, but the graph that "
              << "it calls gives " << results.size();
    return;
  }
  for (auto [index, result] : llvm::enumerate(results))
    n.set(index, result);
}

/// Imports a called graph in place.
static void inlineCall(OperatorImport &n, int64_t graph,
                       mlir::ValueRange operands) {
  auto results =
      n.subgraph.graph.inlineGraph(graph, operands, [&] { return n.error(); });
  if (mlir::failed(results))
    return n.fail();
  setAll(n, *results);
}

static void importCall(OperatorImport &n) {
  if (auto operands = operandsFrom(n, 0))
    inlineCall(n, n.options<schema::CallOptions>().subgraph(), *operands);
}

/// The condition of IF and WHILE, one i1 of any shape, as a scalar.
static Value scalarCondition(OperatorImport &n, Value condition) {
  if (!condition)
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(condition.getType());
  if (type.getNumElements() == 1 && type.getElementType().isInteger(1))
    return n.reshape(condition, {});
  n.error() << "the condition should be one bool, not " << type;
  return nullptr;
}

static void importIf(OperatorImport &n) {
  const auto &options = n.options<schema::IfOptions>();
  auto operands = operandsFrom(n, 1);
  if (!operands)
    return;
  if (n.constant(0)) {
    auto condition = n.scalar(0, "condition");
    if (!condition)
      return;
    return inlineCall(
        n, *condition != 0 ? options.then_subgraph() : options.else_subgraph(),
        *operands);
  }
  Value condition = scalarCondition(n, n.operand(0));
  GraphImport &graph = n.subgraph.graph;
  auto branch = [&](llvm::StringRef purpose, int64_t index) {
    return graph.makeFunction(
        purpose, n.loc, mlir::ValueRange(*operands).getTypes(),
        [&](mlir::ValueRange arguments) {
          return graph.inlineGraph(index, arguments, [&] { return n.error(); });
        });
  };
  mlir::func::FuncOp then = branch("then", options.then_subgraph());
  mlir::func::FuncOp otherwise = branch("else", options.else_subgraph());
  if (!then || !otherwise || !condition)
    return n.fail();
  if (then.getResultTypes() != otherwise.getResultTypes())
    return void(n.error() << "the results of the branches differ in type");
  setAll(n, edge::IfOp::create(n.builder, n.loc, then.getResultTypes(),
                               condition, *operands, *operands, then.getName(),
                               otherwise.getName())
                .getResults());
}

/// The states of a loop, and behind them whether it goes on with them: what
/// `condition`, a graph, says.
static mlir::FailureOr<Value> goesOn(OperatorImport &n, int64_t condition,
                                     mlir::ValueRange states) {
  auto results = n.subgraph.graph.inlineGraph(condition, states,
                                              [&] { return n.error(); });
  if (mlir::failed(results))
    return mlir::failure();
  if (results->size() != 1) {
    n.error() << "the graph of its condition should have one result, not "
              << results->size();
    return mlir::failure();
  }
  Value value = scalarCondition(n, results->front());
  if (!value)
    return mlir::failure();
  return value;
}

static void importWhile(OperatorImport &n) {
  const auto &options = n.options<schema::WhileOptions>();
  GraphImport &graph = n.subgraph.graph;
  auto states = operandsFrom(n, 0);
  if (!states)
    return;
  auto first = goesOn(n, options.cond_subgraph(), *states);
  if (mlir::failed(first))
    return n.fail();
  SmallVector<mlir::Type> stateTypes(mlir::ValueRange(*states).getTypes());
  SmallVector<mlir::Type> arguments = {
      mlir::RankedTensorType::get({}, n.builder.getI64Type())};
  llvm::append_range(arguments, stateTypes);
  auto body = graph.makeFunction(
      "body", n.loc, arguments,
      [&](mlir::ValueRange values) -> mlir::FailureOr<SmallVector<Value>> {
        auto next =
            graph.inlineGraph(options.body_subgraph(), values.drop_front(),
                              [&] { return n.error(); });
        if (mlir::failed(next))
          return mlir::failure();
        if (mlir::ValueRange(*next).getTypes() != mlir::TypeRange(stateTypes)) {
          n.error() << "the results of its body differ in type from its "
                       "operands";
          return mlir::failure();
        }
        auto again = goesOn(n, options.cond_subgraph(), *next);
        if (mlir::failed(again))
          return mlir::failure();
        next->insert(next->begin(), *again);
        return next;
      });
  if (!body)
    return n.fail();
  auto loop = edge::LoopOp::create(
      n.builder, n.loc, stateTypes, body.getName(), /*count=*/Value(), *first,
      *states, /*sliced=*/mlir::ValueRange(), /*captures=*/mlir::ValueRange(),
      /*trips=*/mlir::IntegerAttr(), /*has_condition=*/true);
  setAll(n, loop.getResults());
}

llvm::ArrayRef<Operator> tflite::controlOperators() {
  static constexpr Operator rows[] = {
      {Builtin::VAR_HANDLE, 1, 0, 0, importVarHandle, types::any},
      {Builtin::READ_VARIABLE, 1, 1, 1, importReadVariable, types::any,
       "not in branches and loops"},
      {Builtin::ASSIGN_VARIABLE, 1, 2, 2, importAssignVariable, types::any,
       "not in branches and loops"},
      {Builtin::CALL_ONCE, 1, 0, 0, importCallOnce, types::any,
       "first values other than zeros are for the caller to give"},
      {Builtin::CALL, 1, 0, anyNumber, importCall, types::any},
      {Builtin::IF, 1, 1, anyNumber, importIf, types::any},
      {Builtin::WHILE, 1, 1, anyNumber, importWhile, types::any},
  };
  return rows;
}
