/*===- failure.h - reporting a command that cannot be executed ------------===*\
|*
|* Every check reports through one function that returns the status it was
|* given, so that rule, text and status stay on one line:
|*
|*     return npu_reject(error, command, "D2", "rowBytes is 0");
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_FAILURE_H
#define EDGE_NPU_FAILURE_H

#include "commands.h"
#include "npu_simulator.h"

/** Writes `error` (NULL: nowhere) and returns `status`. `command` NULL: the
 *  stream as a whole. `rule` is its label in docs/npu.md or "". The text is
 *  formatted as printf does, behind the command's name. */
__attribute__((format(printf, 5, 6))) int32_t
npu_fail(edge_npu_error *error, int32_t status, const npu_command *command,
         const char *rule, const char *format, ...);

#define npu_reject(error, command, rule, ...)                                  \
  npu_fail(error, EDGE_NPU_ERROR_REJECTED, command, rule, __VA_ARGS__)

#endif /* EDGE_NPU_FAILURE_H */
