// Bytes on Arm with dot products: weights come four vectors to a load, and four
// vectors of sums become one of bytes.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// Nothing keeps a NaN away from the last kernel, whose code is not shared.
// CHECK-LABEL: func.func @product
// CHECK: rt.launch @kernel_0
// CHECK: rt.launch @kernel_0
// CHECK: rt.launch @kernel_1
// CHECK: func.func private @kernel_0
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.ld1x4.v16i8.p0"
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// CHECK: arith.sitofp {{.+}} : vector<16xi32> to vector<16xf32>
// CHECK: arith.mulf
// CHECK-NOT: arith.maxnumf
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.aarch64.neon.fcvtns.v4i32.v4f32"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.aarch64.neon.sqxtn.v4i16"
// CHECK: llvm.call_intrinsic "llvm.sadd.sat.v8i16"
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sqxtn.v8i8"
// CHECK: llvm.call_intrinsic "llvm.sadd.sat.v8i16"
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sqxtn.v8i8"
// A bound that is tighter than that of bytes.
// CHECK: arith.maxsi {{.+}} : vector<16xi8>
// CHECK-NOT: arith.minsi
// CHECK: vector.store {{.+}} vector<16xi8>
// CHECK: func.func private @kernel_1
// CHECK: arith.maxnumf
#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+dotprod", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
#wide = #schedule.tiling<lanes = 4, rows = 1, columns = 5, vectors = 4, unroll = 16, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #a76} {
  func.func @product(%x: tensor<1x1x5x64xi8>) -> (tensor<1x1x5x16xi8>, tensor<1x1x5x16xi8>, tensor<1x1x5x16xi8>) {
    %f = edge.constant {value = dense<1> : tensor<16x1x1x64xi8>} : tensor<16x1x1x64xi8>
    %one = edge.constant {value = dense<0.5> : tensor<16xf32>} : tensor<16xf32>
    %other = edge.constant {value = dense<0.25> : tensor<16xf32>} : tensor<16xf32>
    %none = edge.constant {value = dense<0x7FC00000> : tensor<16xf32>} : tensor<16xf32>
    %0 = schedule.kernel "conv" (%x, %f, %one) {tiling = #wide} : (tensor<1x1x5x64xi8>, tensor<16x1x1x64xi8>, tensor<16xf32>) -> tensor<1x1x5x16xi8> {
    ^bb0(%a: tensor<1x1x5x64xi8>, %b: tensor<16x1x1x64xi8>, %c: tensor<16xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x5x64xi8>, tensor<16x1x1x64xi8>) -> tensor<1x1x5x16xi32>
      %r = edge.requantize %s, %c {low = -3 : i64, high = 127 : i64, zero_point = -3 : i64} : (tensor<1x1x5x16xi32>, tensor<16xf32>) -> tensor<1x1x5x16xi8>
      schedule.yield %r : tensor<1x1x5x16xi8>
    }
    %1 = schedule.kernel "conv" (%x, %f, %other) {tiling = #wide} : (tensor<1x1x5x64xi8>, tensor<16x1x1x64xi8>, tensor<16xf32>) -> tensor<1x1x5x16xi8> {
    ^bb0(%a: tensor<1x1x5x64xi8>, %b: tensor<16x1x1x64xi8>, %c: tensor<16xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x5x64xi8>, tensor<16x1x1x64xi8>) -> tensor<1x1x5x16xi32>
      %r = edge.requantize %s, %c {low = -3 : i64, high = 127 : i64, zero_point = -3 : i64} : (tensor<1x1x5x16xi32>, tensor<16xf32>) -> tensor<1x1x5x16xi8>
      schedule.yield %r : tensor<1x1x5x16xi8>
    }
    %2 = schedule.kernel "conv" (%x, %f, %none) {tiling = #wide} : (tensor<1x1x5x64xi8>, tensor<16x1x1x64xi8>, tensor<16xf32>) -> tensor<1x1x5x16xi8> {
    ^bb0(%a: tensor<1x1x5x64xi8>, %b: tensor<16x1x1x64xi8>, %c: tensor<16xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x5x64xi8>, tensor<16x1x1x64xi8>) -> tensor<1x1x5x16xi32>
      %r = edge.requantize %s, %c {low = -3 : i64, high = 127 : i64, zero_point = -3 : i64} : (tensor<1x1x5x16xi32>, tensor<16xf32>) -> tensor<1x1x5x16xi8>
      schedule.yield %r : tensor<1x1x5x16xi8>
    }
    return %0, %1, %2 : tensor<1x1x5x16xi8>, tensor<1x1x5x16xi8>, tensor<1x1x5x16xi8>
  }
}

// -----

// Quads of 16 channels: four columns are interleaved twice, and each vector of
// four quads is multiplied with weights out of a stream.
// CHECK-LABEL: func.func @depthwise
// CHECK: func.func private @kernel_0
// CHECK-COUNT-4: vector.load {{.+}} vector<16xi8>
// CHECK: vector.shuffle {{.+}} [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23]
// CHECK: vector.shuffle {{.+}} [0, 8, 1, 9, 2, 10, 3, 11] : vector<8xi16>, vector<8xi16>
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.ld1x4.v16i8.p0"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sqrdmulh.v4i32"
#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+dotprod", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
#tile = #schedule.tiling<lanes = 4, rows = 2, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #a76} {
  func.func @depthwise(%x: tensor<1x4x4x32xi8>) -> tensor<1x2x2x32xi8> {
    %f = edge.constant {value = dense<1> : tensor<32x3x3x1xi8>} : tensor<32x3x3x1xi8>
    %m = edge.constant {value = dense<1073741824> : tensor<32xi32>} : tensor<32xi32>
    %n = edge.constant {value = dense<3> : tensor<32xi32>} : tensor<32xi32>
    %0 = schedule.kernel "depthwise" (%x, %f, %m, %n) {tiling = #tile} : (tensor<1x4x4x32xi8>, tensor<32x3x3x1xi8>, tensor<32xi32>, tensor<32xi32>) -> tensor<1x2x2x32xi8> {
    ^bb0(%a: tensor<1x4x4x32xi8>, %b: tensor<32x3x3x1xi8>, %c: tensor<32xi32>, %d: tensor<32xi32>):
      %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
      %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
      %s = edge.integer_conv2d %a, %b {groups = 32 : i64} : (tensor<1x4x4x32xi8>, tensor<32x3x3x1xi8>) -> tensor<1x2x2x32xi32>
      %r = edge.rescale double %s, %c, %d : (tensor<1x2x2x32xi32>, tensor<32xi32>, tensor<32xi32>) -> tensor<1x2x2x32xi32>
      %at = edge.max %r, %low : (tensor<1x2x2x32xi32>, tensor<i32>) -> tensor<1x2x2x32xi32>
      %most = edge.min %at, %high : (tensor<1x2x2x32xi32>, tensor<i32>) -> tensor<1x2x2x32xi32>
      %bytes = edge.cast %most : (tensor<1x2x2x32xi32>) -> tensor<1x2x2x32xi8>
      schedule.yield %bytes : tensor<1x2x2x32xi8>
    }
    return %0 : tensor<1x2x2x32xi8>
  }
}

// -----

// Without dot products, two taps' products are added up in 16 bits, and small
// weights' as long as they fit: here 60 for each tap, four of which do. The
// outputs of a row share the filter.
// CHECK-LABEL: func.func @chains
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<192xi8> {llvm.noalias}, %{{.+}}: memref<208xi8>
// CHECK-COUNT-4: arith.muli {{.+}} : vector<16xi16>
// CHECK: arith.extsi {{.+}} : vector<16xi16> to vector<16xi32>
// CHECK-COUNT-4: arith.muli {{.+}} : vector<16xi16>
// CHECK: arith.extsi {{.+}} : vector<16xi16> to vector<16xi32>
#a53 = #schedule.machine<name = "a53", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a53", features = "+neon", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 100, fmaLatency = 4, inOrder = true, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 0, l2BytesPerCycle = 800, memoryBytesPerCycle = 200, cores = 4, clockMHz = 1400>
#tile = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #a53} {
  func.func @chains(%x: tensor<1x3x4x16xi8>) -> tensor<1x1x2x16xi32> {
    %f = edge.constant {value = dense<60> : tensor<16x3x3x1xi8>} : tensor<16x3x3x1xi8>
    %0 = schedule.kernel "depthwise" (%x, %f) {tiling = #tile} : (tensor<1x3x4x16xi8>, tensor<16x3x3x1xi8>) -> tensor<1x1x2x16xi32> {
    ^bb0(%a: tensor<1x3x4x16xi8>, %b: tensor<16x3x3x1xi8>):
      %s = edge.integer_conv2d %a, %b {groups = 16 : i64} : (tensor<1x3x4x16xi8>, tensor<16x3x3x1xi8>) -> tensor<1x1x2x16xi32>
      schedule.yield %s : tensor<1x1x2x16xi32>
    }
    return %0 : tensor<1x1x2x16xi32>
  }
}
