// Features of the processor we run on: by LLVM's names, and never guessed.

extern "C" {
#include "machine.h"
}

#include <gtest/gtest.h>

namespace {

TEST(Machine, DoesNotKnowWhatDoesNotExist) {
  for (const char *name : {"", "warp-drive", "+avx2", "AVX2", "zvl0b", "zvlb"})
    EXPECT_EQ(edge_machine_feature(name), EDGE_UNKNOWN) << name;
}

TEST(Machine, NamesArchitectures) {
  EXPECT_STRNE(edge_architecture_name(edge_machine_architecture()), "unknown");
  EXPECT_STREQ(edge_architecture_name(EDGE_ARCHITECTURE_RISCV64), "riscv64");
  EXPECT_STREQ(edge_architecture_name(99), "unknown");
}

#if defined(__x86_64__)
TEST(Machine, AgreesWithTheCompilersOwnDetection) {
  __builtin_cpu_init();
#define EXPECT_FEATURE(llvm, gcc)                                              \
  EXPECT_EQ(edge_machine_feature(llvm),                                        \
            __builtin_cpu_supports(gcc) ? EDGE_PRESENT : EDGE_ABSENT)          \
      << llvm
  EXPECT_FEATURE("sse3", "sse3");
  EXPECT_FEATURE("ssse3", "ssse3");
  EXPECT_FEATURE("sse4.1", "sse4.1");
  EXPECT_FEATURE("sse4.2", "sse4.2");
  EXPECT_FEATURE("popcnt", "popcnt");
  EXPECT_FEATURE("avx", "avx");
  EXPECT_FEATURE("avx2", "avx2");
  EXPECT_FEATURE("fma", "fma");
  EXPECT_FEATURE("bmi", "bmi");
  EXPECT_FEATURE("bmi2", "bmi2");
  EXPECT_FEATURE("avx512f", "avx512f");
  EXPECT_FEATURE("avx512vl", "avx512vl");
  EXPECT_FEATURE("avx512bw", "avx512bw");
  EXPECT_FEATURE("avx512dq", "avx512dq");
  EXPECT_FEATURE("avx512vnni", "avx512vnni");
  EXPECT_FEATURE("avx512vbmi", "avx512vbmi");
#undef EXPECT_FEATURE
}

TEST(Machine, HasTheBaseline) {
  for (const char *name : {"64bit", "sse", "sse2", "cmov", "fxsr", "x87"})
    EXPECT_EQ(edge_machine_feature(name), EDGE_PRESENT) << name;
}
#elif defined(__aarch64__)
TEST(Machine, HasTheBaseline) {
  for (const char *name : {"neon", "fp-armv8", "v8a", "v8.2a"})
    EXPECT_EQ(edge_machine_feature(name), EDGE_PRESENT) << name;
}
#elif defined(__riscv)
TEST(Machine, HasTheBaseline) {
  for (const char *name : {"i", "m", "a", "f", "d", "c", "zicsr", "64bit"})
    EXPECT_EQ(edge_machine_feature(name), EDGE_PRESENT) << name;
}
#endif

} // namespace
