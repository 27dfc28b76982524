/*===- machine_riscv64.c - RISC-V extensions, from three witnesses --------===*\
|*
|* Linux gives single-letter extensions in AT_HWCAP and the others by the
|* riscv_hwprobe system call (6.4 and later; bits in
|* Documentation/arch/riscv/hwprobe.rst). Older systems and QEMU 7 report V in
|* neither, so the last witness is the vector unit itself: reading its register
|* length either works or raises SIGILL. Whatever V includes follows from V.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "machine.h"

#if defined(__riscv) && __riscv_xlen == 64

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* Extensions that riscv_hwprobe reports under its key IMA_EXT_0. */
static const struct {
  char name[12];
  uint8_t bit;
} probed[] = {
    {"zba", 3},     {"zbb", 4},     {"zbs", 5},          {"zicboz", 6},
    {"zbc", 7},     {"zbkb", 8},    {"zbkc", 9},         {"zbkx", 10},
    {"zvbb", 17},   {"zvbc", 18},   {"zvkb", 19},        {"zfh", 27},
    {"zfhmin", 28}, {"zvfh", 30},   {"zvfhmin", 31},     {"zfa", 32},
    {"zacas", 34},  {"zicond", 35}, {"zihintpause", 36}, {"zve32x", 37},
    {"zve32f", 38}, {"zve64x", 39}, {"zve64f", 40},      {"zve64d", 41},
    {"zcb", 44},    {"zawrs", 48},
};

/* Parts of rv64gc, and hints that do nothing where they are not implemented. */
static const char baseline[][12] = {
    "64bit",  "i",   "zicsr", "zifencei",    "zmmul",     "zaamo",
    "zalrsc", "zca", "zcd",   "zihintpause", "zihintntl",
};

static uint64_t hardware_letters(void) {
#ifdef __linux__
  return getauxval(AT_HWCAP);
#else
  return 0;
#endif
}

/* Reads the word of IMA_EXT_0; returns 0 if the system does not know the call.
 */
static int hardware_probe(uint64_t *extensions) {
  struct {
    int64_t key;
    uint64_t value;
  } pair = {4, 0};
  *extensions = 0;
#ifdef __linux__
  if (syscall(258, &pair, 1ul, 0ul, (void *)0, 0u) != 0 || pair.key != 4)
    return 0;
  *extensions = pair.value;
  return 1;
#else
  return 0;
#endif
}

static sigjmp_buf probe_escape;
static pthread_mutex_t probe_mutex = PTHREAD_MUTEX_INITIALIZER;

static void escape_probe(int signal_number) {
  (void)signal_number;
  siglongjmp(probe_escape, 1);
}

static uint64_t read_vlenb(void) {
  uint64_t vlenb;
  __asm__ volatile("csrr %0, 0xc22" : "=r"(vlenb)); /* CSR vlenb */
  return vlenb;
}

/* Bits of a vector register, or 0 if there is no vector unit. SIGILL of the
   calling thread lands in the handler; another thread that raises it at the
   same moment would have died of it anyway. */
static uint64_t vector_bits(void) {
  struct sigaction action, previous;
  memset(&action, 0, sizeof(action));
  action.sa_handler = escape_probe;
  volatile uint64_t bits = 0;
  pthread_mutex_lock(&probe_mutex);
  if (sigaction(SIGILL, &action, &previous) == 0) {
    if (sigsetjmp(probe_escape, 1) == 0)
      bits = read_vlenb() * 8;
    sigaction(SIGILL, &previous, NULL);
  }
  pthread_mutex_unlock(&probe_mutex);
  return bits;
}

static edge_presence presence(uint64_t condition) {
  return condition ? EDGE_PRESENT : EDGE_ABSENT;
}

/* A system that answers riscv_hwprobe is believed when it does not list V (some
   early chips have a vector unit of a draft that our code cannot use). */
static int has_vectors(void) {
  uint64_t extensions;
  if (hardware_letters() >> ('v' - 'a') & 1)
    return 1;
  if (hardware_probe(&extensions))
    return extensions >> 2 & 1;
  return vector_bits() != 0;
}

static edge_presence probed_feature(const char *name) {
  uint64_t extensions;
  hardware_probe(&extensions);
  if (strcmp(name, "b") == 0) /* zba, zbb and zbs together */
    return presence((extensions >> 3 & 7) == 7);
  for (size_t i = 0; i < sizeof(probed) / sizeof(probed[0]); i++) {
    if (strcmp(probed[i].name, name) != 0)
      continue;
    if (extensions >> probed[i].bit & 1)
      return EDGE_PRESENT;
    /* V contains every zve*. */
    return presence(strncmp(name, "zve", 3) == 0 && has_vectors());
  }
  return EDGE_UNKNOWN;
}

edge_presence edge_machine_feature(const char *name) {
  for (size_t i = 0; i < sizeof(baseline) / sizeof(baseline[0]); i++)
    if (strcmp(baseline[i], name) == 0)
      return EDGE_PRESENT;
  if (strcmp(name, "v") == 0)
    return presence(has_vectors());
  if (strncmp(name, "zvl", 3) == 0) { /* zvl256b: registers of >= 256 bits */
    char *end;
    const uint64_t bits = strtoull(name + 3, &end, 10);
    if (bits && strcmp(end, "b") == 0)
      return presence(has_vectors() && vector_bits() >= bits);
  }
  if (name[0] >= 'a' && name[0] <= 'z' && name[1] == '\0' && name[0] != 'b')
    return presence(hardware_letters() >> (name[0] - 'a') & 1);
  return probed_feature(name);
}

#endif /* __riscv */
