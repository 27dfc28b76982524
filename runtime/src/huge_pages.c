/*===- huge_pages.c - weights in huge pages -------------------------------===*\
|*
|* The system maps a file in pages of 4 KiB. Weights that no cache holds then
|* cost a walk through the tables of pages every 64 lines, inside of virtual
|* machines through two of them, and the hardware fetches ahead within a page
|* only. Memory of one's own can have pages of 2 MiB: weights are copied there,
|* one page after the other, and each takes the place of what it was copied
|* from. Addresses stay, and who reads meanwhile sees one or the other.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "artifact.h"
#include "message.h"

#include <string.h>

#if defined(__linux__)
#include <link.h>
#include <sys/mman.h>
#endif

#if defined(__linux__) && defined(MADV_HUGEPAGE)
#include <fcntl.h>
#include <unistd.h>

enum { HUGE_PAGE_BYTES = 2 << 20 };

static uintptr_t round_up(uintptr_t address) {
  return (address + HUGE_PAGE_BYTES - 1) & ~(uintptr_t)(HUGE_PAGE_BYTES - 1);
}

/* Whether the system gives huge pages to those that ask. */
static int has_huge_pages(void) {
  char text[64] = {0};
  const int file =
      open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return 0;
  const ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  return length > 0 && !strstr(text, "[never]");
}

/* Weights in the order in which they are moved. */
struct search {
  uintptr_t descriptor;
  uint64_t moved_before; /* bytes of those to come */
  uint64_t moved;
  int complete;
};

/* Moves the whole huge pages of [begin, end), which are only read; returns 0
   without memory. */
static int move_pages(uintptr_t begin, uintptr_t end, struct search *search) {
  begin = round_up(begin);
  end &= ~(uintptr_t)(HUGE_PAGE_BYTES - 1);
  if (end <= begin)
    return 1;
  const uint64_t left_out =
      search->moved_before < end - begin ? search->moved_before : end - begin;
  search->moved_before -= left_out;
  begin += left_out;
  if (end == begin)
    return 1;
  const size_t bytes = end - begin, reserved = bytes + HUGE_PAGE_BYTES;
  char *room = mmap(NULL, reserved, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED)
    return 0;
  char *to = (char *)round_up((uintptr_t)room);
  madvise(to, bytes, MADV_HUGEPAGE);
  size_t done = 0;
  while (done < bytes) {
    void *from = (void *)(begin + done);
    memcpy(to + done, from, HUGE_PAGE_BYTES);
    mprotect(to + done, HUGE_PAGE_BYTES, PROT_READ);
    if (mremap(to + done, HUGE_PAGE_BYTES, HUGE_PAGE_BYTES,
               MREMAP_MAYMOVE | MREMAP_FIXED, from) == MAP_FAILED)
      break;
    done += HUGE_PAGE_BYTES;
  }
  /* What is left of the room: its ends, and pages that could not move. */
  munmap(room, (size_t)(to - room));
  munmap(to + done, reserved - (size_t)(to - room) - done);
  search->moved += done;
  return done == bytes;
}

/* Of the object that has the model's descriptor, the segments that are neither
   written nor run. */
static int visit_object(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  struct search *search = data;
  int is_found = 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    const uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
    is_found |= segment->p_type == PT_LOAD && search->descriptor >= begin &&
                search->descriptor - begin < segment->p_memsz;
  }
  for (int i = 0; is_found && search->complete && i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    const uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
    if (segment->p_type == PT_LOAD && segment->p_flags == PF_R)
      search->complete = move_pages(begin, begin + segment->p_filesz, search);
  }
  return is_found;
}

/* Moves what earlier calls have left; returns 0 without memory. */
static int move_weights(edge_artifact *artifact) {
  struct search search = {(uintptr_t)artifact->model, artifact->moved_bytes, 0,
                          1};
  if (has_huge_pages())
    dl_iterate_phdr(visit_object, &search);
  artifact->moved_bytes += search.moved;
  return search.complete;
}
#else
static int move_weights(edge_artifact *artifact) {
  (void)artifact;
  return 1;
}
#endif

edge_status edge_artifact_use_huge_pages(edge_artifact *artifact,
                                         uint64_t *bytes,
                                         edge_message *message) {
  if (bytes)
    *bytes = 0;
  if (!artifact)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT, "artifact is NULL");
  const int complete = move_weights(artifact);
  if (bytes)
    *bytes = artifact->moved_bytes;
  return complete ? EDGE_OK
                  : edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                              "no memory to have all weights in huge pages; "
                              "the model runs as it is");
}
