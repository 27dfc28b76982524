//===- SubgraphImport.cpp - one graph of a TFLite model -------------------===//
//
//   RESHAPE (x, [1, -1]) -> y      =>      %y = edge.reshape %x   loc("y")
// An operator whose operands are all small constants is computed instead, by
// the evaluator, on the ops that its importer made: this is how the shape
// arithmetic of exporters (SHAPE, STRIDED_SLICE, PACK, ...) vanishes.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/SubgraphImport.h"
#include "compiler/import/tflite/CustomOperators.h"
#include "compiler/import/tflite/GraphImport.h"
#include "compiler/import/tflite/Operators.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "targets/evaluator/Evaluator.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;
using mlir::Value;

SubgraphImport::SubgraphImport(GraphImport &graph, unsigned index)
    : graph(graph), index(index), subgraph(graph.model.subgraph(index)),
      bindings(count(subgraph.tensors())) {}

const Model &SubgraphImport::model() const { return graph.model; }
ConstantReader &SubgraphImport::constants() { return graph.constants; }
bool SubgraphImport::shapesAreDeclared() const {
  return graph.shapesAreDeclared;
}

const schema::Tensor &SubgraphImport::tensor(unsigned tensorIndex) const {
  return *subgraph.tensors()->Get(tensorIndex);
}

std::string SubgraphImport::tensorName(unsigned tensorIndex) const {
  StringRef name = text(tensor(tensorIndex).name());
  return name.empty() ? "tensor_" + std::to_string(tensorIndex) : name.str();
}

mlir::FailureOr<std::vector<Binding>>
SubgraphImport::run(ArrayRef<Binding> inputs) {
  for (auto [tensorIndex, input] :
       llvm::zip_equal(list(subgraph.inputs()), inputs))
    bindings[tensorIndex] = input;
  bool ok = true;
  for (unsigned i = 0; i < count(subgraph.operators()); ++i)
    ok &= succeeded(importOperator(i));
  if (!ok)
    return failure();
  std::vector<Binding> results;
  for (int32_t output : list(subgraph.outputs())) {
    std::string name = tensorName(output);
    auto loc = mlir::NameLoc::get(graph.builder.getStringAttr(name));
    if (failed(bind(output, loc, "output '" + name + "'")))
      return failure();
    results.push_back(bindings[output]);
  }
  return results;
}

//===-- operands
//-----------------------------------------------------------===//

/// Defines the binding of a tensor that no operator computes: a constant or a
/// variable.
LogicalResult SubgraphImport::bind(unsigned tensorIndex, mlir::Location loc,
                                   StringRef describedAs) {
  Binding &binding = bindings[tensorIndex];
  if (binding.isDefined())
    return success();
  // What computes it has been reported; its users say nothing new.
  if (binding.failed)
    return failure();
  const schema::Tensor &source = tensor(tensorIndex);
  std::string name = tensorName(tensorIndex);
  auto error = [&] {
    binding.failed = true;
    return mlir::emitError(loc) << describedAs << ": tensor '" << name << "': ";
  };
  auto type = tensorType(source, &graph.context, error);
  if (failed(type))
    return failure();
  if (source.is_variable()) {
    binding.type = storedType(*type);
    binding.value = graph.readState(name, *type, error);
    return success(bool(binding.value));
  }
  if (graph.model.data(source).empty() && type->getNumElements() != 0) {
    error() << "nothing computes it before it is used; the model is damaged, "
               "convert or download it again";
    return failure();
  }
  auto constant = graph.constants.read(source, &graph.context, error);
  if (failed(constant))
    return failure();
  binding.type = *type;
  binding.constant = *constant;
  return success();
}

bool SubgraphImport::setVariable(unsigned tensorIndex, Value value) {
  if (!tensor(tensorIndex).is_variable())
    return false;
  bindings[tensorIndex].value = value;
  graph.writeState(tensorName(tensorIndex), value);
  return true;
}

//===-- constants
//----------------------------------------------------------===//

mlir::ElementsAttr
SubgraphImport::toElements(const evaluator::HostTensor &tensor) {
  std::vector<char> bytes = evaluator::toBytes(tensor);
  auto owner = std::make_shared<std::string>(bytes.begin(), bytes.end());
  return makeElements(tensor.type, *owner, owner, "");
}

/// Whether an operand is small enough to compute with at import: weights are
/// left to the graph stage.
static bool isSmall(const Binding &binding) {
  constexpr int64_t maxReals = 1024, maxIntegers = 1 << 16;
  if (!binding.constant ||
      mlir::isa<mlir::quant::QuantizedType>(binding.type.getElementType()))
    return false;
  bool isReal = mlir::isa<mlir::FloatType>(binding.type.getElementType());
  return binding.type.getNumElements() <= (isReal ? maxReals : maxIntegers);
}

/// Computes the operator on constants; false to leave it to its importer.
bool SubgraphImport::evaluate(const schema::Operator &op,
                              const OperatorKind &kind, mlir::Location loc,
                              ArrayRef<Binding *> inputs, StringRef describedAs,
                              std::vector<Binding> &results) {
  std::vector<Binding> copies;
  for (Binding *input : inputs) {
    if (input && !isSmall(*input))
      return false;
    copies.push_back(input ? *input : Binding());
    copies.back().value = nullptr;
  }
  llvm::SmallVector<Binding *> operands;
  for (auto [input, copy] : llvm::zip_equal(inputs, copies))
    operands.push_back(input ? &copy : nullptr);

  // Faults are found again, and then reported, by the import proper.
  mlir::ScopedDiagnosticHandler silence(&graph.context,
                                        [](mlir::Diagnostic &) {});
  mlir::OpBuilder::InsertionGuard guard(graph.builder);
  mlir::OwningOpRef<mlir::func::FuncOp> scratch = mlir::func::FuncOp::create(
      loc, "scratch", graph.builder.getFunctionType({}, {}));
  graph.builder.setInsertionPointToEnd(scratch->addEntryBlock());
  OperatorImport n(*this, op, kind, graph.builder, loc, operands, describedAs);
  importRow(n, graph.extensions());
  if (n.failed())
    return false;
  llvm::SmallVector<Value> values;
  for (const Binding &result : n.results())
    if (result.value)
      values.push_back(result.value);
  int64_t elements = 0;
  for (mlir::Operation &made : scratch->getBody().front()) {
    for (mlir::Type type : made.getResultTypes())
      elements += mlir::cast<mlir::RankedTensorType>(type).getNumElements();
    if (made.getNumRegions() != 0 || !graph.mayEvaluate(elements))
      return false;
  }
  mlir::func::ReturnOp::create(graph.builder, loc, values);
  auto computed = evaluator::evaluate(*scratch, {});
  if (failed(computed))
    return false;
  results = n.results();
  size_t next = 0;
  for (Binding &result : results) {
    if (!result.value)
      continue;
    result.value = nullptr;
    result.constant = toElements((*computed)[next++]);
  }
  return true;
}

Value SubgraphImport::materialize(Binding &binding, StringRef name) {
  if (binding.value || !binding.constant)
    return binding.value;
  auto loc = mlir::NameLoc::get(graph.builder.getStringAttr(name));
  binding.value = edge::ConstantOp::create(
      graph.builder, loc,
      mlir::cast<mlir::RankedTensorType>(binding.constant.getType()),
      binding.constant);
  return binding.value;
}

//===-- operators
//----------------------------------------------------------===//

LogicalResult SubgraphImport::importOperator(unsigned number) {
  const schema::Operator &op = *subgraph.operators()->Get(number);
  OperatorKind kind = graph.model.kind(op);
  std::string describedAs = kind.name() + " (operator " +
                            std::to_string(number) + ", version " +
                            std::to_string(kind.version) + ")";
  ArrayRef<int32_t> outputs = list(op.outputs());
  std::string name = outputs.empty() ? kind.name() : tensorName(outputs[0]);
  mlir::Location loc = mlir::NameLoc::get(graph.builder.getStringAttr(name));
  auto fail = [&] {
    for (int32_t output : outputs)
      bindings[output].failed = true;
    return failure();
  };
  if (!graph.countOperator()) {
    mlir::emitError(loc) << describedAs << ": the model has too many operators";
    return fail();
  }
  llvm::SmallVector<Binding *> operands;
  bool allConstant = count(op.inputs()) != 0;
  for (int32_t input : list(op.inputs())) {
    if (input < 0) {
      operands.push_back(nullptr);
      continue;
    }
    if (failed(bind(input, loc, describedAs)))
      return fail();
    operands.push_back(&bindings[input]);
    allConstant &= bool(operands.back()->constant);
  }
  std::vector<Binding> results;
  StringRef userFunction = graph.customFunction(kind);
  if (!allConstant || !userFunction.empty() ||
      !evaluate(op, kind, loc, operands, describedAs, results)) {
    OperatorImport n(*this, op, kind, graph.builder, loc, operands,
                     describedAs);
    if (userFunction.empty())
      importRow(n, graph.extensions());
    else
      importCustomFunction(n, userFunction);
    if (n.failed())
      return fail();
    results = n.results();
  }
  return succeeded(setResults(op, results, loc, describedAs)) ? success()
                                                              : fail();
}

LogicalResult SubgraphImport::setResults(const schema::Operator &op,
                                         ArrayRef<Binding> results,
                                         mlir::Location loc,
                                         StringRef describedAs) {
  bool ok = true;
  for (auto [tensorIndex, result] :
       llvm::zip_equal(list(op.outputs()), results)) {
    Binding &binding = bindings[tensorIndex];
    if (binding.isDefined()) {
      mlir::emitError(loc) << describedAs << ": tensor '"
                           << tensorName(tensorIndex)
                           << "' is computed twice; the model is damaged, "
                              "convert or download it again";
      return failure();
    }
    if (result.isDefined())
      ok &= succeeded(checkDeclared(tensorIndex, result, loc, describedAs));
    binding = result;
    // An output that the importer left out; an error only where it is used.
    binding.failed = !result.isDefined();
  }
  return success(ok);
}

/// The file states the types of its tensors; a wrong one means that either the
/// model is damaged or we misread an operator, so it is an error.
LogicalResult SubgraphImport::checkDeclared(unsigned tensorIndex,
                                            const Binding &found,
                                            mlir::Location loc,
                                            StringRef describedAs) {
  if (!found.type)
    return success();
  const schema::Tensor &declared = tensor(tensorIndex);
  mlir::Type element = elementType(declared.type(), &graph.context);
  // A float where integers are declared comes of weights.
  if (found.type.getElementType() != element &&
      !(isQuantized(declared) && found.type.getElementType().isF32())) {
    return mlir::emitError(loc)
           << describedAs << ": the model declares '" << tensorName(tensorIndex)
           << "' of type " << elementTypeName(declared.type())
           << ", but it is computed as " << found.type.getElementType();
  }
  // A shape that may change, and one behind -shape, is only an example.
  ArrayRef<int32_t> sizes = list(declared.shape());
  if (!graph.shapesAreDeclared || declared.shape_signature() || sizes.empty())
    return success();
  llvm::SmallVector<int64_t> shape(sizes.begin(), sizes.end());
  if (found.type.getShape() == ArrayRef(shape))
    return success();
  return mlir::emitError(loc)
         << describedAs << ": the model declares '" << tensorName(tensorIndex)
         << "' of shape " << shapeText(shape) << ", but it is computed as "
         << shapeText(found.type.getShape())
         << "; the model is damaged, convert or download it again";
}
