/*===- weights.h - the weight decoder -------------------------------------===*\
|*
|* Turns coded weights in SRAM into the dense order that the array takes: one
|* block of columns after the other, in each the taps, in each the columns.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_WEIGHTS_H
#define EDGE_NPU_WEIGHTS_H

#include "machine.h"

typedef struct npu_weights {
  const uint8_t *data;
  uint32_t bytes;
  uint8_t encoding, zero_point; /* the zero point as a byte */
  uint32_t taps;                /* inputs summed up by one output */
  uint32_t rows, columns;       /* of the array */
  uint32_t steps, blocks;       /* of rows, of columns */
  uint32_t block;               /* the next one to decode */
  uint64_t position;            /* in `data`, of what comes next */
  uint32_t run;                 /* zero points still to come */
} npu_weights;

/** Checks what the fields alone tell of the weights: W1 to W3. */
int32_t npu_check_weights(const npu_command *command,
                          const npu_machine *machine, edge_npu_error *error);

/** Prepares to decode the weights of a checked `mac` from `sram`. */
void npu_weights_begin(npu_weights *weights, const npu_command *command,
                       const npu_machine *machine, const uint8_t *sram);

/** Checks that the coded weights decode to exactly the blocks of this command:
 *  X1, X2. Everything below relies on it. */
int32_t npu_verify_weights(const npu_weights *weights,
                           const npu_command *command, edge_npu_error *error);

/** Steps of column block `block` that are there: all, unless block-sparse. */
uint32_t npu_present_steps(const npu_weights *weights, uint32_t block);

/** Bytes that leave the decoder. */
uint64_t npu_decoded_bytes(const npu_weights *weights);

/** Decodes the next column block: taps * columns bytes, in `buffer` or, if it
 *  needs no decoding, where it lies. */
const uint8_t *npu_decode_block(npu_weights *weights, uint8_t *buffer);

#endif /* EDGE_NPU_WEIGHTS_H */
