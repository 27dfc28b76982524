//===- GraphChecks.cpp - what is wrong with a model as a whole ------------===//
//
// These checks look at the whole graph before any op is made, so that one run
// tells all problems of a kind: every unsupported operator, every input that
// needs -shape. Names are checked in NameChecks.cpp.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Extension.h"
#include "compiler/import/onnx/CustomOperators.h"
#include "compiler/import/onnx/GraphImport.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

LogicalResult GraphImport::checkOperatorSets() {
  for (const OperatorSet &set : model.operatorSets)
    if (isStandardDomain(set.domain))
      opset = set.version;
  if (opset == 0) {
    return fileError() << "the model names no version of the standard operator "
                          "set; export it again with opset 13 to "
                       << maxOpset;
  }
  if (opset < minOpset || opset > maxOpset) {
    return fileError() << "the model uses opset " << opset << ", but "
                       << minOpset << " to " << maxOpset
                       << " are supported; convert it with "
                          "onnx.version_converter.convert_version(model, "
                       << (opset < minOpset ? 13 : maxOpset) << ")";
  }
  return success();
}

namespace {
/// Calls `visit` on every node, those of subgraphs and of the functions that
/// nodes call included; each function once.
class NodeVisitor {
public:
  using Visit = llvm::function_ref<void(const Node &)>;
  NodeVisitor(llvm::function_ref<const Function *(const Node &)> findFunction,
              Visit visit)
      : findFunction(findFunction), visit(visit) {}

  void walk(llvm::ArrayRef<Node> nodes) {
    walkNodes(nodes);
    // Functions may form long chains, so they are no recursion.
    while (!waiting.empty())
      walkNodes(waiting.pop_back_val()->nodes);
  }

private:
  void walkNodes(llvm::ArrayRef<Node> nodes) {
    for (const Node &node : nodes) {
      const Function *function = findFunction(node);
      if (!function)
        visit(node);
      else if (seen.insert(function).second)
        waiting.push_back(function);
      for (const Attribute &attribute : node.attributes)
        for (const Graph &graph : attribute.graph)
          walkNodes(graph.nodes);
    }
  }

  llvm::function_ref<const Function *(const Node &)> findFunction;
  Visit visit;
  llvm::SmallPtrSet<const Function *, 8> seen;
  llvm::SmallVector<const Function *> waiting;
};
} // namespace

std::string onnx::qualifiedName(const Node &node) {
  std::string domain = isStandardDomain(node.domain) ? "" : node.domain.str();
  return (domain.empty() ? "" : domain + ".") + node.opType.str();
}

StringRef GraphImport::customFunction(const Node &node) const {
  return options.extensions
             ? options.extensions->findFunction(qualifiedName(node))
             : StringRef();
}

const Operator *GraphImport::rowOf(const Node &node) const {
  if (!customFunction(node).empty())
    return &customFunctionOperator();
  const Operator *row = findOperator(node.opType, node.domain);
  if (row && row->versions.since <= opset)
    return row;
  return options.extensions
             ? options.extensions->findOnnx(node.domain, node.opType)
             : nullptr;
}

/// Operators that round to integers which stand for real numbers.
static bool roundsToStored(StringRef opType) {
  return opType.starts_with("QLinear") || opType == "QGemm" ||
         opType == "QuantizeLinear" || opType == "DynamicQuantizeLinear";
}

LogicalResult GraphImport::checkOperators() {
  llvm::MapVector<std::pair<StringRef, StringRef>,
                  llvm::SmallVector<const Node *>>
      unsupported;
  llvm::SmallVector<const Node *> rounding;
  auto check = [&](const Node &node) {
    if (!rowOf(node))
      unsupported[{node.domain, node.opType}].push_back(&node);
    else if (roundsToStored(node.opType))
      rounding.push_back(&node);
  };
  auto find = [this](const Node &node) { return findFunction(node); };
  NodeVisitor(find, check).walk(graph.nodes);
  for (auto &[key, nodes] : unsupported) {
    auto [domain, opType] = key;
    mlir::InFlightDiagnostic error =
        mlir::emitError(nodeLocation(*nodes.front()));
    error << "operator '" << opType << "'";
    if (!isStandardDomain(domain))
      error << " of domain '" << domain << "'";
    error << " is not supported in opset " << opset << " (" << nodes.size()
          << (nodes.size() == 1 ? " node: " : " nodes: ") << listNodes(nodes)
          << "); "
          << suggestRemedy(opType, isStandardDomain(domain) ? "" : domain);
  }
  // The models' scales are floats, of which no fixed-point number is said.
  bool isHalfEven = options.requantize == Requantize::asReference ||
                    options.requantize == Requantize::halfEven;
  if (!isHalfEven && !rounding.empty()) {
    mlir::emitError(nodeLocation(*rounding.front()))
        << "results of quantized ONNX operators are rounded as their "
           "specification says, halves to even ("
        << rounding.size() << (rounding.size() == 1 ? " node: " : " nodes: ")
        << listNodes(rounding)
        << "); leave -requantize away, or give half-even";
    return mlir::failure();
  }
  return success(unsupported.empty());
}

//===-- inputs
//-------------------------------------------------------------===//

/// "[batch, 3, ?]", and "1x3x<N>" for the option to give.
static std::string dimensionsText(const ValueInfo &input, bool asOption) {
  std::string text;
  for (auto [index, dimension] : llvm::enumerate(input.shape)) {
    if (index != 0)
      text += asOption ? "x" : ", ";
    if (dimension.size >= 0)
      text += std::to_string(dimension.size);
    else if (asOption && index == 0)
      text += "1";
    else if (dimension.symbol.empty())
      text += asOption ? "<size>" : "?";
    else
      text += asOption ? "<" + dimension.symbol.str() + ">"
                       : dimension.symbol.str();
  }
  return text;
}

mlir::FailureOr<llvm::SmallVector<int64_t>>
GraphImport::resolveShape(const ValueInfo &input) {
  mlir::Location loc = nameLocation(input.name);
  auto error = [&] {
    return mlir::emitError(loc) << "input '" << input.name << "' ";
  };
  if (!input.hasShape)
    return error() << "has no shape; give it with -shape=" << input.name
                   << "=<sizes joined by x>";
  llvm::SmallVector<int64_t> shape;
  bool dynamic = false;
  for (const Dimension &dimension : input.shape) {
    auto fixed = symbols.find(dimension.symbol);
    bool known = dimension.size < 0 && !dimension.symbol.empty() &&
                 fixed != symbols.end();
    shape.push_back(known ? fixed->second : dimension.size);
    dynamic |= shape.back() < 0;
  }
  if (dynamic) {
    return error() << "has the dynamic dimensions ["
                   << dimensionsText(input, false)
                   << "]; fix them with -shape=" << input.name << "="
                   << dimensionsText(input, true)
                   << "; a range such as 1..8 in place of a number takes "
                      "every size of it";
  }
  std::optional<int64_t> count = countElements(shape);
  if (!count)
    return error() << "has the impossible shape " << shapeText(shape);
  return shape;
}

/// Applies the -shape options, and through shared symbols one input's option to
/// the others.
LogicalResult GraphImport::resolveInputs() {
  bool ok = true;
  llvm::StringSet<> initialized;
  for (const Tensor &tensor : graph.initializers)
    initialized.insert(tensor.name);
  std::vector<ValueInfo> open;
  for (const ValueInfo &input : graph.inputs)
    if (!initialized.contains(input.name))
      open.push_back(input);
  for (const InputShape &option : options.shapes) {
    auto input = llvm::find_if(
        open, [&](const ValueInfo &i) { return i.name == option.input; });
    if (input == open.end()) {
      auto names = llvm::map_range(
          open, [](const ValueInfo &i) { return "'" + i.name.str() + "'"; });
      fileError() << "-shape names the input '" << option.input
                  << "', which the model lacks; its inputs are "
                  << llvm::join(names, ", ");
      ok = false;
      continue;
    }
    if (!input->hasShape)
      input->shape.resize(option.dimensions.size());
    input->hasShape = true;
    bool fits = input->shape.size() == option.dimensions.size();
    for (size_t d = 0; fits && d < option.dimensions.size(); ++d) {
      Dimension &dimension = input->shape[d];
      int64_t size = option.dimensions[d];
      if (dimension.size < 0 && !dimension.symbol.empty())
        fits &=
            symbols.try_emplace(dimension.symbol, size).first->second == size;
      fits &= dimension.size < 0 || dimension.size == size;
      if (fits)
        dimension.size = size;
    }
    if (!fits) {
      mlir::emitError(nameLocation(input->name))
          << "-shape gives input '" << input->name << "' the shape "
          << shapeText(option.dimensions) << ", which contradicts the model's ["
          << dimensionsText(*input, false) << "]";
      ok = false;
    }
  }
  if (!ok)
    return failure();
  size_t next = 0;
  for (const ValueInfo &input : graph.inputs) {
    if (initialized.contains(input.name))
      continue;
    const ValueInfo &resolved = open[next++];
    mlir::Type element =
        input.isTensor ? elementType(input.type, &context) : mlir::Type();
    if (!element) {
      mlir::emitError(nameLocation(input.name))
          << "input '" << input.name << "' is "
          << (input.isTensor ? "of type " + dataTypeName(input.type)
                             : "not a tensor")
          << ", but inputs must be tensors of bool, of integers of 8 to 64 "
             "bits, or of float16, bfloat16, float32 or float64; convert it "
             "outside of the model";
      ok = false;
      continue;
    }
    auto shape = resolveShape(resolved);
    ok &= mlir::succeeded(shape);
    if (mlir::succeeded(shape))
      inputs.emplace_back(&input, mlir::RankedTensorType::get(*shape, element));
  }
  return success(ok);
}
