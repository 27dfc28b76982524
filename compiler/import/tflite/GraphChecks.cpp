//===- GraphChecks.cpp - what is wrong with a model as a whole ------------===//
//
// These checks look at the whole model before any op is made, so that one run
// tells all problems of a kind: every unsupported operator, every operator on
// integers that stand for real numbers, every shape that does not fit.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Extension.h"
#include "compiler/import/tflite/GraphImport.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include <map>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

namespace {
/// Operators of one name, for one diagnostic.
struct Group {
  OperatorKind kind;
  std::vector<std::string> names;
};

/// A few names stand for many.
std::string listNames(ArrayRef<std::string> names) {
  constexpr size_t shown = 8;
  std::string text;
  for (const std::string &name : names.take_front(shown))
    text += (text.empty() ? "'" : ", '") + name + "'";
  if (names.size() > shown)
    text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}
} // namespace

/// The graphs that an operator calls.
static llvm::SmallVector<int64_t, 2> calledGraphs(const schema::Operator &op) {
  if (const auto *branches = op.options_as_IfOptions())
    return {branches->then_subgraph(), branches->else_subgraph()};
  if (const auto *loop = op.options_as_WhileOptions())
    return {loop->cond_subgraph(), loop->body_subgraph()};
  if (const auto *call = op.options_as_CallOptions())
    return {int64_t(call->subgraph())};
  return {};
}

std::vector<unsigned> tflite::reachableGraphs(const Model &model,
                                              unsigned main) {
  std::vector<unsigned> found = {main};
  std::vector<bool> seen(model->subgraphs()->size(), false);
  seen[main] = true;
  for (size_t next = 0; next < found.size(); ++next) {
    const schema::SubGraph &graph = model.subgraph(found[next]);
    for (unsigned i = 0; i < count(graph.operators()); ++i) {
      for (int64_t called : calledGraphs(*graph.operators()->Get(i))) {
        if (called < 0 || size_t(called) >= seen.size() || seen[called])
          continue;
        seen[called] = true;
        found.push_back(static_cast<unsigned>(called));
      }
    }
  }
  return found;
}

/// Calls `visit` with every operator that can run, its graph and its name.
static void forEachOperator(
    const Model &model, unsigned main,
    llvm::function_ref<void(const schema::SubGraph &, const schema::Operator &,
                            const std::string &)>
        visit) {
  for (unsigned index : reachableGraphs(model, main)) {
    const schema::SubGraph &graph = model.subgraph(index);
    for (unsigned i = 0; i < count(graph.operators()); ++i) {
      const schema::Operator &op = *graph.operators()->Get(i);
      StringRef name =
          count(op.outputs()) == 0
              ? StringRef()
              : text(graph.tensors()->Get(op.outputs()->Get(0))->name());
      visit(graph, op,
            name.empty() ? "operator " + std::to_string(i) : name.str());
    }
  }
}

StringRef GraphImport::customFunction(const OperatorKind &kind) const {
  if (!kind.isCustom() || !options.extensions)
    return {};
  return options.extensions->findFunction(kind.customName);
}

LogicalResult GraphImport::checkOperators() {
  if (options.onOperator) {
    forEachOperator(model, mainGraph,
                    [&](const schema::SubGraph &, const schema::Operator &op,
                        const std::string &name) {
                      options.onOperator(model.kind(op).name(),
                                         nameLocation(name));
                    });
  }
  std::map<std::pair<std::string, int>, Group> unsupported;
  forEachOperator(model, mainGraph,
                  [&](const schema::SubGraph &, const schema::Operator &op,
                      const std::string &name) {
                    OperatorKind kind = model.kind(op);
                    if (isSupported(kind, extensions()) ||
                        !customFunction(kind).empty())
                      return;
                    Group &group = unsupported[{kind.name(), kind.version}];
                    group.kind = kind;
                    group.names.push_back(name);
                  });
  for (auto &[key, group] : unsupported) {
    mlir::emitError(nameLocation(group.names.front()))
        << (group.kind.isCustom() ? "custom operator '" : "operator '")
        << key.first << "' version " << key.second << " is not supported ("
        << group.names.size()
        << (group.names.size() == 1 ? " time: " : " times: ")
        << listNames(group.names) << "); "
        << suggestRemedy(group.kind, extensions());
  }
  return success(unsupported.empty());
}

/// Operators that have no meaning on quantized tensors, or none yet.
LogicalResult GraphImport::checkQuantization() {
  std::map<std::string, unsigned> quantized;
  std::string first;
  forEachOperator(model, mainGraph,
                  [&](const schema::SubGraph &graph, const schema::Operator &op,
                      const std::string &name) {
                    OperatorKind kind = model.kind(op);
                    // What is not supported at all has been reported.
                    if (!computesOnQuantized(model, graph, op) ||
                        findQuantizedOperator(kind) ||
                        !isSupported(kind, extensions()) ||
                        !customFunction(kind).empty())
                      return;
                    if (quantized.empty())
                      first = name;
                    ++quantized[kind.name()];
                  });
  if (quantized.empty())
    return success();
  std::string operators;
  for (auto &[name, times] : quantized)
    operators += (operators.empty() ? "" : ", ") + name +
                 (times == 1 ? "" : " (" + std::to_string(times) + " times)");
  return mlir::emitError(nameLocation(first))
         << "operators on quantized tensors that are not supported yet: "
         << operators
         << "; convert the model without quantization or with float16 or "
            "dynamic-range weights only";
}

//===-- signatures and inputs
//----------------------------------------------===//

LogicalResult GraphImport::chooseSignature() {
  const schema::Signature *chosen = nullptr;
  std::vector<std::string> keys;
  for (unsigned i = 0; i < count(model->signatures()); ++i) {
    const schema::Signature &signature = *model->signatures()->Get(i);
    keys.push_back("'" + text(signature.key()).str() + "'");
    if (text(signature.key()) == options.signature)
      chosen = &signature;
  }
  if (!options.signature.empty() && !chosen) {
    return fileError() << "-signature names '" << options.signature
                       << "', which the model lacks; "
                       << (keys.empty() ? "it has no signatures, leave the "
                                          "option out"
                                        : "its signatures are " +
                                              llvm::join(keys, ", "));
  }
  mainGraph = chosen ? chosen->subgraph_index() : 0;
  const schema::SubGraph &graph = model.subgraph(mainGraph);
  using Maps = flatbuffers::Vector<flatbuffers::Offset<schema::TensorMap>>;
  auto collect = [&](ArrayRef<int32_t> indices, const Maps *maps,
                     std::vector<Port> &ports) {
    llvm::StringSet<> taken;
    for (int32_t index : indices) {
      StringRef name = text(graph.tensors()->Get(index)->name());
      for (unsigned i = 0; i < count(maps); ++i)
        if (maps->Get(i)->tensor_index() == uint32_t(index))
          name = text(maps->Get(i)->name());
      std::string unique =
          name.empty() ? "tensor_" + std::to_string(index) : name.str();
      if (!taken.insert(unique).second)
        taken.insert(unique += "_" + std::to_string(index));
      ports.push_back({unique, unsigned(index)});
    }
  };
  collect(list(graph.inputs()), chosen ? chosen->inputs() : nullptr, inputs);
  collect(list(graph.outputs()), chosen ? chosen->outputs() : nullptr, outputs);
  if (outputs.empty())
    return fileError() << "the model has no outputs";
  return success();
}

/// The input's type with the -shape option that names it, which may change the
/// dimensions that the file leaves open (all of them, where it does not say).
mlir::FailureOr<mlir::RankedTensorType>
GraphImport::inputType(const Port &port) {
  const schema::Tensor &tensor =
      *model.subgraph(mainGraph).tensors()->Get(port.tensorIndex);
  auto error = [&] {
    return mlir::emitError(nameLocation(port.name))
           << "input '" << port.name << "': ";
  };
  auto type = tensorType(tensor, &context, error);
  if (failed(type))
    return failure();
  ArrayRef<int32_t> signature = list(tensor.shape_signature());
  for (const InputShape &option : options.shapes) {
    if (option.input != port.name)
      continue;
    ArrayRef<int64_t> wanted = option.dimensions;
    bool fits = wanted.size() == size_t(type->getRank());
    for (size_t d = 0; fits && d < wanted.size(); ++d)
      fits = wanted[d] == type->getDimSize(d) || signature.empty() ||
             signature[d] < 0;
    if (!fits) {
      return error() << "-shape gives it the shape " << shapeText(wanted)
                     << ", which contradicts the model's "
                     << shapeText(type->getShape());
    }
    type = mlir::RankedTensorType::get(wanted, type->getElementType());
  }
  std::optional<int64_t> elements = countElements(type->getShape());
  if (!elements || *elements == 0) {
    return error() << "the shape " << shapeText(type->getShape())
                   << " is impossible; give another with -shape=" << port.name
                   << "=<sizes joined by x>";
  }
  return type;
}

LogicalResult GraphImport::resolveInputs() {
  bool ok = true;
  for (const InputShape &option : options.shapes) {
    if (llvm::any_of(inputs,
                     [&](const Port &p) { return p.name == option.input; }))
      continue;
    auto names = llvm::map_range(
        inputs, [](const Port &p) { return "'" + p.name + "'"; });
    fileError() << "-shape names the input '" << option.input
                << "', which the model lacks; its inputs are "
                << llvm::join(names, ", ");
    ok = false;
  }
  for (const Port &port : inputs) {
    auto type = inputType(port);
    ok &= succeeded(type);
    if (succeeded(type))
      inputTypes.push_back(*type);
  }
  return success(ok);
}
