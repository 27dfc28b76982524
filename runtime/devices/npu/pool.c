/*===- pool.c - the largest value or the sum over a window ----------------===*\
|*
|* One output pixel at a time, its channels in segments of up to NPU_LANES.
|*
\*===----------------------------------------------------------------------===*/

#include "state.h"
#include "window.h"

typedef struct pool_job {
  edge_npu_simulator *npu;
  const npu_pool *pool;
  int is_sum;
  const npu_program *program;
  npu_window window;
  npu_table table;
  uint32_t first_channel, channels; /* of the segment */
} pool_job;

static void add_position(int32_t *restrict results,
                         const int32_t *restrict values, int is_sum,
                         uint32_t count) {
  if (is_sum) {
    for (uint32_t i = 0; i < count; i++)
      results[i] = (int32_t)((uint32_t)results[i] + (uint32_t)values[i]);
  } else {
    for (uint32_t i = 0; i < count; i++)
      results[i] = values[i] > results[i] ? values[i] : results[i];
  }
}

static void run_pixel(const pool_job *job, uint32_t y, uint32_t x) {
  const npu_pool *pool = job->pool;
  const npu_window *window = &job->window;
  npu_lanes *lanes = &job->npu->lanes;
  const int64_t first_y = window->y0 + (int64_t)y * window->stride_y;
  const int64_t first_x = window->x0 + (int64_t)x * window->stride_x;
  uint32_t top, bottom, left, right;
  npu_clip(first_y, window->dilation_y, window->kernel_height, window->height,
           &top, &bottom);
  npu_clip(first_x, window->dilation_x, window->kernel_width, window->width,
           &left, &right);
  const uint32_t inside = (bottom - top) * (right - left);
  for (uint32_t c = 0; c < job->channels; c++) {
    lanes->registers[0][c] = job->is_sum ? 0 : INT32_MIN;
    lanes->registers[1][c] = (int32_t)inside;
  }
  const uint32_t bytes = npu_dtype_bytes(pool->inputDtype);
  int32_t values[NPU_LANES];
  for (uint32_t ky = top; ky < bottom; ky++) {
    for (uint32_t kx = left; kx < right; kx++) {
      const uint8_t *pixel =
          npu_pixel(window, first_y + (int64_t)ky * window->dilation_y,
                    first_x + (int64_t)kx * window->dilation_x);
      npu_load_elements(values, pixel + (size_t)job->first_channel * bytes,
                        pool->inputDtype, bytes, job->channels);
      add_position(lanes->registers[0], values, job->is_sum, job->channels);
    }
  }
  npu_run_program(job->program, lanes, 3u, job->channels, &job->table);
  const uint32_t output_bytes = npu_dtype_bytes(pool->outputDtype);
  npu_store_elements(job->npu->sram + pool->outputAddress +
                         (size_t)y * pool->outputRowStride +
                         (size_t)x * pool->outputPixelStride +
                         (size_t)job->first_channel * output_bytes,
                     pool->outputDtype, output_bytes,
                     lanes->registers[job->program->result], job->channels);
}

void npu_run_pool(edge_npu_simulator *npu, const npu_command *command,
                  const npu_program *program) {
  const npu_pool *pool = &command->fields.pool;
  pool_job job = {.npu = npu,
                  .pool = pool,
                  .is_sum = command->flags & NPU_POOL_FLAG_SUM,
                  .program = program,
                  .window = NPU_WINDOW(npu->sram, pool),
                  .table = {npu->sram, pool->tableAddress, pool->tableEntries,
                            pool->tableDtype}};
  for (uint32_t c = 0; c < pool->outputChannels; c += job.channels) {
    const uint32_t rest = pool->outputChannels - c;
    job.first_channel = c;
    job.channels = rest < NPU_LANES ? rest : NPU_LANES;
    npu_load_parameters(program, &npu->lanes, npu->sram,
                        pool->parametersAddress, pool->parametersStride, c,
                        job.channels, 1);
    for (uint32_t y = 0; y < pool->outputHeight; y++)
      for (uint32_t x = 0; x < pool->outputWidth; x++)
        run_pixel(&job, y, x);
  }
}
