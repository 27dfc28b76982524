/*===- crc32.h - checksum of a stream -------------------------------------===*\
|*
|* CRC-32 as in IEEE 802.3 and zlib.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_CRC32_H
#define EDGE_NPU_CRC32_H

#include <stdint.h>

/** The checksum of `count` bytes. */
uint32_t npu_crc32(const uint8_t *bytes, uint64_t count);

#endif /* EDGE_NPU_CRC32_H */
