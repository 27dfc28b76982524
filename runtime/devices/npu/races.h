/*===- races.h - unsynchronised accesses ----------------------------------===*\
|*
|* Two commands of different units race if no chain of signals and waits orders
|* them and both touch the same memory, one of them writing. Each unit carries
|* a vector clock: of each unit, how many commands are known to be done. SRAM is
|* watched by lines, buffers by the ranges of transfers. Reading a line that
|* nothing has written is reported as well.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_RACES_H
#define EDGE_NPU_RACES_H

#include "state.h"

/** Bytes to allocate for streams of up to `max_commands` commands. */
uint64_t npu_races_bytes(const npu_machine *machine, uint32_t max_commands);

/** Places the checker into that many zero bytes at `memory`. */
npu_races *npu_races_place(void *memory, const npu_machine *machine,
                           uint32_t max_commands);

/** Forgets everything: a stream begins. */
void npu_races_begin(npu_races *races);

/** Takes the next command of the stream, at `stream` + command->offset. Returns
 *  EDGE_NPU_OK, EDGE_NPU_ERROR_RACE, or EDGE_NPU_ERROR_ARGUMENT if there are
 *  more commands than memory was given for. */
int32_t npu_races_add(npu_races *races, const uint8_t *stream,
                      const npu_command *command, const npu_accesses *accesses,
                      edge_npu_error *error);

#endif /* EDGE_NPU_RACES_H */
