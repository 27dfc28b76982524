//===- Transpose.cpp - permuting dimensions ------------------------------===//
//
// Three ways. Where the last dimension stays last, rows are copied. Where two
// to four channels become last or stop being it (an image at the model's
// border), vectors of all channels are interleaved in registers, which Arm and
// RISC-V do in the store itself. Else square tiles are transposed in registers:
// rows are loaded along the input's last dimension and stored along the
// result's.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/LaneReduction.h"
#include "passes/kernel/Move.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Channels that are interleaved at most.
static constexpr int64_t mostInterleaved = 4;
/// Rows and lanes of a tile at most, and lanes of interleaved vectors: more
/// would not fit into the registers, nor into RISC-V's segment stores.
static constexpr int64_t largestTile = 8;
/// Neighbouring tiles, or vectors of an interleaving, per step of a range.
static constexpr int64_t groupTiles = 4;

namespace {

struct TransposeShape {
  explicit TransposeShape(schedule::KernelOp kernel);

  /// How the input lies seen from the result.
  Layout source;
  Layout result;
  IterationSpace space;
  /// per dimension of the space
  SmallVector<int64_t> sourceStrides, resultStrides;
  /// The dimension of the space along which the input's elements are
  /// neighbours; the last one when rows are copied.
  size_t along;
  bool pure;

  size_t last() const { return space.rank() - 1; }
  bool copiesRows() const { return along == last(); }
  bool interleaves() const {
    return pure && space.inner() <= mostInterleaved &&
           resultStrides[along] == space.inner();
  }
  bool deinterleaves() const {
    return pure && space.sizes[along] <= mostInterleaved &&
           sourceStrides[last()] == space.sizes[along];
  }
  /// All dimensions but `along` and the last.
  SmallVector<size_t> others() const {
    SmallVector<size_t> dims;
    for (size_t d = 0; d < last(); ++d)
      if (d != along)
        dims.push_back(d);
    return dims;
  }
  /// The loops whose range is split: the other dimensions, and the long one of
  /// the two that change places.
  GroupedLoops loops(int64_t machineLanes) const {
    SmallVector<int64_t> outer;
    for (size_t d : others())
      outer.push_back(space.sizes[d]);
    int64_t lanes = std::min(machineLanes, largestTile);
    if (deinterleaves() && !interleaves())
      return GroupedLoops(outer, space.inner(), groupTiles, lanes);
    return GroupedLoops(outer, space.sizes[along], groupTiles, lanes);
  }
};

class TransposeEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "transpose"; }
  bool takesParts(schedule::KernelOp) const override { return true; }

  bool matches(schedule::KernelOp kernel) const override {
    auto op = dyn_cast_or_null<edge::TransposeOp>(kernel.getAnchor());
    return op && isa<BlockArgument>(op.getX()) &&
           isEmittableElement(
               cast<ShapedType>(op.getX().getType()).getElementType());
  }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    TransposeShape shape(kernel);
    if (shape.copiesRows())
      return boxExtent(kernel);
    return shape.loops(tiling.getLanes()).extent();
  }

  LogicalResult emit(KernelBuilder &k) const override;

  int64_t flops(schedule::KernelOp kernel) const override { return 0; }
};

/// Writes one kernel that moves the last dimension.
class TransposeWriter {
public:
  TransposeWriter(KernelBuilder &k, const TransposeShape &shape)
      : k(k), shape(shape), buffer(k.operandBuffer(inputOf(k.kernel))) {}

  static unsigned inputOf(schedule::KernelOp kernel) {
    auto op = cast<edge::TransposeOp>(kernel.getAnchor());
    return cast<BlockArgument>(op.getX()).getArgNumber();
  }

  void write();

private:
  void writeTile(ArrayRef<Index> outer, Index along, int64_t rows, Index inner,
                 int64_t columns);
  void writeInterleaved(ArrayRef<Index> outer, Index along, int64_t lanes);
  void writeDeinterleaved(ArrayRef<Index> outer, Index inner, int64_t lanes);

  /// Indices of the whole space.
  SmallVector<Index> indices(ArrayRef<Index> outer, Index along, Index inner) {
    SmallVector<Index> all(shape.space.rank(), Index(0));
    for (auto [d, index] : llvm::zip_equal(shape.others(), outer))
      all[d] = index;
    all[shape.along] = along;
    all[shape.last()] = inner;
    return all;
  }
  Index address(const Layout &layout, ArrayRef<Index> indices) {
    return k.address(layout, shape.space.position(indices));
  }
  int64_t tileSize() const { return std::min(k.lanes(), largestTile); }

  KernelBuilder &k;
  const TransposeShape &shape;
  Value buffer;
};

} // namespace

//===-- the shape
//-----------------------------------------------------------===//

TransposeShape::TransposeShape(schedule::KernelOp kernel) {
  auto op = cast<edge::TransposeOp>(kernel.getAnchor());
  Layout input =
      getOperandLayout(kernel, cast<BlockArgument>(op.getX()).getArgNumber());
  result = getResultLayout(kernel, 0);
  source = input;
  for (auto [d, from] : llvm::enumerate(op.getPermutation())) {
    source.shape[d] = input.shape[from];
    source.strides[d] = input.strides[from];
  }
  pure =
      kernel.getBody().front().getTerminator()->getOperand(0) == op.getResult();
  space = IterationSpace::get(kernel, source);
  // The strides of the space, by what its unit steps do to an address.
  auto strideOf = [&](const Layout &layout, size_t d) {
    SmallVector<Index> unit(space.rank(), Index(0));
    unit[d] = 1;
    int64_t stride = 0;
    for (auto [index, step] :
         llvm::zip_equal(space.position(unit), layout.strides))
      stride += index.constant * step;
    return stride;
  };
  along = last();
  for (size_t d = 0; d < space.rank(); ++d) {
    sourceStrides.push_back(strideOf(source, d));
    resultStrides.push_back(strideOf(result, d));
    if (sourceStrides.back() == 1 && d != last())
      along = d;
  }
  if (sourceStrides.back() == 1 || space.inner() == 1)
    along = last();
}

//===-- tiles
//---------------------------------------------------------------===//

static Value shuffle(KernelBuilder &k, Value x, Value y,
                     ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(k.b, k.loc, x, y, mask);
}

/// Transposes `rows` (a power of two) vectors of as many lanes: each round
/// interleaves the first half of the rows with the second, which rotates the
/// bits of an element's number by one.
static SmallVector<Value> transposeTile(KernelBuilder &k,
                                        SmallVector<Value> rows) {
  int64_t size = rows.size(), half = size / 2;
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0; lane < half; ++lane) {
    low.append({lane, size + lane});
    high.append({half + lane, size + half + lane});
  }
  for (int64_t round = 1; round < size; round *= 2) {
    SmallVector<Value> next;
    for (int64_t row = 0; row < half; ++row) {
      next.push_back(shuffle(k, rows[row], rows[row + half], low));
      next.push_back(shuffle(k, rows[row], rows[row + half], high));
    }
    rows = next;
  }
  return rows;
}

/// `rows` elements along the input's last dimension, `columns` along the
/// result's.
void TransposeWriter::writeTile(ArrayRef<Index> outer, Index along,
                                int64_t rows, Index inner, int64_t columns) {
  SmallVector<Value> tile;
  for (int64_t column = 0; column < tileSize(); ++column) {
    // What fills up the tile is not stored.
    if (column >= columns) {
      tile.push_back(tile.front());
      continue;
    }
    Index at = address(shape.source, indices(outer, along, inner + column));
    tile.push_back(
        resizeVector(k, k.load(buffer, at, rows, Form::stored), tileSize()));
  }
  tile = transposeTile(k, tile);
  int64_t width = k.vectorType(columns).getDimSize(0);
  for (int64_t row = 0; row < rows; ++row) {
    SmallVector<Index> position =
        shape.space.position(indices(outer, along + row, inner));
    Value vector = resizeVector(k, tile[row], width);
    k.store(emitEpilogue(k, vector, position, columns), k.resultBuffer(),
            k.address(shape.result, position), columns);
  }
}

//===-- few channels
//--------------------------------------------------------===//

static SmallVector<int64_t> sequence(int64_t begin, int64_t end) {
  return llvm::to_vector(llvm::seq<int64_t>(begin, end));
}

/// One vector after the other in one long one; all of one width.
static Value concatenate(KernelBuilder &k, ArrayRef<Value> vectors) {
  if (vectors.size() == 1)
    return vectors.front();
  int64_t width = cast<VectorType>(vectors[0].getType()).getDimSize(0);
  auto pair = sequence(0, 2 * width);
  Value first = shuffle(k, vectors[0], vectors[1], pair);
  if (vectors.size() == 2)
    return first;
  Value second = shuffle(k, vectors[2], vectors.back(), pair);
  return shuffle(k, first, second, sequence(0, vectors.size() * width));
}

/// A vector of every channel becomes one run of pixels.
void TransposeWriter::writeInterleaved(ArrayRef<Index> outer, Index along,
                                       int64_t lanes) {
  int64_t channels = shape.space.inner();
  SmallVector<Value> planes;
  for (int64_t channel = 0; channel < channels; ++channel) {
    planes.push_back(
        k.load(buffer, address(shape.source, indices(outer, along, channel)),
               lanes, Form::stored));
  }
  Value planar = concatenate(k, planes);
  int64_t width = cast<VectorType>(planes[0].getType()).getDimSize(0);
  SmallVector<int64_t> mask;
  for (int64_t lane = 0; lane < lanes; ++lane)
    for (int64_t channel = 0; channel < channels; ++channel)
      mask.push_back(channel * width + lane);
  Value pixels = shuffle(k, planar, planar, mask);
  Index at = address(shape.result, indices(outer, along, 0));
  vector::StoreOp::create(k.b, k.loc, pixels, k.resultBuffer(),
                          ValueRange{k.value(at)});
}

void TransposeWriter::writeDeinterleaved(ArrayRef<Index> outer, Index inner,
                                         int64_t lanes) {
  int64_t channels = shape.space.sizes[shape.along];
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  Index at = address(shape.source, indices(outer, 0, inner));
  Value pixels = vector::LoadOp::create(
      k.b, k.loc, VectorType::get(channels * lanes, element), buffer,
      ValueRange{k.value(at)});
  int64_t width = k.vectorType(lanes).getDimSize(0);
  for (int64_t channel = 0; channel < channels; ++channel) {
    SmallVector<int64_t> mask;
    for (int64_t lane = 0; lane < width; ++lane)
      mask.push_back(lane < lanes ? lane * channels + channel
                                  : vector::ShuffleOp::kPoisonIndex);
    k.store(shuffle(k, pixels, pixels, mask), k.resultBuffer(),
            address(shape.result, indices(outer, channel, inner)), lanes);
  }
}

//===-- the kernel
//----------------------------------------------------------===//

void TransposeWriter::write() {
  GroupedLoops loops = shape.loops(k.lanes());
  loops.emit(k,
             [&](ArrayRef<Index> outer, Index start, ArrayRef<int64_t> widths) {
               if (shape.interleaves() || shape.deinterleaves()) {
                 for (auto [v, lanes] : llvm::enumerate(widths)) {
                   Index at = start + int64_t(v) * loops.lanes;
                   if (shape.interleaves())
                     writeInterleaved(outer, at, lanes);
                   else
                     writeDeinterleaved(outer, at, lanes);
                 }
                 return;
               }
               k.tiles(0, shape.space.inner(), tileSize(),
                       [&](Index inner, int64_t columns) {
                         for (size_t v = 0; v < widths.size(); ++v)
                           writeTile(outer, start + int64_t(v) * loops.lanes,
                                     widths[v], inner, columns);
                       });
             });
}

LogicalResult TransposeEmitter::emit(KernelBuilder &k) const {
  TransposeShape shape(k.kernel);
  if (!shape.copiesRows()) {
    TransposeWriter(k, shape).write();
    return success();
  }
  Box box;
  box.source = shape.source;
  box.buffer = k.operandBuffer(TransposeWriter::inputOf(k.kernel));
  box.offsets = SmallVector<int64_t>(box.source.shape.size(), 0);
  emitBoxes(k, box);
  return success();
}

const KernelEmitter &kernel::transposeEmitter() {
  static const TransposeEmitter emitter;
  return emitter;
}
