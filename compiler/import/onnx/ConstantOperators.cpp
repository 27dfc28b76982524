//===- ConstantOperators.cpp - Constant, Shape, Cast, Where, ... ----------===//
//
// Operators whose result is known at import, and the logic of shape arithmetic.
// Those with no importer work on constants only.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Evaluation.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;

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
  auto shape = n.integers(0, "shape");
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
  if (element.type != DataType::Float) {
    n.error() << "a constant of type " << dataTypeName(element.type)
              << " and shape " << shapeText(*shape) << " is too large";
    return;
  }
  n.set(0, n.splat(static_cast<float>(element.reals[0]), *shape));
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

/// The operand under another name, constant or not.
static void passThrough(NodeImport &n) {
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
  if (n.usesOutput(1)) {
    n.error() << "the output of the mask is not supported; export the model in "
                 "inference mode (model.eval())";
    return;
  }
  if (n.hasInput(2) && n.scalar(2, "training mode").value_or(0) != 0) {
    n.error() << "training mode is not supported; export the model in "
                 "inference mode (model.eval())";
    return;
  }
  passThrough(n);
}

static bool evaluateCast(NodeImport &n) {
  auto to = static_cast<DataType>(n.integer("to", 0));
  n.ignore({"saturate"});
  bool known =
      to == DataType::Float || to == DataType::Double || isIntegerType(to);
  auto numbers = smallNumbers(n, 0);
  if (!known || !numbers)
    return false;
  n.set(0, numbers->cast(to));
  return true;
}

static void importCast(NodeImport &n) {
  auto to = static_cast<DataType>(n.integer("to", 0));
  n.ignore({"saturate"});
  if (elementType(to, n.builder.getContext()) == n.type(0).getElementType())
    return passThrough(n);
  n.error() << "casting a computed tensor to " << dataTypeName(to)
            << " is not supported yet; only float32 is computed at run time";
}

//===-- logic
//--------------------------------------------------------------===//

template <typename Compare> static bool evaluateCompare(NodeImport &n) {
  auto lhs = smallNumbers(n, 0), rhs = smallNumbers(n, 1);
  auto pair = lhs && rhs ? broadcastPair(*lhs, *rhs) : std::nullopt;
  if (!pair)
    return false;
  auto &[a, b] = *pair;
  Numbers result;
  result.type = DataType::Bool;
  result.shape = a.shape;
  for (size_t i = 0; i < a.size(); ++i) {
    result.integers.push_back(a.isReal()
                                  ? Compare()(a.reals[i], b.reals[i])
                                  : Compare()(a.integers[i], b.integers[i]));
  }
  n.set(0, result);
  return true;
}

static bool evaluateNot(NodeImport &n) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers || numbers->isReal())
    return false;
  for (int64_t &element : numbers->integers)
    element = element == 0;
  n.set(0, *numbers);
  return true;
}

static bool evaluateWhere(NodeImport &n) {
  auto condition = smallNumbers(n, 0), x = smallNumbers(n, 1),
       y = smallNumbers(n, 2);
  auto pair = x && y ? broadcastPair(*x, *y) : std::nullopt;
  if (!pair || !condition || condition->isReal())
    return false;
  auto shape = edge::broadcastShapes(condition->shape, pair->first.shape);
  auto count = mlir::failed(shape) ? std::nullopt : countElements(*shape);
  if (!count || *count > Numbers::maxNumbers)
    return false;
  Numbers choice = expand(*condition, *shape),
          result = expand(pair->first, *shape),
          other = expand(pair->second, *shape);
  for (size_t i = 0; i < choice.size(); ++i) {
    if (choice.integers[i] != 0)
      continue;
    if (result.isReal())
      result.reals[i] = other.reals[i];
    else
      result.integers[i] = other.integers[i];
  }
  n.set(0, result);
  return true;
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
       "inference only, without the mask: is_test before 7, training_mode "
       "since 12"},
      {"Cast", {1, 25}, 1, 1, importCast, evaluateCast, types::anyType},
      {"Mod", {10, 13}, 2, 2, nullptr, evaluateMod, types::numbers, "no fmod"},
      {"Equal",
       {1, 19},
       2,
       2,
       nullptr,
       evaluateCompare<std::equal_to<>>,
       types::anyType},
      {"Less",
       {1, 13},
       2,
       2,
       nullptr,
       evaluateCompare<std::less<>>,
       types::numbers},
      {"LessOrEqual",
       {12, 16},
       2,
       2,
       nullptr,
       evaluateCompare<std::less_equal<>>,
       types::numbers},
      {"Greater",
       {1, 13},
       2,
       2,
       nullptr,
       evaluateCompare<std::greater<>>,
       types::numbers},
      {"GreaterOrEqual",
       {12, 16},
       2,
       2,
       nullptr,
       evaluateCompare<std::greater_equal<>>,
       types::numbers},
      {"Not", {1, 1}, 1, 1, nullptr, evaluateNot, types::anyType},
      {"Where", {9, 16}, 3, 3, nullptr, evaluateWhere, types::anyType},
      {"Range", {11, 27}, 3, 3, nullptr, evaluateRange, types::numbers},
  };
  return rows;
}
