/*===- emulator.h - AMX on processors that have none ----------------------===*\
|*
|* Lets a program on Linux run Intel's tile instructions (AMX-TILE, AMX-INT8,
|* AMX-BF16) where the processor does not know them: a handler of SIGILL does
|* what they would do. Tiles belong to threads. An instruction that the
|* processor would refuse ends the program with a message.
|*
|* For tests. machine.c lets the runtime believe in the instructions.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGEC_TEST_AMX_EMULATOR_H
#define EDGEC_TEST_AMX_EMULATOR_H

#include "test/amx/decode.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Installs the handler, once per process; later calls do nothing. Other
 *  illegal instructions go to the handler that was there before. Any thread.
 *  With EDGE_AMX_REPORT in the environment, the counts below are written to
 *  standard error when the program ends. */
void amx_emulate(void);

/** How often instructions have been emulated, in all threads. */
uint64_t amx_count(amx_operation operation);

#ifdef __cplusplus
}
#endif

#endif /* EDGEC_TEST_AMX_EMULATOR_H */
