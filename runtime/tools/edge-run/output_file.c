/*===- output_file.c - files that appear only when complete ---------------===*\
|*
|* The temporary file lies beside the final one, since rename works only within
|* one file system.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "output_file.h"
#include "message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static edge_status cannot_write(const char *path, int error,
                                edge_message *message) {
  return edge_fail(message, EDGE_ERROR_FILE, "%s: cannot be written: %s", path,
                   strerror(error));
}

static void free_names(output_file *file) {
  free(file->path);
  free(file->temporary);
}

/* Opens a new file with the permissions that an ordinary one would have. */
static FILE *open_temporary(char *name) {
  const int descriptor = mkstemp(name);
  if (descriptor < 0)
    return NULL;
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(descriptor, 0666 & ~mask) == 0) {
    FILE *stream = fdopen(descriptor, "wb");
    if (stream)
      return stream;
  }
  const int error = errno;
  close(descriptor);
  unlink(name);
  errno = error;
  return NULL;
}

edge_status output_file_open(output_file *file, const char *path,
                             edge_message *message) {
  static const char suffix[] = ".XXXXXX";
  struct stat information;
  memset(file, 0, sizeof(*file));
  const size_t length = strlen(path);
  const int direct =
      stat(path, &information) == 0 && !S_ISREG(information.st_mode);
  file->path = malloc(length + 1);
  file->temporary = direct ? NULL : malloc(length + sizeof(suffix));
  if (!file->path || (!direct && !file->temporary)) {
    free_names(file);
    return cannot_write(path, ENOMEM, message);
  }
  memcpy(file->path, path, length + 1);
  if (direct) {
    file->stream = fopen(path, "wb");
  } else {
    memcpy(file->temporary, path, length);
    memcpy(file->temporary + length, suffix, sizeof(suffix));
    file->stream = open_temporary(file->temporary);
  }
  if (file->stream)
    return EDGE_OK;
  const int error = errno;
  free_names(file);
  return cannot_write(path, error, message);
}

edge_status output_file_commit(output_file *file, edge_message *message) {
  edge_status status = EDGE_OK;
  int failed = ferror(file->stream) ? EIO : 0;
  if (fclose(file->stream) != 0)
    failed = errno;
  if (!failed && file->temporary && rename(file->temporary, file->path) != 0)
    failed = errno;
  if (failed) {
    status = cannot_write(file->path, failed, message);
    if (file->temporary)
      unlink(file->temporary);
  }
  free_names(file);
  return status;
}
