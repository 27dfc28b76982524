/*===- measure.c - cycles and work of one command -------------------------===*\
|*
|* The formulas of docs/npu.md, "Timing". Two machines with the same parameters
|* take the same time, whatever the data are; only the bitmap of block-sparse
|* weights changes how long a command takes.
|*
\*===----------------------------------------------------------------------===*/

#include "state.h"

static uint64_t max64(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Whether the input tile, or the ring that holds it, and the weights lie in a
 * common bank. */
static int has_bank_conflict(const npu_machine *machine, const npu_mac *mac) {
  const uint32_t rows =
      mac->inputRingRows ? mac->inputRingRows : mac->inputHeight;
  const uint64_t bank = machine->sramBytes / machine->sramBanks;
  const uint64_t input = mac->inputAddress, weights = mac->weightsAddress;
  const uint64_t input_last =
      input + (uint64_t)(rows - 1) * mac->inputRowStride +
      (uint64_t)(mac->inputWidth - 1) * mac->inputPixelStride +
      mac->inputChannels - 1;
  const uint64_t weights_last = weights + mac->weightsBytes - 1;
  return input / bank <= weights_last / bank &&
         weights / bank <= input_last / bank;
}

static void measure_mac(const edge_npu_simulator *npu,
                        const npu_command *command, const npu_program *program,
                        npu_work *work) {
  const npu_mac *mac = &command->fields.mac;
  const npu_machine *machine = &npu->machine;
  const uint64_t pixels = (uint64_t)mac->outputHeight * mac->outputWidth;
  const uint64_t outputs = pixels * mac->outputChannels;
  const uint64_t passes = npu_program_passes(program, machine->vectorStages);
  npu_weights weights;
  npu_weights_begin(&weights, command, machine, npu->sram);
  uint64_t steps = 0;
  for (uint32_t block = 0; block < weights.blocks; block++) {
    const uint32_t present = npu_present_steps(&weights, block);
    const uint32_t first = block * weights.columns;
    const uint32_t rest = mac->outputChannels - first;
    const uint64_t taps = weights.encoding == NPU_ENCODING_BLOCK_SPARSE
                              ? (uint64_t)present * weights.rows
                              : weights.taps;
    steps += max64(present, passes);
    work->macs += pixels * (rest < weights.columns ? rest : weights.columns) *
                  (taps < weights.taps ? taps : weights.taps);
  }
  work->encoded_bytes = weights.bytes;
  work->decoded_bytes = npu_decoded_bytes(&weights);
  const uint64_t busy =
      max64(pixels * steps, npu_ceil_divide(work->decoded_bytes,
                                            machine->decoderBytesPerCycle));
  if (has_bank_conflict(machine, mac))
    work->bank_cycles = busy;
  work->cycles = machine->macStartCycles + busy + work->bank_cycles;
  work->vector_operations = outputs * program->operations;
}

static void measure_vector(const npu_machine *machine, const npu_vector *vector,
                           const npu_program *program, npu_work *work) {
  const uint64_t positions =
      (uint64_t)vector->extent0 * vector->extent1 * vector->extent2;
  work->cycles = machine->vectorStartCycles +
                 positions *
                     npu_ceil_divide(vector->extent3, machine->vectorLanes) *
                     npu_program_passes(program, machine->vectorStages);
  /* Moving an element is work as well. */
  work->vector_operations =
      positions * vector->extent3 * max64(program->operations, 1);
}

static void measure_pool(const npu_machine *machine, const npu_pool *pool,
                         const npu_program *program, npu_work *work) {
  const uint64_t pixels = (uint64_t)pool->outputHeight * pool->outputWidth;
  const uint64_t taps = (uint64_t)pool->kernelHeight * pool->kernelWidth;
  work->cycles =
      machine->vectorStartCycles +
      pixels * npu_ceil_divide(pool->outputChannels, machine->vectorLanes) *
          max64(taps, npu_program_passes(program, machine->vectorStages));
  work->vector_operations =
      pixels * pool->outputChannels * (taps + program->operations);
}

/* The time on the bus; latency and waiting for it come on top. */
static void measure_transfer(const npu_machine *machine,
                             const npu_transfer *transfer, npu_work *work) {
  const uint64_t bytes = (uint64_t)transfer->rows * transfer->rowBytes;
  work->cycles = npu_ceil_divide(bytes, machine->dmaBytesPerCycle) +
                 (uint64_t)transfer->rows * machine->dmaRowCycles;
}

void npu_measure(const edge_npu_simulator *npu, const npu_command *command,
                 const npu_program *program, npu_work *work) {
  *work = (npu_work){0};
  switch (command->opcode) {
  case NPU_OPCODE_LOAD:
  case NPU_OPCODE_STORE:
    measure_transfer(&npu->machine, &command->fields.transfer, work);
    break;
  case NPU_OPCODE_MAC:
    measure_mac(npu, command, program, work);
    break;
  case NPU_OPCODE_VECTOR:
    measure_vector(&npu->machine, &command->fields.vector, program, work);
    break;
  case NPU_OPCODE_POOL:
    measure_pool(&npu->machine, &command->fields.pool, program, work);
    break;
  default:
    break;
  }
}
