//===- GraphImport.cpp - the graph of an ONNX model -----------------------===//
//
//   Conv "c1" (x, w) -> y        func.func @model(%x {edge.name = "x"}) ->
//   (...) { outputs: y              =>     %w = edge.constant
//                                  %y = transpose, conv2d, transpose  loc("c1")
//                                  return %y
// A node that fails leaves its results without a type; nodes that use them are
// passed over, so that one run reports the faults of independent nodes.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/GraphImport.h"
#include "compiler/import/onnx/BoundedDimensions.h"
#include "compiler/import/onnx/OnnxImport.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

GraphImport::GraphImport(const Model &model, TensorSource source,
                         StringRef path, const ImportOptions &options,
                         mlir::MLIRContext &context)
    : model(model), graph(model.graph), source(std::move(source)),
      options(options), context(context), builder(&context),
      fileLoc(mlir::FileLineColLoc::get(&context, path, 0, 0)) {
  for (const Function &function : model.functions)
    functions.try_emplace({function.domain, function.name}, &function);
}

mlir::Location GraphImport::nameLocation(StringRef name) {
  return mlir::NameLoc::get(builder.getStringAttr(name));
}

mlir::Location GraphImport::nodeLocation(const Node &node) {
  if (node.name.empty() && !node.outputs.empty())
    return nameLocation(node.outputs.front());
  return nameLocation(node.name);
}

mlir::InFlightDiagnostic GraphImport::fileError() {
  return mlir::emitError(fileLoc);
}

mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> GraphImport::run() {
  if (failed(checkOperatorSets()))
    return failure();
  if (graph.sparseInitializers != 0) {
    return fileError() << "the model has " << graph.sparseInitializers
                       << " sparse initializers, which are not supported; "
                          "export it with dense weights";
  }
  if (options.onOperator)
    for (const Node &node : graph.nodes)
      options.onOperator(qualifiedName(node), nodeLocation(node));
  // Independent of one another: report what each of them finds.
  bool ok = succeeded(checkOperators());
  ok &= succeeded(checkNames(graph, {}));
  ok &= succeeded(resolveInputs());
  if (!ok)
    return failure();

  module = mlir::ModuleOp::create(fileLoc);
  builder.setInsertionPointToEnd(module->getBody());
  llvm::SmallVector<mlir::Type> types;
  for (auto &[info, type] : inputs)
    types.push_back(type);
  FunctionScope function{
      mlir::func::FuncOp::create(builder, fileLoc, options.modelName,
                                 builder.getFunctionType(types, {})),
      {}};
  mlir::Block *block = function.function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  Scope scope(graph, function, opset, /*outer=*/nullptr);
  for (auto [index, input] : llvm::enumerate(inputs)) {
    StringRef name = input.first->name;
    mlir::BlockArgument argument = block->getArgument(index);
    argument.setLoc(nameLocation(name));
    function.function.setArgAttr(index, "edge.name",
                                 builder.getStringAttr(name));
    Binding &binding = scope.bindings[name];
    binding = {input.second, argument, nullptr};
    // Without elements there is nothing to wait for the run for.
    if (input.second.getNumElements() == 0)
      binding.constant =
          std::make_shared<const Constant>(emptyConstant(input.second));
  }
  if (failed(importNodes(scope)) || failed(finish(scope)))
    return failure();
  return std::move(module);
}

LogicalResult GraphImport::importInitializers(Scope &scope) {
  bool ok = true;
  for (const Tensor &tensor : scope.graph.initializers) {
    auto error = [&] { return mlir::emitError(nameLocation(tensor.name)); };
    auto constant = source.load(tensor, error);
    if (failed(constant)) {
      ok = false;
      continue;
    }
    mlir::Type element = elementType(constant->type, &context);
    auto type = mlir::RankedTensorType::get(constant->shape, element);
    scope.bindings[tensor.name] = {
        type,
        nullptr,
        std::make_shared<const Constant>(std::move(*constant)),
        {}};
  }
  return success(ok);
}

/// The table's element types say what input 0 may be.
static bool fitsTypes(NodeImport &n, const Operator &row) {
  if (row.types.empty() || n.inputCount() == 0 || !n.hasInput(0))
    return true;
  mlir::Type type = n.type(0).getElementType();
  bool isBool = type.isInteger(1), isFloat = mlir::isa<mlir::FloatType>(type);
  bool fits = row.types == types::anyType ||
              (row.types == types::floats && isFloat) ||
              (row.types == types::numbers && !isBool) ||
              (row.types == types::integers && !isFloat && !isBool) ||
              (row.types == types::boolean && isBool);
  if (!fits)
    n.error() << "input 0 has element type " << type
              << ", but the operator takes " << row.types;
  return fits;
}

/// Where the model states that no result has elements, there is nothing to
/// compute.
static bool setEmptyResults(NodeImport &n) {
  for (unsigned i = 0; i < n.node.outputs.size(); ++i) {
    auto shape = n.declaredShape(i);
    if (!shape || countElements(*shape) != 0 ||
        !elementType(n.declared[i]->type, n.builder.getContext()))
      return false;
  }
  for (unsigned i = 0; i < n.node.outputs.size(); ++i) {
    mlir::Type element =
        elementType(n.declared[i]->type, n.builder.getContext());
    n.set(i, emptyConstant(
                 mlir::RankedTensorType::get(*n.declaredShape(i), element)));
  }
  return !n.node.outputs.empty();
}

/// Checks that the operator's number of inputs is right, then evaluates or
/// imports the node.
LogicalResult GraphImport::runImporter(NodeImport &n, const Operator &row) {
  if (n.inputCount() > row.maxInputs)
    return n.error() << n.inputCount() << " inputs are too many, it takes "
                     << row.maxInputs;
  for (unsigned i = 0; i < row.minInputs; ++i) {
    if (!n.hasInput(i))
      return n.error() << "input " << i << " is missing, it takes at least "
                       << row.minInputs;
  }
  if (n.hasAttribute("value") && n.node.opType == "Constant") {
    if (const Tensor *value = n.tensor("value")) {
      auto constant = source.load(*value, [&] { return n.error(); });
      if (succeeded(constant)) {
        constant->name.clear();
        n.set(0, std::move(*constant));
      }
    }
    n.checkAttributes();
    return failure(n.failed());
  }
  if (setEmptyResults(n))
    return success();
  bool allConstant = n.inputCount() != 0;
  for (unsigned i = 0; i < n.inputCount(); ++i)
    allConstant &= !n.hasInput(i) || n.constant(i);
  // A hint for in-place execution, without effect.
  if (n.opset < 6)
    n.ignore({"consumed_inputs"});
  bool isOldBroadcast = n.opset < 7 && n.hasAttribute("broadcast");
  if (!checkBounds(n))
    return failure();
  bool done = row.evaluate && allConstant && !isOldBroadcast && row.evaluate(n);
  if (!done && !n.failed()) {
    if (row.import && fitsTypes(n, row))
      row.import(n);
    else if (!row.import)
      n.error() << "this operator is supported on constants only; export the "
                   "model with fixed shapes and constant folding";
  }
  if (!n.failed())
    n.checkAttributes();
  if (!n.failed())
    carryBounds(n);
  return failure(n.failed());
}

LogicalResult GraphImport::importNode(Scope &scope, const Node &node) {
  mlir::Location loc = nodeLocation(node);
  if (failed(countNode(node)))
    return failure();
  llvm::SmallVector<Binding *> operands;
  bool usable = true;
  for (StringRef input : node.inputs) {
    operands.push_back(input.empty() ? nullptr : scope.find(input));
    // A producer that failed may have left no binding at all.
    usable &= input.empty() || (operands.back() && operands.back()->type);
  }
  // A failed producer has been reported; its users say nothing new.
  if (!usable)
    return failure();
  if (const Function *function = findFunction(node))
    return callFunction(scope, node, *function, operands);
  NodeImport n(node, scope.opset, builder, loc, operands);
  n.subgraphs = this;
  for (StringRef name : node.outputs)
    n.declared.push_back(scope.declared.lookup(name));
  llvm::SaveAndRestore entered(current, &scope);
  n.customFunction = customFunction(node);
  if (failed(runImporter(n, *rowOf(node))))
    return failure();
  return setResults(scope, node, n.results());
}

LogicalResult GraphImport::setResults(Scope &scope, const Node &node,
                                      llvm::ArrayRef<Binding> results) {
  mlir::Location loc = nodeLocation(node);
  bool ok = true;
  for (auto [name, result] : llvm::zip_equal(node.outputs, results)) {
    if (name.empty())
      continue;
    if (!result.type) {
      ok = false;
      mlir::emitError(loc) << node.opType << ": output '" << name
                           << "' is not supported";
      continue;
    }
    ok &= succeeded(checkDeclared(scope, name, result, loc));
    scope.bindings[name] = result;
  }
  return success(ok);
}

/// The model may state the types of its values; a wrong one means that either
/// the model is damaged or we misread a node, so it is an error.
LogicalResult GraphImport::checkDeclared(Scope &scope, StringRef name,
                                         const Binding &found,
                                         mlir::Location loc) {
  auto entry = scope.declared.find(name);
  if (entry == scope.declared.end() || !entry->second)
    return success();
  const ValueInfo &info = *entry->second;
  mlir::Type element = elementType(info.type, &context);
  if (info.type != DataType::Undefined &&
      element != found.type.getElementType()) {
    return mlir::emitError(loc)
           << "the model declares '" << name << "' of type "
           << dataTypeName(info.type) << ", but it is computed as "
           << found.type.getElementType();
  }
  if (!info.hasShape)
    return success();
  bool fits = int64_t(info.shape.size()) == found.type.getRank();
  llvm::SmallVector<std::string> dimensions;
  for (auto [index, dimension] : llvm::enumerate(info.shape)) {
    if (fits && dimension.size >= 0) {
      int64_t size = found.type.getDimSize(index);
      bool isBound = found.bound.dimension == int64_t(index);
      fits = dimension.size == size || (isBound && dimension.size < size);
    }
    dimensions.push_back(dimension.size < 0 ? "?"
                                            : std::to_string(dimension.size));
  }
  if (fits)
    return success();
  return mlir::emitError(loc)
         << "the model declares '" << name << "' of shape "
         << llvm::join(dimensions, "x") << ", but it is computed as "
         << shapeText(found.type.getShape())
         << "; correct the model or run onnx.shape_inference on it";
}

LogicalResult GraphImport::finish(Scope &scope) {
  mlir::func::FuncOp function = scope.function.function;
  llvm::SmallVector<mlir::Value> results;
  llvm::SmallVector<mlir::Type> types;
  for (const ValueInfo &output : graph.outputs) {
    Binding &binding = *scope.find(output.name);
    if (!binding.value)
      binding.value = NodeImport::materialize(
          builder, nameLocation(output.name), *binding.constant);
    results.push_back(binding.value);
    types.push_back(binding.type);
  }
  addSizes(scope, results, types);
  mlir::func::ReturnOp::create(builder, fileLoc, results);
  llvm::SmallVector<mlir::Type> arguments(function.getArgumentTypes());
  function.setFunctionType(builder.getFunctionType(arguments, types));
  for (auto [index, output] : llvm::enumerate(graph.outputs))
    function.setResultAttr(index, "edge.name",
                           builder.getStringAttr(output.name));
  describeSizes(scope, results);
  return mlir::verify(*module);
}

/// The sizes that only a run knows become outputs behind the model's own.
void GraphImport::addSizes(Scope &scope,
                           llvm::SmallVectorImpl<mlir::Value> &results,
                           llvm::SmallVectorImpl<mlir::Type> &types) {
  for (const ValueInfo &output : graph.outputs) {
    const Bound &bound = scope.find(output.name)->bound;
    if (!bound.isBounded() ||
        llvm::is_contained(
            llvm::ArrayRef(results).drop_front(graph.outputs.size()),
            bound.count))
      continue;
    results.push_back(bound.count);
    types.push_back(bound.count.getType());
  }
}

void GraphImport::describeSizes(Scope &scope,
                                llvm::ArrayRef<mlir::Value> results) {
  mlir::func::FuncOp function = scope.function.function;
  size_t own = graph.outputs.size();
  for (auto [index, output] : llvm::enumerate(graph.outputs)) {
    const Bound &bound = scope.find(output.name)->bound;
    if (!bound.isBounded())
      continue;
    auto size = llvm::find(results.drop_front(own), bound.count);
    unsigned number = size - results.begin();
    function.setResultAttr(index, "edge.size_result",
                           builder.getI64IntegerAttr(number));
    function.setResultAttr(index, "edge.size_dimension",
                           builder.getI64IntegerAttr(bound.dimension));
    if (!function.getResultAttr(number, "edge.name"))
      function.setResultAttr(number, "edge.name",
                             builder.getStringAttr(output.name + ".size"));
  }
}

mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
onnx::importOnnx(const MappedFile &file, StringRef path,
                 const ImportOptions &options, mlir::MLIRContext &context) {
  context.loadDialect<edge::EdgeDialect, mlir::func::FuncDialect>();
  mlir::Location loc = mlir::FileLineColLoc::get(&context, path, 0, 0);
  StringRef bytes = file.bytes();
  if (bytes.size() > INT32_MAX) {
    return mlir::emitError(loc)
           << "the model has " << bytes.size()
           << " bytes, and an ONNX file may have 2^31 - 1; save its weights as "
              "external data";
  }
  Model model;
  WireFault fault;
  if (!readModel(bytes, model, fault)) {
    return mlir::emitError(loc)
           << "not an intact ONNX model: at byte " << fault.offset << " of "
           << bytes.size() << ", " << fault.reason
           << "; the file is cut off, damaged or of another format";
  }
  if (!model.hasGraph || model.irVersion == 0)
    return mlir::emitError(loc) << "not an ONNX model: it has no "
                                << (model.hasGraph ? "IR version" : "graph");
  return GraphImport(model, TensorSource(file, path), path, options, context)
      .run();
}
