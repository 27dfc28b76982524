// The framework writes the zeros around a result, once, in the call whose range
// begins at 0; the emitter writes the inside.
// RUN: edge-opt %s -edge-emit-kernels | FileCheck %s

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>

// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME: (%{{.+}}: memref<16xf32> {llvm.noalias}, %{{.+}}: memref<16xf32> {llvm.noalias}, %[[R:.+]]: memref<64xf32> {llvm.noalias}, %[[BEGIN:.+]]: index,
// CHECK: %[[FIRST:.+]] = arith.cmpi eq, %[[BEGIN]], %c0
// CHECK: scf.if %[[FIRST]] {
// The row above: four pixels of four channels.
// CHECK-COUNT-4: vector.store %{{.+}}, %[[R]]
// Left and right of each row.
// CHECK: scf.for
// CHECK-COUNT-2: vector.store %{{.+}}, %[[R]]
// The row below.
// CHECK: }
// CHECK-COUNT-4: vector.store %{{.+}}, %[[R]]
// CHECK: }

// The convolution with pads reads them without any test.
// CHECK-LABEL: func.func private @kernel_1
// CHECK-NOT: arith.cmpi
// CHECK: return
module attributes {schedule.machine = #machine} {
  func.func @padded(%x: tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<4x1x1x4xf32>} : tensor<4x1x1x4xf32>
    %g = edge.constant {value = dense<1.0> : tensor<4x3x3x4xf32>} : tensor<4x3x3x4xf32>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tiling, layouts = [#schedule.memory<shape = [1, 4, 4, 4], offsets = [0, 1, 1, 0]>]} : (tensor<1x2x2x4xf32>, tensor<4x1x1x4xf32>) -> tensor<1x2x2x4xf32> {
    ^bb0(%a: tensor<1x2x2x4xf32>, %b: tensor<4x1x1x4xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x2x2x4xf32>, tensor<4x1x1x4xf32>) -> tensor<1x2x2x4xf32>
      schedule.yield %r : tensor<1x2x2x4xf32>
    }
    %1 = schedule.kernel "conv" (%0, %g) {tiling = #tiling} : (tensor<1x2x2x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x2x2x4xf32> {
    ^bb0(%a: tensor<1x2x2x4xf32>, %b: tensor<4x3x3x4xf32>):
      %r = edge.conv2d %a, %b {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x2x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x2x2x4xf32>
      schedule.yield %r : tensor<1x2x2x4xf32>
    }
    return %1 : tensor<1x2x2x4xf32>
  }
}
