//===- IndexingOperators.cpp - gathering, scattering, searching -----------===//
//
// TFLite's indices are int32 and never negative; the edge dialect's count from
// the end where they are. Results that are indices get the type that the file
// declares.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Selection.h"
#include <limits>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

/// The operand, of integers.
static Value indices(OperatorImport &n, unsigned index) {
  if (n.type(index).getElementType().isInteger())
    return n.operand(index);
  n.error() << "the indices (input " << index << ") should be integers, not "
            << n.type(index).getElementType();
  return nullptr;
}

/// Brings negative indices to below -size, where they are left out.
static Value withoutNegative(OperatorImport &n, Value index, int64_t size) {
  if (!index)
    return nullptr;
  Value negative =
      n.make<edge::MinOp>({index, n.number(0, n.elementOf(index))});
  Value one = n.make<edge::MaxOp>({negative, n.number(-1, n.elementOf(index))});
  Value below =
      n.make<edge::MulOp>({one, n.number(double(size), n.elementOf(index))});
  return n.make<edge::AddOp>({index, below});
}

/// Sets a result of indices in the type that the file declares.
static void setIndices(OperatorImport &n, unsigned result, Value value) {
  if (result >= n.resultCount())
    return;
  mlir::Type element =
      elementType(n.declared(result).type(), n.builder.getContext());
  if (!element || !element.isInteger()) {
    n.error() << "result " << result << " should be of an integer type";
    return;
  }
  n.set(result, n.cast(value, element));
}

//===-- gathering
//----------------------------------------------------------===//

/// The order of dimensions in which [from, to) stands where `to` began.
static Shape moveDimensions(int64_t rank, int64_t from, int64_t count,
                            int64_t to) {
  Shape order;
  for (int64_t d = 0; d < rank; ++d)
    if (d < from || d >= from + count)
      order.push_back(d);
  for (int64_t i = 0; i < count; ++i)
    order.insert(order.begin() + to + i, from + i);
  return order;
}

/// GATHER with batch dimensions: the axis is brought behind them for gather_nd,
/// and what the indices made of it back to its place.
static Value gatherBatched(OperatorImport &n, int64_t axis, int64_t batch) {
  Value x =
      n.transpose(n.operand(0), moveDimensions(n.rank(0), axis, 1, batch));
  Shape indexShape(n.shape(1));
  indexShape.push_back(1);
  Value index = n.reshape(indices(n, 1), indexShape);
  Value found =
      n.make<edge::GatherNdOp>({x, index}, {n.attr("batch_dims", batch)});
  int64_t inserted = n.rank(1) - batch;
  return n.transpose(
      found, moveDimensions(n.rank(0) - 1 + inserted, batch, inserted, axis));
}

static void importGather(OperatorImport &n) {
  const auto &options = n.options<schema::GatherOptions>();
  int64_t axis = n.normalizeAxis(options.axis(), n.rank(0));
  int64_t batch = options.batch_dims();
  batch = batch < 0 ? batch + n.rank(1) : batch;
  if (batch < 0 || batch > axis || batch > n.rank(1)) {
    n.error() << options.batch_dims() << " batch dimensions do not fit axis "
              << axis << " and indices of shape " << shapeText(n.shape(1));
    return;
  }
  if (batch != 0)
    return n.set(0, gatherBatched(n, axis, batch));
  n.set(0, n.make<edge::GatherOp>({n.operand(0), indices(n, 1)},
                                  {n.attr("axis", axis)}));
}

static void importGatherNd(OperatorImport &n) {
  n.set(0, n.make<edge::GatherNdOp>({n.operand(0), indices(n, 1)}));
}

/// Operands: the row numbers, then the table.
static void importEmbeddingLookup(OperatorImport &n) {
  n.set(0, n.make<edge::GatherOp>({n.operand(1), indices(n, 0)},
                                  {n.attr("axis", int64_t(0))}));
}

static void importReverseSequence(OperatorImport &n) {
  const auto &options = n.options<schema::ReverseSequenceOptions>();
  int64_t time = n.normalizeAxis(options.seq_dim(), n.rank(0));
  int64_t batch = n.normalizeAxis(options.batch_dim(), n.rank(0));
  n.set(0, n.make<edge::ReverseSequenceOp>(
               {n.operand(0), indices(n, 1)},
               {n.attr("time_axis", time), n.attr("batch_axis", batch)}));
}

static void importOneHot(OperatorImport &n) {
  auto depth = n.integer(1, "depth");
  int64_t axis = n.options<schema::OneHotOptions>().axis();
  axis = n.normalizeAxis(axis, n.rank(0) + 1);
  if (!depth || n.failed())
    return;
  for (unsigned i : {2, 3}) {
    if (n.type(i).getNumElements() != 1)
      return void(n.error() << "input " << i << " should be one number");
  }
  Value values = n.make<edge::ConcatOp>(
      {n.reshape(n.operand(3), {1}), n.reshape(n.operand(2), {1})},
      {n.attr("axis", int64_t(0))});
  Value index = withoutNegative(n, indices(n, 0), *depth);
  n.set(0, n.make<edge::OneHotOp>({index, values}, {n.attr("depth", *depth),
                                                    n.attr("axis", axis)}));
}

//===-- scattering
//---------------------------------------------------------===//

static Value scatter(OperatorImport &n, Value into, Value index, Value updates,
                     edge::Combine combine) {
  return n.make<edge::ScatterNdOp>(
      {into, index, updates},
      {n.builder.getNamedAttr(
          "combine", edge::CombineAttr::get(n.builder.getContext(), combine))});
}

/// A constant of the given shape, checked to be of a possible size.
static Value filled(OperatorImport &n, double value, mlir::Type element,
                    ArrayRef<int64_t> shape) {
  return n.broadcast(n.number(value, element), shape);
}

static void importScatterNd(OperatorImport &n) {
  auto shape = n.integers(2, "shape");
  if (!shape)
    return;
  Value zeros = filled(n, 0, n.type(1).getElementType(), *shape);
  n.set(0, scatter(n, zeros, indices(n, 0), n.operand(1), edge::Combine::add));
}

/// Operands: indices [], [n] or [n, k], the result's shape, values, the value
/// elsewhere.
static void importSparseToDense(OperatorImport &n) {
  auto shape = n.integers(1, "shape");
  if (!shape)
    return;
  int64_t depth = n.rank(0) == 2 ? n.shape(0)[1] : 1;
  int64_t rows = n.rank(0) == 0 ? 1 : n.shape(0)[0];
  if (n.rank(0) > 2 || n.type(3).getNumElements() != 1 ||
      (n.type(2).getNumElements() != 1 && n.type(2).getNumElements() != rows)) {
    n.error() << "indices of shape " << shapeText(n.shape(0)) << ", values of "
              << "shape " << shapeText(n.shape(2)) << " and a default of shape "
              << shapeText(n.shape(3)) << " do not fit together";
    return;
  }
  Value into = n.broadcast(n.reshape(n.operand(3), {}), *shape);
  Value index = n.reshape(indices(n, 0), {rows, depth});
  Value values = n.broadcast(
      n.reshape(n.operand(2), {n.type(2).getNumElements()}), {rows});
  n.set(0, scatter(n, into, index, values, edge::Combine::none));
}

/// The rows of operand 0 combined by the number of their segment, operand 1.
static void combineSegments(OperatorImport &n, int64_t segments,
                            edge::Combine combine, double start) {
  int64_t leading = n.rank(1);
  if (leading > n.rank(0) || n.shape(0).take_front(leading) != n.shape(1)) {
    n.error() << "segments of shape " << shapeText(n.shape(1))
              << " do not fit data of shape " << shapeText(n.shape(0));
    return;
  }
  Shape shape = {segments}, indexShape(n.shape(1));
  llvm::append_range(shape, n.shape(0).drop_front(leading));
  indexShape.push_back(1);
  Value into = filled(n, start, n.type(0).getElementType(), shape);
  Value index =
      n.reshape(withoutNegative(n, indices(n, 1), segments), indexShape);
  n.set(0, scatter(n, into, index, n.operand(0), combine));
}

static void importSegmentSum(OperatorImport &n) {
  auto segments = n.integers(1, "segments");
  if (!segments)
    return;
  int64_t last = segments->empty() ? -1 : *llvm::max_element(*segments);
  combineSegments(n, last + 1, edge::Combine::add, 0);
}

template <edge::Combine combine>
static void importUnsortedSegments(OperatorImport &n) {
  auto segments = n.integer(2, "number of segments");
  if (!segments)
    return;
  mlir::Type element = n.type(0).getElementType();
  double start = combine == edge::Combine::mul ? 1 : 0;
  if (combine == edge::Combine::min || combine == edge::Combine::max) {
    if (!element.isF32())
      return void(n.error() << "elements of type " << element
                            << " are not supported, only float32 is");
    start = combine == edge::Combine::min
                ? double(std::numeric_limits<float>::max())
                : double(std::numeric_limits<float>::lowest());
  }
  combineSegments(n, *segments, combine, start);
}

//===-- searching
//----------------------------------------------------------===//

template <typename OpT> static void importArg(OperatorImport &n) {
  auto axis = n.integer(1, "axis");
  if (!axis)
    return;
  Value found = n.make<OpT>(
      {n.operand(0)}, {n.attr("axis", n.normalizeAxis(*axis, n.rank(0)))});
  setIndices(n, 0, found);
}

static void importTopK(OperatorImport &n) {
  auto k = n.integer(1, "k");
  if (!k)
    return;
  auto results =
      n.makeAll<edge::TopKOp>(2, {n.operand(0)},
                              {n.attr("k", *k), n.attr("axis", n.rank(0) - 1),
                               n.attr("largest", true)});
  n.set(0, results[0]);
  setIndices(n, 1, results[1]);
}

static void importCumsum(OperatorImport &n) {
  const auto &options = n.options<schema::CumsumOptions>();
  auto axis = n.integer(1, "axis");
  if (!axis)
    return;
  auto kind = n.builder.getNamedAttr(
      "kind",
      edge::AccumulateAttr::get(n.builder.getContext(), edge::Accumulate::sum));
  n.set(0,
        n.make<edge::CumulateOp>(
            {n.operand(0)}, {n.attr("axis", n.normalizeAxis(*axis, n.rank(0))),
                             kind, n.attr("exclusive", options.exclusive()),
                             n.attr("reverse", options.reverse())}));
}

llvm::ArrayRef<Operator> tflite::indexingOperators() {
  static constexpr Operator rows[] = {
      {Builtin::GATHER, 7, 2, 2, importGather, types::any},
      {Builtin::GATHER_ND, 4, 2, 2, importGatherNd, types::any},
      {Builtin::EMBEDDING_LOOKUP, 4, 2, 2, importEmbeddingLookup, types::any},
      {Builtin::REVERSE_SEQUENCE, 1, 2, 2, importReverseSequence, types::any},
      {Builtin::ONE_HOT, 1, 4, 4, importOneHot, types::any, "constant depth"},
      {Builtin::SCATTER_ND, 1, 3, 3, importScatterNd, types::numbers,
       "constant shape"},
      {Builtin::SPARSE_TO_DENSE, 3, 4, 4, importSparseToDense, types::numbers,
       "constant shape"},
      {Builtin::SEGMENT_SUM, 1, 2, 2, importSegmentSum, types::numbers,
       "constant segments"},
      {Builtin::UNSORTED_SEGMENT_SUM, 1, 3, 3,
       importUnsortedSegments<edge::Combine::add>, types::numbers},
      {Builtin::UNSORTED_SEGMENT_PROD, 1, 3, 3,
       importUnsortedSegments<edge::Combine::mul>, types::numbers},
      {Builtin::UNSORTED_SEGMENT_MAX, 1, 3, 3,
       importUnsortedSegments<edge::Combine::max>},
      {Builtin::UNSORTED_SEGMENT_MIN, 1, 3, 3,
       importUnsortedSegments<edge::Combine::min>},
      {Builtin::ARG_MAX, 3, 2, 2, importArg<edge::ArgMaxOp>, types::numbers},
      {Builtin::ARG_MIN, 3, 2, 2, importArg<edge::ArgMinOp>, types::numbers},
      {Builtin::TOPK_V2, 3, 2, 2, importTopK, types::numbers, "constant k"},
      {Builtin::CUMSUM, 1, 2, 2, importCumsum, types::numbers},
  };
  return rows;
}
