/*===- weights.c - the weight decoder -------------------------------------===*\
|*
|*     zero runs     w w z 3 w     ->  w w z z z z w       (z: the zero point)
|*     block sparse  101, A, C     ->  A, zero points, C
|*
\*===----------------------------------------------------------------------===*/

#include "weights.h"
#include <string.h>

static uint64_t taps_of(const npu_command *command) {
  const npu_mac *mac = &command->fields.mac;
  const uint64_t window = (uint64_t)mac->kernelHeight * mac->kernelWidth;
  return command->flags & NPU_MAC_FLAG_DEPTHWISE ? window
                                                 : window * mac->inputChannels;
}

/* Bytes of the bitmap: whole words. */
static uint64_t bitmap_bytes(uint64_t bits) {
  return npu_ceil_divide(bits, 32) * 4;
}

int32_t npu_check_weights(const npu_command *command,
                          const npu_machine *machine, edge_npu_error *error) {
  const npu_mac *mac = &command->fields.mac;
  const int is_depthwise = command->flags & NPU_MAC_FLAG_DEPTHWISE;
  if (mac->weightEncoding >= NPU_ENCODINGS_COUNT ||
      (is_depthwise && mac->weightEncoding == NPU_ENCODING_BLOCK_SPARSE))
    return npu_reject(error, command, "W1",
                      "weightEncoding %u does not exist%s", mac->weightEncoding,
                      is_depthwise ? " for depthwise" : "");
  const uint64_t taps = taps_of(command);
  if (taps > NPU_LIMIT_MAX_KERNEL_TAPS)
    return npu_reject(error, command, "W3",
                      "an output sums up %llu inputs, at most %u are allowed",
                      (unsigned long long)taps, NPU_LIMIT_MAX_KERNEL_TAPS);
  const uint64_t blocks =
      npu_ceil_divide(mac->outputChannels, machine->macColumns);
  const uint64_t dense = blocks * taps * machine->macColumns;
  uint64_t least = dense;
  if (mac->weightEncoding == NPU_ENCODING_ZERO_RUNS)
    least = 2; /* a run */
  if (mac->weightEncoding == NPU_ENCODING_BLOCK_SPARSE)
    least = bitmap_bytes(blocks * npu_ceil_divide(taps, machine->macRows));
  if (mac->weightsBytes < least ||
      (mac->weightEncoding == NPU_ENCODING_DENSE && mac->weightsBytes > dense))
    return npu_reject(
        error, command, "W2", "weightsBytes is %u, this encoding takes %s%llu",
        mac->weightsBytes,
        mac->weightEncoding == NPU_ENCODING_DENSE ? "" : "at least ",
        (unsigned long long)least);
  return EDGE_NPU_OK;
}

void npu_weights_begin(npu_weights *weights, const npu_command *command,
                       const npu_machine *machine, const uint8_t *sram) {
  const npu_mac *mac = &command->fields.mac;
  memset(weights, 0, sizeof(*weights));
  weights->data = sram + mac->weightsAddress;
  weights->bytes = mac->weightsBytes;
  weights->encoding = mac->weightEncoding;
  weights->zero_point = (uint8_t)mac->weightZeroPoint;
  weights->taps = (uint32_t)taps_of(command);
  weights->rows = machine->macRows;
  weights->columns = machine->macColumns;
  weights->steps = (uint32_t)npu_ceil_divide(weights->taps, weights->rows);
  weights->blocks =
      (uint32_t)npu_ceil_divide(mac->outputChannels, weights->columns);
  if (weights->encoding == NPU_ENCODING_BLOCK_SPARSE)
    weights->position =
        bitmap_bytes((uint64_t)weights->blocks * weights->steps);
}

/*===-- block sparse ------------------------------------------------------===*/

static int is_present(const npu_weights *weights, uint32_t block,
                      uint32_t step) {
  const uint64_t bit = (uint64_t)block * weights->steps + step;
  return weights->data[bit / 8] >> (bit % 8) & 1;
}

static uint32_t rows_of_step(const npu_weights *weights, uint32_t step) {
  const uint32_t rest = weights->taps - step * weights->rows;
  return rest < weights->rows ? rest : weights->rows;
}

uint32_t npu_present_steps(const npu_weights *weights, uint32_t block) {
  if (weights->encoding != NPU_ENCODING_BLOCK_SPARSE)
    return weights->steps;
  uint32_t present = 0;
  for (uint32_t step = 0; step < weights->steps; step++)
    present += (uint32_t)is_present(weights, block, step);
  return present;
}

uint64_t npu_decoded_bytes(const npu_weights *weights) {
  const uint64_t dense =
      (uint64_t)weights->blocks * weights->taps * weights->columns;
  if (weights->encoding != NPU_ENCODING_BLOCK_SPARSE)
    return dense;
  return weights->bytes -
         bitmap_bytes((uint64_t)weights->blocks * weights->steps);
}

static int32_t verify_blocks(const npu_weights *weights,
                             const npu_command *command,
                             edge_npu_error *error) {
  const uint64_t bits = (uint64_t)weights->blocks * weights->steps;
  for (uint64_t bit = bits; bit < bitmap_bytes(bits) * 8; bit++)
    if (weights->data[bit / 8] >> (bit % 8) & 1)
      return npu_fail(error, EDGE_NPU_ERROR_FAULT, command, "X2",
                      "bit %llu behind the bitmap of %llu blocks is set",
                      (unsigned long long)bit, (unsigned long long)bits);
  uint64_t needed = bitmap_bytes(bits);
  for (uint32_t block = 0; block < weights->blocks; block++)
    for (uint32_t step = 0; step < weights->steps; step++)
      if (is_present(weights, block, step))
        needed += (uint64_t)rows_of_step(weights, step) * weights->columns;
  if (needed != weights->bytes)
    return npu_fail(error, EDGE_NPU_ERROR_FAULT, command, "X2",
                    "block-sparse weights have %u bytes, their bitmap asks for "
                    "%llu",
                    weights->bytes, (unsigned long long)needed);
  return EDGE_NPU_OK;
}

static void decode_blocks(npu_weights *weights, uint8_t *buffer) {
  memset(buffer, weights->zero_point, (size_t)weights->taps * weights->columns);
  for (uint32_t step = 0; step < weights->steps; step++) {
    if (!is_present(weights, weights->block, step))
      continue;
    const size_t bytes = (size_t)rows_of_step(weights, step) * weights->columns;
    memcpy(buffer + (size_t)step * weights->rows * weights->columns,
           weights->data + weights->position, bytes);
    weights->position += bytes;
  }
}

/*===-- zero runs ---------------------------------------------------------===*/

static int32_t verify_runs(const npu_weights *weights,
                           const npu_command *command, edge_npu_error *error) {
  uint64_t decoded = 0;
  uint32_t at = 0;
  while (at < weights->bytes) {
    if (weights->data[at] != weights->zero_point) {
      at++;
      decoded++;
      continue;
    }
    if (at + 1 == weights->bytes)
      return npu_fail(error, EDGE_NPU_ERROR_FAULT, command, "X1",
                      "coded weights end within a run");
    decoded += weights->data[at + 1] + 1u;
    at += 2;
  }
  const uint64_t expected =
      (uint64_t)weights->blocks * weights->taps * weights->columns;
  if (decoded != expected)
    return npu_fail(error, EDGE_NPU_ERROR_FAULT, command, "X1",
                    "coded weights give %llu bytes, the command takes %llu",
                    (unsigned long long)decoded, (unsigned long long)expected);
  return EDGE_NPU_OK;
}

/* Runs go on from one block to the next. */
static void decode_runs(npu_weights *weights, uint8_t *buffer) {
  const size_t count = (size_t)weights->taps * weights->columns;
  size_t at = 0;
  while (at < count) {
    if (weights->run) {
      const size_t rest = count - at;
      const size_t length = weights->run < rest ? weights->run : rest;
      memset(buffer + at, weights->zero_point, length);
      at += length;
      weights->run -= (uint32_t)length;
      continue;
    }
    const uint8_t byte = weights->data[weights->position++];
    if (byte == weights->zero_point)
      weights->run = weights->data[weights->position++] + 1u;
    else
      buffer[at++] = byte;
  }
}

/*===-- all encodings -----------------------------------------------------===*/

int32_t npu_verify_weights(const npu_weights *weights,
                           const npu_command *command, edge_npu_error *error) {
  if (weights->encoding == NPU_ENCODING_ZERO_RUNS)
    return verify_runs(weights, command, error);
  if (weights->encoding == NPU_ENCODING_BLOCK_SPARSE)
    return verify_blocks(weights, command, error);
  return EDGE_NPU_OK;
}

const uint8_t *npu_decode_block(npu_weights *weights, uint8_t *buffer) {
  const size_t bytes = (size_t)weights->taps * weights->columns;
  const uint8_t *block = buffer;
  if (weights->encoding == NPU_ENCODING_DENSE)
    block = weights->data + weights->block * bytes;
  else if (weights->encoding == NPU_ENCODING_ZERO_RUNS)
    decode_runs(weights, buffer);
  else
    decode_blocks(weights, buffer);
  weights->block++;
  return block;
}
