// A tile that adds a tensor beyond the second-level cache: each step of the
// reduction fetches a line of it, and one of the result where panels are inside.
// A long reduction has few of them and fetches none; nor does one whose tensors
// stay in the cache.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s
// RUN: sed s/l2Bytes\ =\ 65536/l2Bytes\ =\ 1048576/ %s | edge-opt -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s -check-prefix=NEAR

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 65536, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
#inside = #schedule.tiling<lanes = 16, rows = 1, columns = 4, vectors = 2, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 8, panelsInside = true>
#outside = #schedule.tiling<lanes = 16, rows = 1, columns = 4, vectors = 2, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 8>

module attributes {schedule.machine = #machine} {
  func.func @f(%x: tensor<1x16x16x32xf32>, %s: tensor<1x16x16x64xf32>, %l: tensor<1x16x16x288xf32>) -> (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<64x1x1x32xf32>} : tensor<64x1x1x32xf32>
    %g = edge.constant {value = dense<1.0> : tensor<64x1x1x288xf32>} : tensor<64x1x1x288xf32>
    %0 = schedule.kernel "inside" (%x, %f, %s) {tiling = #inside} : (tensor<1x16x16x32xf32>, tensor<64x1x1x32xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32> {
    ^bb0(%a: tensor<1x16x16x32xf32>, %b: tensor<64x1x1x32xf32>, %c: tensor<1x16x16x64xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x16x16x32xf32>, tensor<64x1x1x32xf32>) -> tensor<1x16x16x64xf32>
      %t = edge.add %r, %c : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
      schedule.yield %t : tensor<1x16x16x64xf32>
    }
    %1 = schedule.kernel "outside" (%x, %f, %s) {tiling = #outside} : (tensor<1x16x16x32xf32>, tensor<64x1x1x32xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32> {
    ^bb0(%a: tensor<1x16x16x32xf32>, %b: tensor<64x1x1x32xf32>, %c: tensor<1x16x16x64xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x16x16x32xf32>, tensor<64x1x1x32xf32>) -> tensor<1x16x16x64xf32>
      %t = edge.add %r, %c : (tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>) -> tensor<1x16x16x64xf32>
      schedule.yield %t : tensor<1x16x16x64xf32>
    }
    %2 = schedule.kernel "long" (%l, %g) {tiling = #inside} : (tensor<1x16x16x288xf32>, tensor<64x1x1x288xf32>) -> tensor<1x16x16x64xf32> {
    ^bb0(%a: tensor<1x16x16x288xf32>, %b: tensor<64x1x1x288xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x16x16x288xf32>, tensor<64x1x1x288xf32>) -> tensor<1x16x16x64xf32>
      schedule.yield %r : tensor<1x16x16x64xf32>
    }
    return %0, %1, %2 : tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>, tensor<1x16x16x64xf32>
  }
}

// Line 8 * step / 32 of two for each of four pixels of 64 channels.
// CHECK-LABEL: func.func private @kernel_0
// CHECK: scf.for %[[STEP:[^ ]+]] = %c0 to %c32 {{.*}} iter_args
// CHECK: %[[LINES:.+]] = arith.muli %[[STEP]], %c8
// CHECK: %[[LINE:.+]] = arith.divui %[[LINES]], %c32
// CHECK: arith.divui %[[LINE]], %c2
// CHECK: arith.remui %[[LINE]], %c2
// CHECK: memref.prefetch %arg2[{{.*}}], read
// CHECK: memref.prefetch %arg3[{{.*}}], write
// CHECK: scf.yield
// CHECK-NOT: memref.prefetch
// CHECK-LABEL: func.func private @kernel_1
// CHECK: memref.prefetch %arg2[{{.*}}], read
// CHECK-NOT: memref.prefetch
// CHECK-LABEL: func.func private @kernel_2
// CHECK-NOT: memref.prefetch %arg2

// NEAR-LABEL: func.func private @kernel_0
// NEAR-NOT: memref.prefetch
