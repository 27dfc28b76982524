/*===- seal.c - whether a shared object is as edgec wrote it --------------===*\
|*
|* CRC-32 over the code and the tables of an artifact, up to some megabytes: of
|* what is long eight bytes at a time, by a table that is made on the stack (a
|* microsecond or two) instead of being 8 KB of the library, else four bits.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "seal.h"
#include "edge/device.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum { SLICES = 8, LEAST_FOR_SLICES = 8192 };

/* of[k][b]: what the byte b does to the remainder with k more bytes behind. */
typedef struct {
  uint32_t of[SLICES][256];
} crc_table;

static uint32_t add_short(uint32_t crc, const uint8_t *bytes, size_t count) {
  static const uint32_t table[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return crc;
}

static void make_table(crc_table *table) {
  const uint8_t zero = 0;
  for (uint32_t b = 0; b < 256; b++)
    table->of[0][b] = add_short(b, &zero, 1);
  for (int k = 1; k < SLICES; k++)
    for (uint32_t b = 0; b < 256; b++)
      table->of[k][b] = add_short(table->of[k - 1][b], &zero, 1);
}

static uint32_t add(const crc_table *table, uint32_t crc, const uint8_t *bytes,
                    size_t count) {
  for (; count >= SLICES; count -= SLICES, bytes += SLICES) {
    uint64_t word = crc;
#pragma GCC unroll 8
    for (int i = 0; i < SLICES; i++)
      word ^= (uint64_t)bytes[i] << 8 * i;
    crc = 0;
#pragma GCC unroll 8
    for (int i = 0; i < SLICES; i++)
      crc ^= table->of[SLICES - 1 - i][(uint8_t)(word >> 8 * i)];
  }
  return add_short(crc, bytes, count);
}

uint32_t edge_crc32(uint32_t crc, const void *memory, size_t count) {
  if (count < LEAST_FOR_SLICES)
    return ~add_short(~crc, memory, count);
  crc_table table;
  make_table(&table);
  return ~add(&table, ~crc, memory, count);
}

/* Continues *crc over [begin, end) of the file; 0 if it cannot be read. */
static int add_range(int file, uint64_t begin, uint64_t end,
                     const crc_table *table, uint32_t *crc) {
  uint8_t buffer[8192];
  while (begin < end) {
    size_t wanted =
        end - begin < sizeof(buffer) ? (size_t)(end - begin) : sizeof(buffer);
    if (pread(file, buffer, wanted, (off_t)begin) != (ssize_t)wanted)
      return 0;
    *crc = ~add(table, ~*crc, buffer, wanted);
    begin += wanted;
  }
  return 1;
}

int edge_seal_holds(int file, uint64_t size) {
  edge_seal seal;
  if (size < sizeof(seal) ||
      pread(file, &seal, sizeof(seal), (off_t)(size - sizeof(seal))) !=
          (ssize_t)sizeof(seal) ||
      memcmp(seal.magic, EDGE_SEAL_MAGIC, sizeof(seal.magic)) != 0)
    return 1;
  const uint64_t end = size - sizeof(seal);
  /* The sum covers what comes before it; behind it nothing else may be. */
  if (seal.reserved != 0 || seal.skip_offset > end ||
      seal.skip_bytes > end - seal.skip_offset)
    return 0;
  crc_table table;
  make_table(&table);
  uint32_t crc = 0;
  if (!add_range(file, 0, seal.skip_offset, &table, &crc) ||
      !add_range(file, seal.skip_offset + seal.skip_bytes, end, &table, &crc))
    return 0;
  crc = edge_crc32(crc, &seal, offsetof(edge_seal, crc));
  return crc == seal.crc;
}
