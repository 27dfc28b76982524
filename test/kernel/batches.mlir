// The range of a batched product counts the tiles of all batches, three of each:
// a call goes through the batches that its part touches, and begins and ends
// inside of one. Groups of a convolution stay loops around the tiles.
// RUN: edge-opt %s -edge-emit-kernels | FileCheck %s

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 7>

module attributes {schedule.machine = #machine} {
  // CHECK-LABEL: func.func @batches
  // CHECK: rt.launch @kernel_0
  // CHECK-SAME: extent = 12
  func.func @batches(%x: tensor<4x5x3xf32>, %y: tensor<4x3x8xf32>) -> tensor<4x5x8xf32> {
    %0 = schedule.kernel "matmul" (%x, %y) {tiling = #tiling} : (tensor<4x5x3xf32>, tensor<4x3x8xf32>) -> tensor<4x5x8xf32> {
    ^bb0(%a: tensor<4x5x3xf32>, %b: tensor<4x3x8xf32>):
      %r = edge.matmul %a, %b : (tensor<4x5x3xf32>, tensor<4x3x8xf32>) -> tensor<4x5x8xf32>
      schedule.yield %r : tensor<4x5x8xf32>
    }
    return %0 : tensor<4x5x8xf32>
  }

  // CHECK-LABEL: func.func @groups
  // CHECK: rt.launch @kernel_1
  // CHECK-SAME: extent = 2
  func.func @groups(%x: tensor<2x4x4x4xf32>) -> tensor<2x2x2x16xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<16x3x3x2xf32>} : tensor<16x3x3x2xf32>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 7>} : (tensor<2x4x4x4xf32>, tensor<16x3x3x2xf32>) -> tensor<2x2x2x16xf32> {
    ^bb0(%a: tensor<2x4x4x4xf32>, %b: tensor<16x3x3x2xf32>):
      %r = edge.conv2d %a, %b {groups = 2 : i64} : (tensor<2x4x4x4xf32>, tensor<16x3x3x2xf32>) -> tensor<2x2x2x16xf32>
      schedule.yield %r : tensor<2x2x2x16xf32>
    }
    return %0 : tensor<2x2x2x16xf32>
  }
}

// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME: %[[BEGIN:[^ ]+]]: index, %[[END:[^ ]+]]: index)
// CHECK: %[[FIRST:.+]] = arith.divui %[[BEGIN]], %c3
// CHECK: scf.for %[[BATCH:.+]] = %[[FIRST]]
// CHECK: %[[TILES:.+]] = arith.muli %[[BATCH]], %c3
// CHECK: %[[FROM:.+]] = arith.maxsi %[[BEGIN]], %[[TILES]]
// CHECK: arith.subi %[[FROM]], %[[TILES]]
// CHECK: arith.minsi %[[END]]
// CHECK: vector.fma
