/*===- program.h - micro-operations on lanes ------------------------------===*\
|*
|* The output pipeline of the array and the vector unit run the same programs.
|* A program is executed operation by operation on up to NPU_LANES elements at a
|* time, so that the compiler turns each operation into a vector loop.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_PROGRAM_H
#define EDGE_NPU_PROGRAM_H

#include "failure.h"

enum { NPU_LANES = 256, NPU_MICRO_BYTES = 8 };

/** A checked program. */
typedef struct npu_program {
  const uint8_t *code;
  uint32_t length;
  uint32_t operations; /* without const, which is free */
  uint32_t parameters; /* p0 to p(parameters - 1) are read */
  uint32_t cleared;    /* bit r: register r is read before it is written */
  uint8_t uses_table;
  uint8_t result; /* register that is stored */
} npu_program;

/** Registers and parameters of up to NPU_LANES elements. */
typedef struct npu_lanes {
  int32_t registers[NPU_LIMIT_REGISTERS][NPU_LANES];
  int32_t parameters[NPU_LIMIT_PARAMETERS][NPU_LANES];
} npu_lanes;

/** A table in SRAM; if the program uses it, it was checked to lie within. */
typedef struct npu_table {
  const uint8_t *sram;
  uint32_t address, entries;
  uint8_t dtype;
} npu_table;

/** Checks the program of `command` (P1 to P3), whose result register is
 *  `result`, and says what it uses. */
int32_t npu_read_program(const npu_command *command, uint8_t result,
                         npu_program *program, edge_npu_error *error);

/** Passes through a unit of `stages` stages: at least 1. */
uint32_t npu_program_passes(const npu_program *program, uint32_t stages);

/** Fills the parameters of `channels` channels from `first` on, `repeat` times
 *  one behind the other; channels * repeat <= NPU_LANES. p0 of channel 0 lies
 * at `address`, `stride` is in elements. */
void npu_load_parameters(const npu_program *program, npu_lanes *lanes,
                         const uint8_t *sram, uint32_t address, uint32_t stride,
                         uint32_t first, uint32_t channels, uint32_t repeat);

/** Runs the program on the first `count` lanes. The registers of the operands
 *  are filled; `operands` has their bits, all others start at 0. */
void npu_run_program(const npu_program *program, npu_lanes *lanes,
                     uint32_t operands, uint32_t count, const npu_table *table);

/** Reads `count` elements, `stride` bytes apart, widened to 32 bits. */
void npu_load_elements(int32_t *lanes, const uint8_t *data, uint8_t dtype,
                       int64_t stride, uint32_t count);

/** Writes `count` elements, `stride` bytes apart, cut to their type. */
void npu_store_elements(uint8_t *data, uint8_t dtype, int64_t stride,
                        const int32_t *lanes, uint32_t count);

#endif /* EDGE_NPU_PROGRAM_H */
