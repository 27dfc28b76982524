// Products of two rows by two channels on Arm with i8mm: the bytes of two outputs
// side by side, weights of two channels in a register, and sums that become rows
// again behind the reduction.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// Forty bytes are two loads of two steps, and a step of eight. A panel has five
// steps of eight bytes for each of eight channels, behind the sums' beginnings.
// CHECK-LABEL: func.func @pairs
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<80xi8> {llvm.noalias}, %{{.+}}: memref<352xi8>
// CHECK: scf.for
// CHECK-COUNT-2: vector.load %{{.+}} : memref<80xi8>, vector<16xi8>
// CHECK: vector.shuffle %{{.+}} [0, 2] : vector<2xi64>, vector<2xi64>
// CHECK: vector.shuffle %{{.+}} [1, 3] : vector<2xi64>, vector<2xi64>
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.ld1x4.v16i8.p0"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.ld1x4.v16i8.p0"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"
// CHECK: scf.yield
// CHECK-COUNT-2: vector.load %{{.+}} : memref<80xi8>, vector<8xi8>
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"
// CHECK: vector.shuffle %{{.+}} [0, 1, 4, 5] : vector<4xi32>, vector<4xi32>
// CHECK: vector.shuffle %{{.+}} [2, 3, 6, 7] : vector<4xi32>, vector<4xi32>
#pairs = #schedule.machine<name = "pairs", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-x2", features = "+dotprod,+i8mm", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
#tile = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 2, unroll = 2, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #pairs} {
  func.func @pairs(%x: tensor<1x1x2x40xi8>) -> tensor<1x1x2x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x1x1x40xi8>} : tensor<8x1x1x40xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tile} : (tensor<1x1x2x40xi8>, tensor<8x1x1x40xi8>) -> tensor<1x1x2x8xi32> {
    ^bb0(%a: tensor<1x1x2x40xi8>, %b: tensor<8x1x1x40xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x2x40xi8>, tensor<8x1x1x40xi8>) -> tensor<1x1x2x8xi32>
      schedule.yield %s : tensor<1x1x2x8xi32>
    }
    return %0 : tensor<1x1x2x8xi32>
  }
}

// -----

// Unsigned bytes are multiplied as they are. The fifth output is its own
// neighbour, and three bytes that are left are the last of eight.
// CHECK-LABEL: func.func @unsigned_bytes
// CHECK: func.func private @kernel_0
// CHECK-NOT: arith.xori
// CHECK-COUNT-5: vector.load %{{.+}} : memref<255xi8>, vector<16xi8>
// CHECK-COUNT-48: llvm.call_intrinsic "llvm.aarch64.neon.usmmla.v4i32.v16i8"
// CHECK-COUNT-5: vector.load %{{.+}} : memref<255xi8>, vector<8xi8>
// CHECK-COUNT-24: llvm.call_intrinsic "llvm.aarch64.neon.usmmla.v4i32.v16i8"
// CHECK-NOT: usmmla
#unsigned_bytes = #schedule.machine<name = "unsigned_bytes", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-x2", features = "+dotprod,+i8mm", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
#tile = #schedule.tiling<lanes = 4, rows = 1, columns = 5, vectors = 4, unroll = 2, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #unsigned_bytes} {
  func.func @unsigned_bytes(%x: tensor<1x1x5x51xui8>) -> tensor<1x1x5x16xi32> {
    %f = edge.constant {value = dense<1> : tensor<16x1x1x51xi8>} : tensor<16x1x1x51xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tile} : (tensor<1x1x5x51xui8>, tensor<16x1x1x51xi8>) -> tensor<1x1x5x16xi32> {
    ^bb0(%a: tensor<1x1x5x51xui8>, %b: tensor<16x1x1x51xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x5x51xui8>, tensor<16x1x1x51xi8>) -> tensor<1x1x5x16xi32>
      schedule.yield %s : tensor<1x1x5x16xi32>
    }
    return %0 : tensor<1x1x5x16xi32>
  }
}

// -----

// In program order, weights are loaded one by one.
// CHECK-LABEL: func.func @in_order
// CHECK: func.func private @kernel_0
// CHECK-NOT: ld1x4
// CHECK: vector.load %{{.+}} : memref<544xi8>, vector<16xi8>
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"
#in_order = #schedule.machine<name = "in_order", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-x2", features = "+dotprod,+i8mm", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = true, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
#tile = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 2, unroll = 2, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #in_order} {
  func.func @in_order(%x: tensor<1x1x2x64xi8>) -> tensor<1x1x2x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x1x1x64xi8>} : tensor<8x1x1x64xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tile} : (tensor<1x1x2x64xi8>, tensor<8x1x1x64xi8>) -> tensor<1x1x2x8xi32> {
    ^bb0(%a: tensor<1x1x2x64xi8>, %b: tensor<8x1x1x64xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x2x64xi8>, tensor<8x1x1x64xi8>) -> tensor<1x1x2x8xi32>
      schedule.yield %s : tensor<1x1x2x8xi32>
    }
    return %0 : tensor<1x1x2x8xi32>
  }
}

// -----

// A single row has no neighbour: four bytes at a time, unsigned ones as they are.
// CHECK-LABEL: func.func @one_row
// CHECK: func.func private @kernel_0
// CHECK-NOT: arith.xori
// CHECK-NOT: usmmla
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.usdot.v4i32.v16i8"
#one_row = #schedule.machine<name = "one_row", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-x2", features = "+dotprod,+i8mm", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
#tile = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 2, unroll = 2, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #one_row} {
  func.func @one_row(%x: tensor<1x1x1x64xui8>) -> tensor<1x1x1x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x1x1x64xi8>} : tensor<8x1x1x64xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tile} : (tensor<1x1x1x64xui8>, tensor<8x1x1x64xi8>) -> tensor<1x1x1x8xi32> {
    ^bb0(%a: tensor<1x1x1x64xui8>, %b: tensor<8x1x1x64xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x1x64xui8>, tensor<8x1x1x64xi8>) -> tensor<1x1x1x8xi32>
      schedule.yield %s : tensor<1x1x1x8xi32>
    }
    return %0 : tensor<1x1x1x8xi32>
  }
}

// -----

// Nor is a run of less than eight bytes filled up.
// CHECK-LABEL: func.func @short
// CHECK: func.func private @kernel_0
// CHECK-NOT: smmla
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
#short = #schedule.machine<name = "short", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-x2", features = "+dotprod,+i8mm", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
#tile = #schedule.tiling<lanes = 4, rows = 1, columns = 4, vectors = 2, unroll = 2, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #short} {
  func.func @short(%x: tensor<1x1x4x6xi8>) -> tensor<1x1x4x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x1x1x6xi8>} : tensor<8x1x1x6xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #tile} : (tensor<1x1x4x6xi8>, tensor<8x1x1x6xi8>) -> tensor<1x1x4x8xi32> {
    ^bb0(%a: tensor<1x1x4x6xi8>, %b: tensor<8x1x1x6xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x4x6xi8>, tensor<8x1x1x6xi8>) -> tensor<1x1x4x8xi32>
      schedule.yield %s : tensor<1x1x4x8xi32>
    }
    return %0 : tensor<1x1x4x8xi32>
  }
}
