//===- IndexingOperators.cpp - reading and writing by index ---------------===//
//
// Indices may be known or not: those that are known are checked here, and a run
// of neighbours is a slice. Others are brought inside at run time.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/TypedConstants.h"
#include "dialects/edge/Indexing.h"
#include "llvm/ADT/StringSwitch.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

//===-- Gather
//--------------------------------------------------------------===//

/// Reports the first known index outside of [-size, size).
static bool checkIndices(NodeImport &n, unsigned input, int64_t size) {
  if (!n.constant(input))
    return true;
  auto indices = Numbers::from(*n.constant(input));
  if (!indices || indices->isReal())
    return true;
  for (int64_t index : indices->integers) {
    if (index >= -size && index < size)
      continue;
    n.error() << "index " << index << " lies outside of a dimension of size "
              << size;
    return false;
  }
  return true;
}

/// The first of constant indices that follow one another.
static std::optional<int64_t> beginOfRun(NodeImport &n, int64_t size) {
  auto indices = n.constant(1) ? Numbers::from(*n.constant(1)) : std::nullopt;
  if (!indices || indices->isReal() || indices->integers.empty())
    return std::nullopt;
  auto resolve = [&](int64_t index) {
    return index < 0 ? index + size : index;
  };
  int64_t first = resolve(indices->integers.front());
  for (auto [i, index] : llvm::enumerate(indices->integers))
    if (resolve(index) != first + int64_t(i))
      return std::nullopt;
  return first;
}

static void importGather(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  if (n.failed() || !checkIndices(n, 1, n.shape(0)[axis]))
    return;
  auto first = beginOfRun(n, n.shape(0)[axis]);
  if (!first)
    return n.set(0, n.make<edge::GatherOp>({n.operand(0), n.operand(1)},
                                           {n.attr("axis", axis)}));
  llvm::SmallVector<int64_t> offsets(n.rank(0), 0), sizes(n.shape(0)),
      strides(n.rank(0), 1), shape(n.shape(0));
  offsets[axis] = *first;
  sizes[axis] = n.type(1).getNumElements();
  Value run = n.make<edge::SliceOp>(
      {n.operand(0)}, {n.attr("offsets", offsets), n.attr("sizes", sizes),
                       n.attr("strides", strides)});
  shape.erase(shape.begin() + axis);
  shape.insert(shape.begin() + axis, n.shape(1).begin(), n.shape(1).end());
  n.set(0, n.reshape(run, shape));
}

static void importGatherElements(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  if (!n.failed() && checkIndices(n, 1, n.shape(0)[axis]))
    n.set(0, n.make<edge::GatherElementsOp>({n.operand(0), n.operand(1)},
                                            {n.attr("axis", axis)}));
}

static void importGatherNd(NodeImport &n) {
  int64_t batch = n.integer("batch_dims", 0);
  n.set(0, n.make<edge::GatherNdOp>({n.operand(0), n.operand(1)},
                                    {n.attr("batch_dims", batch)}));
}

//===-- Scatter
//-------------------------------------------------------------===//

static mlir::NamedAttribute combination(NodeImport &n) {
  llvm::StringRef name = n.string("reduction", "none");
  auto how = llvm::StringSwitch<std::optional<edge::Combine>>(name)
                 .Case("none", edge::Combine::none)
                 .Case("add", edge::Combine::add)
                 .Case("mul", edge::Combine::mul)
                 .Case("min", edge::Combine::min)
                 .Case("max", edge::Combine::max)
                 .Default(std::nullopt);
  if (!how)
    n.error() << "reduction '" << name
              << "' is not one of none, add, mul, min and max";
  return {n.builder.getStringAttr("combine"),
          edge::CombineAttr::get(n.builder.getContext(),
                                 how.value_or(edge::Combine::none))};
}

static void importScatterElements(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", 0), n.rank(0));
  mlir::NamedAttribute combine = combination(n);
  if (!n.failed() && checkIndices(n, 1, n.shape(0)[axis])) {
    n.set(0, n.make<edge::ScatterElementsOp>(
                 {n.operand(0), n.operand(1), n.operand(2)},
                 {n.attr("axis", axis), combine}));
  }
}

static void importScatterNd(NodeImport &n) {
  mlir::NamedAttribute combine = combination(n);
  if (!n.failed())
    n.set(0, n.make<edge::ScatterNdOp>(
                 {n.operand(0), n.operand(1), n.operand(2)}, {combine}));
}

/// Positions that importers write into constants at most.
static constexpr int64_t maxPositions = 1 << 20;

/// The place along the axis of each element of the update: where it begins,
/// per batch, plus 0, 1, ...
static Value cachePositions(NodeImport &n, int64_t axis, bool isCircular) {
  int64_t length = n.shape(1)[axis], capacity = n.shape(0)[axis],
          rank = n.rank(1);
  llvm::SmallVector<int64_t> steps(length), along(rank, 1), perBatch(rank, 1);
  std::iota(steps.begin(), steps.end(), 0);
  along[axis] = length;
  Value positions = n.reshape(integerConstant(n, steps), along);
  if (n.hasInput(2)) {
    perBatch[0] = n.shape(1)[0];
    Value begin = n.operand(2);
    auto type = begin ? mlir::cast<mlir::RankedTensorType>(begin.getType())
                      : mlir::RankedTensorType();
    if (!type || type.getNumElements() != perBatch[0] ||
        !type.getElementType().isInteger(64)) {
      n.error() << "write_indices must be one int64 per batch";
      return nullptr;
    }
    positions = n.make<edge::AddOp>({n.reshape(begin, perBatch), positions});
  }
  if (!isCircular)
    return positions;
  // Past the end it goes on at the beginning: the remainder by table.
  llvm::SmallVector<int64_t> places(capacity + length);
  for (auto [i, place] : llvm::enumerate(places))
    place = int64_t(i) % capacity;
  return n.make<edge::GatherOp>({integerConstant(n, places), positions},
                                {n.attr("axis", int64_t(0))});
}

static void importTensorScatter(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", -2), n.rank(0));
  llvm::StringRef mode = n.string("mode", "linear");
  if (mode != "linear" && mode != "circular")
    n.error() << "mode '" << mode << "' is neither linear nor circular";
  if (n.rank(1) != n.rank(0))
    n.error() << "update and cache differ in rank";
  if (!n.failed() && axis == 0)
    n.error() << "axis 0 is the batch and cannot be written along";
  if (!n.failed() && n.shape(0)[axis] + n.shape(1)[axis] > maxPositions)
    n.error() << "a cache of " << n.shape(0)[axis]
              << " positions is too long, at most 2^20 are supported";
  if (n.failed())
    return;
  Value positions = cachePositions(n, axis, mode == "circular");
  if (positions)
    positions = n.broadcast(positions, n.shape(1));
  auto combine =
      edge::CombineAttr::get(n.builder.getContext(), edge::Combine::none);
  n.set(0, n.make<edge::ScatterElementsOp>(
               {n.operand(0), positions, n.operand(1)},
               {n.attr("axis", axis),
                {n.builder.getStringAttr("combine"), combine}}));
}

//===-- patterns
//------------------------------------------------------------===//

static void importTrilu(NodeImport &n) {
  bool upper = n.flag("upper", true);
  Value diagonal = n.hasInput(1) ? n.operand(1) : integerConstant(n, {0});
  n.set(0, n.make<edge::TriluOp>({n.operand(0), diagonal},
                                 {n.attr("upper", upper)}));
}

/// Ones everywhere, of which an upper and a lower triangle leave one diagonal.
static void importEyeLike(NodeImport &n) {
  mlir::Type element = n.type(0).getElementType();
  if (n.hasAttribute("dtype")) {
    auto type = static_cast<DataType>(n.integer("dtype", 0));
    element = elementType(type, n.builder.getContext());
    if (!element) {
      n.error() << "a matrix of " << dataTypeName(type) << " is not supported";
      return;
    }
  }
  Value diagonal = integerConstant(n, {n.integer("k", 0)});
  Value ones = n.broadcast(typedConstant(n, element, {1}), n.shape(0));
  Value upper =
      n.make<edge::TriluOp>({ones, diagonal}, {n.attr("upper", true)});
  n.set(0, n.make<edge::TriluOp>({upper, diagonal}, {n.attr("upper", false)}));
}

static void importReverseSequence(NodeImport &n) {
  int64_t batch = n.normalizeAxis(n.integer("batch_axis", 1), n.rank(0));
  int64_t time = n.normalizeAxis(n.integer("time_axis", 0), n.rank(0));
  n.set(0, n.make<edge::ReverseSequenceOp>(
               {n.operand(0), n.operand(1)},
               {n.attr("batch_axis", batch), n.attr("time_axis", time)}));
}

/// A depth that is known at run time only is the declared one.
static std::optional<int64_t> depthOf(NodeImport &n, int64_t axis) {
  if (!n.constant(1)) {
    if (auto declared = n.declaredShape(0))
      if (int64_t(declared->size()) > axis && (*declared)[axis] >= 1)
        return (*declared)[axis];
  }
  auto depth = n.scalar(1, "depth");
  if (!depth || !(*depth >= 1 && *depth <= double(INT32_MAX))) {
    if (depth)
      n.error() << "a depth of " << *depth << " is not between 1 and 2^31";
    return std::nullopt;
  }
  return static_cast<int64_t>(*depth);
}

static void importOneHot(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", -1), n.rank(0) + 1);
  auto depth = n.failed() ? std::nullopt : depthOf(n, axis);
  if (!depth)
    return;
  Value indices = n.operand(0);
  if (indices && llvm::isa<mlir::FloatType>(n.type(0).getElementType())) {
    auto type = n.type(0).clone(n.builder.getI64Type());
    indices = edge::CastOp::create(n.builder, n.loc, type, indices);
  }
  n.set(0, n.make<edge::OneHotOp>(
               {indices, n.operand(2)},
               {n.attr("axis", axis), n.attr("depth", *depth)}));
}

llvm::ArrayRef<Operator> onnx::indexingOperators() {
  static constexpr Operator rows[] = {
      {"Gather", {1, 13}, 2, 2, importGather, evaluateGather, types::anyType},
      {"GatherElements",
       {11, 13},
       2,
       2,
       importGatherElements,
       nullptr,
       types::anyType},
      {"GatherND", {11, 13}, 2, 2, importGatherNd, nullptr, types::anyType},
      {"Scatter",
       {9, 11},
       3,
       3,
       importScatterElements,
       nullptr,
       types::anyType},
      {"ScatterElements",
       {11, 18},
       3,
       3,
       importScatterElements,
       nullptr,
       types::anyType},
      {"ScatterND", {11, 18}, 3, 3, importScatterNd, nullptr, types::anyType},
      {"TensorScatter",
       {24, 24},
       2,
       3,
       importTensorScatter,
       nullptr,
       types::anyType},
      {"Trilu", {14, 14}, 1, 2, importTrilu, nullptr, types::anyType},
      {"EyeLike", {9, 22}, 1, 1, importEyeLike, nullptr, types::numbers},
      {"ReverseSequence",
       {10, 10},
       2,
       2,
       importReverseSequence,
       nullptr,
       types::anyType},
      {"OneHot",
       {9, 11},
       3,
       3,
       importOneHot,
       nullptr,
       types::anyType,
       "the depth is constant or that of the declared result"},
  };
  return rows;
}
