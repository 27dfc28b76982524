// A product and its depthwise convolution run for a panel of four channels at
// a time: the window between them holds all rows of the halo's four channels,
// and weights lie panel by panel.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels{panel-bytes=0})' | FileCheck %s
// Rows of all channels are handed over instead where they are asked for, and
// what fits the first-level cache stays apart.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels{chain-bytes=0})' | FileCheck %s -check-prefix=ROWS
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s -check-prefix=APART

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 9>

// CHECK-LABEL: func.func @chain
// CHECK: rt.launch @kernel_0(
// CHECK-SAME: extent = 1
// CHECK-SAME: kernel_name = "expand_depthwise"
// CHECK-SAME: #schedule.memory<shape = [448], offsets = [0]>
// CHECK-NOT: rt.launch
// CHECK-LABEL: func.func private @kernel_0
// Three panels; of each, weights of two inputs, a bias and nine taps.
// CHECK: scf.for %[[PANEL:.+]] = %{{.+}} to %{{.+}} step
// CHECK: scf.for {{.*}} iter_args(
// What its rows are written to is fetched before they are computed.
// CHECK: memref.prefetch %arg4{{.*}} write, locality<3>
// CHECK: arith.muli %[[PANEL]], %c8{{[_0-9]*}} overflow
// CHECK: %[[BIAS:.+]] = arith.muli %[[PANEL]], %c4{{[_0-9]*}} overflow
// CHECK: %[[PLACE:.+]] = arith.addi %{{.+}}, %[[BIAS]]
// CHECK: vector.load %arg2[%[[PLACE]]] : memref<12xf32>
// CHECK: arith.muli %[[PANEL]], %c36{{[_0-9]*}} overflow

// ROWS-LABEL: func.func @chain
// ROWS: rt.launch @kernel_0(
// ROWS-SAME: kernel_name = "expand_depthwise"
// ROWS-NOT: rt.launch
// APART-LABEL: func.func @chain
// APART-COUNT-2: rt.launch
module attributes {schedule.machine = #machine} {
  func.func @chain(%x: tensor<1x8x8x2xf32>) -> tensor<1x8x8x12xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<12x1x1x2xf32>} : tensor<12x1x1x2xf32>
    %c = edge.constant {value = dense<2.0> : tensor<12xf32>} : tensor<12xf32>
    %g = edge.constant {value = dense<1.0> : tensor<12x3x3x1xf32>} : tensor<12x3x3x1xf32>
    %0 = schedule.kernel "expand" (%x, %f, %c) {tiling = #tiling, layouts = [#schedule.memory<shape = [1, 10, 10, 16], offsets = [0, 1, 1, 0]>]} : (tensor<1x8x8x2xf32>, tensor<12x1x1x2xf32>, tensor<12xf32>) -> tensor<1x8x8x12xf32> {
    ^bb0(%a: tensor<1x8x8x2xf32>, %b: tensor<12x1x1x2xf32>, %d: tensor<12xf32>):
      %r = edge.conv2d %a, %b, %d : (tensor<1x8x8x2xf32>, tensor<12x1x1x2xf32>, tensor<12xf32>) -> tensor<1x8x8x12xf32>
      schedule.yield %r : tensor<1x8x8x12xf32>
    }
    %1 = schedule.kernel "depthwise" (%0, %g) {tiling = #tiling} : (tensor<1x8x8x12xf32>, tensor<12x3x3x1xf32>) -> tensor<1x8x8x12xf32> {
    ^bb0(%a: tensor<1x8x8x12xf32>, %b: tensor<12x3x3x1xf32>):
      %r = edge.conv2d %a, %b {pads = array<i64: 1, 1, 1, 1>, groups = 12} : (tensor<1x8x8x12xf32>, tensor<12x3x3x1xf32>) -> tensor<1x8x8x12xf32>
      schedule.yield %r : tensor<1x8x8x12xf32>
    }
    return %1 : tensor<1x8x8x12xf32>
  }
}
