// One row whose weights are fetched ahead goes through both halves of its run
// side by side, with sums of their own.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// Of 75 quads two times 37, then the last one. Weights of a quad are 64 bytes,
// behind the 64 that sums begin with.
// CHECK-LABEL: func.func @bytes
// CHECK: func.func private @kernel_0
// CHECK: %[[SUMS:.+]]:2 = scf.for {{.+}} iter_args(%[[FIRST:.+]] = %{{.+}}, %[[SECOND:.+]] = %{{.+}}) -> (vector<16xi32>, vector<16xi32>)
// CHECK: "llvm.x86.avx512.vpdpbusd.512"(%[[FIRST]],
// CHECK: memref.prefetch
// CHECK: "llvm.x86.avx512.vpdpbusd.512"(%[[SECOND]],
// CHECK: memref.prefetch
// CHECK: scf.yield
// CHECK: arith.addi %[[SUMS]]#0, %[[SUMS]]#1 : vector<16xi32>
// CHECK: "llvm.x86.avx512.vpdpbusd.512"
// CHECK-NOT: vpdpbusd
// CHECK: return
#x86 = #schedule.machine<name = "x86", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512bw,+avx512vnni,+avx512vl", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#row = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 32, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #x86} {
  func.func @bytes(%x: tensor<1x1x1x300xui8>) -> tensor<1x1x1x16xi32> {
    %f = edge.constant {value = dense<1> : tensor<16x1x1x300xi8>} : tensor<16x1x1x300xi8>
    %0 = schedule.kernel "fc" (%x, %f) {tiling = #row} : (tensor<1x1x1x300xui8>, tensor<16x1x1x300xi8>) -> tensor<1x1x1x16xi32> {
    ^bb0(%a: tensor<1x1x1x300xui8>, %b: tensor<16x1x1x300xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x1x300xui8>, tensor<16x1x1x300xi8>) -> tensor<1x1x1x16xi32>
      schedule.yield %s : tensor<1x1x1x16xi32>
    }
    return %0 : tensor<1x1x1x16xi32>
  }
}

// -----

// Floats: chains of both halves, then the fifth of all.
// CHECK-LABEL: func.func @floats
// CHECK: func.func private @kernel_0
// CHECK: scf.for {{.+}} iter_args(%{{.+}} = %{{.+}}) -> (vector<16xf32>)
// CHECK: %[[PARTS:.+]]:2 = scf.for {{.+}} -> (vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-2: memref.prefetch
// CHECK: arith.addf {{.+}}, %[[PARTS]]#0 : vector<16xf32>
// CHECK: arith.addf {{.+}}, %[[PARTS]]#1 : vector<16xf32>
// CHECK: scf.for {{.+}} -> (vector<16xf32>)
// CHECK: return
#x86 = #schedule.machine<name = "x86", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512bw,+avx512vnni,+avx512vl", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#row = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 32, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #x86} {
  func.func @floats(%x: tensor<1x320xf32>) -> tensor<1x16xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<16x320xf32>} : tensor<16x320xf32>
    %0 = schedule.kernel "fc" (%x, %f) {tiling = #row} : (tensor<1x320xf32>, tensor<16x320xf32>) -> tensor<1x16xf32> {
    ^bb0(%a: tensor<1x320xf32>, %b: tensor<16x320xf32>):
      %s = edge.fully_connected %a, %b : (tensor<1x320xf32>, tensor<16x320xf32>) -> tensor<1x16xf32>
      schedule.yield %s : tensor<1x16xf32>
    }
    return %0 : tensor<1x16xf32>
  }
}
