/*===- mac.c - the multiplier array ---------------------------------------===*\
|*
|* Column block by column block: the block's weights are decoded and widened to
|* 16 bits with their zero point off, then groups of output pixels are gathered
|* likewise, one contiguous row of taps per pixel, so that a sum is a dot
|* product of two rows. Compilers turn that loop into multiply-add instructions.
|* Depthwise needs no gathering: all channels of a tap are multiplied at once.
|*
\*===----------------------------------------------------------------------===*/

#include "state.h"
#include "window.h"
#include <string.h>

/* One column block at work on one group of pixels. */
typedef struct mac_job {
  edge_npu_simulator *npu;
  const npu_mac *mac;
  uint8_t flags;
  const npu_program *program;
  npu_window window;
  npu_table table;
  uint32_t taps, taps_stride;
  uint32_t first_channel, channels; /* of the column block */
  uint32_t pixels;                  /* in the group */
  uint32_t y[NPU_PIXELS], x[NPU_PIXELS];
} mac_job;

/*===-- dot products ------------------------------------------------------===*/

/* Sums of products of up to 2^15 taps fit into 31 bits, as factors are within
 * [-255, 255]; the sums of such pieces wrap. */
enum { TAPS_PER_PIECE = 32768 };

/* Four pixels times one column. */
static void dot4(const int16_t *restrict weights, const int16_t *restrict patch,
                 size_t patch_stride, uint32_t taps, uint32_t sums[4]) {
  const int16_t *restrict p0 = patch, *restrict p1 = patch + patch_stride,
                          *restrict p2 = patch + 2 * patch_stride,
                          *restrict p3 = patch + 3 * patch_stride;
  for (uint32_t begin = 0; begin < taps; begin += TAPS_PER_PIECE) {
    const uint32_t rest = taps - begin;
    const uint32_t end =
        begin + (rest < TAPS_PER_PIECE ? rest : TAPS_PER_PIECE);
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (uint32_t k = begin; k < end; k++) {
      s0 += weights[k] * p0[k];
      s1 += weights[k] * p1[k];
      s2 += weights[k] * p2[k];
      s3 += weights[k] * p3[k];
    }
    sums[0] += (uint32_t)s0;
    sums[1] += (uint32_t)s1;
    sums[2] += (uint32_t)s2;
    sums[3] += (uint32_t)s3;
  }
}

/* Adds the products to r0 of the group's lanes: pixel * channels + channel. */
static void multiply(const mac_job *job) {
  int32_t *lanes = job->npu->lanes.registers[0];
  for (uint32_t p = 0; p < job->pixels; p += 4) {
    const int16_t *patch = job->npu->patches + (size_t)p * job->taps_stride;
    const uint32_t count = job->pixels - p < 4 ? job->pixels - p : 4;
    for (uint32_t c = 0; c < job->channels; c++) {
      uint32_t sums[4] = {0, 0, 0, 0};
      dot4(job->npu->block_weights + (size_t)c * job->taps_stride, patch,
           job->taps_stride, job->taps, sums);
      for (uint32_t i = 0; i < count; i++) {
        int32_t *lane = &lanes[(p + i) * job->channels + c];
        *lane = (int32_t)((uint32_t)*lane + sums[i]);
      }
    }
  }
}

/*===-- gathering ---------------------------------------------------------===*/

static void widen(int16_t *restrict out, const uint8_t *restrict in,
                  uint8_t dtype, int16_t zero_point, uint32_t count) {
  if (dtype == NPU_DTYPE_I8) {
    for (uint32_t i = 0; i < count; i++)
      out[i] = (int16_t)((int8_t)in[i] - zero_point);
  } else {
    for (uint32_t i = 0; i < count; i++)
      out[i] = (int16_t)(in[i] - zero_point);
  }
}

static void fill(int16_t *out, int16_t value, size_t count) {
  for (size_t i = 0; i < count; i++)
    out[i] = value;
}

/* The taps of output pixel (y, x) as one row. */
static void gather(const mac_job *job, uint32_t y, uint32_t x, int16_t *row) {
  const npu_mac *mac = job->mac;
  const npu_window *window = &job->window;
  const uint32_t channels = mac->inputChannels;
  const int16_t pad = (int16_t)(mac->padValue - mac->inputZeroPoint);
  const int64_t first_y = window->y0 + (int64_t)y * window->stride_y;
  const int64_t first_x = window->x0 + (int64_t)x * window->stride_x;
  uint32_t top, bottom, left, right;
  npu_clip(first_y, window->dilation_y, window->kernel_height, window->height,
           &top, &bottom);
  npu_clip(first_x, window->dilation_x, window->kernel_width, window->width,
           &left, &right);
  const int is_dense =
      window->dilation_x == 1 && window->pixel_stride == channels;
  const size_t row_taps = (size_t)window->kernel_width * channels;
  for (uint32_t ky = 0; ky < window->kernel_height; ky++, row += row_taps) {
    if (ky < top || ky >= bottom || left == right) {
      fill(row, pad, row_taps);
      continue;
    }
    fill(row, pad, (size_t)left * channels);
    fill(row + (size_t)right * channels, pad,
         (size_t)(window->kernel_width - right) * channels);
    const int64_t at_y = first_y + (int64_t)ky * window->dilation_y;
    const uint32_t step = is_dense ? right - left : 1;
    for (uint32_t kx = left; kx < right; kx += step)
      widen(row + (size_t)kx * channels,
            npu_pixel(window, at_y, first_x + (int64_t)kx * window->dilation_x),
            mac->inputDtype, mac->inputZeroPoint, step * channels);
  }
}

static void gather_group(const mac_job *job) {
  int16_t *patches = job->npu->patches;
  for (uint32_t p = 0; p < job->pixels; p++) {
    int16_t *row = patches + (size_t)p * job->taps_stride;
    gather(job, job->y[p], job->x[p], row);
  }
  /* The dot products take four pixels; what they find here is not used. */
  for (uint32_t p = job->pixels; p % 4 != 0; p++)
    memset(patches + (size_t)p * job->taps_stride, 0,
           job->taps * sizeof(int16_t));
}

/*===-- depthwise ---------------------------------------------------------===*/

/* One tap: sums[c] += input[c] * weights[c]. */
static void multiply_channels(int32_t *restrict sums,
                              const int16_t *restrict input,
                              const int16_t *restrict weights,
                              uint32_t channels) {
  for (uint32_t c = 0; c < channels; c++)
    sums[c] = (int32_t)((uint32_t)sums[c] + (uint32_t)(input[c] * weights[c]));
}

static void multiply_depthwise_pixel(const mac_job *job, uint32_t y, uint32_t x,
                                     int32_t *sums) {
  const npu_mac *mac = job->mac;
  const npu_window *window = &job->window;
  const uint32_t multiplier = mac->outputChannels / mac->inputChannels;
  const int64_t first_y = window->y0 + (int64_t)y * window->stride_y;
  const int64_t first_x = window->x0 + (int64_t)x * window->stride_x;
  int16_t pad[64], input[64];
  fill(pad, (int16_t)(mac->padValue - mac->inputZeroPoint), job->channels);
  for (uint32_t ky = 0; ky < window->kernel_height; ky++) {
    const int64_t at_y = first_y + (int64_t)ky * window->dilation_y;
    for (uint32_t kx = 0; kx < window->kernel_width; kx++) {
      const int64_t at_x = first_x + (int64_t)kx * window->dilation_x;
      const int16_t *weights =
          job->npu->block_weights + ((size_t)ky * window->kernel_width + kx) *
                                        job->npu->machine.macColumns;
      if (at_y < 0 || at_y >= window->height || at_x < 0 ||
          at_x >= window->width) {
        multiply_channels(sums, pad, weights, job->channels);
        continue;
      }
      const uint8_t *pixel = npu_pixel(window, at_y, at_x);
      if (multiplier == 1) {
        widen(input, pixel + job->first_channel, mac->inputDtype,
              mac->inputZeroPoint, job->channels);
      } else {
        for (uint32_t c = 0; c < job->channels; c++)
          widen(input + c, pixel + (job->first_channel + c) / multiplier,
                mac->inputDtype, mac->inputZeroPoint, 1);
      }
      multiply_channels(sums, input, weights, job->channels);
    }
  }
}

/*===-- groups of pixels --------------------------------------------------===*/

static uint8_t *element(const mac_job *job, uint32_t address,
                        uint32_t row_stride, uint32_t pixel_stride,
                        uint32_t element_bytes, uint32_t p) {
  return job->npu->sram + address + (size_t)job->y[p] * row_stride +
         (size_t)job->x[p] * pixel_stride +
         (size_t)job->first_channel * element_bytes;
}

/* Fills r0 with what the sums start from, and r1 with the residual. */
static void load_operands(const mac_job *job) {
  const npu_mac *mac = job->mac;
  npu_lanes *lanes = &job->npu->lanes;
  for (uint32_t p = 0; p < job->pixels; p++) {
    int32_t *sums = lanes->registers[0] + (size_t)p * job->channels;
    if (job->flags & NPU_MAC_FLAG_ACCUMULATE)
      npu_load_elements(sums,
                        element(job, mac->accumulatorAddress,
                                mac->accumulatorRowStride,
                                mac->accumulatorPixelStride, 4, p),
                        NPU_DTYPE_I32, 4, job->channels);
    else
      memset(sums, 0, job->channels * sizeof(int32_t));
    const uint32_t bytes = npu_dtype_bytes(mac->residualDtype);
    if (bytes)
      npu_load_elements(lanes->registers[1] + (size_t)p * job->channels,
                        element(job, mac->residualAddress,
                                mac->residualRowStride,
                                mac->residualPixelStride, bytes, p),
                        mac->residualDtype, bytes, job->channels);
  }
}

static void run_group(const mac_job *job) {
  const npu_mac *mac = job->mac;
  npu_lanes *lanes = &job->npu->lanes;
  load_operands(job);
  if (job->flags & NPU_MAC_FLAG_DEPTHWISE) {
    for (uint32_t p = 0; p < job->pixels; p++)
      multiply_depthwise_pixel(job, job->y[p], job->x[p],
                               lanes->registers[0] + (size_t)p * job->channels);
  } else {
    gather_group(job);
    multiply(job);
  }
  const uint32_t operands =
      1u | (mac->residualDtype != NPU_DTYPE_NONE ? 2u : 0u);
  npu_run_program(job->program, lanes, operands, job->pixels * job->channels,
                  &job->table);
  const uint32_t bytes = npu_dtype_bytes(mac->outputDtype);
  for (uint32_t p = 0; p < job->pixels; p++)
    npu_store_elements(element(job, mac->outputAddress, mac->outputRowStride,
                               mac->outputPixelStride, bytes, p),
                       mac->outputDtype, bytes,
                       lanes->registers[job->program->result] +
                           (size_t)p * job->channels,
                       job->channels);
}

/* The block's weights in 16 bits: a row of taps per column, or for depthwise a
 * row of columns per tap. */
static void widen_weights(const mac_job *job, const uint8_t *decoded) {
  const npu_mac *mac = job->mac;
  int16_t *out = job->npu->block_weights;
  const uint32_t columns = job->npu->machine.macColumns;
  if (job->flags & NPU_MAC_FLAG_DEPTHWISE) {
    widen(out, decoded, mac->weightDtype, mac->weightZeroPoint,
          job->taps * columns);
    return;
  }
  const int is_signed = mac->weightDtype == NPU_DTYPE_I8;
  for (uint32_t k = 0; k < job->taps; k++) {
    const uint8_t *row = decoded + (size_t)k * columns;
    for (uint32_t c = 0; c < job->channels; c++)
      out[(size_t)c * job->taps_stride + k] =
          (int16_t)((is_signed ? (int8_t)row[c] : row[c]) -
                    mac->weightZeroPoint);
  }
}

static void run_block(mac_job *job) {
  const npu_mac *mac = job->mac;
  uint32_t group = NPU_LANES / job->channels;
  group = group < NPU_PIXELS ? group : NPU_PIXELS;
  npu_load_parameters(job->program, &job->npu->lanes, job->npu->sram,
                      mac->parametersAddress, mac->parametersStride,
                      job->first_channel, job->channels, group);
  job->pixels = 0;
  for (uint32_t y = 0; y < mac->outputHeight; y++) {
    for (uint32_t x = 0; x < mac->outputWidth; x++) {
      job->y[job->pixels] = y;
      job->x[job->pixels] = x;
      if (++job->pixels == group) {
        run_group(job);
        job->pixels = 0;
      }
    }
  }
  if (job->pixels)
    run_group(job);
}

void npu_run_mac(edge_npu_simulator *npu, const npu_command *command,
                 const npu_program *program) {
  const npu_mac *mac = &command->fields.mac;
  npu_weights weights;
  npu_weights_begin(&weights, command, &npu->machine, npu->sram);
  mac_job job = {.npu = npu,
                 .mac = mac,
                 .flags = command->flags,
                 .program = program,
                 .window = NPU_WINDOW(npu->sram, mac),
                 .table = {npu->sram, mac->tableAddress, mac->tableEntries,
                           mac->tableDtype},
                 .taps = weights.taps,
                 .taps_stride = (weights.taps + 15) / 16 * 16};
  for (uint32_t block = 0; block < weights.blocks; block++) {
    job.first_channel = block * weights.columns;
    const uint32_t rest = mac->outputChannels - job.first_channel;
    job.channels = rest < weights.columns ? rest : weights.columns;
    widen_weights(&job, npu_decode_block(&weights, npu->decoded));
    run_block(&job);
  }
}
