/*===- tiles.h - what Intel's AMX instructions do -------------------------===*\
|*
|* Tile registers in plain C, as the "Operation" sections of Intel's manual
|* define them (325462, volume 2, LDTILECFG to TILEZERO; palette 1, the only
|* one that there is: eight tiles of up to 16 rows of 64 bytes). emulator.c
|* gives this to programs on processors without AMX.
|*
|* Functions return what is wrong where the processor would raise an exception,
|* and NULL otherwise. Nothing is written then. None of them allocates; each may
|* be called from several threads on different states.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGEC_TEST_AMX_TILES_H
#define EDGEC_TEST_AMX_TILES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { AMX_TILES = 8, AMX_ROWS = 16, AMX_ROW_BYTES = 64 };

/** The tile registers of one thread; all zero at first: not configured. */
typedef struct {
  int configured;
  uint8_t start_row;
  uint8_t rows[AMX_TILES];       /* 0: the tile must not be used */
  uint16_t row_bytes[AMX_TILES]; /* likewise */
  uint8_t data[AMX_TILES][AMX_ROWS][AMX_ROW_BYTES];
} amx_state;

/** Which products are summed up, in the manual's letters: the signs of the
 *  first and of the second factor. */
typedef enum { AMX_SSD, AMX_SUD, AMX_USD, AMX_UUD, AMX_BF16 } amx_product;

/** LDTILECFG: shapes from 64 bytes; all tiles become zero. Palette 0 takes the
 *  configuration away. */
const char *amx_load_configuration(amx_state *state, const uint8_t *memory);

/** STTILECFG: 64 bytes, zeros without configuration. */
void amx_store_configuration(const amx_state *state, uint8_t *memory);

/** TILERELEASE. */
void amx_release(amx_state *state);

/** TILEZERO. */
const char *amx_zero(amx_state *state, unsigned tile);

/** TILELOADD and TILELOADDT1: row r from `memory` + r * `stride` (bytes). */
const char *amx_load(amx_state *state, unsigned tile, const uint8_t *memory,
                     ptrdiff_t stride);

/** TILESTORED: the reverse. */
const char *amx_store(amx_state *state, unsigned tile, uint8_t *memory,
                      ptrdiff_t stride);

/** TDPBSSD ... TDPBF16PS: sums += left x right. Rows of `right` are quadruples
 *  of bytes, or pairs of bf16, one for each column. */
const char *amx_multiply(amx_state *state, amx_product product, unsigned sums,
                         unsigned left, unsigned right);

#ifdef __cplusplus
}
#endif

#endif /* EDGEC_TEST_AMX_TILES_H */
