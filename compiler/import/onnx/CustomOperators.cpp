//===- CustomOperators.cpp - nodes that are the user's C functions --------===//
//
// Types come from the model's own declarations (value_info): nobody else knows
// them. Attributes become one JSON object, in the order of the node.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/CustomOperators.h"
#include "dialects/edge/Custom.h"
#include <nlohmann/json.hpp>

using namespace edgec;
using namespace edgec::onnx;

using Json = nlohmann::ordered_json;

/// Numbers, strings and lists of numbers; an error for what JSON cannot say.
static Json attributesOf(NodeImport &n) {
  Json object = Json::object();
  for (const Attribute &attribute : n.node.attributes) {
    std::string name = attribute.name.str();
    switch (attribute.type) {
    case Attribute::Float:
      object[name] = attribute.real;
      break;
    case Attribute::Int:
      object[name] = attribute.integer;
      break;
    case Attribute::String:
      object[name] = attribute.string.str();
      break;
    case Attribute::Floats:
      object[name] = attribute.reals;
      break;
    case Attribute::Ints:
      object[name] = attribute.integers;
      break;
    default:
      n.error() << "attribute '" << attribute.name
                << "' is neither a number, a string nor a list of numbers; a C "
                   "function cannot be handed it";
    }
    n.ignore({attribute.name});
  }
  return object;
}

/// What the model declares of an output; null after an error.
static mlir::RankedTensorType declaredType(NodeImport &n, unsigned index) {
  const ValueInfo *info =
      index < n.declared.size() ? n.declared[index] : nullptr;
  mlir::Type element =
      info ? elementType(info->type, n.builder.getContext()) : mlir::Type();
  auto shape = n.declaredShape(index);
  if (!element || !shape || llvm::is_contained(*shape, 0)) {
    n.error()
        << "output " << index << " ('" << n.node.outputs[index]
        << "') of a custom operator needs a type and a static shape in the "
           "model; add a value_info for it";
    return nullptr;
  }
  return mlir::RankedTensorType::get(*shape, element);
}

static void importCustom(NodeImport &n) {
  llvm::SmallVector<mlir::Value> operands;
  for (unsigned i = 0; i < n.inputCount(); ++i)
    if (n.hasInput(i))
      operands.push_back(n.operand(i));
  llvm::SmallVector<mlir::Type> types;
  llvm::SmallVector<unsigned> used;
  for (unsigned i = 0; i < n.node.outputs.size(); ++i) {
    if (!n.usesOutput(i))
      continue;
    used.push_back(i);
    types.push_back(declaredType(n, i));
  }
  // Bytes that are no UTF-8 are replaced: JSON has no others.
  std::string options =
      n.node.attributes.empty()
          ? ""
          : attributesOf(n).dump(-1, ' ', false,
                                 Json::error_handler_t::replace);
  if (n.failed() || llvm::is_contained(operands, mlir::Value()))
    return;
  if (types.empty()) {
    n.error() << "none of its outputs is used";
    return;
  }
  auto call = edge::CustomOp::create(n.builder, n.loc, types, n.customFunction,
                                     operands, options);
  for (auto [index, result] : llvm::zip_equal(used, call.getResults()))
    n.set(index, result);
}

const Operator &onnx::customFunctionOperator() {
  static constexpr Operator row = {"custom operator", {1},          0,
                                   anyNumber,         importCustom, nullptr,
                                   types::anyType};
  return row;
}
