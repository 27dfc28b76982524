//===- Layer.cpp - sizes of a layer ---------------------------------------===//
//
// What a layer multiplies, and which rows and pixels of its inputs it needs.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Layer.h"

using namespace edgec::npu;

int64_t Layer::taps() const {
  return window.kernelY * window.kernelX *
         (depthwise ? 1 : in().channels / groups);
}

int64_t Layer::macs() const {
  if (kind != Kind::mac)
    return 0;
  return images * out.height * out.width * out.channels * taps();
}

/// Positions of an input of `size` that outputs [first, last) read.
static std::pair<int64_t, int64_t> needed(int64_t first, int64_t last,
                                          int64_t start, int64_t stride,
                                          int64_t dilation, int64_t kernel,
                                          int64_t size) {
  int64_t begin = std::clamp<int64_t>(first * stride + start, 0, size - 1);
  int64_t end = (last - 1) * stride + start + (kernel - 1) * dilation + 1;
  return {begin, std::clamp<int64_t>(end, begin + 1, size)};
}

std::pair<int64_t, int64_t> Layer::rowsNeeded(unsigned index, int64_t first,
                                              int64_t last) const {
  const View &view = reads[index].view;
  if (kind != Kind::elementwise && index == 0)
    return needed(first, last, window.y0, window.strideY, window.dilationY,
                  window.kernelY, view.height);
  if (view.height == 1)
    return {0, 1};
  return {first, last};
}

std::pair<int64_t, int64_t> Layer::pixelsNeeded(unsigned index, int64_t first,
                                                int64_t last) const {
  const View &view = reads[index].view;
  if (kind != Kind::elementwise && index == 0)
    return needed(first, last, window.x0, window.strideX, window.dilationX,
                  window.kernelX, view.width);
  if (view.width == 1)
    return {0, 1};
  return {first, last};
}

int64_t Layer::tableOffset() const {
  return roundUp(int64_t(program->parameters.size()) * out.channels * 4, 16);
}

int64_t Layer::parameterBytes() const {
  return roundUp(tableOffset() + int64_t(program->table.size()), 16);
}
