// The 36 KB of each panel are more than an eighth of the second-level cache: both
// tiles take 64 steps before the next 64, their sums wait on the stack, and each
// step fetches some of the 64 that come four turns later. A panel that is near enough is passed
// by one tile after the other.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s
// RUN: sed s/l2Bytes\ =\ 65536/l2Bytes\ =\ 1048576/ %s | edge-opt -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s -check-prefix=NEAR

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 65536, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 16, rows = 2, columns = 4, vectors = 1, unroll = 1, prefetch = 16, prefetchNext = true, split = columns, cycles = 8>

module attributes {schedule.machine = #machine} {
  func.func @f(%x: tensor<1x6x6x128xf32>) -> tensor<1x4x4x32xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<32x3x3x128xf32>} : tensor<32x3x3x128xf32>
    %0 = schedule.kernel "turns" (%x, %f) {tiling = #tiling} : (tensor<1x6x6x128xf32>, tensor<32x3x3x128xf32>) -> tensor<1x4x4x32xf32> {
    ^bb0(%a: tensor<1x6x6x128xf32>, %b: tensor<32x3x3x128xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x6x6x128xf32>, tensor<32x3x3x128xf32>) -> tensor<1x4x4x32xf32>
      schedule.yield %r : tensor<1x4x4x32xf32>
    }
    return %0 : tensor<1x4x4x32xf32>
  }
}

// CHECK-LABEL: func.func private @kernel_0
// CHECK: %[[SUMS:.+]] = memref.alloca() {alignment = 64 : i64} : memref<256xf32>
// CHECK: scf.for %{{.+}} = %arg3 to %arg4
// CHECK: scf.for %{{.+}} = %c0 to %c3 step
// CHECK: scf.for %{{.+}} = %c0 to %c384 step %c64
// CHECK: scf.for %{{.+}} = %c0 to %c4 step %c2
// CHECK: scf.for %{{.+}} = %c0 to %c64 step %c1 iter_args
// CHECK: memref.prefetch %arg1[{{.*}}], read, locality<2>
// CHECK: scf.yield
// CHECK: vector.{{.*}}load %[[SUMS]]
// CHECK: vector.{{.*}}store {{.*}}, %[[SUMS]]

// NEAR-LABEL: func.func private @kernel_0
// NEAR-NOT: memref.alloca
