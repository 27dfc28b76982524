//===- Spatial.cpp - windows of any rank as edge ops ----------------------===//
//
// A convolution is a sum over its leading window dimension of convolutions over
// the others. Maxima, sums and counts of a pool are products of those per
// dimension, so a pool over many dimensions is a pool over the last two behind
// one over the rest.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Spatial.h"

using namespace edgec;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Value;

/// Convolutions that one operator may become.
static constexpr int64_t mostParts = 512;

static ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

Window Window::ones(size_t rank) {
  SmallVector<int64_t> ones(rank, 1), zeros(rank, 0);
  return {ones, ones, ones, zeros, zeros, zeros};
}

SmallVector<int64_t> Window::pads() const {
  SmallVector<int64_t> pads(before);
  llvm::append_range(pads, after);
  return pads;
}

Window Window::slice(size_t first, size_t last) const {
  auto part = [&](ArrayRef<int64_t> list) {
    return SmallVector<int64_t>(list.slice(first, last - first));
  };
  return {part(size),   part(strides), part(dilations),
          part(before), part(after),   part(overhang)};
}

Value edgec::sliceAlong(OpMaker &m, Value x, int64_t axis, int64_t offset,
                        int64_t size, int64_t stride) {
  if (!x)
    return nullptr;
  SmallVector<int64_t> sizes(shapeOf(x)), offsets(sizes.size(), 0),
      strides(sizes.size(), 1);
  if (offset == 0 && size == sizes[axis] && stride == 1)
    return x;
  offsets[axis] = offset;
  sizes[axis] = size;
  strides[axis] = stride;
  return m.make<edge::SliceOp>({x}, {m.attr("offsets", offsets),
                                     m.attr("sizes", sizes),
                                     m.attr("strides", strides)});
}

Value edgec::padAlong(OpMaker &m, Value x, int64_t axis, int64_t low,
                      int64_t high, int64_t value) {
  if (!x || (low == 0 && high == 0))
    return x;
  SmallVector<int64_t> lows(shapeOf(x).size(), 0), highs(lows);
  lows[axis] = low;
  highs[axis] = high;
  return m.make<edge::PadOp>({x}, {m.attr("low", lows), m.attr("high", highs),
                                   m.attr("value", float(value))});
}

/// Merges dimensions `first` and first + 1.
static Value mergeDimensions(OpMaker &m, Value x, size_t first) {
  if (!x)
    return nullptr;
  SmallVector<int64_t> shape(shapeOf(x));
  shape[first] *= shape[first + 1];
  shape.erase(shape.begin() + first + 1);
  return m.reshape(x, shape);
}

/// Splits dimension `dimension` into `size` and what remains.
static Value splitDimension(OpMaker &m, Value x, size_t dimension,
                            int64_t size) {
  if (!x)
    return nullptr;
  SmallVector<int64_t> shape(shapeOf(x));
  shape[dimension] /= size;
  shape.insert(shape.begin() + dimension, size);
  return m.reshape(x, shape);
}

//===-- convolutions
//-------------------------------------------------------===//

/// The part of a convolution that tap `tap` of the leading dimension gives.
static Value convolveTap(OpMaker &m, Value padded, Value filter, Value bias,
                         const Window &window, int64_t tap, int64_t outputs,
                         int64_t padValue, PlaneConvolution plane) {
  Value input = sliceAlong(m, padded, 1, tap * window.dilations[0], outputs,
                           window.strides[0]);
  Value taps = mergeDimensions(m, sliceAlong(m, filter, 1, tap, 1), 0);
  return convolveByPlanes(m, mergeDimensions(m, input, 0), taps, bias,
                          window.slice(1, window.rank()), padValue, plane);
}

Value edgec::convolveByPlanes(OpMaker &m, Value input, Value filter, Value bias,
                              const Window &window, int64_t padValue,
                              PlaneConvolution plane) {
  if (!input || !filter || m.failed())
    return nullptr;
  if (window.rank() == 2)
    return plane(input, filter, bias, window);
  int64_t parts = 1;
  for (size_t d = 0; d + 2 < window.rank() && parts <= mostParts; ++d)
    parts *= window.size[d];
  int64_t images = shapeOf(input)[0];
  int64_t rest =
      shapeOf(input)[1] + window.before[0] + window.after[0] - window.reach(0);
  if (parts > mostParts || rest < 0) {
    m.error() << "a window of " << shapeText(window.size)
              << (rest < 0 ? " is larger than the padded input"
                           : " has too many elements in its leading dimensions")
              << " of shape " << shapeText(shapeOf(input));
    return nullptr;
  }
  int64_t outputs = rest / window.strides[0] + 1;
  Value padded =
      padAlong(m, input, 1, window.before[0], window.after[0], padValue);
  Value sum;
  for (int64_t tap = 0; tap < window.size[0]; ++tap) {
    Value part = convolveTap(m, padded, filter, tap == 0 ? bias : Value(),
                             window, tap, outputs, padValue, plane);
    sum = sum ? m.make<edge::AddOp>({sum, part}) : part;
  }
  return splitDimension(m, sum, 0, images);
}

Value edgec::convolve(OpMaker &m, Value input, Value filter, Value bias,
                      const Window &window, int64_t groups) {
  auto plane = [&](Value x, Value taps, Value start, const Window &w) {
    SmallVector<Value, 3> operands = {x, taps};
    if (start)
      operands.push_back(start);
    return m.make<edge::Conv2DOp>(
        operands, {m.attr("strides", w.strides), m.attr("pads", w.pads()),
                   m.attr("dilations", w.dilations), m.attr("groups", groups)});
  };
  return convolveByPlanes(m, input, filter, bias, window, /*padValue=*/0,
                          plane);
}

//===-- pools
//--------------------------------------------------------------===//

using PoolFunction = llvm::function_ref<Value(Value, const Window &)>;

/// [N, leading..., H, W, C]: over H and W with the leading dimensions as
/// images, then over those with H * W as one dimension.
static Value poolByParts(OpMaker &m, Value input, const Window &window,
                         PoolFunction pool) {
  size_t rank = window.rank();
  if (!input || rank == 2)
    return input ? pool(input, window) : nullptr;
  SmallVector<int64_t> outer(shapeOf(input).take_front(rank - 1));
  for (size_t d = 0; d + 2 < rank; ++d)
    input = mergeDimensions(m, input, 0);
  input = pool(input, window.slice(rank - 2, rank));
  if (!input)
    return nullptr;
  SmallVector<int64_t> image(shapeOf(input).drop_front());
  SmallVector<int64_t> shape(outer);
  shape.append({image[0] * image[1], image[2]});
  Window rest = window.slice(0, rank - 1);
  rest.size.back() = rest.strides.back() = rest.dilations.back() = 1;
  rest.before.back() = rest.after.back() = rest.overhang.back() = 0;
  Value result = poolByParts(m, m.reshape(input, shape), rest, pool);
  if (!result)
    return nullptr;
  SmallVector<int64_t> full(shapeOf(result).drop_back(2));
  full.append(image);
  return m.reshape(result, full);
}

Value edgec::poolMaximum(OpMaker &m, Value input, const Window &window) {
  return poolByParts(m, input, window, [&](Value x, const Window &w) {
    SmallVector<int64_t> pads = w.pads();
    for (size_t d : {0, 1})
      pads[2 + d] += w.overhang[d];
    return m.make<edge::MaxPool2DOp>(
        {x}, {m.attr("window", w.size), m.attr("strides", w.strides),
              m.attr("pads", pads), m.attr("dilations", w.dilations)});
  });
}

Value edgec::poolAverage(OpMaker &m, Value input, const Window &window,
                         bool countPads) {
  return poolByParts(m, input, window, [&](Value x, const Window &w) {
    return m.make<edge::AvgPool2DOp>(
        {x}, {m.attr("window", w.size), m.attr("strides", w.strides),
              m.attr("pads", w.pads()), m.attr("overhang", w.overhang),
              m.attr("count_include_pad", countPads),
              m.attr("dilations", w.dilations)});
  });
}

//===-- blocks of pixels
//---------------------------------------------------===//

Value edgec::depthToSpace(OpMaker &m, Value input, int64_t block,
                          bool blockFirst) {
  if (!input)
    return nullptr;
  ArrayRef<int64_t> shape = shapeOf(input);
  if (block < 1 || block > shape[3] || shape[3] % (block * block) != 0) {
    m.error() << "blocks of " << block << "x" << block << " pixels do not fit "
              << shape[3] << " channels";
    return nullptr;
  }
  SmallVector<int64_t> result = {shape[0], shape[1] * block, shape[2] * block,
                                 shape[3] / (block * block)};
  SmallVector<int64_t> parts = {shape[0], shape[1], shape[2]};
  if (blockFirst)
    parts.append({block, block, result[3]});
  else
    parts.append({result[3], block, block});
  Value split = m.reshape(input, parts);
  split = blockFirst ? m.transpose(split, {0, 1, 3, 2, 4, 5})
                     : m.transpose(split, {0, 1, 4, 2, 5, 3});
  return m.reshape(split, result);
}

Value edgec::spaceToDepth(OpMaker &m, Value input, int64_t block) {
  if (!input)
    return nullptr;
  ArrayRef<int64_t> shape = shapeOf(input);
  if (block < 1 || shape[1] % block != 0 || shape[2] % block != 0) {
    m.error() << "blocks of " << block << "x" << block
              << " pixels do not fit an image of " << shape[1] << "x"
              << shape[2];
    return nullptr;
  }
  SmallVector<int64_t> result = {shape[0], shape[1] / block, shape[2] / block,
                                 shape[3] * block * block};
  Value split = m.reshape(
      input, {shape[0], result[1], block, result[2], block, shape[3]});
  return m.reshape(m.transpose(split, {0, 1, 3, 2, 4, 5}), result);
}
