//===- ConstantOperators.cpp - Constant, Shape, Identity, Range, ... ------===//
//
// Operators whose result is known at import, or is an operand.
// Those with no importer work on constants only.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Evaluation.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static Numbers listOf(llvm::ArrayRef<int64_t> elements) {
  Numbers result;
  result.shape = {int64_t(elements.size())};
  result.integers.assign(elements.begin(), elements.end());
  return result;
}

/// A tensor of Constant comes with its bytes from the graph importer; here are
/// the short forms.
static void importConstant(NodeImport &n) {
  Numbers result;
  if (n.hasAttribute("value_int")) {
    result.integers = {n.integer("value_int", 0)};
  } else if (n.hasAttribute("value_float")) {
    result.type = DataType::Float;
    result.reals = {n.real("value_float", 0)};
  } else if (auto integers = n.list("value_ints", /*bounded=*/false)) {
    result = listOf(*integers);
  } else if (auto reals = n.realList("value_floats")) {
    result.type = DataType::Float;
    result.shape = {int64_t(reals->size())};
    result.reals.assign(reals->begin(), reals->end());
  } else {
    if (!n.failed())
      n.error() << "a constant of this kind is not supported; its value should "
                   "be a tensor, a number or a list of numbers";
    return;
  }
  n.set(0, result);
}

static void importConstantOfShape(NodeImport &n) {
  auto shape =
      n.isRunTime(0) ? n.shapeInsteadOf(0, "shape") : n.integers(0, "shape");
  Numbers element;
  element.type = DataType::Float;
  element.reals = {0};
  if (const Tensor *value = n.tensor("value")) {
    // The one element lies inline; it never comes from external data.
    TensorSource source(MappedFile::view({}), "-");
    auto constant = source.load(*value, [&] { return n.error(); });
    auto numbers =
        mlir::failed(constant) ? std::nullopt : Numbers::from(*constant);
    if (!numbers || numbers->size() != 1) {
      if (!n.failed())
        n.error() << "attribute 'value' must hold one number";
      return;
    }
    element = *numbers;
    element.shape.clear();
  }
  if (!shape)
    return;
  auto count = countElements(*shape);
  if (!count) {
    n.error() << "the shape " << shapeText(*shape) << " is impossible";
    return;
  }
  if (*count <= Numbers::maxNumbers)
    return n.set(0, expand(element, *shape));
  Value scalar =
      NodeImport::materialize(n.builder, n.loc, element.toConstant());
  n.set(0, n.broadcast(scalar, *shape));
}

static void importShape(NodeImport &n) {
  int64_t rank = n.rank(0);
  auto bound = [&](llvm::StringRef name, int64_t fallback) {
    int64_t value = std::clamp(n.integer(name, fallback), -rank, rank);
    return value < 0 ? value + rank : value;
  };
  int64_t start = bound("start", 0), end = bound("end", rank);
  n.set(0, listOf(n.shape(0).slice(start, std::max<int64_t>(0, end - start))));
}

static void importSize(NodeImport &n) {
  Numbers result;
  result.integers = {n.type(0).getNumElements()};
  n.set(0, result);
}

void onnx::passThrough(NodeImport &n) {
  Binding binding;
  binding.type = n.type(0);
  if (const Constant *constant = n.constant(0))
    return n.set(0, *constant);
  binding.value = n.operand(0);
  n.set(0, binding);
}

static void importDropout(NodeImport &n) {
  n.ignore({"seed", "ratio"});
  if (n.opset < 7 && !n.flag("is_test", false)) {
    n.error() << "without is_test=1 it drops elements; export the model in "
                 "inference mode (model.eval())";
    return;
  }
  if (n.hasInput(2) && n.scalar(2, "training mode").value_or(0) != 0) {
    n.error() << "training mode is not supported; export the model in "
                 "inference mode (model.eval())";
    return;
  }
  passThrough(n);
  if (!n.usesOutput(1))
    return;
  // Nothing is dropped; before opset 10 the mask has the input's type.
  mlir::Type element = n.builder.getI1Type();
  if (n.opset < 10)
    element = n.type(0).getElementType();
  Value one = n.cast(n.splat(1.0F), element);
  n.set(1, n.broadcast(one, n.shape(0)));
}

/// start + [0, 1, ...] * delta, of the length that the model states.
static void importRange(NodeImport &n) {
  unsigned input = 0;
  while (input < 2 && !n.isRunTime(input))
    ++input;
  auto shape = n.shapeInsteadOf(input, "range");
  if (!shape)
    return;
  auto count = countElements(*shape);
  if (shape->size() != 1 || *count > Numbers::maxNumbers) {
    n.error() << "the shape " << shapeText(*shape)
              << " that the model states is no list of at most "
              << Numbers::maxNumbers << " elements";
    return;
  }
  Constant typed = emptyConstant(
      mlir::RankedTensorType::get({int64_t(0)}, n.type(0).getElementType()));
  Numbers steps;
  for (int64_t i = 0; i < *count; ++i)
    steps.integers.push_back(i);
  steps.shape.assign(shape->begin(), shape->end());
  mlir::Value numbers = NodeImport::materialize(
      n.builder, n.loc, steps.cast(typed.type).toConstant());
  mlir::Value start = n.reshape(n.operand(0), {}),
              delta = n.reshape(n.operand(2), {});
  n.set(0, n.make<edge::AddOp>({n.make<edge::MulOp>({numbers, delta}), start}));
}

static bool evaluateRange(NodeImport &n) {
  auto start = n.scalar(0, "start"), limit = n.scalar(1, "limit"),
       delta = n.scalar(2, "delta");
  auto first = smallNumbers(n, 0);
  if (!start || !limit || !delta || !first)
    return n.failed();
  double steps = std::ceil((*limit - *start) / *delta);
  if (*delta == 0 || !(steps <= double(Numbers::maxNumbers))) {
    n.error() << "the range from " << *start << " to " << *limit
              << " in steps of " << *delta << " has no end or more than "
              << Numbers::maxNumbers << " elements";
    return true;
  }
  Numbers result;
  result.type = DataType::Double;
  for (int64_t i = 0; i < static_cast<int64_t>(std::max(steps, 0.0)); ++i)
    result.reals.push_back(*start + double(i) * *delta);
  result.shape = {int64_t(result.reals.size())};
  n.set(0, result.cast(first->type));
  return true;
}

llvm::ArrayRef<Operator> onnx::constantOperators() {
  static constexpr Operator rows[] = {
      {"Constant",
       {1, 25},
       0,
       0,
       importConstant,
       nullptr,
       types::anyType,
       "dense tensors and numbers, no strings"},
      {"ConstantOfShape",
       {9, 25},
       1,
       1,
       importConstantOfShape,
       nullptr,
       types::anyType,
       "the shape is constant"},
      {"Shape", {1, 25}, 1, 1, importShape, nullptr, types::anyType},
      {"Size", {1, 25}, 1, 1, importSize, nullptr, types::anyType},
      {"Identity", {1, 25}, 1, 1, passThrough, nullptr, types::anyType},
      {"Dropout",
       {1, 22},
       1,
       3,
       importDropout,
       nullptr,
       types::floats,
       "inference only: is_test before 7, training_mode "
       "since 12"},
      {"Range", {11, 27}, 3, 3, importRange, evaluateRange, types::numbers},
  };
  return rows;
}
