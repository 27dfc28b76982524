/*===- failure.c - reporting a command that cannot be executed ------------===*\
|*
|* See failure.h.
|*
\*===----------------------------------------------------------------------===*/

#include "failure.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int32_t npu_fail(edge_npu_error *error, int32_t status,
                 const npu_command *command, const char *rule,
                 const char *format, ...) {
  if (!error)
    return status;
  memset(error, 0, sizeof(*error));
  error->status = status;
  error->command = command ? command->index : UINT32_MAX;
  error->offset = command ? command->offset : 0;
  error->note = command ? command->note : UINT32_MAX;
  snprintf(error->rule, sizeof(error->rule), "%s", rule);
  int length = 0;
  if (command)
    length = snprintf(error->text, sizeof(error->text),
                      "%s: ", npu_opcode_name(command->opcode));
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->text + length, sizeof(error->text) - (size_t)length, format,
            arguments);
  va_end(arguments);
  return status;
}
