//===- Sparse.cpp - the elements of a sparse TFLite tensor ----------------===//
//
// A sparse tensor stores its elements along a tree: one level per dimension in
// traversal order, then one per dimension of the blocks. A dense level has all
// of its positions, a compressed one those that it lists:
//   [[0, 7], [0, 0], [8, 9]]   dense 3, compressed: segments [0, 1, 1, 3],
//                              indices [1, 0, 1], elements 7 8 9
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Tensors.h"
#include <cstring>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;

namespace {
/// A list of positions in one of three widths.
class IndexList {
public:
  IndexList() = default;
  IndexList(schema::IndexVector kind, const void *table) {
    if (!table)
      return;
    switch (kind) {
    case schema::IndexVector::Int32Vector:
      words = list(static_cast<const schema::Int32Vector *>(table)->values());
      break;
    case schema::IndexVector::Uint16Vector:
      halves = list(static_cast<const schema::Uint16Vector *>(table)->values());
      break;
    case schema::IndexVector::Uint8Vector:
      bytes = list(static_cast<const schema::Uint8Vector *>(table)->values());
      break;
    default:
      break;
    }
  }

  size_t size() const { return words.size() + halves.size() + bytes.size(); }
  int64_t operator[](size_t i) const {
    if (!words.empty())
      return words[i];
    return halves.empty() ? bytes[i] : halves[i];
  }

private:
  ArrayRef<int32_t> words;
  ArrayRef<uint16_t> halves;
  ArrayRef<uint8_t> bytes;
};

struct Level {
  bool isDense = true;
  /// Positions that the level has, and what a step means in the dense tensor.
  int64_t size = 0;
  int64_t stride = 0;
  IndexList segments, indices;
};

class SparseDecoder {
public:
  SparseDecoder(const schema::Tensor &tensor, StringRef stored,
                unsigned elementBytes, llvm::MutableArrayRef<char> dense)
      : tensor(tensor), stored(stored), elementBytes(elementBytes),
        dense(dense) {}

  std::optional<std::string> run();

private:
  std::optional<std::string> readLevels();
  bool placeFrom(size_t level, int64_t parent, int64_t offset);
  bool readLevel(const schema::DimensionMetadata &metadata, Level &level,
                 int64_t size);

  const schema::Tensor &tensor;
  StringRef stored;
  unsigned elementBytes;
  llvm::MutableArrayRef<char> dense;
  llvm::SmallVector<Level> levels;
};
} // namespace

bool SparseDecoder::readLevel(const schema::DimensionMetadata &metadata,
                              Level &level, int64_t size) {
  level.size = size;
  level.isDense = metadata.format() == schema::DimensionFormat::DENSE;
  if (level.isDense)
    return metadata.dense_size() == size;
  level.segments = IndexList(metadata.segments_type(), metadata.segments());
  level.indices = IndexList(metadata.indices_type(), metadata.indices());
  return metadata.format() == schema::DimensionFormat::SPARSE_CSR;
}

/// Brings the levels into traversal order with their steps in the dense tensor.
std::optional<std::string> SparseDecoder::readLevels() {
  const schema::Sparsity &sparsity = *tensor.sparsity();
  ArrayRef<int32_t> shape = list(tensor.shape()),
                    order = list(sparsity.traversal_order()),
                    blocks = list(sparsity.block_map());
  size_t rank = shape.size(), all = rank + blocks.size();
  if (blocks.size() > rank || order.size() != all ||
      count(sparsity.dimensions()) != all)
    return "its dimensions are not those of the tensor";
  // The size of the block along each dimension, 1 where there is none.
  llvm::SmallVector<int64_t> blockSize(rank, 1), dimensionOf(all);
  llvm::SmallVector<bool> seen(all, false);
  for (size_t d = 0; d < rank; ++d)
    dimensionOf[d] = d;
  for (size_t i = 0; i < all; ++i) {
    if (order[i] < 0 || size_t(order[i]) >= all || seen[order[i]])
      return "its traversal order is no permutation";
    seen[order[i]] = true;
  }
  for (size_t b = 0; b < blocks.size(); ++b) {
    if (blocks[b] < 0 || size_t(blocks[b]) >= rank || blockSize[blocks[b]] != 1)
      return "its blocks do not map to the tensor's dimensions";
    dimensionOf[rank + b] = blocks[b];
    for (size_t i = 0; i < all; ++i)
      if (size_t(order[i]) == rank + b)
        blockSize[blocks[b]] = sparsity.dimensions()->Get(i)->dense_size();
    if (blockSize[blocks[b]] < 1 ||
        shape[blocks[b]] % blockSize[blocks[b]] != 0)
      return "its blocks do not divide the tensor";
  }
  llvm::SmallVector<int64_t> strides(rank, 1);
  for (size_t d = rank; d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  for (size_t i = 0; i < all; ++i) {
    int64_t d = dimensionOf[order[i]];
    bool isBlock = size_t(order[i]) >= rank;
    Level level;
    level.stride = strides[d] * (isBlock ? 1 : blockSize[d]);
    int64_t size = isBlock ? blockSize[d] : shape[d] / blockSize[d];
    if (!readLevel(*sparsity.dimensions()->Get(i), level, size))
      return "a dimension of its index has the wrong size or format";
    levels.push_back(level);
  }
  return std::nullopt;
}

/// Places the elements below element `parent` of the level before. Every call
/// ends in a different element of the dense tensor, because the indices of a
/// segment ascend, so the work is bounded by the dense size.
bool SparseDecoder::placeFrom(size_t depth, int64_t parent, int64_t offset) {
  if (depth == levels.size()) {
    size_t from = size_t(parent) * elementBytes,
           to = size_t(offset) * elementBytes;
    if (from > stored.size() || stored.size() - from < elementBytes)
      return false;
    memcpy(dense.data() + to, stored.data() + from, elementBytes);
    return true;
  }
  // No element below this one is stored; also keeps the product from overflow.
  if (size_t(parent) > stored.size())
    return false;
  const Level &level = levels[depth];
  if (level.isDense) {
    for (int64_t i = 0; i < level.size; ++i) {
      if (!placeFrom(depth + 1, parent * level.size + i,
                     offset + i * level.stride))
        return false;
    }
    return true;
  }
  if (size_t(parent) + 1 >= level.segments.size())
    return false;
  int64_t begin = level.segments[parent], end = level.segments[parent + 1];
  if (begin < 0 || begin > end || size_t(end) > level.indices.size())
    return false;
  int64_t before = -1;
  for (int64_t i = begin; i < end; ++i) {
    int64_t index = level.indices[i];
    if (index <= before || index >= level.size)
      return false;
    before = index;
    if (!placeFrom(depth + 1, i, offset + index * level.stride))
      return false;
  }
  return true;
}

std::optional<std::string> SparseDecoder::run() {
  if (auto fault = readLevels())
    return fault;
  if (dense.empty())
    return std::nullopt;
  if (!placeFrom(0, 0, 0))
    return "an index or the number of its elements is out of range";
  return std::nullopt;
}

std::optional<std::string>
tflite::decodeSparse(const schema::Tensor &tensor, StringRef stored,
                     unsigned elementBytes, llvm::MutableArrayRef<char> dense) {
  return SparseDecoder(tensor, stored, elementBytes, dense).run();
}
