/*===- accesses.c - which SRAM bytes a command touches --------------------===*\
|*
|* The lists follow the data sheet's description of each command.
|*
\*===----------------------------------------------------------------------===*/

#include "accesses.h"
#include <string.h>

/*===-- lists -------------------------------------------------------------===*/

static npu_view *add_view(npu_accesses *accesses, const char *name,
                          uint32_t address, uint32_t element_bytes) {
  npu_view *view = &accesses->views[accesses->count++];
  memset(view, 0, sizeof(*view));
  view->name = name;
  view->address = address;
  view->element_bytes = element_bytes;
  view->alignment = element_bytes;
  for (int d = 0; d < 4; d++)
    view->extent[d] = 1;
  view->stride[3] = element_bytes;
  return view;
}

static npu_view *add_tile(npu_accesses *accesses, const char *name,
                          uint32_t address, uint8_t dtype, uint32_t rows,
                          uint32_t row_stride, uint32_t pixels,
                          uint32_t pixel_stride, uint32_t channels) {
  npu_view *view = add_view(accesses, name, address, npu_dtype_bytes(dtype));
  view->extent[1] = rows;
  view->stride[1] = row_stride;
  view->extent[2] = pixels;
  view->stride[2] = pixel_stride;
  view->extent[3] = channels;
  return view;
}

static void add_bytes(npu_accesses *accesses, const char *name,
                      uint32_t address, uint32_t bytes, uint32_t alignment) {
  npu_view *view = add_view(accesses, name, address, 1);
  view->extent[3] = bytes;
  view->alignment = alignment;
}

/* What a program reads besides its operands. */
static void add_program(npu_accesses *accesses, const npu_program *program,
                        uint32_t parameters_address, uint32_t parameters_stride,
                        uint32_t channels, uint32_t table_address,
                        uint32_t table_entries, uint8_t table_dtype) {
  if (program->parameters) {
    npu_view *view = add_view(accesses, "parameters", parameters_address, 4);
    view->extent[2] = program->parameters;
    view->stride[2] = 4 * (int64_t)parameters_stride;
    view->extent[3] = channels;
  }
  if (program->uses_table) {
    npu_view *view = add_view(accesses, "table", table_address,
                              npu_dtype_bytes(table_dtype));
    view->extent[3] = table_entries;
  }
}

/* What the window reaches along one axis of the input: [*begin, *begin +
 * *count) of `size`; false if it is all padding. */
static int reach(int64_t first, uint32_t outputs, uint32_t stride,
                 uint32_t kernel, uint32_t dilation, uint32_t size,
                 uint32_t *begin, uint32_t *count) {
  const int64_t last = first + (int64_t)(outputs - 1) * stride +
                       (int64_t)(kernel - 1) * dilation;
  const int64_t low = first > 0 ? first : 0;
  const int64_t high = last < size ? last : (int64_t)size - 1;
  if (low > high)
    return 0;
  *begin = (uint32_t)low;
  *count = (uint32_t)(high - low + 1);
  return 1;
}

/* A multiple of a stride may be too far away for 32 bits: then the view begins
 * beyond all memory. */
static uint32_t address_at(uint64_t address) {
  return address < UINT32_MAX ? (uint32_t)address : UINT32_MAX;
}

/* The rows and pixels of an input tile that the window reaches; in a ring they
 * may go on at its beginning. */
#define ADD_INPUT(f)                                                           \
  do {                                                                         \
    uint32_t top, rows, left, pixels;                                          \
    if (!reach((f)->inputY0, (f)->outputHeight, (f)->strideY,                  \
               (f)->kernelHeight, (f)->dilationY, (f)->inputHeight, &top,      \
               &rows) ||                                                       \
        !reach((f)->inputX0, (f)->outputWidth, (f)->strideX, (f)->kernelWidth, \
               (f)->dilationX, (f)->inputWidth, &left, &pixels))               \
      break;                                                                   \
    const uint32_t ring = (f)->inputRingRows;                                  \
    const uint32_t row = ring ? ((f)->inputRingFirst + top) % ring : top;      \
    const uint32_t here = ring && rows > ring - row ? ring - row : rows;       \
    const uint64_t address =                                                   \
        (f)->inputAddress + (uint64_t)left * (f)->inputPixelStride;            \
    add_tile(accesses, "input",                                                \
             address_at(address + (uint64_t)row * (f)->inputRowStride),        \
             (f)->inputDtype, here, (f)->inputRowStride, pixels,               \
             (f)->inputPixelStride, (f)->inputChannels);                       \
    if (rows > here)                                                           \
      add_tile(accesses, "input", address_at(address), (f)->inputDtype,        \
               rows - here, (f)->inputRowStride, pixels,                       \
               (f)->inputPixelStride, (f)->inputChannels);                     \
  } while (0)

#define ADD_PROGRAM(fields, channels)                                          \
  add_program(accesses, program, (fields)->parametersAddress,                  \
              (fields)->parametersStride, channels, (fields)->tableAddress,    \
              (fields)->tableEntries, (fields)->tableDtype)

/* The output comes first. */
static void list_mac(const npu_mac *mac, uint8_t flags,
                     const npu_program *program, npu_accesses *accesses) {
  npu_view *view =
      add_tile(accesses, "output", mac->outputAddress, mac->outputDtype,
               mac->outputHeight, mac->outputRowStride, mac->outputWidth,
               mac->outputPixelStride, mac->outputChannels);
  view->is_write = 1;
  ADD_INPUT(mac);
  add_bytes(accesses, "weights", mac->weightsAddress, mac->weightsBytes,
            NPU_LIMIT_LINE_BYTES);
  if (mac->residualDtype != NPU_DTYPE_NONE) {
    view =
        add_tile(accesses, "residual", mac->residualAddress, mac->residualDtype,
                 mac->outputHeight, mac->residualRowStride, mac->outputWidth,
                 mac->residualPixelStride, mac->outputChannels);
    view->in_place = 1;
  }
  if (flags & NPU_MAC_FLAG_ACCUMULATE) {
    view = add_tile(accesses, "accumulator", mac->accumulatorAddress,
                    NPU_DTYPE_I32, mac->outputHeight, mac->accumulatorRowStride,
                    mac->outputWidth, mac->accumulatorPixelStride,
                    mac->outputChannels);
    view->in_place = 1;
  }
  ADD_PROGRAM(mac, mac->outputChannels);
}

static void list_pool(const npu_pool *pool, const npu_program *program,
                      npu_accesses *accesses) {
  npu_view *view =
      add_tile(accesses, "output", pool->outputAddress, pool->outputDtype,
               pool->outputHeight, pool->outputRowStride, pool->outputWidth,
               pool->outputPixelStride, pool->outputChannels);
  view->is_write = 1;
  ADD_INPUT(pool);
  ADD_PROGRAM(pool, pool->outputChannels);
}

static npu_view *add_loops(npu_accesses *accesses, const char *name,
                           uint32_t address, uint8_t dtype,
                           const npu_vector *vector) {
  npu_view *view = add_view(accesses, name, address, npu_dtype_bytes(dtype));
  view->extent[0] = vector->extent0;
  view->extent[1] = vector->extent1;
  view->extent[2] = vector->extent2;
  view->extent[3] = vector->extent3;
  return view;
}

static void list_vector(const npu_vector *vector, const npu_program *program,
                        npu_accesses *accesses) {
  npu_view *view = add_loops(accesses, "output", vector->outputAddress,
                             vector->outputDtype, vector);
  view->is_write = 1;
  view->stride[0] = vector->outputStride0;
  view->stride[1] = vector->outputStride1;
  view->stride[2] = vector->outputStride2;
  view->stride[3] = vector->outputStride3;
#define ADD_OPERAND(i)                                                         \
  if (vector->operand##i##Dtype != NPU_DTYPE_NONE) {                           \
    view = add_loops(accesses, "operand " #i, vector->operand##i##Address,     \
                     vector->operand##i##Dtype, vector);                       \
    view->stride[0] = vector->operand##i##Stride0;                             \
    view->stride[1] = vector->operand##i##Stride1;                             \
    view->stride[2] = vector->operand##i##Stride2;                             \
    view->stride[3] = vector->operand##i##Stride3;                             \
    view->in_place = 1;                                                        \
  }
  ADD_OPERAND(0)
  ADD_OPERAND(1)
  ADD_OPERAND(2)
#undef ADD_OPERAND
  ADD_PROGRAM(vector, vector->extent3);
}

static void list_transfer(const npu_transfer *transfer, int is_write,
                          npu_accesses *accesses) {
  npu_view *view = add_view(accesses, "rows", transfer->sramAddress, 1);
  view->extent[2] = transfer->rows;
  view->stride[2] = transfer->sramStride;
  view->extent[3] = transfer->rowBytes;
  view->is_write = is_write;
}

void npu_list_accesses(const npu_command *command, const npu_program *program,
                       npu_accesses *accesses) {
  accesses->count = 0;
  switch (command->opcode) {
  case NPU_OPCODE_LOAD:
    list_transfer(&command->fields.transfer, 1, accesses);
    break;
  case NPU_OPCODE_STORE:
    list_transfer(&command->fields.transfer, 0, accesses);
    break;
  case NPU_OPCODE_MAC:
    list_mac(&command->fields.mac, command->flags, program, accesses);
    break;
  case NPU_OPCODE_VECTOR:
    list_vector(&command->fields.vector, program, accesses);
    break;
  case NPU_OPCODE_POOL:
    list_pool(&command->fields.pool, program, accesses);
    break;
  default:
    break;
  }
}

/*===-- geometry ----------------------------------------------------------===*/

int npu_view_range(const npu_view *view, int64_t *begin, int64_t *end) {
  const uint64_t limit = UINT64_C(1) << 40;
  int64_t first = view->address, last = view->address;
  for (int d = 0; d < 4; d++) {
    const int64_t stride = view->stride[d];
    const uint64_t step = (uint64_t)(stride < 0 ? -stride : stride);
    /* A stride has 34 bits and an extent 32: only far too long ones wrap. */
    if (view->extent[d] > 1 && step > limit / (view->extent[d] - 1))
      return 0;
    const int64_t span = (int64_t)(step * (view->extent[d] - 1));
    if (stride < 0)
      first -= span;
    else
      last += span;
  }
  *begin = first;
  *end = last + view->element_bytes;
  return 1;
}

uint64_t npu_view_elements(const npu_view *view) {
  return (uint64_t)view->extent[0] * view->extent[1] * view->extent[2] *
         view->extent[3];
}

/* Whether no two indices of the view share a byte: from the shortest stride to
 * the longest, each steps over all that the shorter ones span. */
static int is_distinct(const npu_view *view) {
  int order[4], count = 0;
  for (int d = 0; d < 4; d++) {
    if (view->extent[d] == 1)
      continue;
    int at = count++;
    for (; at > 0 && view->stride[order[at - 1]] > view->stride[d]; at--)
      order[at] = order[at - 1];
    order[at] = d;
  }
  int64_t span = view->element_bytes;
  for (int i = 0; i < count; i++) {
    const int64_t stride = view->stride[order[i]];
    if (stride < span)
      return 0;
    span += stride * (int64_t)(view->extent[order[i]] - 1);
  }
  return 1;
}

static int is_same(const npu_view *a, const npu_view *b) {
  if (a->address != b->address || a->element_bytes != b->element_bytes)
    return 0;
  for (int d = 0; d < 4; d++)
    if (a->extent[d] > 1 && a->stride[d] != b->stride[d])
      return 0;
  return 1;
}

/*===-- checks ------------------------------------------------------------===*/

static int32_t check_view(const npu_command *command, const npu_view *view,
                          uint32_t sram_bytes, edge_npu_error *error) {
  int is_aligned = view->address % view->alignment == 0;
  if (view->alignment == view->element_bytes)
    for (int d = 0; d < 4; d++)
      is_aligned &=
          view->extent[d] == 1 || view->stride[d] % view->alignment == 0;
  if (!is_aligned)
    return npu_reject(error, command, "T4",
                      "%s: address 0x%x and strides must be multiples of %u",
                      view->name, view->address, view->alignment);
  int64_t begin, end;
  if (!npu_view_range(view, &begin, &end) || begin < 0 || end > sram_bytes)
    return npu_reject(error, command, "T5",
                      "%s at 0x%x reaches beyond the %u bytes of SRAM",
                      view->name, view->address, sram_bytes);
  if (view->is_write && !is_distinct(view))
    return npu_reject(error, command, "T6",
                      "%s at 0x%x: elements lie on top of each other",
                      view->name, view->address);
  return EDGE_NPU_OK;
}

int32_t npu_check_accesses(const npu_command *command,
                           const npu_accesses *accesses, uint32_t sram_bytes,
                           edge_npu_error *error) {
  for (uint32_t i = 0; i < accesses->count; i++) {
    const int32_t status =
        check_view(command, &accesses->views[i], sram_bytes, error);
    if (status)
      return status;
  }
  const npu_view *output = &accesses->views[0];
  int64_t begin = 0, end = 0, from = 0, to = 0;
  npu_view_range(output, &begin, &end);
  for (uint32_t i = 1; i < accesses->count; i++) {
    const npu_view *view = &accesses->views[i];
    npu_view_range(view, &from, &to);
    if (from >= end || begin >= to)
      continue;
    if (!view->in_place || !is_same(view, output))
      return npu_reject(error, command, "T7",
                        "the output at 0x%x overwrites the %s at 0x%x",
                        output->address, view->name, view->address);
  }
  return EDGE_NPU_OK;
}
