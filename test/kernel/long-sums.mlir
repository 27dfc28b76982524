// Long sums of f32 are put aside on the way. The first block goes on from the
// bias, the others begin with zeros and are added: of 64 products none, of 128
// one, of 192 two in a loop. A filter on few channels is cut between its rows.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-emit-kernels)' | FileCheck %s

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 1, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 8>

module attributes {schedule.machine = #machine} {
  func.func @f(%x: tensor<1x4x4x64xf32>, %y: tensor<1x4x4x128xf32>, %z: tensor<1x4x4x192xf32>, %image: tensor<1x6x6x3xf32>, %c: tensor<4xf32>)
      -> (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<4x1x1x64xf32>} : tensor<4x1x1x64xf32>
    %g = edge.constant {value = dense<1.0> : tensor<4x1x1x128xf32>} : tensor<4x1x1x128xf32>
    %h = edge.constant {value = dense<1.0> : tensor<4x1x1x192xf32>} : tensor<4x1x1x192xf32>
    %i = edge.constant {value = dense<1.0> : tensor<4x3x3x3xf32>} : tensor<4x3x3x3xf32>
    %0 = schedule.kernel "a" (%x, %f, %c) {tiling = #tiling} : (tensor<1x4x4x64xf32>, tensor<4x1x1x64xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32> {
    ^bb0(%a: tensor<1x4x4x64xf32>, %b: tensor<4x1x1x64xf32>, %d: tensor<4xf32>):
      %r = edge.conv2d %a, %b, %d : (tensor<1x4x4x64xf32>, tensor<4x1x1x64xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
      schedule.yield %r : tensor<1x4x4x4xf32>
    }
    %1 = schedule.kernel "b" (%y, %g, %c) {tiling = #tiling} : (tensor<1x4x4x128xf32>, tensor<4x1x1x128xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32> {
    ^bb0(%a: tensor<1x4x4x128xf32>, %b: tensor<4x1x1x128xf32>, %d: tensor<4xf32>):
      %r = edge.conv2d %a, %b, %d : (tensor<1x4x4x128xf32>, tensor<4x1x1x128xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
      schedule.yield %r : tensor<1x4x4x4xf32>
    }
    %2 = schedule.kernel "c" (%z, %h, %c) {tiling = #tiling} : (tensor<1x4x4x192xf32>, tensor<4x1x1x192xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32> {
    ^bb0(%a: tensor<1x4x4x192xf32>, %b: tensor<4x1x1x192xf32>, %d: tensor<4xf32>):
      %r = edge.conv2d %a, %b, %d : (tensor<1x4x4x192xf32>, tensor<4x1x1x192xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
      schedule.yield %r : tensor<1x4x4x4xf32>
    }
    %3 = schedule.kernel "d" (%image, %i, %c) {tiling = #tiling} : (tensor<1x6x6x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32> {
    ^bb0(%a: tensor<1x6x6x3xf32>, %b: tensor<4x3x3x3xf32>, %d: tensor<4xf32>):
      %r = edge.conv2d %a, %b, %d : (tensor<1x6x6x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
      schedule.yield %r : tensor<1x4x4x4xf32>
    }
    return %0, %1, %2, %3 : tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>
  }
}

// CHECK-LABEL: func.func private @kernel_0
// CHECK: %[[BIAS:.+]] = vector.load %arg2
// CHECK: scf.for %{{.+}} = %c0 to %c64 step %c1 iter_args(%{{.+}} = %[[BIAS]])
// CHECK-NOT: arith.addf
// CHECK-LABEL: func.func private @kernel_1
// CHECK: %[[BIAS:.+]] = vector.load %arg2
// CHECK: %[[FIRST:.+]] = scf.for %{{.+}} = %c0 to %c64 step %c1 iter_args(%{{.+}} = %[[BIAS]])
// CHECK: %[[SECOND:.+]] = scf.for %{{.+}} = %c0 to %c64 step %c1 iter_args(%{{.+}} = %cst)
// CHECK: arith.addf %[[FIRST]], %[[SECOND]]
// CHECK-LABEL: func.func private @kernel_2
// CHECK: %[[BIAS:.+]] = vector.load %arg2
// CHECK: %[[FIRST:.+]] = scf.for %{{.+}} = %c0 to %c64 step %c1 iter_args(%{{.+}} = %[[BIAS]])
// CHECK: scf.for %{{.+}} = %c64 to %c192 step %c64 iter_args(%[[SUM:.+]] = %[[FIRST]])
// CHECK: %[[NEXT:.+]] = scf.for %{{.+}} = %c0 to %c64 step %c1 iter_args(%{{.+}} = %cst)
// CHECK: arith.addf %[[SUM]], %[[NEXT]]
// CHECK-LABEL: func.func private @kernel_3
// CHECK: %[[BIAS:.+]] = vector.load %arg2
// CHECK: %[[FIRST:.+]] = scf.for %{{.+}} = %c0 to %c9 step %c1 iter_args(%{{.+}} = %[[BIAS]])
// CHECK: scf.for %{{.+}} = %c1 to %c3 step %c1 iter_args(%[[SUM:.+]] = %[[FIRST]])
// CHECK: %[[NEXT:.+]] = scf.for %{{.+}} = %c0 to %c9 step %c1 iter_args(%{{.+}} = %cst)
// CHECK: arith.addf %[[SUM]], %[[NEXT]]
