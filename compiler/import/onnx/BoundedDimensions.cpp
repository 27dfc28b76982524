//===- BoundedDimensions.cpp - sizes that only a run knows ----------------===//
//
// One row per operator that may have such operands, with the rule by which the
// dimension goes through it. What has no row is refused: a reduction, say,
// would take in what lies behind the actual size.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/BoundedDimensions.h"
#include "compiler/import/onnx/ShapeRules.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;

namespace {
/// Where dimension `d` of an input lies in an output; none if the operator
/// mixes its elements with others.
using Rule = std::optional<int64_t> (*)(NodeImport &n, unsigned input,
                                        int64_t d, unsigned output);

struct Row {
  StringRef name;
  Rule rule;
};
} // namespace

static std::optional<int64_t> same(NodeImport &, unsigned input, int64_t d,
                                   unsigned) {
  if (input != 0)
    return std::nullopt;
  return d;
}

/// The other operands repeat along it, or have the same dimension.
static std::optional<int64_t> elementwise(NodeImport &n, unsigned input,
                                          int64_t d, unsigned output) {
  int64_t fromEnd = n.rank(input) - d;
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i) || n.bound(i).isBounded() || n.rank(i) < fromEnd)
      continue;
    if (n.shape(i)[n.rank(i) - fromEnd] != 1)
      return std::nullopt;
  }
  return n.results()[output].type.getRank() - fromEnd;
}

static std::optional<int64_t> transpose(NodeImport &n, unsigned, int64_t d,
                                        unsigned) {
  auto permutation = transposePermutation(n);
  return llvm::find(permutation, d) - permutation.begin();
}

/// As many elements before it as before, and the dimension as it was.
static std::optional<int64_t> reshape(NodeImport &n, unsigned input, int64_t d,
                                      unsigned output) {
  if (input != 0)
    return std::nullopt;
  llvm::ArrayRef<int64_t> from = n.shape(0),
                          to = n.results()[output].type.getShape();
  int64_t before = *countElements(from.take_front(d)), product = 1;
  for (auto [index, size] : llvm::enumerate(to)) {
    if (product == before && size == from[d])
      return int64_t(index);
    product *= size;
  }
  return std::nullopt;
}

static int64_t axisOf(NodeImport &n, unsigned input, int64_t fallback) {
  int64_t axis = n.integer("axis", fallback);
  return axis < 0 ? axis + n.rank(input) : axis;
}

/// Indices are in the places where they were; slices of the data stay whole.
static std::optional<int64_t> gather(NodeImport &n, unsigned input, int64_t d,
                                     unsigned) {
  int64_t axis = axisOf(n, 0, 0);
  if (input == 1)
    return axis + d;
  if (d == axis)
    return std::nullopt;
  return d < axis ? d : d - 1 + n.rank(1);
}

static std::optional<int64_t> gatherElements(NodeImport &n, unsigned input,
                                             int64_t d, unsigned) {
  if (input != 1 || d != axisOf(n, 0, 0))
    return std::nullopt;
  return d;
}

static std::optional<int64_t> gatherNd(NodeImport &n, unsigned input, int64_t d,
                                       unsigned) {
  if (input != 1 || d == n.rank(1) - 1 || d < n.integer("batch_dims", 0))
    return std::nullopt;
  return d;
}

/// Not along the dimension itself.
static std::optional<int64_t> slice(NodeImport &n, unsigned input, int64_t d,
                                    unsigned) {
  for (unsigned i = 1; i < n.inputCount(); ++i)
    if (n.hasInput(i) && !n.constant(i))
      return std::nullopt;
  std::optional<Box> box = readSlice(n);
  if (input != 0 || !box || box->offsets[d] != 0 || box->strides[d] != 1 ||
      box->sizes[d] != n.shape(0)[d])
    return std::nullopt;
  return d;
}

static std::optional<int64_t> split(NodeImport &n, unsigned input, int64_t d,
                                    unsigned) {
  if (input != 0 || d == axisOf(n, 0, 0))
    return std::nullopt;
  return d;
}

/// All parts have it, and it is not the one that grows.
static std::optional<int64_t> concat(NodeImport &n, unsigned, int64_t d,
                                     unsigned) {
  for (unsigned i = 0; i < n.inputCount(); ++i)
    if (!n.bound(i).isBounded())
      return std::nullopt;
  if (d == axisOf(n, 0, 0))
    return std::nullopt;
  return d;
}

static const Row rows[] = {
    {"Abs", same},
    {"Acos", same},
    {"Acosh", same},
    {"Add", elementwise},
    {"And", elementwise},
    {"Asin", same},
    {"Asinh", same},
    {"Atan", same},
    {"Atanh", same},
    {"BitCast", same},
    {"BitwiseNot", same},
    {"Cast", same},
    {"CastLike", same},
    {"Ceil", same},
    {"Celu", same},
    {"Clip", same},
    {"Concat", concat},
    {"Cos", same},
    {"Cosh", same},
    {"Div", elementwise},
    {"Dropout", same},
    {"Elu", same},
    {"Equal", elementwise},
    {"Erf", same},
    {"Exp", same},
    {"Flatten", reshape},
    {"Floor", same},
    {"Gather", gather},
    {"GatherElements", gatherElements},
    {"GatherND", gatherNd},
    {"Gelu", same},
    {"Greater", elementwise},
    {"GreaterOrEqual", elementwise},
    {"HardSigmoid", same},
    {"HardSwish", same},
    {"Identity", same},
    {"IsInf", same},
    {"IsNaN", same},
    {"LeakyRelu", same},
    {"Less", elementwise},
    {"LessOrEqual", elementwise},
    {"Log", same},
    {"Max", elementwise},
    {"Min", elementwise},
    {"Mish", same},
    {"Mod", elementwise},
    {"Mul", elementwise},
    {"Neg", same},
    {"Not", same},
    {"Or", elementwise},
    {"Pow", elementwise},
    {"Reciprocal", same},
    {"Relu", same},
    {"Reshape", reshape},
    {"Round", same},
    {"Selu", same},
    {"Sigmoid", same},
    {"Sign", same},
    {"Sin", same},
    {"Sinh", same},
    {"Slice", slice},
    {"Softplus", same},
    {"Softsign", same},
    {"Split", split},
    {"Sqrt", same},
    {"Squeeze", reshape},
    {"Sub", elementwise},
    {"Tan", same},
    {"Tanh", same},
    {"Transpose", transpose},
    {"Unsqueeze", reshape},
    {"Where", elementwise},
    {"Xor", elementwise},
};

static const Row *findRow(StringRef name) {
  for (const Row &row : rows)
    if (row.name == name)
      return &row;
  return nullptr;
}

static void refuse(NodeImport &n, unsigned input) {
  int64_t d = n.bound(input).dimension;
  n.error() << "dimension " << d << " of input " << input << " ('"
            << n.node.inputs[input] << "') has a size that only the run knows"
            << " (at most " << n.shape(input)[d]
            << "), and the operator would mix its elements with what lies "
               "behind; let the model end before it, or choose a fixed number "
               "of elements (TopK)";
}

bool onnx::checkBounds(NodeImport &n) {
  mlir::Region *here = n.builder.getInsertionBlock()->getParent();
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i) || !n.bound(i).isBounded())
      continue;
    // Branches and bodies get values, not their sizes.
    mlir::Value count = n.bound(i).count;
    bool isOutside = count.getParentRegion() != here;
    if (!isOutside && findRow(n.node.opType))
      continue;
    refuse(n, i);
    return false;
  }
  return true;
}

void onnx::carryBounds(NodeImport &n) {
  const Row *row = findRow(n.node.opType);
  for (unsigned output = 0; output < n.results().size(); ++output) {
    if (!n.usesOutput(output) || !n.results()[output].type)
      continue;
    Bound bound;
    for (unsigned i = 0; i < n.inputCount(); ++i) {
      if (!n.hasInput(i) || !n.bound(i).isBounded())
        continue;
      auto to = row->rule(n, i, n.bound(i).dimension, output);
      if (n.failed())
        return;
      Bound carried{n.bound(i).count, to.value_or(-1)};
      bool agrees =
          !bound.isBounded() || (bound.count == carried.count &&
                                 bound.dimension == carried.dimension);
      if (!to || !agrees)
        return refuse(n, i);
      bound = carried;
    }
    if (bound.isBounded())
      n.setBound(output, bound);
  }
}
