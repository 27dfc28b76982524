/*===- shared_object.h - a model's file seen from outside -----------------===*\
|*
|* What can be said of a file before any of it runs.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_SHARED_OBJECT_H
#define EDGE_SRC_SHARED_OBJECT_H

#include "edge/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whether the open file `file` is a complete, undamaged shared object for this
 *  machine. Reads by position, allocates nothing; `path` is for messages. */
edge_status edge_check_shared_object(int file, const char *path,
                                     edge_message *message);

/** Fails with "'path' is WHAT; ..." . */
edge_status edge_not_an_artifact(const char *path, const char *what,
                                 edge_message *message);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_SRC_SHARED_OBJECT_H */
