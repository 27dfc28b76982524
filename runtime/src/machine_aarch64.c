/*===- machine_aarch64.c - Arm extensions by the kernel's words -----------===*\
|*
|* Linux reports what the processor has and user code may use in the auxiliary
|* vector's words AT_HWCAP and AT_HWCAP2; their bits are part of its stable ABI
|* (Documentation/arch/arm64/elf_hwcaps.rst), so the table names them itself and
|* does not depend on the age of the system's headers.
|*
\*===----------------------------------------------------------------------===*/

#include "machine.h"

#if defined(__aarch64__)

#include <string.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

enum { WORD_HWCAP, WORD_HWCAP2, WORD_BASELINE };

typedef struct {
  char name[14];
  uint8_t word;
  uint8_t bit;
} feature;

static const feature features[] = {
    {"fp-armv8", WORD_BASELINE, 0},   {"neon", WORD_BASELINE, 0},
    {"aes", WORD_HWCAP, 3},           {"sha2", WORD_HWCAP, 6},
    {"crc", WORD_HWCAP, 7},           {"lse", WORD_HWCAP, 8},
    {"fullfp16", WORD_HWCAP, 10},     {"rdm", WORD_HWCAP, 12},
    {"jsconv", WORD_HWCAP, 13},       {"complxnum", WORD_HWCAP, 14},
    {"rcpc", WORD_HWCAP, 15},         {"ccpp", WORD_HWCAP, 16},
    {"sha3", WORD_HWCAP, 17},         {"sm4", WORD_HWCAP, 19},
    {"dotprod", WORD_HWCAP, 20},      {"sve", WORD_HWCAP, 22},
    {"fp16fml", WORD_HWCAP, 23},      {"dit", WORD_HWCAP, 24},
    {"rcpc-immo", WORD_HWCAP, 26},    {"flagm", WORD_HWCAP, 27},
    {"ssbs", WORD_HWCAP, 28},         {"sb", WORD_HWCAP, 29},
    {"pauth", WORD_HWCAP, 30},        {"ccdp", WORD_HWCAP2, 0},
    {"sve2", WORD_HWCAP2, 1},         {"sve-aes", WORD_HWCAP2, 2},
    {"sve2-aes", WORD_HWCAP2, 2},     {"sve-bitperm", WORD_HWCAP2, 4},
    {"sve2-bitperm", WORD_HWCAP2, 4}, {"sve-sha3", WORD_HWCAP2, 5},
    {"sve2-sha3", WORD_HWCAP2, 5},    {"sve-sm4", WORD_HWCAP2, 6},
    {"sve2-sm4", WORD_HWCAP2, 6},     {"altnzcv", WORD_HWCAP2, 7},
    {"fptoint", WORD_HWCAP2, 8},      {"f32mm", WORD_HWCAP2, 10},
    {"f64mm", WORD_HWCAP2, 11},       {"i8mm", WORD_HWCAP2, 13},
    {"bf16", WORD_HWCAP2, 14},        {"rand", WORD_HWCAP2, 16},
    {"bti", WORD_HWCAP2, 17},         {"mte", WORD_HWCAP2, 18},
    {"sme", WORD_HWCAP2, 23},         {"sme-i16i64", WORD_HWCAP2, 24},
    {"sme-f64f64", WORD_HWCAP2, 25},  {"wfxt", WORD_HWCAP2, 31},
    {"sve2p1", WORD_HWCAP2, 36},      {"sme2", WORD_HWCAP2, 37},
    {"sme2p1", WORD_HWCAP2, 38},      {"mops", WORD_HWCAP2, 43},
    {"hbc", WORD_HWCAP2, 44},
};

/* "v8.2a" and the like: LLVM spells out the extensions of a version beside it,
   so the version itself asks for nothing. */
static int is_version(const char *name) {
  return name[0] == 'v' && (name[1] == '8' || name[1] == '9') &&
         name[strlen(name) - 1] == 'a';
}

edge_presence edge_machine_feature(const char *name) {
  unsigned long words[2] = {0, 0};
#ifdef __linux__
  words[WORD_HWCAP] = getauxval(AT_HWCAP);
  words[WORD_HWCAP2] = getauxval(AT_HWCAP2);
#endif
  if (is_version(name))
    return EDGE_PRESENT;
  for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
    const feature *f = &features[i];
    if (strcmp(f->name, name) != 0)
      continue;
    if (f->word == WORD_BASELINE || (words[f->word] >> f->bit & 1))
      return EDGE_PRESENT;
    return EDGE_ABSENT;
  }
  return EDGE_UNKNOWN;
}

#endif /* __aarch64__ */
