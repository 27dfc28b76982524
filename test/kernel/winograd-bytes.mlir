// Winograd's method on bytes: inputs at the points are i16 in scratch, two to a
// word, and the outputs' transform is 4 times the direct sum, which a shift makes
// of it. The packed filters begin with what the inputs' zero point makes of each
// channel's sums: 2 i16 for each of 8 channels and 16 points of 4 channels by 8.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// CHECK-LABEL: func.func @pairs
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<64xi8> {llvm.noalias}, %[[FILTER:[^:]+]]: memref<528xi16>
// CHECK: arith.extsi %{{.+}} : vector<4xi8> to vector<4xi16>
// CHECK: arith.subi %{{.+}} : vector<4xi16>
// CHECK: vector.bitcast %{{.+}} : vector<4xi16> to vector<2xi32>
// CHECK: vector.load %[[FILTER]]
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK: vector.load %[[FILTER]]
// CHECK: arith.shrsi %{{.+}} : vector<8xi32>
// CHECK: arith.addi %{{.+}} : vector<8xi32>
#avx2 = #schedule.machine<name = "avx2", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "+avx2", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 675, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0, winograd = 2>
module attributes {schedule.machine = #avx2} {
  func.func @pairs(%x: tensor<1x4x4x4xi8>) -> tensor<1x2x2x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x3x3x4xi8>} : tensor<8x3x3x4xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tiling} : (tensor<1x4x4x4xi8>, tensor<8x3x3x4xi8>) -> tensor<1x2x2x8xi32> {
    ^bb0(%a: tensor<1x4x4x4xi8>, %b: tensor<8x3x3x4xi8>):
      %r = edge.integer_conv2d %a, %b {input_zero_point = -3 : i64, pad_value = -3 : i64} : (tensor<1x4x4x4xi8>, tensor<8x3x3x4xi8>) -> tensor<1x2x2x8xi32>
      schedule.yield %r : tensor<1x2x2x8xi32>
    }
    return %0 : tensor<1x2x2x8xi32>
  }
}

// -----

// A register of i16 is the weights of two vectors of sums; without a zero point
// nothing comes before the filters.
// CHECK-LABEL: func.func @lanes
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<128xi8> {llvm.noalias}, %[[FILTER:[^:]+]]: memref<1024xi16>
// CHECK: vector.load %[[FILTER]]{{.+}} vector<8xi16>
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.smull.v4i32"
#neon = #schedule.machine<name = "neon", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a53", features = "+neon", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 50, fmaLatency = 8, inOrder = true, l1Bytes = 32768, l2Bytes = 524288, l3Bytes = 0, l2BytesPerCycle = 800, memoryBytesPerCycle = 200, cores = 4, clockMHz = 1200>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 2, unroll = 8, prefetch = 0, prefetchNext = false, split = rows, cycles = 0, winograd = 2>
module attributes {schedule.machine = #neon} {
  func.func @lanes(%x: tensor<1x4x4x8xi8>) -> tensor<1x2x2x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x3x3x8xi8>} : tensor<8x3x3x8xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tiling} : (tensor<1x4x4x8xi8>, tensor<8x3x3x8xi8>) -> tensor<1x2x2x8xi32> {
    ^bb0(%a: tensor<1x4x4x8xi8>, %b: tensor<8x3x3x8xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x4x4x8xi8>, tensor<8x3x3x8xi8>) -> tensor<1x2x2x8xi32>
      schedule.yield %r : tensor<1x2x2x8xi32>
    }
    return %0 : tensor<1x2x2x8xi32>
  }
}
