/*===- load.c - loading a model from a shared object ----------------------===*\
|*
|* dlopen's own errors are unhelpful ("wrong ELF class"), and on a file that was
|* cut off it dies of SIGBUS. So the file's ELF header and segment table are
read
|* first: they tell a foreign file, another processor's file and an incomplete
|* file apart. Layout: System V gABI chapters 4 and 5, 64-bit little-endian.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "edge/runtime.h"
#include "machine.h"
#include "message.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct edge_artifact {
  void *handle;
  const edge_model *model;
};

/*===----------------------------------------------------------------------===*\
 * The file from outside
\*===----------------------------------------------------------------------===*/

enum {
  HEADER_BYTES = 64,
  SEGMENT_BYTES = 56,
  MAX_SEGMENTS = 64,
  ELF_TYPE_RELOCATABLE = 1,
  ELF_TYPE_SHARED = 3
};

static uint64_t little_endian(const uint8_t *bytes, int count) {
  uint64_t value = 0;
  for (int i = count - 1; i >= 0; i--)
    value = value << 8 | bytes[i];
  return value;
}

static edge_architecture elf_architecture(const uint8_t *header) {
  switch (little_endian(header + 18, 2)) { /* e_machine */
  case 62:
    return EDGE_ARCHITECTURE_X86_64;
  case 183:
    return EDGE_ARCHITECTURE_AARCH64;
  case 243:
    return header[4] == 2 ? EDGE_ARCHITECTURE_RISCV64
                          : EDGE_ARCHITECTURE_RISCV32;
  case 40:
    return EDGE_ARCHITECTURE_ARM;
  default:
    return EDGE_ARCHITECTURE_ANY;
  }
}

static edge_status not_an_artifact(const char *path, const char *what,
                                   edge_message *message) {
  return edge_fail(message, EDGE_ERROR_NOT_AN_ARTIFACT,
                   "'%s' is %s; give a shared object made by edgec", path,
                   what);
}

/* Checks that each segment of the file lies within its `size` bytes. */
static edge_status check_segments(int file, const char *path, uint64_t size,
                                  const uint8_t *header,
                                  edge_message *message) {
  const uint64_t offset = little_endian(header + 32, 8);     /* e_phoff */
  const uint64_t entry_size = little_endian(header + 54, 2); /* e_phentsize */
  const uint64_t count = little_endian(header + 56, 2);      /* e_phnum */
  uint8_t table[MAX_SEGMENTS * SEGMENT_BYTES];
  if (entry_size != SEGMENT_BYTES || count == 0 || count > MAX_SEGMENTS)
    return not_an_artifact(path, "a damaged ELF file", message);
  const size_t bytes = (size_t)count * SEGMENT_BYTES;
  int complete = offset <= size && bytes <= size - offset &&
                 pread(file, table, bytes, (off_t)offset) == (ssize_t)bytes;
  for (uint64_t i = 0; complete && i < count; i++) {
    const uint64_t begin = little_endian(table + i * SEGMENT_BYTES + 8, 8);
    const uint64_t length = little_endian(table + i * SEGMENT_BYTES + 32, 8);
    complete = begin <= size && length <= size - begin;
  }
  if (!complete)
    return not_an_artifact(path, "cut off or damaged", message);
  return EDGE_OK;
}

static edge_status check_file(int file, const char *path,
                              edge_message *message) {
  struct stat information;
  uint8_t header[HEADER_BYTES];
  if (fstat(file, &information) != 0)
    return edge_fail(message, EDGE_ERROR_FILE, "cannot read '%s': %s", path,
                     strerror(errno));
  if (!S_ISREG(information.st_mode))
    return not_an_artifact(path, "not a regular file", message);
  if (pread(file, header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
      memcmp(header,
             "\x7f"
             "ELF",
             4) != 0)
    return not_an_artifact(path, "not an ELF file", message);

  const edge_architecture architecture = elf_architecture(header);
  const edge_architecture machine = edge_machine_architecture();
  if (architecture != machine)
    return edge_fail(message, EDGE_ERROR_ARCHITECTURE,
                     "'%s' is compiled for %s but this machine is %s; compile "
                     "the model with -target=%s",
                     path,
                     architecture ? edge_architecture_name(architecture)
                                  : "another processor",
                     edge_architecture_name(machine),
                     edge_architecture_name(machine));
  const uint64_t type = little_endian(header + 16, 2);
  if (type == ELF_TYPE_RELOCATABLE)
    return edge_fail(message, EDGE_ERROR_NOT_AN_ARTIFACT,
                     "'%s' is an object file to be linked into a program; "
                     "compile the model with -emit=shared to load it",
                     path);
  if (type != ELF_TYPE_SHARED)
    return not_an_artifact(path, "not a shared object", message);
#if UINTPTR_MAX == UINT64_MAX
  return check_segments(file, path, (uint64_t)information.st_size, header,
                        message);
#else
  (void)check_segments;
  return EDGE_OK;
#endif
}

/*===----------------------------------------------------------------------===*\
 * The file from inside
\*===----------------------------------------------------------------------===*/

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
    return not_an_artifact(path, "a shared object without a model", message);
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
  edge_status status = check_file(file, path, message);
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
