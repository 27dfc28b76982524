/*===- window.h - an input tile seen through a moving window --------------===*\
|*
|* What mac and pool have in common: where input row y lies, and which rows and
|* columns of the window are inside the tile.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_WINDOW_H
#define EDGE_NPU_WINDOW_H

#include <stdint.h>

typedef struct npu_window {
  const uint8_t *input; /* row 0, or ring row 0 */
  uint32_t height, width, row_stride, pixel_stride;
  uint32_t ring_rows, ring_first;
  int64_t y0, x0;
  uint32_t kernel_height, kernel_width;
  uint32_t stride_y, stride_x, dilation_y, dilation_x;
} npu_window;

/** From the fields of a mac or a pool command. */
#define NPU_WINDOW(sram, fields)                                               \
  {.input = (sram) + (fields)->inputAddress,                                   \
   .height = (fields)->inputHeight,                                            \
   .width = (fields)->inputWidth,                                              \
   .row_stride = (fields)->inputRowStride,                                     \
   .pixel_stride = (fields)->inputPixelStride,                                 \
   .ring_rows = (fields)->inputRingRows,                                       \
   .ring_first = (fields)->inputRingFirst,                                     \
   .y0 = (fields)->inputY0,                                                    \
   .x0 = (fields)->inputX0,                                                    \
   .kernel_height = (fields)->kernelHeight,                                    \
   .kernel_width = (fields)->kernelWidth,                                      \
   .stride_y = (fields)->strideY,                                              \
   .stride_x = (fields)->strideX,                                              \
   .dilation_y = (fields)->dilationY,                                          \
   .dilation_x = (fields)->dilationX}

/** Pixel (y, x) of the tile, which must be inside. */
static inline const uint8_t *npu_pixel(const npu_window *window, int64_t y,
                                       int64_t x) {
  int64_t row = y;
  if (window->ring_rows)
    row = (window->ring_first + y) % window->ring_rows;
  return window->input + row * window->row_stride + x * window->pixel_stride;
}

/** The window positions k in [*begin, *end) for which first + k * dilation is
 *  in [0, size). */
static inline void npu_clip(int64_t first, uint32_t dilation, uint32_t kernel,
                            uint32_t size, uint32_t *begin, uint32_t *end) {
  const int64_t d = dilation;
  int64_t low = first < 0 ? (-first + d - 1) / d : 0;
  int64_t high = first < size ? (size - 1 - first) / d + 1 : 0;
  high = high < kernel ? high : kernel;
  low = low < high ? low : high;
  *begin = (uint32_t)low;
  *end = (uint32_t)high;
}

#endif /* EDGE_NPU_WINDOW_H */
