// Panels inside of a tile: all twelve channels of two pixels before the next
// two. Before a window of rows, which stays in the cache, the order is the
// usual one: a panel's weights stay near while all of its tiles pass.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels{chain-bytes=0})' | FileCheck %s -check-prefix=CHAIN

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 8>
#inside = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 8, panelsInside = true>

module attributes {schedule.machine = #machine} {
  func.func @f(%x: tensor<1x24x8x2xf32>) -> tensor<1x24x8x12xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<12x1x1x2xf32>} : tensor<12x1x1x2xf32>
    %g = edge.constant {value = dense<1.0> : tensor<12x3x3x1xf32>} : tensor<12x3x3x1xf32>
    %0 = schedule.kernel "expand" (%x, %f) {tiling = #inside, layouts = [#schedule.memory<shape = [1, 26, 10, 12], offsets = [0, 1, 1, 0]>]} : (tensor<1x24x8x2xf32>, tensor<12x1x1x2xf32>) -> tensor<1x24x8x12xf32> {
    ^bb0(%a: tensor<1x24x8x2xf32>, %b: tensor<12x1x1x2xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x24x8x2xf32>, tensor<12x1x1x2xf32>) -> tensor<1x24x8x12xf32>
      schedule.yield %r : tensor<1x24x8x12xf32>
    }
    %1 = schedule.kernel "depthwise" (%0, %g) {tiling = #tiling} : (tensor<1x24x8x12xf32>, tensor<12x3x3x1xf32>) -> tensor<1x24x8x12xf32> {
    ^bb0(%a: tensor<1x24x8x12xf32>, %b: tensor<12x3x3x1xf32>):
      %r = edge.conv2d %a, %b {pads = array<i64: 1, 1, 1, 1>, groups = 12} : (tensor<1x24x8x12xf32>, tensor<12x3x3x1xf32>) -> tensor<1x24x8x12xf32>
      schedule.yield %r : tensor<1x24x8x12xf32>
    }
    return %1 : tensor<1x24x8x12xf32>
  }
}

// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME: %[[BEGIN:[^ ]+]]: index, %[[END:[^ ]+]]: index)
// CHECK: scf.for %{{.+}} = %[[BEGIN]] to %[[END]]
// CHECK-NEXT: scf.for %{{.+}} = %c0 to %c8 step %c2
// CHECK-NEXT: scf.for %{{.+}} = %c0 to %c3 step
// CHECK: iter_args
// CHECK-LABEL: func.func private @kernel_1

// CHAIN-LABEL: func.func private @kernel_0
// CHAIN: scf.for %{{.+}} = %{{.+}} to %c3 step
// CHAIN: scf.for %{{.+}} = %{{.+}} to %{{.+}} step
// CHAIN-NEXT: scf.for %{{.+}} = %{{.+}} to %c8{{[_0-9]*}} step %c2
// CHAIN-NOT: to %c3 step
