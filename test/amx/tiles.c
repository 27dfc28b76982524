/*===- tiles.c - what Intel's AMX instructions do -------------------------===*/

#include "test/amx/tiles.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Where the 64 bytes of a configuration have what (table 3-10 of the manual's
 * volume 2A). */
enum { PALETTE_AT = 0, START_AT = 1, ROW_BYTES_AT = 16, ROWS_AT = 48 };

/*===-- configuration ----------------------------------------------------===*/

static int is_zero(const uint8_t *memory, size_t begin, size_t end) {
  while (begin < end)
    if (memory[begin++])
      return 0;
  return 1;
}

const char *amx_load_configuration(amx_state *state, const uint8_t *memory) {
  amx_state wanted;
  memset(&wanted, 0, sizeof wanted);
  if (memory[PALETTE_AT] == 0) {
    *state = wanted;
    return NULL;
  }
  if (memory[PALETTE_AT] != 1)
    return "no such palette";
  wanted.configured = 1;
  wanted.start_row = memory[START_AT];
  if (!is_zero(memory, START_AT + 1, ROW_BYTES_AT) ||
      !is_zero(memory, ROW_BYTES_AT + 2 * AMX_TILES, ROWS_AT) ||
      !is_zero(memory, ROWS_AT + AMX_TILES, 64))
    return "a reserved byte of the configuration is not zero";
  for (int tile = 0; tile < AMX_TILES; tile++) {
    const uint8_t *row_bytes = memory + ROW_BYTES_AT + 2 * tile;
    wanted.row_bytes[tile] = (uint16_t)(row_bytes[0] | row_bytes[1] << 8);
    wanted.rows[tile] = memory[ROWS_AT + tile];
    if (wanted.row_bytes[tile] > AMX_ROW_BYTES)
      return "a tile's rows have more than 64 bytes";
    if (wanted.rows[tile] > AMX_ROWS)
      return "a tile has more than 16 rows";
    if (!wanted.rows[tile] != !wanted.row_bytes[tile])
      return "a tile has rows of no bytes, or no rows of some";
  }
  *state = wanted;
  return NULL;
}

void amx_store_configuration(const amx_state *state, uint8_t *memory) {
  memset(memory, 0, 64);
  if (!state->configured)
    return;
  memory[PALETTE_AT] = 1;
  memory[START_AT] = state->start_row;
  for (int tile = 0; tile < AMX_TILES; tile++) {
    memory[ROW_BYTES_AT + 2 * tile] = (uint8_t)state->row_bytes[tile];
    memory[ROWS_AT + tile] = state->rows[tile];
  }
}

void amx_release(amx_state *state) { memset(state, 0, sizeof *state); }

/* What is wrong with the use of one tile. */
static const char *check(const amx_state *state, unsigned tile) {
  if (!state->configured)
    return "tiles are not configured";
  if (tile >= AMX_TILES)
    return "no such tile";
  if (!state->rows[tile])
    return "the tile is not configured";
  return NULL;
}

/*===-- moves ------------------------------------------------------------===*/

const char *amx_zero(amx_state *state, unsigned tile) {
  const char *fault = check(state, tile);
  if (fault)
    return fault;
  memset(state->data[tile], 0, sizeof state->data[tile]);
  state->start_row = 0;
  return NULL;
}

const char *amx_load(amx_state *state, unsigned tile, const uint8_t *memory,
                     ptrdiff_t stride) {
  const char *fault = check(state, tile);
  if (fault)
    return fault;
  size_t size = state->row_bytes[tile];
  for (int row = state->start_row; row < state->rows[tile]; row++) {
    uint8_t *to = state->data[tile][row];
    memcpy(to, memory + row * stride, size);
    memset(to + size, 0, AMX_ROW_BYTES - size);
  }
  for (int row = state->rows[tile]; row < AMX_ROWS; row++)
    memset(state->data[tile][row], 0, AMX_ROW_BYTES);
  state->start_row = 0;
  return NULL;
}

const char *amx_store(amx_state *state, unsigned tile, uint8_t *memory,
                      ptrdiff_t stride) {
  const char *fault = check(state, tile);
  if (fault)
    return fault;
  for (int row = state->start_row; row < state->rows[tile]; row++)
    memcpy(memory + row * stride, state->data[tile][row],
           state->row_bytes[tile]);
  state->start_row = 0;
  return NULL;
}

/*===-- products ---------------------------------------------------------===*/

static int32_t byte_of(uint8_t byte, int is_signed) {
  return is_signed ? (int8_t)byte : byte;
}

/* Sums wrap. */
static void multiply_bytes(const uint8_t *left, size_t steps,
                           uint8_t right[][AMX_ROW_BYTES], size_t columns,
                           amx_product product, uint8_t *row) {
  int left_signed = product == AMX_SSD || product == AMX_SUD;
  int right_signed = product == AMX_SSD || product == AMX_USD;
  uint32_t sums[AMX_ROW_BYTES / 4];
  memcpy(sums, row, 4 * columns);
  for (size_t k = 0; k < steps; k++)
    for (size_t n = 0; n < columns; n++)
      for (size_t i = 0; i < 4; i++)
        sums[n] += (uint32_t)(byte_of(left[4 * k + i], left_signed) *
                              byte_of(right[k][4 * n + i], right_signed));
  memcpy(row, sums, 4 * columns);
}

/* Numbers below the least normal one count as zero, of the same sign. */
static float without_denormal(float x) {
  return fabsf(x) < FLT_MIN ? copysignf(0.0f, x) : x;
}

static float from_bf16(const uint8_t *at) {
  uint32_t bits = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 24;
  float x;
  memcpy(&x, &bits, sizeof x);
  return without_denormal(x);
}

/* x + y, where y may be beyond the range of floats, rounded once to nearest
 * even. Both have at most 24 significant bits: rounding their sum to the 53 of
 * a double first changes nothing (Figueroa: 53 >= 2 * 24 + 2). A result is
 * flushed that is below the least normal number when it is rounded as if
 * exponents had no end: of a sum scaled up. */
static float add(float x, double y) {
  double sum = (double)x + y;
  float rounded = (float)sum;
  if (fabsf(rounded) > FLT_MIN)
    return rounded;
  return fabsf((float)(sum * 0x1p32)) < FLT_MIN * 0x1p32f
             ? copysignf(0.0f, rounded)
             : rounded;
}

/* A product has 16 significant bits: it is exact in a double, and so adding it
 * is a fused multiply-add. Even and odd numbers of a row are summed up apart,
 * from zero; then both sums are added, and that to what the tile had. */
static void multiply_bf16(const uint8_t *left, size_t steps,
                          uint8_t right[][AMX_ROW_BYTES], size_t columns,
                          uint8_t *row) {
  float sums[AMX_ROW_BYTES / 2] = {0};
  for (size_t k = 0; k < steps; k++) {
    float factors[2] = {from_bf16(left + 4 * k), from_bf16(left + 4 * k + 2)};
    for (size_t n = 0; n < 2 * columns; n++)
      sums[n] = add(sums[n], (double)factors[n % 2] *
                                 (double)from_bf16(right[k] + 2 * n));
  }
  float totals[AMX_ROW_BYTES / 4];
  memcpy(totals, row, 4 * columns);
  for (size_t n = 0; n < columns; n++)
    totals[n] = add(without_denormal(totals[n]),
                    (double)add(sums[2 * n], (double)sums[2 * n + 1]));
  memcpy(row, totals, 4 * columns);
}

const char *amx_multiply(amx_state *state, amx_product product, unsigned sums,
                         unsigned left, unsigned right) {
  const unsigned tiles[] = {sums, left, right};
  for (int i = 0; i < 3; i++) {
    const char *fault = check(state, tiles[i]);
    if (fault)
      return fault;
    if (state->row_bytes[tiles[i]] % 4)
      return "a tile's rows are no whole number of lanes";
  }
  if (sums == left || sums == right || left == right)
    return "the three tiles are not different ones";
  if (state->start_row)
    return "the start row is not zero";
  if (state->row_bytes[sums] != state->row_bytes[right])
    return "sums and right factor have not the same columns";
  if (state->rows[sums] != state->rows[left])
    return "sums and left factor have not the same rows";
  if (state->row_bytes[left] / 4 != state->rows[right])
    return "the right factor has not a row for each lane of the left one";
  size_t steps = state->rows[right], columns = state->row_bytes[sums] / 4;
  for (int m = 0; m < state->rows[sums]; m++) {
    const uint8_t *factors = state->data[left][m];
    uint8_t *row = state->data[sums][m];
    if (product == AMX_BF16)
      multiply_bf16(factors, steps, state->data[right], columns, row);
    else
      multiply_bytes(factors, steps, state->data[right], columns, product, row);
  }
  return NULL;
}
