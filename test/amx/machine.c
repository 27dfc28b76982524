/*===- machine.c - the runtime's question for AMX, answered by tests ------===*\
|*
|* The loader refuses models whose instructions the processor lacks. Test
|* programs are linked with --wrap=edge_machine_feature, so that it asks here:
|* what AMX the processor lacks, the emulator has. Other questions, and those
|* for AMX on processors that have it, get the runtime's own answer.
|*
\*===----------------------------------------------------------------------===*/

#include "machine.h"
#include "test/amx/emulator.h"

#include <string.h>

edge_presence __real_edge_machine_feature(const char *name);
edge_presence __wrap_edge_machine_feature(const char *name);

edge_presence __wrap_edge_machine_feature(const char *name) {
  edge_presence presence = __real_edge_machine_feature(name);
  if (presence != EDGE_ABSENT)
    return presence;
  if (strcmp(name, "amx-tile") != 0 && strcmp(name, "amx-int8") != 0 &&
      strcmp(name, "amx-bf16") != 0)
    return presence;
  amx_emulate();
  return EDGE_PRESENT;
}
