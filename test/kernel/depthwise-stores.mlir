// Of a 3x3 filter the upper row of outputs is stored before the lowest row of
// inputs is read; of a 5x5 filter all are at the end. Two rows of one column
// read 4 and 6 inputs per column of the filter.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 2, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 8>

module attributes {schedule.machine = #machine} {
  func.func @f(%x: tensor<1x6x6x4xf32>, %y: tensor<1x6x6x4xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x2x2x4xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<4x3x3x1xf32>} : tensor<4x3x3x1xf32>
    %g = edge.constant {value = dense<1.0> : tensor<4x5x5x1xf32>} : tensor<4x5x5x1xf32>
    %0 = schedule.kernel "small" (%x, %f) {tiling = #tiling} : (tensor<1x6x6x4xf32>, tensor<4x3x3x1xf32>) -> tensor<1x4x4x4xf32> {
    ^bb0(%a: tensor<1x6x6x4xf32>, %b: tensor<4x3x3x1xf32>):
      %r = edge.conv2d %a, %b {groups = 4} : (tensor<1x6x6x4xf32>, tensor<4x3x3x1xf32>) -> tensor<1x4x4x4xf32>
      schedule.yield %r : tensor<1x4x4x4xf32>
    }
    %1 = schedule.kernel "large" (%y, %g) {tiling = #tiling} : (tensor<1x6x6x4xf32>, tensor<4x5x5x1xf32>) -> tensor<1x2x2x4xf32> {
    ^bb0(%a: tensor<1x6x6x4xf32>, %b: tensor<4x5x5x1xf32>):
      %r = edge.conv2d %a, %b {groups = 4} : (tensor<1x6x6x4xf32>, tensor<4x5x5x1xf32>) -> tensor<1x2x2x4xf32>
      schedule.yield %r : tensor<1x2x2x4xf32>
    }
    return %0, %1 : tensor<1x4x4x4xf32>, tensor<1x2x2x4xf32>
  }
}

// CHECK-LABEL: func.func private @kernel_0
// CHECK: vector.store
// CHECK-COUNT-3: vector.load
// CHECK: vector.store
// CHECK-LABEL: func.func private @kernel_1
// CHECK: vector.store
// CHECK-NOT: vector.load
// CHECK: vector.store
