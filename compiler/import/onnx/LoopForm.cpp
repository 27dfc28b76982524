//===- LoopForm.cpp - what Loop and Scan have in common -------------------===//
//
// The body becomes a function that edge.loop runs. Where that is impossible,
// because a value changes its shape from one iteration to the next or because
// the iteration's number decides a shape, and the number of iterations is
// known, the body is imported once for each of them.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/LoopForm.h"
#include "dialects/edge/Control.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using mlir::Value;

using Bindings = llvm::SmallVector<Binding>;

static bool isEmpty(const Binding &binding) {
  return binding.type.getNumElements() == 0;
}

static Binding constantBinding(NodeImport &n, Constant constant) {
  auto type = mlir::RankedTensorType::get(
      constant.shape, elementType(constant.type, n.builder.getContext()));
  return {type, nullptr, std::make_shared<const Constant>(std::move(constant))};
}

static Binding scalarBinding(NodeImport &n, DataType type, int64_t value) {
  Numbers numbers;
  numbers.type = type;
  numbers.integers = {value};
  return constantBinding(n, numbers.toConstant());
}

static Value valueOf(NodeImport &n, const Binding &binding) {
  if (binding.value)
    return binding.value;
  return NodeImport::materialize(n.builder, n.loc, *binding.constant);
}

/// The body as a function.
struct LoopForm::Body {
  OutlinedGraph outlined;
  /// Whether its first result says if another iteration follows.
  bool hasCondition = false;
  /// Whether there is at most one iteration.
  bool runsOnce = false;
  /// What one row of each stacked output stands for in the function.
  Bindings rows;
};

size_t LoopForm::rowCount(NodeImport &n) const {
  size_t outputs = n.node.outputs.size();
  return outputs < states.size() ? 0 : outputs - states.size();
}

bool LoopForm::checkArity(NodeImport &n) const {
  size_t inputs = states.size() + (isLoop ? 2 : sliced.size());
  // The node may leave out its last outputs.
  size_t outputs = states.size() + (isLoop ? 1 : 0) + rowCount(n);
  if (body.inputs.size() == inputs && body.outputs.size() >= outputs)
    return true;
  n.error() << "the body has " << body.inputs.size() << " inputs and "
            << body.outputs.size() << " outputs, and should have " << inputs
            << " and " << outputs;
  return false;
}

/// The tensor's part at `index` of its first dimension, which vanishes.
static Value rowOf(NodeImport &n, Value x, int64_t index) {
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  llvm::SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  offsets[0] = index;
  sizes[0] = 1;
  Value row = n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                          n.attr("sizes", sizes),
                                          n.attr("strides", strides)});
  return n.reshape(row, type.getShape().drop_front());
}

/// The size that the model states for outputs that collect rows.
std::optional<int64_t> LoopForm::declaredTrips(NodeImport &n) const {
  for (size_t i = states.size(); i < n.node.outputs.size(); ++i)
    if (auto shape = n.declaredShape(i); shape && !shape->empty())
      return shape->front();
  return std::nullopt;
}

/// None, with diagnostics, where the body cannot be a function.
std::optional<LoopForm::Body> LoopForm::outline(NodeImport &n) const {
  Bindings arguments;
  auto addArgument = [&](mlir::RankedTensorType type) {
    arguments.push_back({type, nullptr, nullptr});
  };
  auto indexType =
      mlir::RankedTensorType::get({}, n.builder.getIntegerType(64));
  if (isLoop) {
    addArgument(indexType);
    // Where the body runs, its condition is true.
    arguments.push_back(scalarBinding(n, DataType::Bool, 1));
  }
  for (const Binding &state : states) {
    if (isEmpty(state))
      arguments.push_back(state);
    else
      addArgument(state.type);
  }
  for (Value value : sliced) {
    auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
    addArgument(mlir::RankedTensorType::get(type.getShape().drop_front(),
                                            type.getElementType()));
  }
  Body result;
  auto select = [&](ArrayRef<Binding> bindings)
      -> std::optional<llvm::SmallVector<unsigned>> {
    llvm::SmallVector<unsigned> selected;
    unsigned next = 0;
    if (isLoop) {
      const Binding &goesOn = bindings[next++];
      if (goesOn.type.getNumElements() != 1 ||
          !goesOn.type.getElementType().isInteger(1) ||
          goesOn.type.getRank() != 0) {
        mlir::emitError(n.loc)
            << n.node.opType << ": the body's condition must be one bool, not "
            << goesOn.type;
        return std::nullopt;
      }
      result.hasCondition = !goesOn.constant;
      result.runsOnce = goesOn.constant && goesOn.constant->bytes[0] == 0;
      if (result.hasCondition)
        selected.push_back(0);
    }
    for (const Binding &state : states) {
      if (bindings[next].type != state.type) {
        mlir::emitError(n.loc)
            << n.node.opType << ": the value '" << body.outputs[next].name
            << "' that the body hands on changes from " << state.type << " to "
            << bindings[next].type
            << "; it must keep its type where the run decides how often the "
               "body runs";
        return std::nullopt;
      }
      if (!isEmpty(state))
        selected.push_back(next);
      ++next;
    }
    for (size_t end = next + rowCount(n); next < end; ++next) {
      result.rows.push_back(bindings[next]);
      if (!isEmpty(bindings[next]))
        selected.push_back(next);
    }
    return selected;
  };
  auto outlined = n.subgraphs->outlineGraph(body, arguments, "body", select);
  if (failed(outlined))
    return std::nullopt;
  result.outlined = std::move(*outlined);
  if (!isLoop)
    (void)result.outlined.function.insertArgument(0, indexType, {}, n.loc);
  return result;
}

std::optional<Bindings> LoopForm::makeLoop(NodeImport &n,
                                           const Body &made) const {
  std::optional<int64_t> most = trips;
  if (made.runsOnce)
    most = std::min<int64_t>(most.value_or(1), 1);
  if (!made.rows.empty() && (!most || count || condition || made.hasCondition))
    if (auto declared = declaredTrips(n))
      most = std::min(most.value_or(*declared), *declared);
  if (!made.rows.empty() && !most) {
    n.error()
        << "the number of iterations decides the size of output "
        << states.size()
        << ", but is known at run time only; state that output's shape in "
           "the model, or make the number constant";
    return std::nullopt;
  }
  llvm::SmallVector<Value> initial;
  llvm::SmallVector<mlir::Type> types;
  for (const Binding &state : states) {
    if (isEmpty(state))
      continue;
    initial.push_back(valueOf(n, state));
    types.push_back(state.type);
  }
  auto stackedShape = [&](const Binding &row) {
    llvm::SmallVector<int64_t> shape = {*most};
    llvm::append_range(shape, row.type.getShape());
    return shape;
  };
  for (const Binding &row : made.rows) {
    auto size = countElements(stackedShape(row));
    if (!size) {
      n.error() << "an output of " << *most << " rows of " << row.type
                << " is too large";
      return std::nullopt;
    }
    if (*size != 0)
      types.push_back(mlir::RankedTensorType::get(stackedShape(row),
                                                  row.type.getElementType()));
  }
  edge::LoopOp op;
  if (most != 0) {
    op = edge::LoopOp::create(
        n.builder, n.loc, types,
        mlir::FlatSymbolRefAttr::get(made.outlined.function), count, condition,
        initial, sliced, made.outlined.captures,
        most ? n.builder.getI64IntegerAttr(*most) : mlir::IntegerAttr(),
        n.builder.getBoolAttr(made.hasCondition));
  }
  Bindings results;
  unsigned next = 0;
  for (const Binding &state : states) {
    bool isPassed = isEmpty(state) || !op;
    results.push_back(
        isPassed ? state : Binding{state.type, op.getResult(next++), nullptr});
  }
  for (const Binding &row : made.rows) {
    if (op && !isEmpty(row)) {
      Value value = op.getResult(next++);
      results.push_back({mlir::cast<mlir::RankedTensorType>(value.getType()),
                         value, nullptr});
      continue;
    }
    auto type = mlir::RankedTensorType::get(stackedShape(row),
                                            row.type.getElementType());
    results.push_back(constantBinding(n, emptyConstant(type)));
  }
  return results;
}

std::optional<Bindings> LoopForm::unroll(NodeImport &n) const {
  constexpr int64_t maxIterations = 4096;
  Bindings carried = states;
  std::vector<llvm::SmallVector<Value>> rows(rowCount(n));
  bool goesOn = true;
  for (int64_t i = 0; goesOn && i < trips.value_or(i + 1); ++i) {
    if (i == maxIterations) {
      n.error() << "its values change their shapes, and it runs more than "
                << maxIterations << " times; write it without changing shapes";
      return std::nullopt;
    }
    Bindings arguments;
    if (isLoop)
      arguments = {scalarBinding(n, DataType::Int64, i),
                   scalarBinding(n, DataType::Bool, 1)};
    llvm::append_range(arguments, carried);
    for (Value value : sliced) {
      Value row = rowOf(n, value, i);
      if (!row)
        return std::nullopt;
      arguments.push_back(
          {mlir::cast<mlir::RankedTensorType>(row.getType()), row, nullptr});
    }
    auto results = n.subgraphs->inlineGraph(body, arguments);
    if (failed(results))
      return std::nullopt;
    ArrayRef<Binding> rest = *results;
    if (isLoop) {
      const std::shared_ptr<const Constant> &known = rest.front().constant;
      if (!known || known->bytes.empty()) {
        n.error() << "its values change their shapes, so the number of "
                     "iterations must be known, but it depends on the model's "
                     "inputs; write it without changing shapes";
        return std::nullopt;
      }
      goesOn = known->bytes[0] != 0;
      rest = rest.drop_front();
    }
    carried.assign(rest.begin(), rest.begin() + states.size());
    for (auto [list, row] : llvm::zip(rows, rest.drop_front(states.size()))) {
      llvm::SmallVector<int64_t> shape = {1};
      llvm::append_range(shape, row.type.getShape());
      list.push_back(n.reshape(valueOf(n, row), shape));
    }
  }
  for (const auto &list : rows) {
    Value stacked = n.make<edge::ConcatOp>(list, {n.attr("axis", int64_t(0))});
    if (!stacked)
      return std::nullopt;
    carried.push_back({mlir::cast<mlir::RankedTensorType>(stacked.getType()),
                       stacked, nullptr});
  }
  return carried;
}

std::optional<Bindings> LoopForm::import(NodeImport &n) {
  if (!checkArity(n))
    return std::nullopt;
  // Some exporters write "for ever" as the largest number.
  if (isLoop && trips && *trips > INT32_MAX)
    trips.reset();
  mlir::MLIRContext *context = n.builder.getContext();
  std::vector<mlir::Diagnostic> problems;
  std::optional<Body> made;
  {
    mlir::ScopedDiagnosticHandler keep(context, [&](mlir::Diagnostic &problem) {
      problems.push_back(std::move(problem));
    });
    made = outline(n);
  }
  if (made)
    return makeLoop(n, *made);
  bool isKnown = !count && !condition && trips != 0;
  if (isKnown)
    return unroll(n);
  for (mlir::Diagnostic &problem : problems)
    context->getDiagEngine().emit(std::move(problem));
  return std::nullopt;
}
