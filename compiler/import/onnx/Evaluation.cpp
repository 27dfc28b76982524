//===- Evaluation.cpp - shape arithmetic on constants ---------------------===//
//
// Exporters compute shapes with ordinary operators:
//   Shape -> Gather -> Mul -> Concat -> Reshape
// On integers and on small float constants these are evaluated here, while
// importing; large float constants are weights, which the graph stage folds.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Evaluation.h"
#include "compiler/import/onnx/ShapeRules.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;

std::optional<Numbers> onnx::smallNumbers(NodeImport &n, unsigned index) {
  constexpr int64_t maxReals = 1024;
  const Constant *constant = n.constant(index);
  if (!constant || (!isIntegerType(constant->type) &&
                    n.type(index).getNumElements() > maxReals))
    return std::nullopt;
  return Numbers::from(*constant);
}

llvm::SmallVector<int64_t>
onnx::walk(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides, int64_t offset) {
  // Checked first: the dimensions before an empty one may be huge.
  if (llvm::is_contained(shape, 0))
    return {};
  llvm::SmallVector<int64_t> positions = {offset};
  for (auto [size, stride] : llvm::zip_equal(shape, strides)) {
    llvm::SmallVector<int64_t> next;
    for (int64_t position : positions)
      for (int64_t i = 0; i < size; ++i)
        next.push_back(position + i * stride);
    positions = std::move(next);
  }
  return positions;
}

/// Row-major strides of `shape`.
static Shape stridesOf(ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

Numbers onnx::expand(const Numbers &numbers, ArrayRef<int64_t> shape) {
  Shape own = stridesOf(numbers.shape), strides(shape.size(), 0);
  size_t missing = shape.size() - numbers.shape.size();
  for (size_t d = 0; d < numbers.shape.size(); ++d)
    strides[missing + d] = numbers.shape[d] == 1 ? 0 : own[d];
  return numbers.gather(walk(shape, strides, 0), shape);
}

//===-- arithmetic
//---------------------------------------------------------===//

namespace {
/// Integers wrap as two's complement, so they are computed unsigned.
int64_t wrap(uint64_t value) { return static_cast<int64_t>(value); }

struct AddNumbers {
  int64_t operator()(int64_t a, int64_t b) const {
    return wrap(uint64_t(a) + uint64_t(b));
  }
  double operator()(double a, double b) const { return a + b; }
};
struct SubNumbers {
  int64_t operator()(int64_t a, int64_t b) const {
    return wrap(uint64_t(a) - uint64_t(b));
  }
  double operator()(double a, double b) const { return a - b; }
};
struct MulNumbers {
  int64_t operator()(int64_t a, int64_t b) const {
    return wrap(uint64_t(a) * uint64_t(b));
  }
  double operator()(double a, double b) const { return a * b; }
};
struct DivNumbers {
  int64_t operator()(int64_t a, int64_t b) const {
    return b == -1 ? wrap(-uint64_t(a)) : a / b;
  }
  double operator()(double a, double b) const { return a / b; }
};
/// The result has the divisor's sign, as Python's %.
struct ModNumbers {
  int64_t operator()(int64_t a, int64_t b) const {
    int64_t rest = b == -1 ? 0 : a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  double operator()(double a, double b) const {
    double rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
};
struct MinNumbers {
  template <typename T> T operator()(T a, T b) const { return std::min(a, b); }
};
struct MaxNumbers {
  template <typename T> T operator()(T a, T b) const { return std::max(a, b); }
};
} // namespace

std::optional<std::pair<Numbers, Numbers>>
onnx::broadcastPair(const Numbers &lhs, const Numbers &rhs) {
  auto shape = edge::broadcastShapes(lhs.shape, rhs.shape);
  if (mlir::failed(shape) || lhs.isReal() != rhs.isReal())
    return std::nullopt;
  auto count = countElements(*shape);
  if (!count || *count > Numbers::maxNumbers)
    return std::nullopt;
  return std::make_pair(expand(lhs, *shape), expand(rhs, *shape));
}

template <typename Function>
static std::optional<Numbers> combine(const Numbers &lhs, const Numbers &rhs,
                                      Function function) {
  auto pair = broadcastPair(lhs, rhs);
  if (!pair)
    return std::nullopt;
  auto &[a, b] = *pair;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a.isReal())
      a.reals[i] = function(a.reals[i], b.reals[i]);
    else
      a.integers[i] = function(a.integers[i], b.integers[i]);
  }
  return a.cast(a.type);
}

/// Folds all operands from the left; false when one is not small.
template <typename Function> static bool evaluateChain(NodeImport &n) {
  std::optional<Numbers> result = smallNumbers(n, 0);
  for (unsigned i = 1; i < n.inputCount() && result; ++i) {
    auto next = smallNumbers(n, i);
    result = next ? combine(*result, *next, Function()) : std::nullopt;
  }
  if (result)
    n.set(0, *result);
  return result.has_value();
}

/// Division by an integer zero is left to the importer, which refuses it.
template <typename Function> static bool evaluateDivision(NodeImport &n) {
  auto divisor = smallNumbers(n, 1);
  if (!divisor || llvm::is_contained(divisor->integers, 0))
    return false;
  return evaluateChain<Function>(n);
}

bool onnx::evaluateAdd(NodeImport &n) { return evaluateChain<AddNumbers>(n); }
bool onnx::evaluateSub(NodeImport &n) { return evaluateChain<SubNumbers>(n); }
bool onnx::evaluateMul(NodeImport &n) { return evaluateChain<MulNumbers>(n); }
bool onnx::evaluateMin(NodeImport &n) { return evaluateChain<MinNumbers>(n); }
bool onnx::evaluateMax(NodeImport &n) { return evaluateChain<MaxNumbers>(n); }
bool onnx::evaluateDiv(NodeImport &n) {
  return evaluateDivision<DivNumbers>(n);
}
bool onnx::evaluateMod(NodeImport &n) {
  if (n.flag("fmod", false))
    return false;
  return evaluateDivision<ModNumbers>(n);
}

template <typename OnReals, typename OnIntegers>
static bool evaluateUnary(NodeImport &n, OnReals onReals,
                          OnIntegers onIntegers) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers)
    return false;
  for (double &element : numbers->reals)
    element = onReals(element);
  for (int64_t &element : numbers->integers)
    element = onIntegers(element);
  n.set(0, numbers->cast(numbers->type));
  return true;
}

static int64_t same(int64_t x) { return x; }

bool onnx::evaluateNeg(NodeImport &n) {
  return evaluateUnary(
      n, [](double x) { return -x; },
      [](int64_t x) { return wrap(-uint64_t(x)); });
}
bool onnx::evaluateAbs(NodeImport &n) {
  return evaluateUnary(
      n, [](double x) { return std::abs(x); },
      [](int64_t x) { return x < 0 ? wrap(-uint64_t(x)) : x; });
}
bool onnx::evaluateFloor(NodeImport &n) {
  return evaluateUnary(n, [](double x) { return std::floor(x); }, same);
}
bool onnx::evaluateCeil(NodeImport &n) {
  return evaluateUnary(n, [](double x) { return std::ceil(x); }, same);
}
bool onnx::evaluateSqrt(NodeImport &n) {
  return evaluateUnary(n, [](double x) { return std::sqrt(x); }, same);
}

/// Of a list of integers, over everything: the number of elements of a shape.
bool onnx::evaluateReduceProd(NodeImport &n) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers || numbers->isReal() || numbers->shape.size() > 1 ||
      n.hasInput(1))
    return false;
  n.ignore({"axes", "noop_with_empty_axes"});
  uint64_t product = 1;
  for (int64_t element : numbers->integers)
    product *= uint64_t(element);
  Numbers result;
  result.type = numbers->type;
  if (n.flag("keepdims", true))
    result.shape.assign(numbers->shape.size(), 1);
  result.integers = {wrap(product)};
  n.set(0, result);
  return true;
}

//===-- moving elements
//----------------------------------------------------===//

/// The same bytes under another shape, whatever their number.
bool onnx::evaluateReshape(NodeImport &n) {
  if (auto shape = reshapedShape(n)) {
    Constant result = *n.constant(0);
    result.shape.assign(shape->begin(), shape->end());
    n.set(0, std::move(result));
  }
  return true;
}

bool onnx::evaluateTranspose(NodeImport &n) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers)
    return false;
  Shape permutation = transposePermutation(n);
  if (n.failed())
    return true;
  Shape own = stridesOf(numbers->shape), shape, strides;
  for (int64_t d : permutation) {
    shape.push_back(numbers->shape[d]);
    strides.push_back(own[d]);
  }
  n.set(0, numbers->gather(walk(shape, strides, 0), shape));
  return true;
}

bool onnx::evaluateConcat(NodeImport &n) {
  std::optional<Numbers> result = smallNumbers(n, 0);
  // Lists only: exporters assemble shapes from pieces of one dimension.
  for (unsigned i = 1; i < n.inputCount() && result; ++i) {
    auto next = smallNumbers(n, i);
    if (!next || next->shape.size() != 1 || next->type != result->type)
      return false;
    llvm::append_range(result->integers, next->integers);
    llvm::append_range(result->reals, next->reals);
  }
  if (!result || result->shape.size() != 1)
    return false;
  n.normalizeAxis(n.integer("axis", 0), 1);
  result->shape = {int64_t(result->size())};
  n.set(0, *result);
  return true;
}

bool onnx::evaluateSlice(NodeImport &n) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers)
    return false;
  std::optional<Box> box = readSlice(n);
  if (!box)
    return true;
  Shape strides = stridesOf(numbers->shape);
  int64_t offset = 0;
  for (size_t d = 0; d < strides.size(); ++d) {
    offset += box->offsets[d] * strides[d];
    strides[d] *= box->strides[d];
  }
  n.set(0, numbers->gather(walk(box->sizes, strides, offset), box->sizes));
  return true;
}

bool onnx::evaluateGather(NodeImport &n) {
  auto numbers = smallNumbers(n, 0), indices = smallNumbers(n, 1);
  if (!numbers || !indices || indices->isReal())
    return false;
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  if (n.failed())
    return true;
  ArrayRef<int64_t> shape = numbers->shape;
  int64_t length = shape[axis];
  Shape result(shape.take_front(axis));
  llvm::append_range(result, indices->shape);
  llvm::append_range(result, shape.drop_front(axis + 1));
  auto count = countElements(result);
  if (!count || *count > Numbers::maxNumbers)
    return false;
  Shape positions, strides = stridesOf(shape);
  int64_t inner = strides[axis];
  if (*count == 0) {
    n.set(0, numbers->gather({}, result));
    return true;
  }
  for (int64_t outer :
       walk(shape.take_front(axis), ArrayRef(strides).take_front(axis), 0)) {
    for (int64_t index : indices->integers) {
      if (index < -length || index >= length) {
        n.error() << "index " << index << " lies outside the dimension of size "
                  << length;
        return true;
      }
      int64_t start = outer + (index < 0 ? index + length : index) * inner;
      for (int64_t i = 0; i < inner; ++i)
        positions.push_back(start + i);
    }
  }
  n.set(0, numbers->gather(positions, result));
  return true;
}

bool onnx::evaluateExpand(NodeImport &n) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers)
    return false;
  auto shape = expandedShape(n);
  if (!shape)
    return true;
  auto count = countElements(*shape);
  // A float that grows past what is small is a tensor of the graph.
  if (!count || *count > Numbers::maxNumbers)
    return false;
  n.set(0, expand(*numbers, *shape));
  return true;
}
