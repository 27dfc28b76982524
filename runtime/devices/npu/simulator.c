/*===- simulator.c - creating and running an NPU --------------------------===*\
|*
|* A run takes the stream three times over: all of it is checked; then, command
|* by command in the order of the stream, it is executed, and handed to the
|* timing, which decides when the hardware would have run it. The order of the
|* stream is one that the hardware's queues allow, and without races all of them
|* give the same bits.
|*
\*===----------------------------------------------------------------------===*/

#include "check.h"
#include "races.h"
#include "timing.h"
#include <stdlib.h>
#include <string.h>

/* What SRAM holds when a stream begins: nothing that one could rely on. */
enum { NPU_UNWRITTEN = 0xa5, NPU_DEFAULT_MAX_COMMANDS = 1000000 };

/*===-- creation ----------------------------------------------------------===*/

static int allocate(edge_npu_simulator *npu) {
  const size_t columns = npu->machine.macColumns;
  const uint32_t max_commands = npu->options.max_commands
                                    ? npu->options.max_commands
                                    : NPU_DEFAULT_MAX_COMMANDS;
  npu->sram = malloc(npu->machine.sramBytes);
  npu->decoded = malloc(columns * NPU_LIMIT_MAX_KERNEL_TAPS);
  npu->block_weights = malloc(columns * NPU_TAPS_STRIDE * sizeof(int16_t));
  npu->patches = malloc((size_t)NPU_PIXELS * NPU_TAPS_STRIDE * sizeof(int16_t));
  if (!npu->sram || !npu->decoded || !npu->block_weights || !npu->patches)
    return 0;
  if (!npu->options.check_races)
    return 1;
  void *memory = calloc(1, npu_races_bytes(&npu->machine, max_commands));
  if (memory)
    npu->races = npu_races_place(memory, &npu->machine, max_commands);
  return memory != NULL;
}

int32_t edge_npu_create(const uint64_t *parameters, uint32_t parameter_count,
                        const edge_npu_options *options,
                        edge_npu_simulator **simulator, edge_npu_error *error) {
  *simulator = NULL;
  npu_machine machine;
  const int32_t status =
      npu_read_machine(parameters, parameter_count, &machine, error);
  if (status)
    return status;
  edge_npu_simulator *npu = calloc(1, sizeof(*npu));
  if (npu) {
    npu->machine = machine;
    if (options)
      npu->options = *options;
  }
  if (!npu || !allocate(npu)) {
    edge_npu_destroy(npu);
    return npu_fail(error, EDGE_NPU_ERROR_MEMORY, NULL, "",
                    "not enough memory for an NPU with %u bytes of SRAM",
                    machine.sramBytes);
  }
  *simulator = npu;
  return EDGE_NPU_OK;
}

void edge_npu_destroy(edge_npu_simulator *simulator) {
  if (!simulator)
    return;
  free(simulator->races);
  free(simulator->patches);
  free(simulator->block_weights);
  free(simulator->decoded);
  free(simulator->sram);
  free(simulator);
}

/*===-- statistics --------------------------------------------------------===*/

uint64_t edge_npu_nanoseconds(const edge_npu_simulator *simulator,
                              uint64_t cycles) {
  const uint64_t kilohertz = simulator->machine.clockKilohertz;
  return cycles / kilohertz * 1000000 +
         cycles % kilohertz * 1000000 / kilohertz;
}

uint64_t edge_npu_femtojoules(const edge_npu_statistics *statistics) {
  return statistics->mac_femtojoules + statistics->vector_femtojoules +
         statistics->sram_femtojoules + statistics->dram_femtojoules +
         statistics->idle_femtojoules;
}

static void count_work(edge_npu_statistics *statistics,
                       const npu_machine *machine, const npu_command *command,
                       const npu_accesses *accesses, const npu_work *work) {
  statistics->macs += work->macs;
  statistics->vector_operations += work->vector_operations;
  statistics->encoded_weight_bytes += work->encoded_bytes;
  statistics->decoded_weight_bytes += work->decoded_bytes;
  for (uint32_t i = 0; i < accesses->count; i++) {
    const npu_view *view = &accesses->views[i];
    uint64_t bytes = npu_view_elements(view) * view->element_bytes;
    /* The array reads its input once for each block of columns. */
    if (command->opcode == NPU_OPCODE_MAC && strcmp(view->name, "input") == 0 &&
        !(command->flags & NPU_MAC_FLAG_DEPTHWISE))
      bytes *= npu_ceil_divide(command->fields.mac.outputChannels,
                               machine->macColumns);
    if (view->is_write)
      statistics->sram_written_bytes += bytes;
    else
      statistics->sram_read_bytes += bytes;
    if (command->opcode == NPU_OPCODE_LOAD)
      statistics->dram_read_bytes += bytes;
    if (command->opcode == NPU_OPCODE_STORE)
      statistics->dram_written_bytes += bytes;
  }
}

static void count_energy(edge_npu_statistics *statistics,
                         const npu_machine *machine) {
  statistics->mac_femtojoules = statistics->macs * machine->femtojoulesPerMac;
  statistics->vector_femtojoules =
      statistics->vector_operations * machine->femtojoulesPerVectorOp;
  statistics->sram_femtojoules =
      (statistics->sram_read_bytes + statistics->sram_written_bytes) *
      machine->femtojoulesPerSramByte;
  statistics->dram_femtojoules =
      (statistics->dram_read_bytes + statistics->dram_written_bytes) *
      machine->femtojoulesPerDramByte;
  /* Microwatts times milliseconds are 10^6 femtojoules. A hostile stream's
   * cycles may be too many for a number. */
  const double idle = (double)machine->idleMicrowatts *
                      (double)statistics->cycles / machine->clockKilohertz *
                      1e6;
  statistics->idle_femtojoules = idle < 1e19 ? (uint64_t)idle : UINT64_MAX;
}

/*===-- running -----------------------------------------------------------===*/

typedef struct npu_run {
  edge_npu_simulator *npu;
  const uint8_t *stream;
  const edge_npu_buffer *buffers;
  uint32_t buffer_count;
  const edge_npu_observer *observer;
  edge_npu_statistics *statistics;
  edge_npu_error *error;
  npu_timing timing;
  uint64_t cycles; /* of all commands together */
} npu_run;

static void execute(const npu_run *run, const npu_command *command,
                    const npu_program *program) {
  switch (command->opcode) {
  case NPU_OPCODE_LOAD:
  case NPU_OPCODE_STORE:
    npu_run_transfer(run->npu, command, run->buffers);
    break;
  case NPU_OPCODE_MAC:
    npu_run_mac(run->npu, command, program);
    break;
  case NPU_OPCODE_VECTOR:
    npu_run_vector(run->npu, command, program);
    break;
  case NPU_OPCODE_POOL:
    npu_run_pool(run->npu, command, program);
    break;
  default:
    break;
  }
}

/* Everything that can still forbid a command of a checked stream. */
static int32_t admit(npu_run *run, const npu_command *command,
                     const npu_accesses *accesses, const npu_work *work) {
  edge_npu_simulator *npu = run->npu;
  const edge_npu_observer *observer = run->observer;
  if (observer && observer->before_command &&
      observer->before_command(observer->user, command->index, command->offset))
    return npu_fail(run->error, EDGE_NPU_ERROR_CANCELLED, command, "",
                    "the run was cancelled");
  run->cycles += work->cycles;
  if (npu->options.max_cycles && run->cycles > npu->options.max_cycles)
    return npu_fail(run->error, EDGE_NPU_ERROR_TIMEOUT, command, "",
                    "the commands so far take %llu cycles, allowed are %llu",
                    (unsigned long long)run->cycles,
                    (unsigned long long)npu->options.max_cycles);
  int32_t status = EDGE_NPU_OK;
  if (npu->races)
    status =
        npu_races_add(npu->races, run->stream, command, accesses, run->error);
  if (!status && command->opcode == NPU_OPCODE_MAC) {
    npu_weights weights;
    npu_weights_begin(&weights, command, &npu->machine, npu->sram);
    status = npu_verify_weights(&weights, command, run->error);
  }
  return status;
}

static int32_t run_command(npu_run *run, npu_command *command) {
  edge_npu_simulator *npu = run->npu;
  const uint8_t *bytes = run->stream + command->offset;
  npu_program program = {0};
  npu_accesses accesses = {.count = 0};
  npu_work work = {0};
  npu_read_command(bytes, command);
  /* Passed before; here it says what the program uses. */
  int32_t status = npu_check_command(npu, command, run->buffers,
                                     run->buffer_count, &program, run->error);
  if (status)
    return status;
  npu_list_accesses(command, &program, &accesses);
  npu_measure(npu, command, &program, &work);
  status = admit(run, command, &accesses, &work);
  if (status)
    return status;
  execute(run, command, &program);
  run->statistics->commands++;
  count_work(run->statistics, &npu->machine, command, &accesses, &work);
  npu_timing_dispatch(&run->timing, command, &work);
  if (command->opcode == NPU_OPCODE_NOTE)
    command->note = npu_read_u32(bytes + NPU_NOTE_VALUE);
  command->offset += 4u * npu_read_u16(bytes + 2);
  command->index++;
  return EDGE_NPU_OK;
}

int32_t edge_npu_check(edge_npu_simulator *simulator, const void *stream,
                       uint64_t stream_bytes, const edge_npu_buffer *buffers,
                       uint32_t buffer_count, edge_npu_error *error) {
  return npu_check_stream(simulator, stream, stream_bytes, buffers,
                          buffer_count, error);
}

int32_t edge_npu_run(edge_npu_simulator *simulator, const void *stream,
                     uint64_t stream_bytes, const edge_npu_buffer *buffers,
                     uint32_t buffer_count, const edge_npu_observer *observer,
                     edge_npu_statistics *statistics, edge_npu_error *error) {
  edge_npu_statistics unwanted;
  npu_run run = {.npu = simulator,
                 .stream = stream,
                 .buffers = buffers,
                 .buffer_count = buffer_count,
                 .observer = observer,
                 .statistics = statistics ? statistics : &unwanted,
                 .error = error};
  memset(run.statistics, 0, sizeof(*run.statistics));
  int32_t status = npu_check_stream(simulator, run.stream, stream_bytes,
                                    buffers, buffer_count, error);
  if (status)
    return status;
  memset(simulator->sram, NPU_UNWRITTEN, simulator->machine.sramBytes);
  if (simulator->races)
    npu_races_begin(simulator->races);
  npu_timing_begin(&run.timing, &simulator->machine, observer, run.statistics);
  npu_command command = {.note = UINT32_MAX, .offset = NPU_HEADER_BYTES};
  while (!status && command.offset < stream_bytes)
    status = run_command(&run, &command);
  npu_timing_end(&run.timing);
  count_energy(run.statistics, &simulator->machine);
  return status;
}
