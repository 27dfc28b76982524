/*===- dsp_driver.c - a driver for the DSP, simulated ---------------------===*\
|*
|* Runs the DSP's instructions on a thread of the host (edge_worker). Every
|* instruction is checked before it touches memory: a stream that does not fit
|* its buffers ends the job with the instruction to blame.
|*
\*===----------------------------------------------------------------------===*/
#include "dsp.h"
#include "edge/device.h"

#include <stdio.h>
#include <string.h>

typedef struct job_memory {
  const edge_job_info *job;
  void *const *buffers;
} job_memory;

static edge_status open_dsp(void *user, const edge_device_info *info,
                            void **state, edge_message *message) {
  *state = user;
  if (info->format_version == DSP_VERSION)
    return EDGE_OK;
  snprintf(message->text, sizeof(message->text),
           "the DSP runs programs of version %d, not %u", DSP_VERSION,
           (unsigned)info->format_version);
  return EDGE_ERROR_DEVICE;
}

static void close_dsp(void *state) { (void)state; }

/* `count` elements of `bytes` each at `offset` of a buffer, or NULL. */
static void *within(const job_memory *memory, int32_t buffer, int32_t offset,
                    int64_t count, int bytes) {
  if (buffer < 0 || (uint32_t)buffer >= memory->job->buffer_count ||
      offset < 0 || offset % bytes || count < 0)
    return NULL;
  const uint64_t size = memory->job->buffers[buffer].size_bytes;
  if ((uint64_t)offset + (uint64_t)count * (uint64_t)bytes > size)
    return NULL;
  return (char *)memory->buffers[buffer] + offset;
}

/* Operand 0, 1 or 2 of an instruction, or NULL. */
static const int32_t *operand(const job_memory *memory, const int32_t *words,
                              int index) {
  const int32_t period = words[DSP_PERIOD + index];
  return period < 1 ? NULL : within(memory, 1, words[DSP_A + index], period, 4);
}

static int32_t wrap(int32_t value, int32_t type) {
  return type == DSP_I8    ? (int8_t)value
         : type == DSP_U8  ? (uint8_t)value
         : type == DSP_I16 ? (int16_t)value
                           : value;
}

/* DSP_LOAD and DSP_STORE: between working memory and another buffer. */
static int move(const job_memory *memory, const int32_t *words, int32_t *work) {
  const int32_t buffer = words[DSP_B], type = words[DSP_C];
  const int loads = words[DSP_OPERATION] == DSP_LOAD;
  const uint32_t access = loads ? EDGE_ACCESS_READ : EDGE_ACCESS_WRITE;
  if (type < DSP_I8 || type > DSP_I32)
    return 0;
  const int bytes = type == DSP_I32 ? 4 : type == DSP_I16 ? 2 : 1;
  char *other = within(memory, buffer, words[DSP_A], words[DSP_COUNT], bytes);
  if (!other || !(memory->job->buffers[buffer].access & access))
    return 0;
  for (int64_t i = 0; i < words[DSP_COUNT]; i++, other += bytes) {
    if (!loads) {
      memcpy(other, &work[i], (size_t)bytes);
      continue;
    }
    int32_t value = 0;
    memcpy(&value, other, (size_t)bytes);
    work[i] = wrap(value, type);
  }
  return 1;
}

/* a * b / 2^(31 + shift), rounded as the operation says. */
static int32_t rescale(int64_t a, int64_t b, int32_t shift, int32_t operation) {
  shift &= 31;
  const __int128 product = (__int128)a * b;
  if (operation == DSP_RESCALE_SINGLE)
    return (int32_t)((product + ((int64_t)1 << (30 + shift))) >> (31 + shift));
  const int64_t high = (int32_t)((product + ((int64_t)1 << 30)) >> 31);
  const int64_t half = ((int64_t)1 << shift) / 2;
  return (int32_t)(high >= 0 ? (high + half) >> shift
                             : -((-high + half) >> shift));
}

static int32_t compute(int32_t operation, int32_t a, int32_t b, int32_t c) {
  const uint32_t ua = (uint32_t)a, ub = (uint32_t)b;
  return operation == DSP_ADD          ? (int32_t)(ua + ub)
         : operation == DSP_SUBTRACT   ? (int32_t)(ua - ub)
         : operation == DSP_MINIMUM    ? (a < b ? a : b)
         : operation == DSP_MAXIMUM    ? (a > b ? a : b)
         : operation == DSP_SHIFT_LEFT ? (int32_t)(ua << (ub & 31))
                                       : rescale(a, b, c, operation);
}

static int elementwise(const job_memory *memory, const int32_t *words,
                       int32_t *work) {
  const int32_t operation = words[DSP_OPERATION], *period = words + DSP_PERIOD;
  const int wraps = operation == DSP_WRAP;
  const int32_t *a = operand(memory, words, 0), *b = operand(memory, words, 1),
                *c = wraps ? a : operand(memory, words, 2);
  if (!a || !b || !c)
    return 0;
  for (int32_t i = 0; i < words[DSP_COUNT]; i++)
    work[i] = wraps ? wrap(a[i % period[0]], words[DSP_C])
                    : compute(operation, a[i % period[0]], b[i % period[1]],
                              c[i % period[2]]);
  return 1;
}

static int run_instruction(const job_memory *memory, const int32_t *words) {
  int32_t *work = within(memory, 1, words[DSP_RESULT], words[DSP_COUNT], 4);
  if (!work)
    return 0;
  const int32_t operation = words[DSP_OPERATION];
  if (operation == DSP_LOAD || operation == DSP_STORE)
    return move(memory, words, work);
  return operation >= DSP_WRAP && operation <= DSP_RESCALE_SINGLE &&
         elementwise(memory, words, work);
}

static void run(void *state, const edge_job_info *job, void *program,
                void *const *buffers, const void *cancelled,
                edge_completion *completion) {
  (void)state;
  (void)program;
  const job_memory memory = {job, buffers};
  const int32_t *words = job->commands;
  const uint64_t count = job->commands_bytes / (4 * DSP_WORDS);
  for (uint32_t i = 0; i < count && !edge_worker_cancelled(cancelled); i++) {
    if (run_instruction(&memory, words + (size_t)i * DSP_WORDS))
      continue;
    completion->status = EDGE_ERROR_REJECTED;
    completion->command = i;
    return;
  }
}

/* What edge-run -load-driver looks for. */
const edge_driver *edge_driver_library(void) {
  static const edge_worker worker = {0,    0,    open_dsp, close_dsp,
                                     NULL, NULL, run};
  static edge_driver driver;
  edge_worker_driver(&worker, "dsp", NULL, &driver);
  return &driver;
}
