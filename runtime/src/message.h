/*===- message.h - filling in a caller's edge_message ---------------------===*\
|*
|* Every failing path of the runtime reports through one function that returns
|* the status it was given, so that the text and the status stay on one line:
|*
|*     return edge_fail(message, EDGE_ERROR_FILE, "cannot open '%s': ...",
path);
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_MESSAGE_H
#define EDGE_SRC_MESSAGE_H

#include "edge/runtime.h"

/** Formats `format` as printf does into `message` (NULL: nowhere), cut off if
 * it is too long. Returns `status`. Does not allocate; any thread. */
__attribute__((format(printf, 3, 4))) edge_status
edge_fail(edge_message *message, edge_status status, const char *format, ...);

#endif /* EDGE_SRC_MESSAGE_H */
