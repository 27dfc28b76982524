//===- SpatialOperators.cpp - operators that rearrange images -------------===//
#include "compiler/import/Resize.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Window.h"

using namespace edgec;
using namespace edgec::onnx;
using llvm::SmallVector;
using llvm::SmallVectorImpl;
using mlir::Value;

static bool isImage(NodeImport &n) {
  if (n.rank(0) == 4)
    return true;
  n.error() << "the input of shape " << shapeText(n.shape(0))
            << " should be [N, C, H, W]";
  return false;
}

static void importDepthToSpace(NodeImport &n) {
  int64_t block = n.integer("blocksize", 0);
  llvm::StringRef mode = n.string("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    n.error() << "attribute 'mode' is '" << mode
              << "', but should be DCR or CRD";
  if (!isImage(n))
    return;
  Value result =
      depthToSpace(n, toChannelsLast(n, n.operand(0)), block, mode == "DCR");
  n.set(0, toChannelsFirst(n, result, 4));
}

static void importSpaceToDepth(NodeImport &n) {
  int64_t block = n.integer("blocksize", 0);
  if (!isImage(n))
    return;
  Value result = spaceToDepth(n, toChannelsLast(n, n.operand(0)), block);
  n.set(0, toChannelsFirst(n, result, 4));
}

//===-- CenterCropPad
//------------------------------------------------------===//

/// The wanted size of every axis, from the operand or the stated result.
static std::optional<SmallVector<int64_t>>
readSizes(NodeImport &n, llvm::ArrayRef<int64_t> axes) {
  SmallVector<int64_t> sizes;
  if (n.constant(1)) {
    sizes = n.integers(1, "shape").value_or(SmallVector<int64_t>());
  } else if (auto stated = n.declaredShape(0);
             stated && int64_t(stated->size()) == n.rank(0)) {
    for (int64_t axis : axes)
      sizes.push_back((*stated)[axis]);
  }
  auto isSize = [](int64_t size) {
    return size >= 1 && size < (int64_t(1) << 31);
  };
  if (sizes.size() == axes.size() && llvm::all_of(sizes, isSize))
    return sizes;
  if (!n.failed()) {
    n.error() << "the shape must be constant, or the result's stated, with a "
                 "positive size for each of "
              << axes.size() << " axes";
  }
  return std::nullopt;
}

static void importCenterCropPad(NodeImport &n) {
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0)));
  if (auto list = n.list("axes")) {
    n.normalizeAxes(*list, n.rank(0));
    axes.clear();
    for (int64_t axis : *list)
      axes.push_back(n.normalizeAxis(axis, n.rank(0)));
  }
  auto sizes = n.failed() ? std::nullopt : readSizes(n, axes);
  if (!sizes)
    return;
  Value x = n.operand(0);
  for (auto [axis, size] : llvm::zip_equal(axes, *sizes)) {
    int64_t more = size - n.shape(0)[axis];
    if (more < 0)
      x = sliceAlong(n, x, axis, -more / 2, size);
    else
      x = padAlong(n, x, axis, more / 2, more - more / 2);
  }
  n.set(0, x);
}

//===-- Col2Im
//-------------------------------------------------------------===//

/// Larger blocks would need a filter that is out of proportion.
static constexpr int64_t mostTaps = 4096;
static constexpr size_t mostDimensions = 6;

namespace {
/// The sizes of the blocks, one number per dimension.
struct Blocks {
  SmallVector<int64_t> image, block;
  TransposedWindow window;
  /// How many blocks fit.
  SmallVector<int64_t> counts;
};
} // namespace

/// Positions of blocks of size `block` along dimension d, 0 for none.
static int64_t countBlocks(const Blocks &blocks, llvm::ArrayRef<int64_t> pads,
                           size_t d, int64_t block) {
  int64_t reach = (block - 1) * blocks.window.dilations[d] + 1;
  int64_t rest =
      blocks.image[d] + pads[d] + pads[blocks.image.size() + d] - reach;
  return rest < 0 ? 0 : rest / blocks.window.strides[d] + 1;
}

/// All block sizes whose products are those of the input's shape.
static void findBlocks(const Blocks &blocks, llvm::ArrayRef<int64_t> pads,
                       int64_t elements, int64_t positions,
                       SmallVector<int64_t> &chosen,
                       SmallVectorImpl<SmallVector<int64_t>> &found) {
  size_t d = chosen.size();
  if (d == blocks.image.size()) {
    if (elements == 1 && positions == 1)
      found.push_back(chosen);
    return;
  }
  int64_t most = blocks.image[d] + pads[d] + pads[blocks.image.size() + d];
  most = std::min(most, elements);
  for (int64_t size = 1; size <= most && found.size() < 2; ++size) {
    int64_t count = countBlocks(blocks, pads, d, size);
    if (elements % size != 0 || count == 0 || positions % count != 0)
      continue;
    chosen.push_back(size);
    findBlocks(blocks, pads, elements / size, positions / count, chosen, found);
    chosen.pop_back();
  }
}

/// The block is constant, or the only one that fits the shapes.
static bool readBlocks(NodeImport &n, Blocks &blocks,
                       llvm::ArrayRef<int64_t> pads) {
  int64_t elements = n.shape(0)[1], positions = n.shape(0)[2];
  SmallVector<SmallVector<int64_t>> found;
  SmallVector<int64_t> chosen;
  if (n.constant(2)) {
    auto list = n.integers(2, "block_shape");
    if (list && list->size() == blocks.image.size())
      found.push_back(*list);
  } else if (auto stated = n.declaredShape(0)) {
    int64_t channels = std::max<int64_t>(1, (*stated)[1]);
    if (elements % channels == 0 && elements / channels <= mostTaps &&
        blocks.image.size() <= mostDimensions)
      findBlocks(blocks, pads, elements / channels, positions, chosen, found);
  }
  if (found.size() != 1) {
    if (!n.failed()) {
      n.error() << "the block_shape must be constant: "
                << (found.empty() ? "no" : "more than one")
                << " block fits the shapes of input and result";
    }
    return false;
  }
  blocks.block = found.front();
  int64_t size = 1, count = 1;
  for (size_t d = 0; d < blocks.image.size(); ++d) {
    int64_t block = blocks.block[d];
    if (block < 1 || block > elements) {
      n.error() << "a block of " << shapeText(blocks.block) << " does not fit "
                << elements << " rows";
      return false;
    }
    blocks.counts.push_back(countBlocks(blocks, pads, d, block));
    size *= block;
    count *= blocks.counts.back();
    if (size > elements || count > positions)
      break;
  }
  if (size <= elements && elements % size == 0 && count == positions)
    return true;
  n.error() << "an input of shape " << shapeText(n.shape(0))
            << " does not hold the blocks of " << shapeText(blocks.block)
            << " of an image of " << shapeText(blocks.image);
  return false;
}

static bool readImage(NodeImport &n, Blocks &blocks,
                      SmallVector<int64_t> &pads) {
  if (n.constant(1)) {
    blocks.image =
        n.integers(1, "image_shape").value_or(SmallVector<int64_t>());
  } else if (auto stated = n.declaredShape(0); stated && stated->size() > 2) {
    blocks.image.assign(stated->begin() + 2, stated->end());
  }
  size_t rank = blocks.image.size();
  auto isSize = [](int64_t size) {
    return size >= 1 && size < (int64_t(1) << 31);
  };
  SmallVector<int64_t> ones(rank, 1);
  blocks.window.strides = n.list("strides").value_or(ones);
  blocks.window.dilations = n.list("dilations").value_or(ones);
  pads = n.list("pads").value_or(SmallVector<int64_t>(2 * rank, 0));
  if (rank >= 1 && n.rank(0) == 3 && llvm::all_of(blocks.image, isSize) &&
      blocks.window.strides.size() == rank &&
      blocks.window.dilations.size() == rank && pads.size() == 2 * rank &&
      llvm::all_of(blocks.window.strides, isSize) &&
      llvm::all_of(blocks.window.dilations, isSize) &&
      llvm::all_of(pads, [](int64_t pad) { return pad >= 0; }))
    return true;
  if (!n.failed()) {
    n.error() << "the image_shape must be constant, or the result's stated, "
                 "with positive strides and dilations and two pads for each of "
              << rank << " dimensions";
  }
  return false;
}

/// Adds up overlapping blocks: a transposed convolution whose filter says for
/// each row of the input where in the block it belongs.
static void importCol2Im(NodeImport &n) {
  Blocks blocks;
  SmallVector<int64_t> pads;
  if (!readImage(n, blocks, pads) || !readBlocks(n, blocks, pads))
    return;
  int64_t rank = int64_t(blocks.image.size()), taps = 1;
  for (int64_t size : blocks.block)
    taps *= size;
  int64_t rows = n.shape(0)[1], channels = rows / taps;
  if (taps > mostTaps || rows * taps > (int64_t(1) << 24)) {
    n.error() << "blocks of " << shapeText(blocks.block) << " for " << channels
              << " channels are too large";
    return;
  }
  std::vector<float> filter(rows * taps, 0.0F);
  for (int64_t row = 0; row < rows; ++row)
    filter[row * taps + row % taps] = 1.0F;
  bool isLine = rank == 1;
  SmallVector<int64_t> filterShape = {rows, 1}, input = {n.shape(0)[0], rows};
  if (isLine) {
    filterShape.push_back(1);
    input.push_back(1);
    blocks.window.strides.insert(blocks.window.strides.begin(), 1);
    blocks.window.dilations.insert(blocks.window.dilations.begin(), 1);
    blocks.window.before = {0};
    blocks.window.sizes = {1};
  }
  llvm::append_range(filterShape, blocks.block);
  llvm::append_range(input, blocks.counts);
  blocks.window.before.append(pads.begin(), pads.begin() + rank);
  llvm::append_range(blocks.window.sizes, blocks.image);
  Value columns = toChannelsLast(n, n.reshape(n.operand(0), input));
  Value image = convolveTransposed(n, columns, floats(n, filterShape, filter),
                                   Value(), blocks.window, channels);
  n.set(0, toChannelsFirst(n, image, isLine ? 3 : rank + 2));
}

llvm::ArrayRef<Operator> onnx::spatialOperators() {
  static constexpr Operator rows[] = {
      {"CenterCropPad",
       {18},
       2,
       2,
       importCenterCropPad,
       nullptr,
       types::numbers,
       "a computed shape needs the result's stated shape"},
      {"Col2Im",
       {18},
       3,
       3,
       importCol2Im,
       nullptr,
       types::floats,
       "computed shapes need the result's stated shape, which only one block "
       "may fit"},
      {"DepthToSpace",
       {1, 13},
       1,
       1,
       importDepthToSpace,
       nullptr,
       types::anyType},
      {"SpaceToDepth",
       {1, 13},
       1,
       1,
       importSpaceToDepth,
       nullptr,
       types::anyType},
  };
  return rows;
}
