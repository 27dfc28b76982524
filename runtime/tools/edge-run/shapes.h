/*===- shapes.h - which of a model's sizes to run -------------------------===*\
|*
|* A model that was compiled for ranges of sizes runs with the shapes of the
|* user's files, or those of -shape; what neither says is as large as it can be.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_SHAPES_H
#define EDGE_RUN_SHAPES_H

#include "options.h"

/** Makes `session` run with the shapes that `options` ask for.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (no such input, no such shape,
 *  or a file that is no array), EDGE_ERROR_FILE or EDGE_ERROR_OUT_OF_MEMORY. */
edge_status shapes_choose(edge_session *session, const options *options,
                          edge_message *message);

#endif /* EDGE_RUN_SHAPES_H */
