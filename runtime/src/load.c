/*===- load.c - loading a model from a shared object ----------------------===*\
|*
|* The file is looked at from outside first (shared_object.c): the system's
|* loader is helpless against a damaged one.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "artifact.h"
#include "message.h"
#include "shared_object.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* dlopen searches the library path for a name without '/'. */
static void *open_library(const char *path) {
  if (strchr(path, '/'))
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
  const size_t bytes = strlen(path) + sizeof("./");
  char *local = malloc(bytes);
  if (!local)
    return NULL;
  memcpy(local, "./", 2);
  memcpy(local + 2, path, bytes - 2);
  void *handle = dlopen(local, RTLD_NOW | RTLD_LOCAL);
  free(local);
  return handle;
}

static edge_status load(const char *path, edge_artifact *artifact,
                        edge_message *message) {
  artifact->handle = open_library(path);
  if (!artifact->handle) {
    const char *reason = dlerror();
    return edge_fail(message, EDGE_ERROR_NOT_AN_ARTIFACT,
                     "'%s' cannot be loaded: %s; give a shared object made by "
                     "edgec",
                     path, reason ? reason : "out of memory");
  }
  /* ISO C has no conversion from void * to a function pointer. */
  void *symbol = dlsym(artifact->handle, EDGE_MODEL_SYMBOL);
  edge_model_function function;
  memcpy(&function, &symbol, sizeof(function));
  if (!function)
    return edge_not_an_artifact(path, "a shared object without a model",
                                message);
  artifact->model = function();
  return edge_model_check(artifact->model, message);
}

edge_status edge_model_load(const char *path, edge_artifact **artifact,
                            edge_message *message) {
  if (artifact)
    *artifact = NULL;
  if (!path || !artifact)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "path or artifact is NULL");
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return edge_fail(message, EDGE_ERROR_FILE, "cannot open '%s': %s", path,
                     strerror(errno));
  edge_status status = edge_check_shared_object(file, path, message);
  close(file);
  if (status)
    return status;

  edge_artifact *loaded = calloc(1, sizeof(*loaded));
  if (!loaded)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory to load '%s'", path);
  status = load(path, loaded, message);
  if (status) {
    edge_model_unload(loaded);
    return status;
  }
  *artifact = loaded;
  return EDGE_OK;
}

const edge_model *edge_artifact_model(const edge_artifact *artifact) {
  return artifact->model;
}

void edge_model_unload(edge_artifact *artifact) {
  if (!artifact)
    return;
  if (artifact->handle)
    dlclose(artifact->handle);
  free(artifact);
}
