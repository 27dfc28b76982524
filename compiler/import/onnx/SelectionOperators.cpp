//===- SelectionOperators.cpp - searching, sorting, counting --------------===//
//
// Numbers such as k that are known at run time only are read off the declared
// shape of the result.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/TypedConstants.h"
#include "dialects/edge/Selection.h"
#include <limits>

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

//===-- along one dimension
//-------------------------------------------------===//

template <typename Op> static void importArg(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  bool keepDims = n.flag("keepdims", true),
       last = n.flag("select_last_index", false);
  if (n.failed())
    return;
  Value found = n.make<Op>({n.operand(0)},
                           {n.attr("axis", axis), n.attr("select_last", last)});
  llvm::SmallVector<int64_t> shape(n.shape(0));
  shape[axis] = 1;
  n.set(0, keepDims && found ? n.reshape(found, shape) : found);
}

/// An operand that has to be one constant integer.
static std::optional<int64_t> oneInteger(NodeImport &n, unsigned input,
                                         llvm::StringRef meaning) {
  auto numbers = n.integers(input, meaning);
  if (!numbers)
    return std::nullopt;
  if (numbers->size() != 1) {
    n.error() << "the " << meaning << " must be one number, not "
              << numbers->size();
    return std::nullopt;
  }
  return numbers->front();
}

/// k is an attribute before opset 10.
static std::optional<int64_t> countOf(NodeImport &n, int64_t axis) {
  if (n.opset < 10)
    return n.integer("k", 0);
  if (!n.constant(1)) {
    for (unsigned output : {0, 1}) {
      if (auto declared = n.declaredShape(output))
        if (int64_t(declared->size()) == n.rank(0))
          return (*declared)[axis];
    }
  }
  return oneInteger(n, 1, "k");
}

static void importTopK(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", -1), n.rank(0));
  bool largest = n.flag("largest", true);
  // What need not be sorted may be.
  n.ignore({"sorted"});
  auto k = n.failed() ? std::nullopt : countOf(n, axis);
  if (!k || n.failed())
    return;
  auto results = n.makeAll<edge::TopKOp>(
      2, {n.operand(0)},
      {n.attr("axis", axis), n.attr("k", *k), n.attr("largest", largest)});
  n.set(0, results[0]);
  n.set(1, results[1]);
}

template <edge::Accumulate kind> static void importCumulate(NodeImport &n) {
  bool exclusive = n.flag("exclusive", false),
       reverse = n.flag("reverse", false);
  llvm::SmallVector<mlir::NamedAttribute> attributes = {
      {n.builder.getStringAttr("kind"),
       edge::AccumulateAttr::get(n.builder.getContext(), kind)},
      n.attr("exclusive", exclusive),
      n.attr("reverse", reverse)};
  llvm::SmallVector<Value> operands = {n.operand(0)};
  if (n.rank(0) == 1) {
    attributes.push_back(n.attr("axis", int64_t(0)));
  } else if (n.constant(1)) {
    auto axis = oneInteger(n, 1, "axis");
    if (!axis)
      return;
    attributes.push_back(n.attr("axis", n.normalizeAxis(*axis, n.rank(0))));
  } else {
    operands.push_back(n.operand(1));
  }
  if (!n.failed())
    n.set(0, n.make<edge::CumulateOp>(operands, attributes));
}

static void importDet(NodeImport &n) {
  n.set(0, n.make<edge::DetOp>({n.operand(0)}));
}

//===-- as many as there are
//------------------------------------------------===//

static void importNonZero(NodeImport &n) {
  auto results = n.makeAll<edge::NonZeroOp>(2, {n.operand(0)});
  n.set(0, results[0]);
  n.setBound(0, {results[1], 1});
}

/// The operand and the axis; without one, all elements in a row.
static std::pair<Value, int64_t> alongAxis(NodeImport &n) {
  Value x = n.operand(0);
  if (n.hasAttribute("axis"))
    return {x, n.normalizeAxis(n.integer("axis", 0), n.rank(0))};
  return {n.reshape(x, {n.type(0).getNumElements()}), 0};
}

static void importCompress(NodeImport &n) {
  auto [x, axis] = alongAxis(n);
  Value condition = n.operand(1);
  if (!x || !condition || n.failed())
    return;
  int64_t size =
      mlir::cast<mlir::RankedTensorType>(x.getType()).getDimSize(axis);
  // What is longer than the axis selects nothing.
  if (n.rank(1) == 1 && n.shape(1)[0] > size) {
    condition = n.make<edge::SliceOp>(
        {condition}, {n.attr("offsets", llvm::ArrayRef<int64_t>{0}),
                      n.attr("sizes", llvm::ArrayRef<int64_t>{size}),
                      n.attr("strides", llvm::ArrayRef<int64_t>{1})});
  }
  auto results =
      n.makeAll<edge::CompressOp>(2, {x, condition}, {n.attr("axis", axis)});
  n.set(0, results[0]);
  n.setBound(0, {results[1], axis});
}

static void importUnique(NodeImport &n) {
  auto [x, axis] = alongAxis(n);
  bool sorted = n.flag("sorted", true);
  if (n.failed())
    return;
  auto results = n.makeAll<edge::UniqueOp>(
      5, {x}, {n.attr("axis", axis), n.attr("sorted", sorted)});
  for (unsigned i = 0; i < 4; ++i)
    n.set(i, results[i]);
  n.setBound(0, {results[4], axis});
  n.setBound(1, {results[4], 0});
  n.setBound(3, {results[4], 0});
}

/// A number of the boxes' type where the node leaves it out.
static Value threshold(NodeImport &n, unsigned input, double fallback) {
  if (n.hasInput(input))
    return n.operand(input);
  mlir::Type element = n.type(0).getElementType();
  if (!llvm::isa<mlir::FloatType>(element)) {
    n.error() << "boxes must be floats, not " << element;
    return nullptr;
  }
  auto type = mlir::RankedTensorType::get({}, element);
  mlir::Attribute number = n.builder.getFloatAttr(element, fallback);
  return edge::ConstantOp::create(n.builder, n.loc, type,
                                  mlir::DenseElementsAttr::get(type, number));
}

static void importNonMaxSuppression(NodeImport &n) {
  bool center = n.flag("center_point_box", false);
  if (n.rank(0) != 3) {
    n.error() << "boxes of shape " << shapeText(n.shape(0))
              << " are not [batch, number, 4]";
    return;
  }
  int64_t bound = n.shape(0)[1];
  Value most;
  if (n.hasInput(2)) {
    most = n.operand(2);
    if (n.constant(2)) {
      bound = std::min(bound,
                       std::max<int64_t>(
                           1, oneInteger(n, 2, "number of boxes").value_or(1)));
    }
  } else {
    most = integerConstant(n, {0});
    bound = 1;
  }
  auto results = n.makeAll<edge::NonMaxSuppressionOp>(
      2,
      {n.operand(0), n.operand(1), most, threshold(n, 3, 0),
       threshold(n, 4, -std::numeric_limits<double>::infinity())},
      {n.attr("center", center), n.attr("bound", bound)});
  n.set(0, results[0]);
  n.setBound(0, {results[1], 0});
}

llvm::ArrayRef<Operator> onnx::selectionOperators() {
  static constexpr llvm::StringLiteral sizeNote =
      "the size of the result is another output, see docs/abi.md";
  static constexpr Operator rows[] = {
      {"ArgMax",
       {1, 13},
       1,
       1,
       importArg<edge::ArgMaxOp>,
       nullptr,
       types::numbers},
      {"ArgMin",
       {1, 13},
       1,
       1,
       importArg<edge::ArgMinOp>,
       nullptr,
       types::numbers},
      {"TopK",
       {1, 24},
       1,
       2,
       importTopK,
       nullptr,
       types::numbers,
       "k is an attribute before 10, since then constant or that of the "
       "declared result"},
      {"CumSum",
       {11, 14},
       2,
       2,
       importCumulate<edge::Accumulate::sum>,
       nullptr,
       types::numbers},
      {"CumProd",
       {26, 26},
       2,
       2,
       importCumulate<edge::Accumulate::product>,
       nullptr,
       types::numbers},
      {"Det", {11, 22}, 1, 1, importDet, nullptr, types::floats},
      {"TfIdfVectorizer",
       {9, 9},
       1,
       1,
       importTfIdfVectorizer,
       nullptr,
       types::integers,
       "pool_int64s only"},
      {"NonZero",
       {9, 13},
       1,
       1,
       importNonZero,
       nullptr,
       types::anyType,
       sizeNote},
      {"Compress",
       {9, 11},
       2,
       2,
       importCompress,
       nullptr,
       types::anyType,
       sizeNote},
      {"Unique",
       {11, 11},
       1,
       1,
       importUnique,
       nullptr,
       types::anyType,
       sizeNote},
      {"NonMaxSuppression",
       {10, 11},
       2,
       5,
       importNonMaxSuppression,
       nullptr,
       types::floats,
       sizeNote},
  };
  return rows;
}
