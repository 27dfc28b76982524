//===- SliceOperators.cpp - parts of tensors, taken and put together ------===//
//
//   STRIDED_SLICE (x, begin, end, strides) {masks}   =>   edge.slice, reshape
//   PACK (a, b)                                      =>   reshape, edge.concat
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/ShapeRules.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

static Value makeSlice(OperatorImport &n, Value x, ArrayRef<int64_t> offsets,
                       ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides) {
  if (llvm::any_of(sizes, [](int64_t size) { return size < 1; })) {
    n.error() << "the slice of shape " << shapeText(sizes)
              << " has no elements, which is not supported";
    return nullptr;
  }
  return n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                     n.attr("sizes", sizes),
                                     n.attr("strides", strides)});
}

/// `size` elements from `offset` along one dimension.
static Value sliceAlong(OperatorImport &n, Value x, int64_t axis,
                        int64_t offset, int64_t size) {
  if (!x)
    return nullptr;
  Shape sizes(n.shapeOf(x)), offsets(sizes.size(), 0), ones(sizes.size(), 1);
  offsets[axis] = offset;
  sizes[axis] = size;
  return makeSlice(n, x, offsets, sizes, ones);
}

static void importSlice(OperatorImport &n) {
  if (!n.constant(1) && n.constant(2)) {
    if (auto sizes = n.integers(2, "size"))
      importComputedSlice(n, *sizes);
    return;
  }
  auto begin = n.integers(1, "begin"), size = n.integers(2, "size");
  if (!begin || !size)
    return;
  size_t rank = n.rank(0);
  if (begin->size() != rank || size->size() != rank) {
    n.error() << "begin and size have " << begin->size() << " and "
              << size->size() << " elements, but the input " << rank
              << " dimensions";
    return;
  }
  for (size_t d = 0; d < rank; ++d)
    if ((*size)[d] == -1)
      (*size)[d] = n.shape(0)[d] - (*begin)[d];
  n.set(0, makeSlice(n, n.operand(0), *begin, *size, Shape(rank, 1)));
}

//===-- STRIDED_SLICE
//------------------------------------------------------===//

namespace {
/// Python's x[begin:end:stride, ..., newaxis, i], spelt with masks: bit i of a
/// mask is about element i of the three lists.
class StridedSlice {
public:
  explicit StridedSlice(OperatorImport &n)
      : n(n), options(n.options<schema::StridedSliceOptions>()) {}

  Value make();

private:
  static bool has(int32_t mask, size_t bit) {
    return bit < 32 && (uint32_t(mask) >> bit & 1) != 0;
  }
  void takeWhole() {
    int64_t size = n.shape(0)[offsets.size()];
    offsets.push_back(0);
    sizes.push_back(size);
    steps.push_back(1);
    shape.push_back(size);
  }
  bool takeElement(size_t i);
  bool takeRange(size_t i);

  OperatorImport &n;
  const schema::StridedSliceOptions &options;
  Shape begin, end, strides;
  /// The box in the input, and the result's shape.
  Shape offsets, sizes, steps, shape;
};
} // namespace

/// One index: the dimension vanishes.
bool StridedSlice::takeElement(size_t i) {
  int64_t size = n.shape(0)[offsets.size()];
  int64_t at = has(options.begin_mask(), i) ? 0 : begin[i];
  at = at < 0 ? at + size : at;
  if (at < 0 || at >= size) {
    n.error() << "index " << begin[i] << " lies outside a dimension of size "
              << size;
    return false;
  }
  offsets.push_back(at);
  sizes.push_back(1);
  steps.push_back(1);
  return true;
}

bool StridedSlice::takeRange(size_t i) {
  int64_t size = n.shape(0)[offsets.size()], stride = strides[i];
  if (stride == 0) {
    n.error() << "stride " << i << " is 0";
    return false;
  }
  int64_t last = options.offset() ? begin[i] + end[i] : end[i];
  // Where a range may start and stop, running forwards or backwards.
  int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
  auto place = [&](int64_t at) {
    return std::clamp(at < 0 ? at + size : at, low, high);
  };
  int64_t from = has(options.begin_mask(), i) ? (stride > 0 ? low : high)
                                              : place(begin[i]);
  int64_t to =
      has(options.end_mask(), i) ? (stride > 0 ? high : low) : place(last);
  int64_t span = stride > 0 ? to - from : from - to;
  int64_t step = std::abs(stride);
  int64_t taken = span <= 0 ? 0 : (span - 1) / step + 1;
  offsets.push_back(from);
  sizes.push_back(taken);
  steps.push_back(taken == 1 ? 1 : stride);
  shape.push_back(taken);
  return true;
}

Value StridedSlice::make() {
  auto first = n.integers(1, "begin"), last = n.integers(2, "end"),
       step = n.integers(3, "strides");
  if (!first || !last || !step)
    return nullptr;
  begin = *first;
  end = *last;
  strides = *step;
  size_t rank = n.rank(0), named = 0;
  if (begin.size() != end.size() || begin.size() != strides.size()) {
    n.error() << "begin, end and strides have different lengths";
    return nullptr;
  }
  for (size_t i = 0; i < begin.size(); ++i)
    named +=
        !has(options.ellipsis_mask(), i) && !has(options.new_axis_mask(), i);
  if (named > rank) {
    n.error() << named << " dimensions are sliced, but the input has " << rank;
    return nullptr;
  }
  for (size_t i = 0; i < begin.size(); ++i) {
    if (has(options.ellipsis_mask(), i)) {
      for (size_t skipped = rank - named; skipped > 0; --skipped)
        takeWhole();
      named = rank;
    } else if (has(options.new_axis_mask(), i)) {
      shape.push_back(1);
    } else if (!(has(options.shrink_axis_mask(), i) ? takeElement(i)
                                                    : takeRange(i))) {
      return nullptr;
    }
  }
  while (offsets.size() < rank)
    takeWhole();
  return n.reshape(makeSlice(n, n.operand(0), offsets, sizes, steps), shape);
}

static void importStridedSlice(OperatorImport &n) {
  n.set(0, StridedSlice(n).make());
}

static void importReverse(OperatorImport &n) {
  auto axes = n.integers(1, "axes");
  if (!axes)
    return;
  Shape sizes(n.shape(0)), offsets(sizes.size(), 0), strides(sizes.size(), 1);
  for (int64_t axis : n.normalizeAxes(*axes, n.rank(0))) {
    offsets[axis] = sizes[axis] - 1;
    strides[axis] = sizes[axis] == 1 ? 1 : -1;
  }
  if (!n.failed())
    n.set(0, makeSlice(n, n.operand(0), offsets, sizes, strides));
}

//===-- SPLIT, UNPACK and their reverse
//------------------------------------===//

/// One slice per result, of the given sizes.
static void splitInto(OperatorImport &n, Value x, int64_t axis,
                      ArrayRef<int64_t> sizes) {
  int64_t offset = 0;
  for (auto [index, size] : llvm::enumerate(sizes)) {
    n.set(index, sliceAlong(n, x, axis, offset, size));
    offset += size;
  }
}

/// Operands: axis, then what is split.
static void importSplit(OperatorImport &n) {
  auto axis = n.integer(0, "axis");
  if (!axis)
    return;
  int64_t along = n.normalizeAxis(*axis, n.rank(1));
  int64_t parts = n.resultCount();
  if (n.failed() || parts == 0 || n.shape(1)[along] % parts != 0) {
    n.error() << "a dimension of axis " << *axis << " in shape "
              << shapeText(n.shape(1)) << " does not divide into " << parts;
    return;
  }
  splitInto(n, n.operand(1), along, Shape(parts, n.shape(1)[along] / parts));
}

/// Operands: what is split, the sizes, axis; one size may be -1, the rest.
static void importSplitV(OperatorImport &n) {
  auto sizes = n.integers(1, "sizes");
  auto axis = n.integer(2, "axis");
  if (!sizes || !axis)
    return;
  int64_t along = n.normalizeAxis(*axis, n.rank(0));
  if (n.failed())
    return;
  int64_t whole = n.shape(0)[along], sum = 0;
  int64_t *open = nullptr;
  bool fits = sizes->size() == n.resultCount();
  for (int64_t &size : *sizes) {
    if (size == -1 && !open)
      open = &size;
    else if (size < 0 || size > whole)
      fits = false;
    else
      sum += size;
  }
  if (open)
    *open = whole - sum;
  else
    fits &= sum == whole;
  if (!fits || sum > whole) {
    n.error() << "the sizes " << shapeText(*sizes)
              << " do not split a dimension of size " << whole << " into "
              << n.resultCount() << " results";
    return;
  }
  splitInto(n, n.operand(0), along, *sizes);
}

static void importUnpack(OperatorImport &n) {
  int64_t along =
      n.normalizeAxis(n.options<schema::UnpackOptions>().axis(), n.rank(0));
  if (n.failed() || n.shape(0)[along] != int64_t(n.resultCount())) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " does not unpack into " << n.resultCount() << " results";
    return;
  }
  Value x = n.operand(0);
  Shape shape(n.shape(0));
  shape.erase(shape.begin() + along);
  for (unsigned i = 0; i < n.resultCount(); ++i)
    n.set(i, n.reshape(sliceAlong(n, x, along, i, 1), shape));
}

static void importConcatenation(OperatorImport &n) {
  const auto &options = n.options<schema::ConcatenationOptions>();
  int64_t axis = n.normalizeAxis(options.axis(), n.rank(0));
  llvm::SmallVector<Value> operands;
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i))
      return void(n.error() << "input " << i << " is missing");
    // Converters leave empty parts in.
    if (n.type(i).getNumElements() != 0)
      operands.push_back(n.operand(i));
  }
  Value result = operands.size() == 1
                     ? n.make<edge::CopyOp>({operands[0]})
                     : n.make<edge::ConcatOp>(operands, {n.attr("axis", axis)});
  n.set(0, n.activate(result, options.activation()));
}

static void importPack(OperatorImport &n) {
  int64_t axis =
      n.normalizeAxis(n.options<schema::PackOptions>().axis(), n.rank(0) + 1);
  Shape shape(n.shape(0));
  shape.insert(shape.begin() + axis, 1);
  llvm::SmallVector<Value> operands;
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i) || n.shape(i) != n.shape(0)) {
      n.error() << "input " << i << " should have the shape "
                << shapeText(n.shape(0)) << " of the first";
      return;
    }
    operands.push_back(n.reshape(n.operand(i), shape));
  }
  n.set(0, operands.size() == 1
               ? operands[0]
               : n.make<edge::ConcatOp>(operands, {n.attr("axis", axis)}));
}

//===-- pads
//---------------------------------------------------------------===//

/// Operand 1: [begin, end] for each dimension.
static std::optional<Shape> readPads(OperatorImport &n) {
  auto pads = n.integers(1, "pads");
  if (!pads)
    return std::nullopt;
  if (int64_t(pads->size()) == 2 * n.rank(0) &&
      llvm::all_of(*pads, [](int64_t p) { return p >= 0 && p <= INT32_MAX; }))
    return pads;
  n.error() << "the pads should be two sizes for each dimension of shape "
            << shapeText(n.shape(0));
  return std::nullopt;
}

static void importPad(OperatorImport &n) {
  auto pads = readPads(n);
  auto value = double(storedZero(n, 0));
  if (n.hasInput(2)) {
    auto given = n.scalar(2, "value");
    if (!given)
      return;
    value = *given;
  }
  if (!pads)
    return;
  Shape low, high;
  for (size_t d = 0; d < pads->size(); d += 2) {
    low.push_back((*pads)[d]);
    high.push_back((*pads)[d + 1]);
  }
  n.set(0, n.make<edge::PadOp>({n.operand(0)},
                               {n.attr("low", low), n.attr("high", high),
                                n.attr("value", static_cast<float>(value))}));
}

/// The border of `size` elements along `axis`, beginning at `first` in the
/// input and running backwards.
static Value mirrored(OperatorImport &n, Value x, int64_t axis, int64_t first,
                      int64_t size) {
  Shape sizes(n.shapeOf(x)), offsets(sizes.size(), 0), strides(sizes.size(), 1);
  sizes[axis] = size;
  offsets[axis] = first;
  strides[axis] = size == 1 ? 1 : -1;
  return makeSlice(n, x, offsets, sizes, strides);
}

/// REFLECT leaves out the element at the border, SYMMETRIC repeats it.
static void importMirrorPad(OperatorImport &n) {
  auto pads = readPads(n);
  if (!pads)
    return;
  bool reflects = n.options<schema::MirrorPadOptions>().mode() ==
                  schema::MirrorPadMode::REFLECT;
  Value x = n.operand(0);
  for (int64_t axis = 0; x && axis < n.rank(0); ++axis) {
    int64_t before = (*pads)[2 * axis], after = (*pads)[2 * axis + 1];
    int64_t size = n.shape(0)[axis], skip = reflects ? 1 : 0;
    if (before > size - skip || after > size - skip) {
      n.error() << "pads of " << before << " and " << after
                << " mirror more than a dimension of size " << size << " has";
      return;
    }
    llvm::SmallVector<Value, 3> parts;
    if (before != 0)
      parts.push_back(mirrored(n, x, axis, before - 1 + skip, before));
    parts.push_back(x);
    if (after != 0)
      parts.push_back(mirrored(n, x, axis, size - 1 - skip, after));
    if (parts.size() > 1)
      x = n.make<edge::ConcatOp>(parts, {n.attr("axis", axis)});
  }
  if (x && x == n.operand(0))
    x = n.make<edge::CopyOp>({x});
  n.set(0, x);
}

llvm::ArrayRef<Operator> tflite::sliceOperators() {
  static constexpr Operator rows[] = {
      {Builtin::SLICE, 6, 3, 3, importSlice, types::any, "constant size"},
      {Builtin::STRIDED_SLICE, 8, 4, 4, importStridedSlice, types::any,
       "constant range; all masks"},
      {Builtin::REVERSE_V2, 3, 2, 2, importReverse, types::any},
      {Builtin::SPLIT, 4, 2, 2, importSplit, types::any},
      {Builtin::SPLIT_V, 2, 3, 3, importSplitV, types::any},
      {Builtin::UNPACK, 4, 1, 1, importUnpack, types::any},
      {Builtin::CONCATENATION, 4, 1, anyNumber, importConcatenation,
       types::any},
      {Builtin::PACK, 4, 1, anyNumber, importPack, types::any},
      {Builtin::PAD, 4, 2, 2, importPad, types::numbers},
      {Builtin::PADV2, 4, 3, 3, importPad, types::numbers},
      {Builtin::MIRROR_PAD, 3, 2, 2, importMirrorPad, types::any},
  };
  return rows;
}
