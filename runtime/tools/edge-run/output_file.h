/*===- output_file.h - files that appear only when complete ---------------===*\
|*
|* Output is written to a temporary file in the same folder and renamed at the
|* end, so that a reader (or a user after Ctrl-C) never sees half a file.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_OUTPUT_FILE_H
#define EDGE_RUN_OUTPUT_FILE_H

#include "edge/runtime.h"

#include <stdio.h>

typedef struct output_file {
  FILE *stream; /* write here; errors are reported by output_file_commit */
  char *path;
  char *temporary; /* NULL if `path` is a device or pipe, written directly */
} output_file;

/** Opens a file that output_file_commit closes. Keeps a copy of `path`.
 *  Returns EDGE_OK, EDGE_ERROR_FILE or EDGE_ERROR_OUT_OF_MEMORY. */
edge_status output_file_open(output_file *file, const char *path,
                             edge_message *message);

/** Closes the file and gives it its name; if anything could not be written,
 *  removes it instead and returns EDGE_ERROR_FILE. */
edge_status output_file_commit(output_file *file, edge_message *message);

#endif /* EDGE_RUN_OUTPUT_FILE_H */
