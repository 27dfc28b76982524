// The schedule dialect's attributes and operators parse and print.
// RUN: edge-opt %s | edge-opt | FileCheck %s
// RUN: edge-opt %s -mlir-print-op-generic | edge-opt | FileCheck %s

// CHECK: module attributes {schedule.machine = #schedule.machine<name = "board", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a53", features = "+neon", vectorBits = 128
module attributes {schedule.machine = #schedule.machine<name = "board", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a53", features = "+neon",
    vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 50, loadsPerCycle = 100,
    fmaLatency = 4, inOrder = true, l1Bytes = 32768, l2Bytes = 524288, l3Bytes = 0, l2BytesPerCycle = 800, memoryBytesPerCycle = 200, cores = 4, clockMHz = 1400>} {
  // CHECK-LABEL: func @kernel
  // CHECK: schedule.kernel "relu"(%{{.*}}) {layouts = [#schedule.memory<shape = [4, 6], offsets = [0, 1]>], tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 8, vectors = 3, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 100>} : (tensor<4x4xf32>) -> tensor<4x4xf32> {
  // CHECK: schedule.yield %{{.*}} : tensor<4x4xf32>
  func.func @kernel(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
    %r = schedule.kernel "relu"(%x) {layouts = [#schedule.memory<shape = [4, 6], offsets = [0, 1]>],
        tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 8, vectors = 3, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 100>} : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    ^bb0(%a: tensor<4x4xf32>):
      %0 = edge.relu %a : (tensor<4x4xf32>) -> tensor<4x4xf32>
      schedule.yield %0 : tensor<4x4xf32>
    }
    return %r : tensor<4x4xf32>
  }
}

// Parts of larger buffers.
// CHECK: #schedule.memory<shape = [8, 12], offsets = [1, 4], halo = [1, 0] + [0, 0]>
// CHECK: #schedule.memory<shape = [3, 4], offsets = [0, 0], base = 4, allocated = 20, fill = -3>
func.func private @parts() attributes {
  beside = #schedule.memory<shape = [8, 12], offsets = [1, 4], halo = [1, 0] + [0, 0]>,
  run = #schedule.memory<shape = [3, 4], offsets = [0, 0], base = 4, allocated = 20, fill = -3>}
