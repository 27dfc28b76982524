/*===- shared_object.c - a model's file seen from outside -----------------===*\
|*
|* dlopen's own errors are unhelpful ("wrong ELF class"), and on a file that was
|* cut off or damaged it dies. So the ELF header, the segment table and the seal
|* are read first: they tell a foreign file, another processor's file and an
|* incomplete file apart. Layout: System V gABI chapters 4 and 5, 64-bit
|* little-endian.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "shared_object.h"
#include "machine.h"
#include "message.h"
#include "seal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

edge_status edge_not_an_artifact(const char *path, const char *what,
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
    return edge_not_an_artifact(path, "a damaged ELF file", message);
  const size_t bytes = (size_t)count * SEGMENT_BYTES;
  int complete = offset <= size && bytes <= size - offset &&
                 pread(file, table, bytes, (off_t)offset) == (ssize_t)bytes;
  for (uint64_t i = 0; complete && i < count; i++) {
    const uint64_t begin = little_endian(table + i * SEGMENT_BYTES + 8, 8);
    const uint64_t length = little_endian(table + i * SEGMENT_BYTES + 32, 8);
    complete = begin <= size && length <= size - begin;
  }
  if (!complete)
    return edge_not_an_artifact(path, "cut off or damaged", message);
  return EDGE_OK;
}

edge_status edge_check_shared_object(int file, const char *path,
                                     edge_message *message) {
  struct stat information;
  uint8_t header[HEADER_BYTES];
  if (fstat(file, &information) != 0)
    return edge_fail(message, EDGE_ERROR_FILE, "cannot read '%s': %s", path,
                     strerror(errno));
  if (!S_ISREG(information.st_mode))
    return edge_not_an_artifact(path, "not a regular file", message);
  if (pread(file, header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
      memcmp(header,
             "\x7f"
             "ELF",
             4) != 0)
    return edge_not_an_artifact(path, "not an ELF file", message);

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
    return edge_not_an_artifact(path, "not a shared object", message);
  if (!edge_seal_holds(file, (uint64_t)information.st_size))
    return edge_not_an_artifact(path, "cut off or damaged", message);
#if UINTPTR_MAX == UINT64_MAX
  return check_segments(file, path, (uint64_t)information.st_size, header,
                        message);
#else
  (void)check_segments;
  return EDGE_OK;
#endif
}
