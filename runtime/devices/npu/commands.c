/*===- commands.c - reading commands from a stream ------------------------===*\
|*
|* Every function here is a table of the specification, spelled by its X macros.
|*
\*===----------------------------------------------------------------------===*/

#include "commands.h"
#include <stddef.h>

/* Reads one field of `out` from its place in `bytes`. */
#define NPU_ASSIGN(name, macro, offset, type)                                  \
  out->name = npu_read_##type(bytes + (offset));

void npu_read_header(const uint8_t *bytes, npu_header *header) {
  npu_header *out = header;
  NPU_HEADER_FIELDS(NPU_ASSIGN)
}

uint32_t npu_command_bytes(uint8_t opcode) {
  switch (opcode) {
#define NPU_CASE(name, macro, code, bytes)                                     \
  case code:                                                                   \
    return bytes;
    NPU_COMMANDS(NPU_CASE)
#undef NPU_CASE
  default:
    return 0;
  }
}

static void read_wait(const uint8_t *bytes, npu_wait *out) {
  NPU_WAIT_FIELDS(NPU_ASSIGN)
}
static void read_signal(const uint8_t *bytes, npu_signal *out) {
  NPU_SIGNAL_FIELDS(NPU_ASSIGN)
}
static void read_load(const uint8_t *bytes, npu_transfer *out) {
  NPU_LOAD_FIELDS(NPU_ASSIGN)
}
static void read_store(const uint8_t *bytes, npu_transfer *out) {
  NPU_STORE_FIELDS(NPU_ASSIGN)
}
static void read_mac(const uint8_t *bytes, npu_mac *out) {
  NPU_MAC_FIELDS(NPU_ASSIGN)
}
static void read_vector(const uint8_t *bytes, npu_vector *out) {
  NPU_VECTOR_FIELDS(NPU_ASSIGN)
}
static void read_pool(const uint8_t *bytes, npu_pool *out) {
  NPU_POOL_FIELDS(NPU_ASSIGN)
}

void npu_read_command(const uint8_t *bytes, npu_command *command) {
  command->opcode = bytes[0];
  command->flags = bytes[1];
  command->unit = NPU_UNITS_COUNT;
  command->program = NULL;
  command->program_length = 0;
  switch (command->opcode) {
  case NPU_OPCODE_WAIT:
    command->unit = bytes[1];
    read_wait(bytes, &command->fields.wait);
    break;
  case NPU_OPCODE_SIGNAL:
    command->unit = bytes[1];
    read_signal(bytes, &command->fields.signal);
    break;
  case NPU_OPCODE_LOAD:
    command->unit = NPU_UNIT_LOAD;
    read_load(bytes, &command->fields.transfer);
    break;
  case NPU_OPCODE_STORE:
    command->unit = NPU_UNIT_STORE;
    read_store(bytes, &command->fields.transfer);
    break;
  case NPU_OPCODE_MAC:
    command->unit = NPU_UNIT_MAC;
    read_mac(bytes, &command->fields.mac);
    command->program = bytes + NPU_MAC_BYTES;
    command->program_length = command->fields.mac.programLength;
    break;
  case NPU_OPCODE_VECTOR:
    command->unit = NPU_UNIT_VECTOR;
    read_vector(bytes, &command->fields.vector);
    command->program = bytes + NPU_VECTOR_BYTES;
    command->program_length = command->fields.vector.programLength;
    break;
  case NPU_OPCODE_POOL:
    command->unit = NPU_UNIT_VECTOR;
    read_pool(bytes, &command->fields.pool);
    command->program = bytes + NPU_POOL_BYTES;
    command->program_length = command->fields.pool.programLength;
    break;
  default:
    break;
  }
}

const char *npu_opcode_name(uint8_t opcode) {
  switch (opcode) {
#define NPU_CASE(name, macro, code, bytes)                                     \
  case code:                                                                   \
    return #name;
    NPU_COMMANDS(NPU_CASE)
#undef NPU_CASE
  default:
    return "?";
  }
}

const char *npu_unit_name(uint8_t unit) {
#define NPU_NAME(name, macro, code) #name,
  static const char *const names[] = {NPU_UNITS(NPU_NAME)};
#undef NPU_NAME
  return unit < NPU_UNITS_COUNT ? names[unit] : "?";
}

uint32_t npu_dtype_bytes(uint8_t dtype) {
#define NPU_SIZE(name, macro, code, bytes) bytes,
  static const uint8_t sizes[] = {NPU_DTYPES(NPU_SIZE)};
#undef NPU_SIZE
  return dtype < NPU_DTYPES_COUNT ? sizes[dtype] : 0;
}
