/*===- count_instructions.c - executed instructions by function -----------===*
 *
 * A plugin for QEMU's user emulation (plugin API 1, QEMU 6 and later): counts
 * the guest's instructions by translated block, and at the end writes
 * "OFFSET COUNT" for those of one mapped file, the artifact, OFFSET being
 * counted from where it is mapped first.
 *
 *   qemu-aarch64 -plugin count_instructions.so,artifact=M.so,out=FILE ...
 *
 * The first line of FILE is "total COUNT", of everything that was executed.
 *
 *===---------------------------------------------------------------------===*/
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the plugin needs of qemu-plugin.h, which Debian does not package. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
extern void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t id,
    void (*call)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb,
                                                     int operation,
                                                     void *counter,
                                                     uint64_t amount);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
extern void qemu_plugin_register_atexit_cb(
    qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, void *), void *data);
#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;
enum { ADD_U64 = 0 };

/* One translated block: where it starts in the artifact (or -1) and how many
 * instructions it ran. */
struct block {
  int64_t offset;
  uint64_t count;
  struct block *next;
};

static struct block *blocks;
static char artifact[4096], out[4096];

/* The mapping that was looked up last, and where the artifact begins if it is
 * the artifact's. */
static uint64_t mapping_begin, mapping_end, artifact_begin;
static bool in_artifact;

/* Guest addresses are the emulator's own on 64-bit hosts. */
static void find_mapping(uint64_t address) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[8192];
  artifact_begin = 0;
  in_artifact = false;
  while (maps && fgets(line, sizeof line, maps)) {
    unsigned long long from, to;
    char *path = strchr(line, '/');
    bool ours;
    if (sscanf(line, "%llx-%llx", &from, &to) != 2)
      continue;
    if (path)
      path[strcspn(path, "\n")] = 0;
    ours = path && !strcmp(path, artifact);
    if (ours && !artifact_begin)
      artifact_begin = from;
    if (address < from || address >= to)
      continue;
    mapping_begin = from;
    mapping_end = to;
    in_artifact = ours;
    break;
  }
  if (maps)
    fclose(maps);
}

/* QEMU serializes translations. A block that is translated again counts in a
 * new entry. */
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  uint64_t address = qemu_plugin_tb_vaddr(tb);
  struct block *block = calloc(1, sizeof *block);
  (void)id;
  if (!block)
    abort();
  if (address < mapping_begin || address >= mapping_end)
    find_mapping(address);
  block->offset = in_artifact ? (int64_t)(address - artifact_begin) : -1;
  block->next = blocks;
  blocks = block;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, &block->count,
                                           qemu_plugin_tb_n_insns(tb));
}

static void finished(qemu_plugin_id_t id, void *data) {
  uint64_t total = 0;
  FILE *report = fopen(out, "w");
  (void)id;
  (void)data;
  if (!report)
    return;
  for (struct block *block = blocks; block; block = block->next)
    total += block->count;
  fprintf(report, "total %llu\n", (unsigned long long)total);
  for (struct block *block = blocks; block; block = block->next) {
    if (block->count && block->offset >= 0)
      fprintf(report, "%lld %llu\n", (long long)block->offset,
              (unsigned long long)block->count);
  }
  fclose(report);
}

static void option(const char *text, const char *key, char *value,
                   size_t size) {
  size_t length = strlen(key);
  if (!strncmp(text, key, length) && text[length] == '=')
    snprintf(value, size, "%s", text + length + 1);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
                               char **argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    option(argv[i], "artifact", artifact, sizeof artifact);
    option(argv[i], "out", out, sizeof out);
  }
  if (!out[0]) {
    fputs("count_instructions: name a report with out=FILE\n", stderr);
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
