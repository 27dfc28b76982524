// Kernels become functions on flat buffers and launches; equal kernels share a
// function, equal constants share their weights.
// RUN: edge-opt %s -edge-emit-kernels | FileCheck %s

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 7>

module attributes {schedule.machine = #machine} {
  // CHECK-LABEL: func.func @twice
  // The two layers have the same code and the same filter, but not the same bias.
  // CHECK-DAG: %[[F1:.+]] = rt.get_weights @weights_0 : tensor<64xf32>
  // CHECK-DAG: %[[B1:.+]] = rt.get_weights @weights_1 : tensor<8xf32>
  // CHECK: %[[A:.+]] = rt.launch @kernel_0(%{{.+}}, %[[F1]], %[[B1]])
  // CHECK-SAME: bytes = 480 : i64, cycles = 7 : i64, extent = 2 : i64, flops = 384 : i64
  // CHECK-SAME: kernel_name = "fc", layers = "first"
  // CHECK-SAME: layouts = [#schedule.memory<shape = [3, 8], offsets = [0, 0]>]
  // CHECK-DAG: %[[F2:.+]] = rt.get_weights @weights_0 : tensor<64xf32>
  // CHECK-DAG: %[[B2:.+]] = rt.get_weights @weights_2 : tensor<8xf32>
  // CHECK: rt.launch @kernel_0(%[[A]], %[[F2]], %[[B2]])
  // CHECK-SAME: layers = "second"
  func.func @twice(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<8x8xf32>} : tensor<8x8xf32>
    %b1 = edge.constant {value = dense<2.0> : tensor<8xf32>} : tensor<8xf32>
    %b2 = edge.constant {value = dense<3.0> : tensor<8xf32>} : tensor<8xf32>
    %0 = schedule.kernel "fc" (%x, %f, %b1) {tiling = #tiling} : (tensor<3x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<3x8xf32> {
    ^bb0(%a: tensor<3x8xf32>, %g: tensor<8x8xf32>, %c: tensor<8xf32>):
      %r = edge.fully_connected %a, %g, %c : (tensor<3x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<3x8xf32> loc("first")
      schedule.yield %r : tensor<3x8xf32>
    }
    %1 = schedule.kernel "fc" (%0, %f, %b2) {tiling = #tiling} : (tensor<3x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<3x8xf32> {
    ^bb0(%a: tensor<3x8xf32>, %g: tensor<8x8xf32>, %c: tensor<8xf32>):
      %r = edge.fully_connected %a, %g, %c : (tensor<3x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<3x8xf32> loc("second")
      schedule.yield %r : tensor<3x8xf32>
    }
    return %1 : tensor<3x8xf32>
  }
}

// The range counts tiles of two rows; the third row is a tile of one.
// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME: (%[[X:.+]]: memref<24xf32> {llvm.noalias}, %[[F:.+]]: memref<64xf32> {llvm.noalias}, %[[B:.+]]: memref<8xf32> {llvm.noalias}, %[[R:.+]]: memref<24xf32> {llvm.noalias}, %[[BEGIN:.+]]: index, %[[END:.+]]: index)
// CHECK: %[[WHOLE:.+]] = arith.minsi %[[END]], %c1
// CHECK: scf.for %{{.+}} = %[[BEGIN]] to %[[WHOLE]]
// CHECK: vector.load %[[B]]
// CHECK: scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>)
// CHECK: vector.load %[[F]]
// CHECK-COUNT-2: vector.fma
// CHECK-COUNT-2: vector.store %{{.+}}, %[[R]]
// CHECK: arith.cmpi slt, %c1{{[a-z0-9_]*}}, %[[END]]
// CHECK: vector.fma
// CHECK-NOT: vector.fma
// CHECK: return
// CHECK-NOT: func.func private
// CHECK: rt.weights @weights_0
// CHECK: rt.weights @weights_1
// CHECK: rt.weights @weights_2
// CHECK-NOT: rt.weights
