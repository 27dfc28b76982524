//===- ShapeOperators.cpp - the same elements under another shape ---------===//
//
// RESHAPE, TRANSPOSE and their relatives, and the exchanges between space,
// batch and depth, which are a reshape, a transpose and a reshape.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "compiler/import/tflite/SubgraphImport.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

std::optional<Shape> tflite::staticResultShape(OperatorImport &n,
                                               unsigned result) {
  const schema::Tensor &tensor = n.declared(result);
  ArrayRef<int32_t> shape = list(tensor.shape()),
                    signature = list(tensor.shape_signature());
  if (!n.subgraph.shapesAreDeclared() || llvm::is_contained(signature, -1))
    return std::nullopt;
  return Shape(shape.begin(), shape.end());
}

/// The wanted shape: the operand's elements; where they are computed, what the
/// file declares of the result; in old files the options.
static std::optional<Shape> wantedShape(OperatorImport &n) {
  if (n.constant(1))
    return n.integers(1, "shape");
  if (n.hasInput(1)) {
    if (auto shape = staticResultShape(n, 0))
      return shape;
    return n.integers(1, "shape");
  }
  ArrayRef<int32_t> shape =
      list(n.options<schema::ReshapeOptions>().new_shape());
  // Old converters write a scalar so.
  if (shape.size() == 1 && shape[0] == 0)
    shape = {};
  return Shape(shape.begin(), shape.end());
}

static void importReshape(OperatorImport &n) {
  std::optional<Shape> shape = wantedShape(n);
  if (!shape)
    return;
  int64_t known = 1;
  int64_t *open = nullptr;
  for (int64_t &size : *shape) {
    if (size == -1 && !open) {
      open = &size;
      continue;
    }
    if (size < 0 || size > INT32_MAX || known > INT32_MAX) {
      n.error() << "the shape " << shapeText(*shape) << " is impossible";
      return;
    }
    known *= size;
  }
  int64_t elements = n.type(0).getNumElements();
  if (open)
    *open = known == 0 ? 0 : elements / known;
  n.set(0, n.reshape(n.operand(0), *shape));
}

static void importSqueeze(OperatorImport &n) {
  ArrayRef<int32_t> named =
      list(n.options<schema::SqueezeOptions>().squeeze_dims());
  Shape dimensions;
  for (int32_t dimension : named)
    dimensions.push_back(n.normalizeAxis(dimension, n.rank(0)));
  Shape shape;
  for (auto [d, size] : llvm::enumerate(n.shape(0))) {
    bool isNamed = llvm::is_contained(dimensions, int64_t(d));
    if (isNamed && size != 1) {
      n.error() << "dimension " << d << " of shape " << shapeText(n.shape(0))
                << " cannot be squeezed, its size is not 1";
      return;
    }
    if (!isNamed && (size != 1 || !named.empty()))
      shape.push_back(size);
  }
  n.set(0, n.reshape(n.operand(0), shape));
}

static void importExpandDims(OperatorImport &n) {
  auto axis = n.integer(1, "axis");
  if (!axis)
    return;
  int64_t at = n.normalizeAxis(*axis, n.rank(0) + 1);
  Shape shape(n.shape(0));
  shape.insert(shape.begin() + at, 1);
  n.set(0, n.reshape(n.operand(0), shape));
}

static void importTranspose(OperatorImport &n) {
  auto permutation = n.integers(1, "permutation");
  if (!permutation)
    return;
  for (int64_t &dimension : *permutation)
    dimension = n.normalizeAxis(dimension, n.rank(0));
  n.set(0, n.transpose(n.operand(0), *permutation));
}

//===-- space, batch and depth
//---------------------------------------------===//

static bool checkBlock(OperatorImport &n, bool fits, int64_t block) {
  if (n.rank(0) == 4 && block >= 1 && block <= INT32_MAX && fits)
    return true;
  n.error() << "an input of shape " << shapeText(n.shape(0))
            << " does not divide into blocks of " << block;
  return false;
}

static void importSpaceToDepth(OperatorImport &n) {
  int64_t b = n.options<schema::SpaceToDepthOptions>().block_size();
  ArrayRef<int64_t> s = n.shape(0);
  if (!checkBlock(n, s.size() == 4 && b > 0 && s[1] % b == 0 && s[2] % b == 0,
                  b))
    return;
  Value x = n.reshape(n.operand(0), {s[0], s[1] / b, b, s[2] / b, b, s[3]});
  x = n.transpose(x, {0, 1, 3, 2, 4, 5});
  n.set(0, n.reshape(x, {s[0], s[1] / b, s[2] / b, b * b * s[3]}));
}

static void importDepthToSpace(OperatorImport &n) {
  int64_t b = n.options<schema::DepthToSpaceOptions>().block_size();
  ArrayRef<int64_t> s = n.shape(0);
  if (!checkBlock(n, s.size() == 4 && b > 0 && s[3] % (b * b) == 0, b))
    return;
  int64_t depth = s[3] / (b * b);
  Value x = n.reshape(n.operand(0), {s[0], s[1], s[2], b, b, depth});
  x = n.transpose(x, {0, 1, 3, 2, 4, 5});
  n.set(0, n.reshape(x, {s[0], s[1] * b, s[2] * b, depth}));
}

/// The block's sizes and the pads or crops, [begin, end] per dimension; none
/// after an error.
static std::optional<std::pair<Shape, Shape>> readBlocks(OperatorImport &n) {
  auto block = n.integers(1, "block shape");
  auto borders = n.integers(2, "pads or crops");
  if (!block || !borders)
    return std::nullopt;
  auto isBad = [](int64_t low) {
    return [low](int64_t v) { return v < low || v > INT32_MAX; };
  };
  int64_t spatial = block->size();
  if (spatial == 0 || n.rank(0) < spatial + 1 ||
      int64_t(borders->size()) != 2 * spatial ||
      llvm::any_of(*block, isBad(1)) || llvm::any_of(*borders, isBad(0))) {
    n.error() << "a block of shape " << shapeText(*block) << " with "
              << borders->size() << " pads or crops does not fit an input of "
              << "shape " << shapeText(n.shape(0));
    return std::nullopt;
  }
  return std::make_pair(*block, *borders);
}

/// [N, H, W, C] => pad => [N, H/b, b, W/b, b, C] => [b, b, N, H/b, W/b, C]
static void importSpaceToBatch(OperatorImport &n) {
  auto read = readBlocks(n);
  if (!read)
    return;
  auto &[block, pads] = *read;
  int64_t rank = n.rank(0), spatial = block.size();
  Shape low(rank, 0), high(rank, 0);
  for (int64_t d = 0; d < spatial; ++d) {
    low[1 + d] = pads[2 * d];
    high[1 + d] = pads[2 * d + 1];
  }
  Value x = n.make<edge::PadOp>({n.operand(0)},
                                {n.attr("low", low), n.attr("high", high),
                                 n.attr("value", float(storedZero(n, 0)))});
  if (!x)
    return n.set(0, x);
  Shape padded(n.shapeOf(x)), split = {padded[0]}, result = {padded[0]}, order;
  for (int64_t d = 0; d < spatial; ++d) {
    if (padded[1 + d] % block[d] != 0) {
      n.error() << "the padded shape " << shapeText(padded)
                << " does not divide into blocks of " << shapeText(block);
      return;
    }
    split.append({padded[1 + d] / block[d], block[d]});
    result[0] *= block[d];
    result.push_back(padded[1 + d] / block[d]);
    order.push_back(2 + 2 * d);
  }
  order.push_back(0);
  for (int64_t d = 0; d < spatial; ++d)
    order.push_back(1 + 2 * d);
  for (int64_t d = spatial + 1; d < rank; ++d) {
    order.push_back(split.size());
    split.push_back(padded[d]);
    result.push_back(padded[d]);
  }
  x = n.transpose(n.reshape(x, split), order);
  n.set(0, n.reshape(x, result));
}

/// [b * b * N, H, W, C] => [b, b, N, H, W, C] => [N, H, b, W, b, C] => crop
static void importBatchToSpace(OperatorImport &n) {
  auto read = readBlocks(n);
  if (!read)
    return;
  auto &[block, crops] = *read;
  ArrayRef<int64_t> shape = n.shape(0);
  int64_t spatial = block.size(), rank = shape.size(), batch = shape[0];
  Shape split, order = {spatial}, result;
  for (int64_t d = 0; d < spatial; ++d) {
    if (batch % block[d] != 0) {
      n.error() << "a batch of " << shape[0] << " does not divide into blocks "
                << "of " << shapeText(block);
      return;
    }
    batch /= block[d];
    split.push_back(block[d]);
  }
  llvm::append_range(split, ArrayRef<int64_t>(batch));
  llvm::append_range(split, shape.drop_front());
  result.push_back(batch);
  for (int64_t d = 0; d < spatial; ++d) {
    order.append({spatial + 1 + d, d});
    result.push_back(shape[1 + d] * block[d]);
  }
  for (int64_t d = spatial + 1; d < rank; ++d) {
    order.push_back(spatial + d);
    result.push_back(shape[d]);
  }
  Value x = n.transpose(n.reshape(n.operand(0), split), order);
  x = n.reshape(x, result);
  Shape offsets(rank, 0), ones(rank, 1);
  for (int64_t d = 0; d < spatial; ++d) {
    offsets[1 + d] = crops[2 * d];
    result[1 + d] -= crops[2 * d] + crops[2 * d + 1];
  }
  n.set(0, n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                       n.attr("sizes", result),
                                       n.attr("strides", ones)}));
}

//===-- repetition
//---------------------------------------------------------===//

static void importBroadcastTo(OperatorImport &n) {
  if (auto shape = n.integers(1, "shape"))
    n.set(0, n.broadcast(n.operand(0), *shape));
}

/// [a, b] repeated m times along the first dimension:
/// reshape [1, a, b], broadcast [m, a, b], reshape [m * a, b].
static void importTile(OperatorImport &n) {
  auto multiples = n.integers(1, "multiples");
  if (!multiples)
    return;
  Shape single, repeated, result;
  bool fits = int64_t(multiples->size()) == n.rank(0);
  for (size_t d = 0; fits && d < multiples->size(); ++d) {
    int64_t times = (*multiples)[d], size = n.shape(0)[d];
    fits = times >= 1 && times <= INT32_MAX;
    if (times != 1) {
      single.push_back(1);
      repeated.push_back(times);
    }
    single.push_back(size);
    repeated.push_back(size);
    result.push_back(size * times);
  }
  if (!fits) {
    n.error() << "multiples " << shapeText(*multiples)
              << " should be one positive number for each dimension of "
              << shapeText(n.shape(0));
    return;
  }
  Value x = n.reshape(n.operand(0), single);
  n.set(0, n.reshape(n.broadcast(x, repeated), result));
}

llvm::ArrayRef<Operator> tflite::shapeOperators() {
  static constexpr Operator rows[] = {
      {Builtin::RESHAPE, 1, 1, 2, importReshape, types::any},
      {Builtin::SQUEEZE, 2, 1, 1, importSqueeze, types::any},
      {Builtin::EXPAND_DIMS, 1, 2, 2, importExpandDims, types::any},
      {Builtin::TRANSPOSE, 6, 2, 2, importTranspose, types::any},
      {Builtin::SPACE_TO_DEPTH, 2, 1, 1, importSpaceToDepth, types::any},
      {Builtin::DEPTH_TO_SPACE, 2, 1, 1, importDepthToSpace, types::any},
      {Builtin::SPACE_TO_BATCH_ND, 4, 3, 3, importSpaceToBatch, types::any},
      {Builtin::BATCH_TO_SPACE_ND, 4, 3, 3, importBatchToSpace, types::any},
      {Builtin::BROADCAST_TO, 3, 2, 2, importBroadcastTo, types::any},
      {Builtin::TILE, 3, 2, 2, importTile, types::any},
  };
  return rows;
}
