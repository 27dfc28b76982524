/*===- check_command.c - rules on one command -----------------------------===*\
|*
|* Fields first (T1 to T3, W, P, D), then the memory they describe (T4 to T7).
|*
\*===----------------------------------------------------------------------===*/

#include "check.h"

#define REJECT(rule, ...) return npu_reject(error, command, rule, __VA_ARGS__)

/*===-- DMA ---------------------------------------------------------------===*/

static int32_t check_transfer(const npu_command *command,
                              const edge_npu_buffer *buffers,
                              uint32_t buffer_count, edge_npu_error *error) {
  const npu_transfer *transfer = &command->fields.transfer;
  const int is_load = command->opcode == NPU_OPCODE_LOAD;
  if (transfer->buffer >= buffer_count)
    REJECT("D1", "buffer %u, there are %u", transfer->buffer, buffer_count);
  const edge_npu_buffer *buffer = &buffers[transfer->buffer];
  if (!(buffer->access & (is_load ? EDGE_NPU_READ : EDGE_NPU_WRITE)))
    REJECT("D1", "buffer %u may not be %s", transfer->buffer,
           is_load ? "read" : "written");
  if (transfer->rows == 0 || transfer->rowBytes == 0)
    REJECT("D2", "%u rows of %u bytes, both must be at least 1", transfer->rows,
           transfer->rowBytes);
  const uint64_t span = (uint64_t)(transfer->rows - 1) * transfer->bufferStride;
  const uint64_t first = (uint64_t)transfer->bufferOffset + transfer->rowBytes;
  if (first > buffer->size_bytes || span > buffer->size_bytes - first)
    REJECT("D3", "%u rows of %u bytes at offset %u reach beyond buffer %u",
           transfer->rows, transfer->rowBytes, transfer->bufferOffset,
           transfer->buffer);
  if (!is_load && transfer->rows > 1 &&
      transfer->bufferStride < transfer->rowBytes)
    REJECT("T6", "rows lie on top of each other: bufferStride %u, rowBytes %u",
           transfer->bufferStride, transfer->rowBytes);
  return EDGE_NPU_OK;
}

/*===-- tiles -------------------------------------------------------------===*/

static int is_data(uint8_t dtype) {
  return dtype != NPU_DTYPE_NONE && dtype < NPU_DTYPES_COUNT;
}

static int is_byte(uint8_t dtype) {
  return dtype == NPU_DTYPE_I8 || dtype == NPU_DTYPE_U8;
}

/* A product without overflow, only to see whether one factor is 0. */
#define ALL_POSITIVE(f)                                                        \
  ((f)->inputHeight && (f)->inputWidth && (f)->inputChannels &&                \
   (f)->outputHeight && (f)->outputWidth && (f)->outputChannels &&             \
   (f)->kernelHeight && (f)->kernelWidth && (f)->strideY && (f)->strideX &&    \
   (f)->dilationY && (f)->dilationX)

static int32_t check_ring(const npu_command *command, uint32_t ring_rows,
                          uint32_t ring_first, uint32_t height,
                          edge_npu_error *error) {
  if (ring_rows && (ring_first >= ring_rows || height > ring_rows))
    REJECT("T3", "a ring of %u rows cannot hold %u from row %u on", ring_rows,
           height, ring_first);
  return EDGE_NPU_OK;
}

static int32_t check_program(const npu_command *command, uint8_t result,
                             uint8_t table_dtype, uint32_t table_entries,
                             npu_program *program, edge_npu_error *error) {
  const int32_t status = npu_read_program(command, result, program, error);
  if (status || !program->uses_table)
    return status;
  if (!is_data(table_dtype) || table_entries == 0 ||
      table_entries > NPU_LIMIT_MAX_TABLE_ENTRIES)
    REJECT("P4", "a table of %u entries of data type %u cannot be used",
           table_entries, table_dtype);
  return EDGE_NPU_OK;
}

static int in_range(int32_t value, uint8_t dtype) {
  return dtype == NPU_DTYPE_I8 ? value >= -128 && value <= 127
                               : value >= 0 && value <= 255;
}

static int32_t check_mac(const npu_machine *machine, const npu_command *command,
                         npu_program *program, edge_npu_error *error) {
  const npu_mac *mac = &command->fields.mac;
  if (!ALL_POSITIVE(mac))
    REJECT("T1", "a size, stride or dilation is 0");
  if (!is_byte(mac->inputDtype) || !is_byte(mac->weightDtype) ||
      !is_data(mac->outputDtype) || mac->residualDtype >= NPU_DTYPES_COUNT)
    REJECT("T2", "data types %u x %u -> %u with residual %u do not exist",
           mac->inputDtype, mac->weightDtype, mac->outputDtype,
           mac->residualDtype);
  if (mac->reserved != 0)
    REJECT("S5", "reserved is not 0");
  if (command->flags & NPU_MAC_FLAG_DEPTHWISE &&
      mac->outputChannels % mac->inputChannels != 0)
    REJECT("W4", "depthwise from %u channels to %u, must be a multiple",
           mac->inputChannels, mac->outputChannels);
  if (!in_range(mac->padValue, mac->inputDtype) ||
      !in_range(mac->inputZeroPoint, mac->inputDtype) ||
      !in_range(mac->weightZeroPoint, mac->weightDtype))
    REJECT("W5",
           "padValue %d, inputZeroPoint %d or weightZeroPoint %d is out "
           "of its data type's range",
           mac->padValue, mac->inputZeroPoint, mac->weightZeroPoint);
  if (command->flags & NPU_MAC_FLAG_RAW &&
      (mac->outputDtype != NPU_DTYPE_I32 || mac->programLength != 0 ||
       mac->resultRegister != 0))
    REJECT("W6", "raw sums are i32 in register 0 without a program");
  int32_t status = npu_check_weights(command, machine, error);
  if (!status)
    status = check_ring(command, mac->inputRingRows, mac->inputRingFirst,
                        mac->inputHeight, error);
  if (!status)
    status = check_program(command, mac->resultRegister, mac->tableDtype,
                           mac->tableEntries, program, error);
  return status;
}

static int32_t check_pool(const npu_command *command, npu_program *program,
                          edge_npu_error *error) {
  const npu_pool *pool = &command->fields.pool;
  if (!ALL_POSITIVE(pool))
    REJECT("T1", "a size, stride or dilation is 0");
  if (!is_data(pool->inputDtype) || !is_data(pool->outputDtype))
    REJECT("T2", "data types %u -> %u do not exist", pool->inputDtype,
           pool->outputDtype);
  if (pool->reserved != 0 || pool->reserved0 != 0)
    REJECT("S5", "reserved is not 0");
  if (pool->inputChannels != pool->outputChannels)
    REJECT("W4", "%u channels become %u, must be as many", pool->inputChannels,
           pool->outputChannels);
  const int32_t status =
      check_ring(command, pool->inputRingRows, pool->inputRingFirst,
                 pool->inputHeight, error);
  if (status)
    return status;
  return check_program(command, pool->resultRegister, pool->tableDtype,
                       pool->tableEntries, program, error);
}

static int32_t check_vector(const npu_command *command, npu_program *program,
                            edge_npu_error *error) {
  const npu_vector *vector = &command->fields.vector;
  if (!vector->extent0 || !vector->extent1 || !vector->extent2 ||
      !vector->extent3)
    REJECT("T1", "an extent is 0");
  if (!is_data(vector->outputDtype) ||
      vector->operand0Dtype >= NPU_DTYPES_COUNT ||
      vector->operand1Dtype >= NPU_DTYPES_COUNT ||
      vector->operand2Dtype >= NPU_DTYPES_COUNT)
    REJECT("T2", "data types %u, %u, %u -> %u do not exist",
           vector->operand0Dtype, vector->operand1Dtype, vector->operand2Dtype,
           vector->outputDtype);
  if (vector->reserved != 0)
    REJECT("S5", "reserved is not 0");
  return check_program(command, vector->resultRegister, vector->tableDtype,
                       vector->tableEntries, program, error);
}

int32_t npu_check_command(const edge_npu_simulator *npu,
                          const npu_command *command,
                          const edge_npu_buffer *buffers, uint32_t buffer_count,
                          npu_program *program, edge_npu_error *error) {
  int32_t status = EDGE_NPU_OK;
  switch (command->opcode) {
  case NPU_OPCODE_LOAD:
  case NPU_OPCODE_STORE:
    status = check_transfer(command, buffers, buffer_count, error);
    break;
  case NPU_OPCODE_MAC:
    status = check_mac(&npu->machine, command, program, error);
    break;
  case NPU_OPCODE_VECTOR:
    status = check_vector(command, program, error);
    break;
  case NPU_OPCODE_POOL:
    status = check_pool(command, program, error);
    break;
  default:
    return EDGE_NPU_OK;
  }
  if (status)
    return status;
  npu_accesses accesses;
  npu_list_accesses(command, program, &accesses);
  return npu_check_accesses(command, &accesses, npu->machine.sramBytes, error);
}
