// Products by lane on Arm: 128 steps are two blocks of 64. Out of order, one
// instruction loads the weights of four vectors and moves its pointer on, and a
// block of sums begins as products; in order, weights are loaded singly and
// blocks begin at zero.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// CHECK-LABEL: func.func @out_of_order
// CHECK: func.func private @kernel_0
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.ld1x4.v4f32.p0"
// CHECK: arith.mulf
// CHECK: llvm.inline_asm "", "=r,0"
// CHECK: vector.fma
// CHECK: scf.for
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.ld1x4.v4f32.p0"
// CHECK-NOT: arith.mulf
// CHECK: arith.addf
#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
module attributes {schedule.machine = #a76} {
  func.func @out_of_order(%x: tensor<5x128xf32>) -> tensor<5x16xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<16x128xf32>} : tensor<16x128xf32>
    %0 = schedule.kernel "fc" (%x, %f) {tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 5, vectors = 4, unroll = 16, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<5x128xf32>, tensor<16x128xf32>) -> tensor<5x16xf32> {
    ^bb0(%a: tensor<5x128xf32>, %b: tensor<16x128xf32>):
      %r = edge.fully_connected %a, %b : (tensor<5x128xf32>, tensor<16x128xf32>) -> tensor<5x16xf32>
      schedule.yield %r : tensor<5x16xf32>
    }
    return %0 : tensor<5x16xf32>
  }
}

// -----

// CHECK-LABEL: func.func @in_order
// CHECK: func.func private @kernel_0
// CHECK-NOT: llvm.call_intrinsic
// CHECK-NOT: arith.mulf
// CHECK: vector.load
// CHECK: vector.fma
// CHECK-NOT: arith.mulf
#a53 = #schedule.machine<name = "a53", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a53", features = "", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 100, fmaLatency = 4, inOrder = true, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 0, l2BytesPerCycle = 800, memoryBytesPerCycle = 200, cores = 4, clockMHz = 1400>
module attributes {schedule.machine = #a53} {
  func.func @in_order(%x: tensor<5x128xf32>) -> tensor<5x16xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<16x128xf32>} : tensor<16x128xf32>
    %0 = schedule.kernel "fc" (%x, %f) {tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 5, vectors = 4, unroll = 8, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<5x128xf32>, tensor<16x128xf32>) -> tensor<5x16xf32> {
    ^bb0(%a: tensor<5x128xf32>, %b: tensor<16x128xf32>):
      %r = edge.fully_connected %a, %b : (tensor<5x128xf32>, tensor<16x128xf32>) -> tensor<5x16xf32>
      schedule.yield %r : tensor<5x16xf32>
    }
    return %0 : tensor<5x16xf32>
  }
}

// -----

// Products of f16: vectors of eight lanes, eight elements of an output in a load. Sums are put aside after 32 steps, and where those are many as f32 after 512.
// CHECK-LABEL: func.func @halves
// CHECK: func.func private @kernel_0
// CHECK: scf.for {{.*}} = %c0 to %c2048 step %c512
// CHECK: scf.for {{.*}} = %c0 to %c512 step %c32
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.ld1x4.v8f16.p0"
// CHECK: vector.fma {{.*}} : vector<8xf16>
// CHECK: arith.addf {{.*}} : vector<8xf16>
// CHECK: arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: arith.addf {{.*}} : vector<8xf32>
// CHECK: arith.truncf {{.*}} : vector<8xf32> to vector<8xf16>
// CHECK: arith.bitcast {{.*}} : vector<8xf16> to vector<8xi16>
#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+fullfp16", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
module attributes {schedule.machine = #a76} {
  func.func @halves(%x: tensor<5x2048xf16>) -> tensor<5x32xf16> {
    %f = edge.constant {value = dense<1.0> : tensor<32x2048xf16>} : tensor<32x2048xf16>
    %0 = schedule.kernel "fc" (%x, %f) {tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 5, vectors = 4, unroll = 16, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<5x2048xf16>, tensor<32x2048xf16>) -> tensor<5x32xf16> {
    ^bb0(%a: tensor<5x2048xf16>, %b: tensor<32x2048xf16>):
      %r = edge.fully_connected %a, %b : (tensor<5x2048xf16>, tensor<32x2048xf16>) -> tensor<5x32xf16>
      schedule.yield %r : tensor<5x32xf16>
    }
    return %0 : tensor<5x32xf16>
  }
}
