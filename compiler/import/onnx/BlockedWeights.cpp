//===- BlockedWeights.cpp - weights with scales per block -----------------===//
//
//   MatMulNBits(x, matrix, scales, zero points)
//     =>  edge.block_product %x, %q, %s     q: stored numbers less zero points
//
// After ONNX Runtime's ContribOperators.md: the matrix is [N, K] in blocks
// along K, whose numbers lie in bytes, the first in the low bits; the last
// block of a row may be longer than what is left of K.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/BlockedWeights.h"
#include "compiler/import/Elements.h"
#include "dialects/edge/Blocks.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

/// Of a block, in numbers, and of `N` and `K`: their products fit 63 bits.
static constexpr int64_t largestBlock = 1 << 20;
static constexpr int64_t largestSize = int64_t(1) << 31;

namespace {
/// The attributes, and what follows from them.
struct Layout {
  int64_t units, depth, bits, block;

  int64_t blocks() const { return (depth + block - 1) / block; }
  int64_t blockBytes() const { return block * bits / 8; }
  /// Bytes of a row of zero points.
  int64_t zeroBytes() const { return (blocks() * bits + 7) / 8; }
};
} // namespace

static std::optional<Layout> readLayout(NodeImport &n) {
  Layout layout{n.integer("N", 0), n.integer("K", 0), n.integer("bits", 4),
                n.integer("block_size", 0)};
  // How exact the products have to be at least.
  n.ignore({"accuracy_level"});
  bool isPower = layout.block >= 16 && layout.block <= largestBlock &&
                 (layout.block & (layout.block - 1)) == 0;
  if ((layout.bits != 4 && layout.bits != 8) || !isPower) {
    n.error() << "matrices of 4 or 8 bits in blocks of a power of two, 16 to "
              << largestBlock << ", are supported; attribute 'bits' is "
              << layout.bits << ", 'block_size' " << layout.block;
    return std::nullopt;
  }
  if (layout.units < 1 || layout.units > largestSize || layout.depth < 1 ||
      layout.depth > largestSize || n.rank(0) < 1 ||
      n.shape(0).back() != layout.depth) {
    n.error() << "attributes 'N' and 'K' are " << layout.units << " and "
              << layout.depth << ", but the input is " << n.type(0);
    return std::nullopt;
  }
  return layout;
}

/// The bytes of a constant of uint8; an error if there are not so many.
static llvm::StringRef readBytes(NodeImport &n, unsigned index,
                                 llvm::StringRef meaning, int64_t size) {
  const Constant *constant = n.constant(index);
  if (constant && constant->type == DataType::Uint8 &&
      int64_t(constant->bytes.size()) == size)
    return constant->bytes;
  n.error() << meaning << " (input " << index << ") should be a constant of "
            << size << " bytes";
  return "";
}

/// Number `index` of those that lie in bytes.
static int64_t numberAt(llvm::StringRef bytes, int64_t index, int64_t bits) {
  if (bits == 8)
    return uint8_t(bytes[index]);
  return uint8_t(bytes[index / 2]) >> (index % 2 * 4) & 15;
}

/// What stands for 0 in each block, row by row.
static std::optional<llvm::SmallVector<int64_t>>
readZeroPoints(NodeImport &n, const Layout &layout) {
  int64_t blocks = layout.blocks();
  llvm::SmallVector<int64_t> zeros(layout.units * blocks,
                                   int64_t(1) << (layout.bits - 1));
  if (!n.hasInput(3))
    return zeros;
  llvm::StringRef bytes = readBytes(n, 3, "the packed zero points",
                                    layout.units * layout.zeroBytes());
  if (n.failed())
    return std::nullopt;
  for (int64_t row = 0; row < layout.units; ++row) {
    llvm::StringRef own = bytes.substr(row * layout.zeroBytes());
    for (int64_t b = 0; b < blocks; ++b)
      zeros[row * blocks + b] = numberAt(own, b, layout.bits);
  }
  return zeros;
}

/// The scales as [blocks, N]; null after an error.
static Value readScales(NodeImport &n, const Layout &layout) {
  int64_t blocks = layout.blocks();
  if (n.type(2).getNumElements() != layout.units * blocks) {
    n.error() << "the scales (input 2) are " << n.type(2) << ", but should be "
              << layout.units << " times " << blocks;
    return nullptr;
  }
  Value scales = n.cast(n.operand(2), n.builder.getF32Type());
  return n.transpose(n.reshape(scales, {layout.units, blocks}), {1, 0});
}

void onnx::importMatMulNBits(NodeImport &n) {
  std::optional<Layout> layout = readLayout(n);
  if (!layout)
    return;
  if (n.hasInput(4)) {
    n.error() << "an order of the columns ('g_idx', input 4) is not supported";
    return;
  }
  int64_t blocks = layout->blocks(), padded = blocks * layout->block;
  llvm::StringRef bytes = readBytes(
      n, 1, "the matrix", layout->units * blocks * layout->blockBytes());
  auto zeros = readZeroPoints(n, *layout);
  Value scales = readScales(n, *layout);
  if (n.failed() || !zeros || !scales)
    return;
  // Of 8 bits less a zero point nine are needed unless that is in the middle.
  auto owner = std::make_shared<std::vector<int8_t>>(layout->units * padded, 0);
  std::vector<int8_t> &numbers = *owner;
  for (int64_t row = 0; row < layout->units; ++row) {
    for (int64_t k = 0; k < layout->depth; ++k) {
      int64_t number = numberAt(bytes, row * padded + k, layout->bits) -
                       (*zeros)[row * blocks + k / layout->block];
      if (number < INT8_MIN || number > INT8_MAX) {
        n.error() << "numbers of 8 bits less their zero points should fit 8 "
                     "bits, as with a zero point of 128";
        return;
      }
      numbers[row * padded + k] = int8_t(number);
    }
  }
  auto type = mlir::RankedTensorType::get({layout->units, padded},
                                          n.builder.getIntegerType(8));
  Value matrix = edge::ConstantOp::create(
      n.builder, n.loc, type,
      edgec::makeElements(
          type,
          {reinterpret_cast<const char *>(numbers.data()), numbers.size()},
          owner, n.constant(1)->name));
  Value x = n.cast(n.operand(0), n.builder.getF32Type());
  if (padded != layout->depth) {
    llvm::SmallVector<int64_t> low(n.rank(0), 0), high(n.rank(0), 0);
    high.back() = padded - layout->depth;
    x = n.make<edge::PadOp>({x}, {n.attr("low", low), n.attr("high", high)});
  }
  Value y = n.make<edge::BlockProductOp>({x, matrix, scales});
  if (n.hasInput(5))
    y = n.make<edge::AddOp>({y, n.cast(n.operand(5), n.builder.getF32Type())});
  n.set(0, n.cast(y, n.type(0).getElementType()));
}
