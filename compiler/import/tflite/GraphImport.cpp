//===- GraphImport.cpp - the graph of a TFLite model ----------------------===//
//
//   CONV_2D (x, w, b) -> y      func.func @model(%x {edge.name = "x"}) ->
//   (...) { outputs: y             =>     %w = edge.constant
//                                  %y = conv2d, relu  loc("y")
//                                  return %y
// Variables become inputs and outputs behind the model's own.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/GraphImport.h"
#include "compiler/import/tflite/TfliteImport.h"
#include "dialects/edge/Edge.h"
#include "mlir/IR/Verifier.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::Value;

GraphImport::GraphImport(const Model &model, StringRef path,
                         const ImportOptions &options,
                         mlir::MLIRContext &context)
    : model(model), context(context), builder(&context), constants(model),
      shapesAreDeclared(options.shapes.empty()), options(options),
      fileLoc(mlir::FileLineColLoc::get(&context, path, 0, 0)) {}

mlir::Location GraphImport::nameLocation(StringRef name) {
  return mlir::NameLoc::get(builder.getStringAttr(name));
}

mlir::InFlightDiagnostic GraphImport::fileError() {
  return mlir::emitError(fileLoc);
}

bool GraphImport::mayEvaluate(int64_t elements) {
  constexpr int64_t maxPerOperator = 1 << 18, maxPerModel = 1 << 24;
  if (elements > maxPerOperator || evaluatedElements > maxPerModel)
    return false;
  evaluatedElements += elements;
  return true;
}

mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> GraphImport::run() {
  if (failed(chooseSignature()))
    return failure();
  // Independent of one another: report what each of them finds.
  bool ok = succeeded(checkOperators());
  ok &= succeeded(checkQuantization());
  ok &= succeeded(checkScales());
  if (!ok || failed(resolveInputs()))
    return failure();

  module = mlir::ModuleOp::create(fileLoc);
  builder.setInsertionPointToEnd(module->getBody());
  llvm::SmallVector<mlir::Type> types;
  for (mlir::RankedTensorType type : inputTypes)
    types.push_back(storedType(type));
  function = mlir::func::FuncOp::create(builder, fileLoc, options.modelName,
                                        builder.getFunctionType(types, {}));
  mlir::Block *block = function.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  std::vector<Binding> arguments;
  for (auto [index, port] : llvm::enumerate(inputs)) {
    block->getArgument(index).setLoc(nameLocation(port.name));
    Binding binding;
    binding.value = block->getArgument(index);
    binding.type = storedType(inputTypes[index]);
    arguments.push_back(binding);
  }
  auto results = SubgraphImport(*this, mainGraph).run(arguments);
  if (failed(results) || failed(finish(*results)))
    return failure();
  return std::move(module);
}

//===-- state
//--------------------------------------------------------------===//

GraphImport::State *GraphImport::findState(StringRef name) {
  for (State &state : states)
    if (state.name == name)
      return &state;
  return nullptr;
}

mlir::RankedTensorType GraphImport::stateType(StringRef name) const {
  for (const State &state : states)
    if (state.name == name)
      return mlir::cast<mlir::RankedTensorType>(state.value.getType());
  return nullptr;
}

Value GraphImport::readState(StringRef name, mlir::RankedTensorType declared,
                             ErrorFunction error) {
  mlir::RankedTensorType type = storedType(declared);
  if (functionDepth != 0) {
    error() << "the variable '" << name
            << "' is used in a branch or a loop, which is not supported; read "
               "it before, and assign it behind";
    return nullptr;
  }
  if (mlir::RankedTensorType known = stateType(name)) {
    if (known == type)
      return findState(name)->value;
    error() << "the variable '" << name << "' is of type " << known
            << ", and of type " << type << " here";
    return nullptr;
  }
  mlir::BlockArgument argument =
      function.getBody().front().addArgument(type, nameLocation(name));
  states.push_back({name.str(), argument, argument, declared});
  return argument;
}

void GraphImport::writeState(StringRef name, Value value) {
  findState(name)->value = value;
}

//===-- graphs that operators call
//-----------------------------------------===//

mlir::FailureOr<llvm::SmallVector<Value>>
GraphImport::inlineGraph(int64_t index, mlir::ValueRange operands,
                         ErrorFunction error) {
  if (index < 0 || index >= int64_t(model->subgraphs()->size())) {
    error() << "it calls graph " << index << ", which is not there";
    return failure();
  }
  const schema::SubGraph &called = model.subgraph(unsigned(index));
  if (count(called.inputs()) != operands.size()) {
    error() << "it calls graph " << index << " with " << operands.size()
            << " operands, but that has " << count(called.inputs())
            << " inputs";
    return failure();
  }
  if (graphDepth == maxDepth) {
    error() << "graphs call one another to a depth of more than " << maxDepth
            << ", which is not supported";
    return failure();
  }
  std::vector<Binding> arguments;
  for (Value operand : operands) {
    arguments.emplace_back();
    arguments.back().type =
        mlir::cast<mlir::RankedTensorType>(operand.getType());
    arguments.back().value = operand;
  }
  ++graphDepth;
  SubgraphImport subgraph(*this, unsigned(index));
  auto results = subgraph.run(arguments);
  --graphDepth;
  if (failed(results))
    return failure();
  llvm::SmallVector<Value> values;
  for (Binding &result : *results) {
    Value value = subgraph.materialize(result, "constant");
    if (!value) {
      error() << "graph " << index
              << " gives the handle of a variable, which is not supported";
      return failure();
    }
    values.push_back(value);
  }
  return values;
}

mlir::func::FuncOp GraphImport::makeFunction(
    StringRef purpose, mlir::Location loc, mlir::TypeRange arguments,
    llvm::function_ref<
        mlir::FailureOr<llvm::SmallVector<Value>>(mlir::ValueRange)>
        body) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(module->getBody());
  std::string name =
      (options.modelName + "_" + purpose + "_" + llvm::Twine(importedOperators))
          .str();
  auto made = mlir::func::FuncOp::create(
      builder, loc, name, builder.getFunctionType(arguments, {}));
  made.setPrivate();
  mlir::Block *block = made.addEntryBlock();
  builder.setInsertionPointToEnd(block);
  ++functionDepth;
  auto results = body(block->getArguments());
  --functionDepth;
  if (failed(results)) {
    made.erase();
    return nullptr;
  }
  mlir::func::ReturnOp::create(builder, loc, *results);
  made.setFunctionType(builder.getFunctionType(
      arguments, mlir::ValueRange(*results).getTypes()));
  return made;
}

LogicalResult GraphImport::finish(ArrayRef<Binding> bindings) {
  llvm::SmallVector<Value> results;
  std::vector<std::string> inputNames, outputNames;
  for (auto [port, bound] : llvm::zip_equal(outputs, bindings)) {
    Binding binding = bound;
    Value value;
    if (binding.type && binding.type.getNumElements() != 0)
      value = SubgraphImport(*this, mainGraph).materialize(binding, port.name);
    if (!value) {
      return mlir::emitError(nameLocation(port.name))
             << "output '" << port.name
             << "' has no elements or is the handle of a variable, which is "
                "not supported";
    }
    results.push_back(value);
    outputNames.push_back(port.name);
  }
  for (const Port &port : inputs)
    inputNames.push_back(port.name);
  for (const State &state : states) {
    inputNames.push_back(state.name);
    outputNames.push_back(state.name);
    results.push_back(state.value);
  }
  mlir::func::ReturnOp::create(builder, fileLoc, results);
  function.setFunctionType(
      builder.getFunctionType(function.getBody().front().getArgumentTypes(),
                              mlir::ValueRange(results).getTypes()));
  for (auto [index, name] : llvm::enumerate(inputNames))
    function.setArgAttr(index, "edge.name", builder.getStringAttr(name));
  for (auto [index, name] : llvm::enumerate(outputNames))
    function.setResultAttr(index, "edge.name", builder.getStringAttr(name));
  setPortTypes();
  return mlir::verify(*module);
}

/// Notes what the integers of quantized inputs and outputs stand for.
void GraphImport::setPortTypes() {
  auto isQuantizedAs = [](mlir::RankedTensorType type, mlir::Type stored) {
    return storedType(type) == stored && type != stored;
  };
  for (auto [index, type] : llvm::enumerate(inputTypes))
    if (isQuantizedAs(type, function.getArgumentTypes()[index]))
      function.setArgAttr(index, "edge.type", mlir::TypeAttr::get(type));
  for (auto [index, port] : llvm::enumerate(outputs)) {
    const schema::Tensor &tensor =
        *model.subgraph(mainGraph).tensors()->Get(port.tensorIndex);
    mlir::Location loc = nameLocation(port.name);
    auto error = [&] { return mlir::emitError(loc); };
    auto result =
        mlir::cast<mlir::RankedTensorType>(function.getResultTypes()[index]);
    if (!isQuantized(tensor) || result.getElementType().isF32())
      continue;
    auto type = tensorType(tensor, &context, error);
    if (succeeded(type) &&
        isQuantizedAs(type->clone(result.getShape()), result)) {
      function.setResultAttr(
          index, "edge.type",
          mlir::TypeAttr::get(type->clone(result.getShape())));
    }
  }
  size_t firstResult = function.getNumResults() - states.size();
  for (auto [index, state] : llvm::enumerate(states)) {
    if (!isQuantizedAs(state.declared, state.input.getType()))
      continue;
    auto type = mlir::TypeAttr::get(state.declared);
    function.setArgAttr(state.input.getArgNumber(), "edge.type", type);
    function.setResultAttr(firstResult + index, "edge.type", type);
  }
}

mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
tflite::importTflite(const MappedFile &file, StringRef path,
                     const ImportOptions &options, mlir::MLIRContext &context) {
  context.loadDialect<edge::EdgeDialect, mlir::func::FuncDialect>();
  mlir::Location loc = mlir::FileLineColLoc::get(&context, path, 0, 0);
  auto model = readModel(file, [&] { return mlir::emitError(loc); });
  if (failed(model))
    return failure();
  return GraphImport(*model, path, options, context).run();
}
