/*===- machine_x86_64.c - x86 extensions by CPUID -------------------------===*\
|*
|* CPUID says what the processor has, XGETBV whether the operating system saves
|* the registers that go with it; both must agree. For AMX, Linux wants to be
|* asked besides. Bits: Intel SDM volume 2A, CPUID; AMD APM volume 3, appendix
E.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "machine.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <pthread.h>
#include <string.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* CPUID leaf, subleaf and register; the words of `cpuid_words` below. */
enum {
  LEAF_1_ECX,
  LEAF_7_EBX,
  LEAF_7_ECX,
  LEAF_7_EDX,
  LEAF_7_1_EAX,
  LEAF_7_1_EDX,
  LEAF_13_1_EAX,
  LEAF_X1_ECX,
  LEAF_X8_EBX,
  WORD_COUNT,
  BASELINE = WORD_COUNT
};

/* Register state that the operating system must save for an extension. */
enum { STATE_NONE, STATE_AVX, STATE_AVX512, STATE_AMX };

typedef struct {
  char name[17];
  uint8_t word;
  uint8_t bit;
  uint8_t state;
} feature;

static const feature features[] = {
    {"64bit", BASELINE, 0, STATE_NONE},
    {"cmov", BASELINE, 0, STATE_NONE},
    {"cx8", BASELINE, 0, STATE_NONE},
    {"fxsr", BASELINE, 0, STATE_NONE},
    {"mmx", BASELINE, 0, STATE_NONE},
    {"nopl", BASELINE, 0, STATE_NONE},
    {"sse", BASELINE, 0, STATE_NONE},
    {"sse2", BASELINE, 0, STATE_NONE},
    {"x87", BASELINE, 0, STATE_NONE},
    {"sse3", LEAF_1_ECX, 0, STATE_NONE},
    {"pclmul", LEAF_1_ECX, 1, STATE_NONE},
    {"ssse3", LEAF_1_ECX, 9, STATE_NONE},
    {"fma", LEAF_1_ECX, 12, STATE_AVX},
    {"cx16", LEAF_1_ECX, 13, STATE_NONE},
    {"sse4.1", LEAF_1_ECX, 19, STATE_NONE},
    {"sse4.2", LEAF_1_ECX, 20, STATE_NONE},
    {"crc32", LEAF_1_ECX, 20, STATE_NONE},
    {"movbe", LEAF_1_ECX, 22, STATE_NONE},
    {"popcnt", LEAF_1_ECX, 23, STATE_NONE},
    {"aes", LEAF_1_ECX, 25, STATE_NONE},
    {"xsave", LEAF_1_ECX, 27, STATE_NONE},
    {"avx", LEAF_1_ECX, 28, STATE_AVX},
    {"f16c", LEAF_1_ECX, 29, STATE_AVX},
    {"rdrnd", LEAF_1_ECX, 30, STATE_NONE},
    {"fsgsbase", LEAF_7_EBX, 0, STATE_NONE},
    {"bmi", LEAF_7_EBX, 3, STATE_NONE},
    {"avx2", LEAF_7_EBX, 5, STATE_AVX},
    {"bmi2", LEAF_7_EBX, 8, STATE_NONE},
    {"invpcid", LEAF_7_EBX, 10, STATE_NONE},
    {"avx512f", LEAF_7_EBX, 16, STATE_AVX512},
    {"evex512", LEAF_7_EBX, 16, STATE_AVX512},
    {"avx512dq", LEAF_7_EBX, 17, STATE_AVX512},
    {"rdseed", LEAF_7_EBX, 18, STATE_NONE},
    {"adx", LEAF_7_EBX, 19, STATE_NONE},
    {"avx512ifma", LEAF_7_EBX, 21, STATE_AVX512},
    {"clflushopt", LEAF_7_EBX, 23, STATE_NONE},
    {"clwb", LEAF_7_EBX, 24, STATE_NONE},
    {"avx512cd", LEAF_7_EBX, 28, STATE_AVX512},
    {"sha", LEAF_7_EBX, 29, STATE_NONE},
    {"avx512bw", LEAF_7_EBX, 30, STATE_AVX512},
    {"avx512vl", LEAF_7_EBX, 31, STATE_AVX512},
    {"avx512vbmi", LEAF_7_ECX, 1, STATE_AVX512},
    {"pku", LEAF_7_ECX, 4, STATE_NONE},
    {"waitpkg", LEAF_7_ECX, 5, STATE_NONE},
    {"avx512vbmi2", LEAF_7_ECX, 6, STATE_AVX512},
    {"shstk", LEAF_7_ECX, 7, STATE_NONE},
    {"gfni", LEAF_7_ECX, 8, STATE_NONE},
    {"vaes", LEAF_7_ECX, 9, STATE_AVX},
    {"vpclmulqdq", LEAF_7_ECX, 10, STATE_AVX},
    {"avx512vnni", LEAF_7_ECX, 11, STATE_AVX512},
    {"avx512bitalg", LEAF_7_ECX, 12, STATE_AVX512},
    {"avx512vpopcntdq", LEAF_7_ECX, 14, STATE_AVX512},
    {"rdpid", LEAF_7_ECX, 22, STATE_NONE},
    {"cldemote", LEAF_7_ECX, 25, STATE_NONE},
    {"movdiri", LEAF_7_ECX, 27, STATE_NONE},
    {"movdir64b", LEAF_7_ECX, 28, STATE_NONE},
    {"enqcmd", LEAF_7_ECX, 29, STATE_NONE},
    {"uintr", LEAF_7_EDX, 5, STATE_NONE},
    {"serialize", LEAF_7_EDX, 14, STATE_NONE},
    {"tsxldtrk", LEAF_7_EDX, 16, STATE_NONE},
    {"amx-bf16", LEAF_7_EDX, 22, STATE_AMX},
    {"avx512fp16", LEAF_7_EDX, 23, STATE_AVX512},
    {"amx-tile", LEAF_7_EDX, 24, STATE_AMX},
    {"amx-int8", LEAF_7_EDX, 25, STATE_AMX},
    {"avxvnni", LEAF_7_1_EAX, 4, STATE_AVX},
    {"avx512bf16", LEAF_7_1_EAX, 5, STATE_AVX512},
    {"cmpccxadd", LEAF_7_1_EAX, 7, STATE_NONE},
    {"amx-fp16", LEAF_7_1_EAX, 21, STATE_AMX},
    {"avxifma", LEAF_7_1_EAX, 23, STATE_AVX},
    {"avxvnniint8", LEAF_7_1_EDX, 4, STATE_AVX},
    {"avxneconvert", LEAF_7_1_EDX, 5, STATE_AVX},
    {"amx-complex", LEAF_7_1_EDX, 8, STATE_AMX},
    {"avxvnniint16", LEAF_7_1_EDX, 10, STATE_AVX},
    {"prefetchi", LEAF_7_1_EDX, 14, STATE_NONE},
    {"xsaveopt", LEAF_13_1_EAX, 0, STATE_NONE},
    {"xsavec", LEAF_13_1_EAX, 1, STATE_NONE},
    {"xsaves", LEAF_13_1_EAX, 3, STATE_NONE},
    {"sahf", LEAF_X1_ECX, 0, STATE_NONE},
    {"lzcnt", LEAF_X1_ECX, 5, STATE_NONE},
    {"sse4a", LEAF_X1_ECX, 6, STATE_NONE},
    {"prfchw", LEAF_X1_ECX, 8, STATE_NONE},
    {"xop", LEAF_X1_ECX, 11, STATE_AVX},
    {"fma4", LEAF_X1_ECX, 16, STATE_AVX},
    {"tbm", LEAF_X1_ECX, 21, STATE_NONE},
    {"mwaitx", LEAF_X1_ECX, 29, STATE_NONE},
    {"clzero", LEAF_X8_EBX, 0, STATE_NONE},
    {"rdpru", LEAF_X8_EBX, 4, STATE_NONE},
    {"wbnoinvd", LEAF_X8_EBX, 9, STATE_NONE},
};

/* The words of this processor. Read once: under a hypervisor every CPUID is
 * emulated and costs microseconds, and an artifact asks for some forty. */
static uint32_t words[WORD_COUNT];
static pthread_once_t words_read = PTHREAD_ONCE_INIT;

/* Reads every CPUID word that the table refers to; absent leaves stay 0. */
static void read_words(void) {
  uint32_t a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d))
    words[LEAF_1_ECX] = c;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    words[LEAF_7_EBX] = b;
    words[LEAF_7_ECX] = c;
    words[LEAF_7_EDX] = d;
    if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
      words[LEAF_7_1_EAX] = a;
      words[LEAF_7_1_EDX] = d;
    }
  }
  if (__get_cpuid_count(13, 1, &a, &b, &c, &d))
    words[LEAF_13_1_EAX] = a;
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d))
    words[LEAF_X1_ECX] = c;
  if (__get_cpuid(0x80000008u, &a, &b, &c, &d))
    words[LEAF_X8_EBX] = b;
}

/* Linux keeps the tile registers off until a process asks for them. */
static int permit_amx(void) {
#ifdef __linux__
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
  return 0;
#endif
}

/* Whether the operating system saves the registers of `state`. */
static int state_saved(int state, uint32_t leaf1_ecx) {
  static const uint32_t masks[] = {0, 0x6, 0xe6, 0x60000};
  if (state == STATE_NONE)
    return 1;
  if (!(leaf1_ecx >> 27 & 1)) /* OSXSAVE: XGETBV itself may be used */
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & masks[state]) != masks[state])
    return 0;
  return state != STATE_AMX || permit_amx();
}

edge_presence edge_machine_feature(const char *name) {
  for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
    const feature *f = &features[i];
    if (strcmp(f->name, name) != 0)
      continue;
    if (f->word == BASELINE)
      return EDGE_PRESENT;
    pthread_once(&words_read, read_words);
    if (!(words[f->word] >> f->bit & 1))
      return EDGE_ABSENT;
    return state_saved(f->state, words[LEAF_1_ECX]) ? EDGE_PRESENT
                                                    : EDGE_ABSENT;
  }
  return EDGE_UNKNOWN;
}

#endif /* __x86_64__ */
