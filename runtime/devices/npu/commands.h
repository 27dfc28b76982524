/*===- commands.h - the commands of a stream as structs -------------------===*\
|*
|* One struct per command, whose fields and their places in the stream come from
|* the specification's table (npu_constants.h) and bear its names. Reading goes
|* byte by byte, so a stream may lie at any address on any host.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_COMMANDS_H
#define EDGE_NPU_COMMANDS_H

#include "npu_constants.h"
#include <stdint.h>

typedef uint8_t npu_type_u8;
typedef uint16_t npu_type_u16;
typedef uint32_t npu_type_u32;
typedef int16_t npu_type_i16;
typedef int32_t npu_type_i32;

static inline uint8_t npu_read_u8(const uint8_t *bytes) { return bytes[0]; }
static inline uint16_t npu_read_u16(const uint8_t *bytes) {
  return (uint16_t)(bytes[0] | bytes[1] << 8);
}
static inline uint32_t npu_read_u32(const uint8_t *bytes) {
  return npu_read_u16(bytes) | (uint32_t)npu_read_u16(bytes + 2) << 16;
}
static inline int16_t npu_read_i16(const uint8_t *bytes) {
  return (int16_t)npu_read_u16(bytes);
}
static inline int32_t npu_read_i32(const uint8_t *bytes) {
  return (int32_t)npu_read_u32(bytes);
}

#define NPU_MEMBER(name, macro, offset, type) npu_type_##type name;
typedef struct npu_header {
  NPU_HEADER_FIELDS(NPU_MEMBER)
} npu_header;
typedef struct npu_wait {
  NPU_WAIT_FIELDS(NPU_MEMBER)
} npu_wait;
typedef struct npu_signal {
  NPU_SIGNAL_FIELDS(NPU_MEMBER)
} npu_signal;
typedef struct npu_transfer { /* load and store */
  NPU_LOAD_FIELDS(NPU_MEMBER)
} npu_transfer;
typedef struct npu_mac {
  NPU_MAC_FIELDS(NPU_MEMBER)
} npu_mac;
typedef struct npu_vector {
  NPU_VECTOR_FIELDS(NPU_MEMBER)
} npu_vector;
typedef struct npu_pool {
  NPU_POOL_FIELDS(NPU_MEMBER)
} npu_pool;
#undef NPU_MEMBER

/** One command, its program left in the stream. */
typedef struct npu_command {
  uint32_t index, offset; /* number and byte offset in the stream */
  uint32_t note;
  uint8_t opcode, unit, flags;
  const uint8_t *program; /* micro-operations; NULL if it cannot have any */
  uint32_t program_length;
  union {
    npu_wait wait;
    npu_signal signal;
    npu_transfer transfer;
    npu_mac mac;
    npu_vector vector;
    npu_pool pool;
  } fields;
} npu_command;

/** Reads the header at `bytes`, of which NPU_HEADER_BYTES must be there. */
void npu_read_header(const uint8_t *bytes, npu_header *header);

/** Length in bytes of an opcode's command without its program; 0 if there is no
 *  such opcode. */
uint32_t npu_command_bytes(uint8_t opcode);

/** Reads the command at `bytes`, whose opcode exists and whose fixed part is
 *  there. Leaves index, offset and note alone. */
void npu_read_command(const uint8_t *bytes, npu_command *command);

/** What the specification calls an opcode, a unit, a micro-operation. */
const char *npu_opcode_name(uint8_t opcode);
const char *npu_unit_name(uint8_t unit);

/** Bytes of an element; 0 for none and for codes that do not exist. */
uint32_t npu_dtype_bytes(uint8_t dtype);

#endif /* EDGE_NPU_COMMANDS_H */
