/*===- decode.h - one AMX instruction from its bytes ----------------------===*/

#ifndef EDGEC_TEST_AMX_DECODE_H
#define EDGEC_TEST_AMX_DECODE_H

#include "test/amx/tiles.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  AMX_LDTILECFG,
  AMX_STTILECFG,
  AMX_TILERELEASE,
  AMX_TILEZERO,
  AMX_TILELOADD,
  AMX_TILELOADDT1,
  AMX_TILESTORED,
  AMX_TDP,
  AMX_OPERATIONS
} amx_operation;

typedef struct {
  amx_operation operation;
  amx_product product; /* of AMX_TDP */
  /* tile[0] is what is written, or stored; then the left and right factor */
  unsigned tile[3];
  uint64_t address; /* of the operand in memory */
  int64_t stride;   /* of its rows, bytes */
  unsigned length;  /* of the instruction, bytes */
} amx_instruction;

/** What operands refer to. */
typedef struct {
  uint64_t general[16]; /* by number: rax, rcx, rdx, rbx, rsp, rbp, rsi, ... */
  uint64_t ip;          /* of the instruction */
  uint64_t fs, gs;      /* where these segments begin */
} amx_registers;

/** Decodes the instruction at `code` (325462, volume 2A, section 2.3: "Intel
 *  AVX"). 1 if it is one of AMX, else 0. Reads no byte behind the one that
 *  tells. */
int amx_decode(const uint8_t *code, const amx_registers *registers,
               amx_instruction *instruction);

#ifdef __cplusplus
}
#endif

#endif /* EDGEC_TEST_AMX_DECODE_H */
