/*===- message.c - statuses and messages ----------------------------------===*\
|*
|* The only place where the runtime turns an error into words that do not depend
|* on the case at hand; the words that do are written where the error is found.
|*
\*===----------------------------------------------------------------------===*/

#include "message.h"

#include <stdarg.h>
#include <stdio.h>

edge_status edge_fail(edge_message *message, edge_status status,
                      const char *format, ...) {
  if (message) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->text, sizeof(message->text), format, arguments);
    va_end(arguments);
  }
  return status;
}

const char *edge_status_text(edge_status status) {
  static const char *const texts[] = {
      "done",
      "invalid argument",
      "file cannot be read",
      "not a compiled model",
      "wrong version of the artifact ABI",
      "wrong architecture",
      "missing processor feature",
      "corrupt model descriptor",
      "out of memory",
      "cannot start a thread",
      "session is busy",
      "the model failed",
      "a device is missing or failed",
      "a job took too long",
      "the device is lost",
      "the device refused a command",
      "a job's result is damaged",
      "the job was cancelled",
  };
  const int64_t index = -(int64_t)status;
  if (index < 0 || index >= (int64_t)(sizeof(texts) / sizeof(texts[0])))
    return "unknown status";
  return texts[index];
}
