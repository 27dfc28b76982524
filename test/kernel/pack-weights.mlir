// Filters are packed by panels: [panel][kh][kw * c][lanes], the last panel as
// wide as its channels need, rounded up to a power of two; depthwise filters by
// taps: [kh * kw][c].
// RUN: edge-opt %s -edge-emit-kernels | FileCheck %s

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>

module attributes {schedule.machine = #machine} {
  // Five outputs: a panel of four, then one of four of which one counts.
  // CHECK-LABEL: func.func private @kernel_0
  // Without fused multiply-add it is two instructions.
  // CHECK-NOT: vector.fma
  // CHECK: arith.mulf
  // CHECK: arith.addf
  func.func @dense(%x: tensor<1x2xf32>) -> tensor<1x5xf32> {
    %f = edge.constant {value = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0]]> : tensor<5x2xf32>} : tensor<5x2xf32>
    %0 = schedule.kernel "fc" (%x, %f) {tiling = #tiling} : (tensor<1x2xf32>, tensor<5x2xf32>) -> tensor<1x5xf32> {
    ^bb0(%a: tensor<1x2xf32>, %g: tensor<5x2xf32>):
      %r = edge.fully_connected %a, %g : (tensor<1x2xf32>, tensor<5x2xf32>) -> tensor<1x5xf32>
      schedule.yield %r : tensor<1x5xf32>
    }
    return %0 : tensor<1x5xf32>
  }

  func.func @depthwise(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x2xf32> {
    %f = edge.constant {value = dense<[[[[1.0], [2.0]]], [[[3.0], [4.0]]]]> : tensor<2x1x2x1xf32>} : tensor<2x1x2x1xf32>
    %0 = schedule.kernel "dw" (%x, %f) {tiling = #tiling} : (tensor<1x1x2x2xf32>, tensor<2x1x2x1xf32>) -> tensor<1x1x1x2xf32> {
    ^bb0(%a: tensor<1x1x2x2xf32>, %g: tensor<2x1x2x1xf32>):
      %r = edge.conv2d %a, %g {groups = 2 : i64} : (tensor<1x1x2x2xf32>, tensor<2x1x2x1xf32>) -> tensor<1x1x1x2xf32>
      schedule.yield %r : tensor<1x1x1x2xf32>
    }
    return %0 : tensor<1x1x1x2xf32>
  }
}

// CHECK: rt.weights @weights_0 {value = dense_resource<weights_0> : tensor<16xf32>}
// CHECK: rt.weights @weights_1 {value = dense_resource<weights_1> : tensor<4xf32>}
// After the blob's alignment (64): 1 3 5 7, 2 4 6 8, then 9 0 0 0, 10 0 0 0.
// CHECK: weights_0: "0x400000000000803F000040400000A0400000E04000000040000080400000C04000000041000010410000000000000000000000000000204100000000000000000000000
// After the alignment: taps outside, channels inside: 1 3, 2 4.
// CHECK: weights_1: "0x400000000000803F000040400000004000008040"
