/*===- decode.c - one AMX instruction from its bytes ----------------------===*\
|*
|*   VEX.128.NP.0F38.W0 49 mem       ldtilecfg      49 C0  tilerelease
|*   VEX.128.66.0F38.W0 49 mem       sttilecfg
|*   VEX.128.F2.0F38.W0 49 11:rrr:0  tilezero
|*   VEX.128.F2.0F38.W0 4B sib       tileloadd
|*   VEX.128.66.0F38.W0 4B sib       tileloaddt1
|*   VEX.128.F3.0F38.W0 4B sib       tilestored
|*   VEX.128.F3.0F38.W0 5C           tdpbf16ps      sums = rrr, left = bbb,
|*   VEX.128.F2.0F38.W0 5E           tdpbssd        right = vvvv
|*   VEX.128.F3.0F38.W0 5E           tdpbsud
|*   VEX.128.66.0F38.W0 5E           tdpbusd
|*   VEX.128.NP.0F38.W0 5E           tdpbuud
|*
\*===----------------------------------------------------------------------===*/

#include "test/amx/decode.h"

#include <string.h>

/* The prefix that VEX.pp stands for. */
enum { PREFIX_NONE, PREFIX_66, PREFIX_F3, PREFIX_F2 };

typedef struct {
  const uint8_t *next;
  uint64_t segment;     /* begins here */
  int narrow_addresses; /* of 32 bits */
  unsigned r, x, b;     /* extensions of register numbers: 0 or 8 */
  unsigned vvvv, pp, opcode;
  unsigned mod, reg, rm;
} reader;

/* Prefixes in front of VEX that only change addresses. */
static void read_prefixes(reader *in, const amx_registers *registers) {
  for (;; in->next++) {
    switch (*in->next) {
    case 0x26: /* es, cs, ss, ds: without meaning */
    case 0x2e:
    case 0x36:
    case 0x3e:
      break;
    case 0x64:
      in->segment = registers->fs;
      break;
    case 0x65:
      in->segment = registers->gs;
      break;
    case 0x67:
      in->narrow_addresses = 1;
      break;
    default:
      return;
    }
  }
}

/* VEX of three bytes, with the map and the widths of all these instructions,
 * then opcode and ModRM. */
static int read_vex(reader *in) {
  if (*in->next++ != 0xc4)
    return 0;
  uint8_t first = *in->next++;
  if ((first & 0x1f) != 2)
    return 0;
  in->r = first & 0x80 ? 0 : 8;
  in->x = first & 0x40 ? 0 : 8;
  in->b = first & 0x20 ? 0 : 8;
  uint8_t second = *in->next++;
  if (second & 0x84)
    return 0;
  in->vvvv = ~(second >> 3) & 15u;
  in->pp = second & 3;
  in->opcode = *in->next++;
  if (in->opcode != 0x49 && in->opcode != 0x4b && in->opcode != 0x5c &&
      in->opcode != 0x5e)
    return 0;
  uint8_t modrm = *in->next++;
  in->mod = modrm >> 6;
  in->reg = (modrm >> 3 & 7) | in->r;
  in->rm = modrm & 7;
  return 1;
}

static int64_t read_displacement(reader *in, size_t size) {
  int32_t wide = 0;
  if (size == 1)
    wide = (int8_t)*in->next;
  else if (size == 4)
    memcpy(&wide, in->next, sizeof wide);
  in->next += size;
  return wide;
}

/* Whether the operand's address counts from the next instruction. */
static int is_relative(const reader *in) { return in->mod == 0 && in->rm == 5; }

/* Address of the operand in memory, and what the index makes of it: ordinary
 * operands add it, rows of tiles are so far apart. */
static uint64_t read_address(reader *in, const amx_registers *registers,
                             int64_t *index) {
  size_t size = in->mod == 1 ? 1 : in->mod == 2 ? 4 : 0;
  uint64_t base = 0;
  *index = 0;
  if (in->rm == 4) {
    uint8_t sib = *in->next++;
    unsigned number = (sib >> 3 & 7) | in->x;
    if (number != 4) /* rsp: none */
      *index = (int64_t)(registers->general[number] << (sib >> 6));
    if ((sib & 7) == 5 && in->mod == 0)
      size = 4;
    else
      base = registers->general[(sib & 7) | in->b];
  } else if (is_relative(in)) {
    size = 4;
    base = registers->ip;
  } else {
    base = registers->general[in->rm | in->b];
  }
  return base + (uint64_t)read_displacement(in, size);
}

/* Opcode 49 with an operand in memory. */
static int decode_configuration(reader *in, const amx_registers *registers,
                                amx_instruction *out) {
  if (in->pp != PREFIX_NONE && in->pp != PREFIX_66)
    return 0;
  if (in->reg != 0 || in->vvvv != 0)
    return 0;
  out->operation = in->pp == PREFIX_NONE ? AMX_LDTILECFG : AMX_STTILECFG;
  int64_t index;
  out->address = read_address(in, registers, &index) + (uint64_t)index;
  return 1;
}

static int decode_rows(reader *in, const amx_registers *registers,
                       amx_instruction *out) {
  static const amx_operation operations[] = {AMX_OPERATIONS, AMX_TILELOADDT1,
                                             AMX_TILESTORED, AMX_TILELOADD};
  out->operation = operations[in->pp];
  /* Addresses have an index byte always. */
  if (out->operation == AMX_OPERATIONS || in->mod == 3 || in->rm != 4 ||
      in->reg >= AMX_TILES || in->vvvv != 0)
    return 0;
  out->tile[0] = in->reg;
  out->address = read_address(in, registers, &out->stride);
  if (in->narrow_addresses)
    out->stride = (int32_t)out->stride;
  return 1;
}

static int decode_product(const reader *in, amx_instruction *out) {
  static const amx_product products[] = {AMX_UUD, AMX_USD, AMX_SUD, AMX_SSD};
  if (in->mod != 3 || (in->opcode == 0x5c && in->pp != PREFIX_F3))
    return 0;
  out->operation = AMX_TDP;
  out->product = in->opcode == 0x5c ? AMX_BF16 : products[in->pp];
  out->tile[0] = in->reg;
  out->tile[1] = in->rm | in->b;
  out->tile[2] = in->vvvv;
  return 1;
}

static int decode_operands(reader *in, const amx_registers *registers,
                           amx_instruction *out) {
  if (in->opcode == 0x4b)
    return decode_rows(in, registers, out);
  if (in->opcode != 0x49)
    return decode_product(in, out);
  if (in->mod != 3)
    return decode_configuration(in, registers, out);
  if (in->pp == PREFIX_NONE && in->reg == 0 && in->rm == 0 && in->vvvv == 0) {
    out->operation = AMX_TILERELEASE;
    return 1;
  }
  if (in->pp == PREFIX_F2 && in->reg < AMX_TILES && in->rm == 0 &&
      in->vvvv == 0) {
    out->operation = AMX_TILEZERO;
    out->tile[0] = in->reg;
    return 1;
  }
  return 0;
}

int amx_decode(const uint8_t *code, const amx_registers *registers,
               amx_instruction *instruction) {
  reader in;
  memset(&in, 0, sizeof in);
  memset(instruction, 0, sizeof *instruction);
  in.next = code;
  read_prefixes(&in, registers);
  if (!read_vex(&in))
    return 0;
  if (!decode_operands(&in, registers, instruction))
    return 0;
  instruction->length = (unsigned)(in.next - code);
  uint64_t address = instruction->address;
  if (is_relative(&in))
    address += instruction->length;
  instruction->address =
      in.segment + (in.narrow_addresses ? (uint32_t)address : address);
  return 1;
}
