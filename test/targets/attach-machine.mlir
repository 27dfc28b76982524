// The options of edge-attach-machine are edgec's; wrong ones are errors.
// RUN: edge-opt %s -edge-attach-machine="target=riscv64 cpu=rv64gcv" | FileCheck %s --check-prefix=RVV
// RUN: edge-opt %s -edge-attach-machine="target=x86_64 cpu=x86-64-v2 features=+avx2,+fma" | FileCheck %s --check-prefix=AVX2
// RUN: not edge-opt %s -edge-attach-machine="target=x86_64 cpu=cortex-a76" 2>&1 | FileCheck %s --check-prefix=ERROR

// RVV: schedule.machine = #schedule.machine<name = "rv64gcv", triple = "riscv64-unknown-linux-gnu"
// RVV-SAME: vectorBits = 512, vectorRegisters = 8, hasFma = true, hasMaskedLanes = true
// AVX2: features = "+avx2,+fma", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false
// ERROR: unknown cpu 'cortex-a76' for x86_64; it is a processor of aarch64: add -target=aarch64
module {}
