//===- NodeAttributes.cpp - the attributes of a node ----------------------===//
//
// Every attribute that a node carries must be asked for by its importer: one
// that nobody knows could change the result, so it is an error, not ignored.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/NodeImport.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::StringRef;

static StringRef attributeTypeName(int64_t type) {
  static const char *const names[] = {
      "undefined",        "a float", "an integer",       "a string",
      "a tensor",         "a graph", "a list of floats", "a list of integers",
      "a list of strings"};
  if (type >= 0 && type < int64_t(std::size(names)))
    return names[type];
  return "of an unknown type";
}

bool NodeImport::hasAttribute(StringRef name) const {
  return llvm::any_of(node.attributes,
                      [&](const Attribute &a) { return a.name == name; });
}

const Attribute *NodeImport::find(StringRef name, int64_t wantedType) {
  for (auto [index, attribute] : llvm::enumerate(node.attributes)) {
    if (attribute.name != name)
      continue;
    usedAttributes[index] = true;
    // An empty list is written without a field that would tell its type.
    if (attribute.type == wantedType)
      return &attribute;
    error() << "attribute '" << name << "' is "
            << attributeTypeName(attribute.type) << " and should be "
            << attributeTypeName(wantedType);
    return nullptr;
  }
  return nullptr;
}

int64_t NodeImport::integer(StringRef name, int64_t fallback) {
  const Attribute *found = find(name, Attribute::Int);
  return found ? found->integer : fallback;
}

bool NodeImport::flag(StringRef name, bool fallback) {
  return integer(name, fallback) != 0;
}

float NodeImport::real(StringRef name, float fallback) {
  const Attribute *found = find(name, Attribute::Float);
  return found ? found->real : fallback;
}

StringRef NodeImport::string(StringRef name, StringRef fallback) {
  const Attribute *found = find(name, Attribute::String);
  return found ? found->string : fallback;
}

std::optional<llvm::SmallVector<int64_t>> NodeImport::list(StringRef name,
                                                           bool bounded) {
  const Attribute *found = find(name, Attribute::Ints);
  if (!found)
    return std::nullopt;
  for (int64_t element : found->integers) {
    if (!bounded || (element >= INT32_MIN && element <= INT32_MAX))
      continue;
    error() << "attribute '" << name << "' holds " << element
            << ", which is out of range";
    return std::nullopt;
  }
  return llvm::SmallVector<int64_t>(found->integers.begin(),
                                    found->integers.end());
}

std::optional<llvm::SmallVector<double>> NodeImport::realList(StringRef name) {
  const Attribute *found = find(name, Attribute::Floats);
  if (!found)
    return std::nullopt;
  return llvm::SmallVector<double>(found->reals.begin(), found->reals.end());
}

std::optional<llvm::SmallVector<StringRef>>
NodeImport::stringList(StringRef name) {
  const Attribute *found = find(name, Attribute::Strings);
  if (!found)
    return std::nullopt;
  return llvm::SmallVector<StringRef>(found->strings.begin(),
                                      found->strings.end());
}

const Tensor *NodeImport::tensor(StringRef name) {
  const Attribute *found = find(name, Attribute::TensorValue);
  return found && !found->tensor.empty() ? &found->tensor.front() : nullptr;
}

const Graph *NodeImport::graph(StringRef name) {
  const Attribute *found = find(name, Attribute::GraphValue);
  if (found && !found->graph.empty())
    return &found->graph.front();
  if (!hasFailed)
    error() << "attribute '" << name << "' is missing";
  return nullptr;
}

void NodeImport::ignore(ArrayRef<StringRef> names) {
  for (auto [index, attribute] : llvm::enumerate(node.attributes))
    if (llvm::is_contained(names, attribute.name))
      usedAttributes[index] = true;
}

void NodeImport::checkAttributes() {
  for (auto [index, attribute] : llvm::enumerate(node.attributes)) {
    if (!attribute.reference.empty()) {
      error() << "attribute '" << attribute.name
              << "' refers to a function's attribute outside a function";
    } else if (!usedAttributes[index]) {
      error() << "attribute '" << attribute.name << "' is not known in opset "
              << opset << " and could change the result";
    }
  }
}
