/*===- state.h - what a simulated NPU consists of -------------------------===*\
|*
|* The machine's parameters, its SRAM, and the buffers in which commands work.
|* Everything is allocated when the NPU is made.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_STATE_H
#define EDGE_NPU_STATE_H

#include "accesses.h"
#include "machine.h"
#include "weights.h"

enum {
  NPU_PIXELS = 16, /* output pixels that the array works on together */
  /* Room for the taps of one output, a whole number of vectors. */
  NPU_TAPS_STRIDE = NPU_LIMIT_MAX_KERNEL_TAPS + 16
};

typedef struct npu_races npu_races;

struct edge_npu_simulator {
  npu_machine machine;
  edge_npu_options options;
  uint8_t *sram;
  uint8_t *decoded;       /* taps * columns: one block of weights */
  int16_t *block_weights; /* columns rows of NPU_TAPS_STRIDE, zero point off */
  int16_t *patches;       /* NPU_PIXELS rows of NPU_TAPS_STRIDE */
  npu_lanes lanes;
  npu_races *races;      /* NULL: not checked */
  uint32_t signals[256]; /* per semaphore, while a stream is checked */
  uint8_t signal_units[256];
};

/** What a command costs on the hardware besides its time. */
typedef struct npu_work {
  uint64_t cycles;      /* that the unit is occupied */
  uint64_t bank_cycles; /* of them lost to a bank conflict */
  uint64_t macs, vector_operations;
  uint64_t encoded_bytes, decoded_bytes;
} npu_work;

/** How long `command` occupies its unit and what it does there, from its fields
 *  and the bitmap of block-sparse weights. `program` NULL: it has none. */
void npu_measure(const edge_npu_simulator *npu, const npu_command *command,
                 const npu_program *program, npu_work *work);

/** Executes a checked command. The weights of a `mac` were verified. */
void npu_run_transfer(edge_npu_simulator *npu, const npu_command *command,
                      const edge_npu_buffer *buffers);
void npu_run_mac(edge_npu_simulator *npu, const npu_command *command,
                 const npu_program *program);
void npu_run_vector(edge_npu_simulator *npu, const npu_command *command,
                    const npu_program *program);
void npu_run_pool(edge_npu_simulator *npu, const npu_command *command,
                  const npu_program *program);

#endif /* EDGE_NPU_STATE_H */
