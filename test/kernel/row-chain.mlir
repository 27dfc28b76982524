// The expanding convolution and the depthwise one behind it run in turns: one
// function, a window of rows as scratch instead of the whole tensor between.
// RUN: edge-opt %s -split-input-file -pass-pipeline='builtin.module(edge-emit-kernels{chain-bytes=0})' | FileCheck %s
// RUN: edge-opt %s -split-input-file -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s -check-prefix=APART

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 8>

// Of 26 rows of 10 pixels, halo included, seven stay: three that are read, one
// more of the expanding tiles on each side, and two to move less often.
// CHECK-LABEL: func.func @chain
// CHECK: rt.launch @kernel_0(
// CHECK-SAME: cycles = 16
// CHECK-SAME: kernel_name = "expand_depthwise"
// CHECK-SAME: #schedule.memory<shape = [320], offsets = [0]>
// CHECK-NOT: rt.launch
// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME: memref<768xf32> {llvm.noalias}, %{{.+}}: memref<320xf32> {llvm.noalias}, %{{.+}}: index, %{{.+}}: index)
// CHECK: scf.for {{.*}} iter_args(%{{.+}} = %{{.+}}, %{{.+}} = %{{.+}}) -> (index, index)
// APART-LABEL: func.func @chain
// APART-COUNT-2: rt.launch
module attributes {schedule.machine = #machine} {
  func.func @chain(%x: tensor<1x24x8x2xf32>) -> tensor<1x24x8x4xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<4x1x1x2xf32>} : tensor<4x1x1x2xf32>
    %g = edge.constant {value = dense<1.0> : tensor<4x3x3x1xf32>} : tensor<4x3x3x1xf32>
    %0 = schedule.kernel "expand" (%x, %f) {tiling = #tiling, layouts = [#schedule.memory<shape = [1, 26, 10, 4], offsets = [0, 1, 1, 0]>]} : (tensor<1x24x8x2xf32>, tensor<4x1x1x2xf32>) -> tensor<1x24x8x4xf32> {
    ^bb0(%a: tensor<1x24x8x2xf32>, %b: tensor<4x1x1x2xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x24x8x2xf32>, tensor<4x1x1x2xf32>) -> tensor<1x24x8x4xf32>
      schedule.yield %r : tensor<1x24x8x4xf32>
    }
    %1 = schedule.kernel "depthwise" (%0, %g) {tiling = #tiling} : (tensor<1x24x8x4xf32>, tensor<4x3x3x1xf32>) -> tensor<1x24x8x4xf32> {
    ^bb0(%a: tensor<1x24x8x4xf32>, %b: tensor<4x3x3x1xf32>):
      %r = edge.conv2d %a, %b {pads = array<i64: 1, 1, 1, 1>, groups = 4} : (tensor<1x24x8x4xf32>, tensor<4x3x3x1xf32>) -> tensor<1x24x8x4xf32>
      schedule.yield %r : tensor<1x24x8x4xf32>
    }
    return %1 : tensor<1x24x8x4xf32>
  }
}

// -----

// The heads of an attention, each a chain by itself: of two times 90 rows of
// scores 29 are left, and 41 of the softmax's.
// CHECK-LABEL: func.func @attention
// CHECK: rt.launch @kernel_0(%arg0, %arg1, %arg2)
// CHECK-SAME: kernel_name = "scores_softmax_weigh"
// CHECK-NOT: rt.launch
// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME: memref<720xf32> {llvm.noalias}, %{{.+}}: memref<2624xf32> {llvm.noalias}, %{{.+}}: memref<3712xf32> {llvm.noalias}, %{{.+}}: index, %{{.+}}: index)
// CHECK: scf.for {{.*}} -> (index, index, index, index)
// APART-LABEL: func.func @attention
// APART-COUNT-3: rt.launch
#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
module attributes {schedule.machine = #machine} {
  func.func @attention(%q: tensor<2x90x4xf32>, %k: tensor<2x4x90xf32>, %v: tensor<2x90x4xf32>) -> tensor<2x90x4xf32> {
    %0 = schedule.kernel "scores" (%q, %k) : (tensor<2x90x4xf32>, tensor<2x4x90xf32>) -> tensor<2x90x90xf32> {
    ^bb0(%a: tensor<2x90x4xf32>, %b: tensor<2x4x90xf32>):
      %r = edge.matmul %a, %b : (tensor<2x90x4xf32>, tensor<2x4x90xf32>) -> tensor<2x90x90xf32>
      schedule.yield %r : tensor<2x90x90xf32>
    }
    %1 = schedule.kernel "softmax" (%0) : (tensor<2x90x90xf32>) -> tensor<2x90x90xf32> {
    ^bb0(%a: tensor<2x90x90xf32>):
      %r = edge.softmax %a {axis = 2 : i64} : (tensor<2x90x90xf32>) -> tensor<2x90x90xf32>
      schedule.yield %r : tensor<2x90x90xf32>
    }
    %2 = schedule.kernel "weigh" (%1, %v) : (tensor<2x90x90xf32>, tensor<2x90x4xf32>) -> tensor<2x90x4xf32> {
    ^bb0(%a: tensor<2x90x90xf32>, %b: tensor<2x90x4xf32>):
      %r = edge.matmul %a, %b : (tensor<2x90x90xf32>, tensor<2x90x4xf32>) -> tensor<2x90x4xf32>
      schedule.yield %r : tensor<2x90x4xf32>
    }
    return %2 : tensor<2x90x4xf32>
  }
}
