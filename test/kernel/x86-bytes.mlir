// Bytes on x86 with AVX-512: four vectors of sums become one of bytes by two
// packs, within whose 128 bits they lie side by side until a shuffle.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// What is known of a product by its factors decides about the code: the last
// one may be more than 32 bits hold.
// CHECK-LABEL: func.func @product
// CHECK: rt.launch @kernel_0
// CHECK: rt.launch @kernel_0
// CHECK: rt.launch @kernel_1
// CHECK: func.func private @kernel_0
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// CHECK: arith.sitofp {{.+}} : vector<64xi32> to vector<64xf32>
// CHECK: arith.mulf
// CHECK-NOT: arith.select
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2dq.512"
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// CHECK: llvm.call_intrinsic "llvm.sadd.sat.v32i16"
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// CHECK: llvm.call_intrinsic "llvm.sadd.sat.v32i16"
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.packsswb.512"
// CHECK: vector.shuffle {{.+}} [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]
// A bound that is tighter than that of bytes.
// CHECK: arith.maxsi {{.+}} : vector<64xi8>
// CHECK-NOT: arith.minsi
// CHECK: vector.store {{.+}} vector<64xi8>
// CHECK: func.func private @kernel_1
// CHECK: arith.cmpf olt
// CHECK: arith.select
// CHECK: "llvm.x86.avx512.mask.cvtps2dq.512"
#x86 = #schedule.machine<name = "x86", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512bw,+avx512vnni,+avx512vl", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#wide = #schedule.tiling<lanes = 16, rows = 1, columns = 5, vectors = 4, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #x86} {
  func.func @product(%x: tensor<1x1x5x64xi8>) -> (tensor<1x1x5x64xi8>, tensor<1x1x5x64xi8>, tensor<1x1x5x64xi8>) {
    %f = edge.constant {value = dense<1> : tensor<64x1x1x64xi8>} : tensor<64x1x1x64xi8>
    %one = edge.constant {value = dense<0.5> : tensor<64xf32>} : tensor<64xf32>
    %other = edge.constant {value = dense<0.25> : tensor<64xf32>} : tensor<64xf32>
    %large = edge.constant {value = dense<1.0e+9> : tensor<64xf32>} : tensor<64xf32>
    %0 = schedule.kernel "conv" (%x, %f, %one) {tiling = #wide} : (tensor<1x1x5x64xi8>, tensor<64x1x1x64xi8>, tensor<64xf32>) -> tensor<1x1x5x64xi8> {
    ^bb0(%a: tensor<1x1x5x64xi8>, %b: tensor<64x1x1x64xi8>, %c: tensor<64xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x5x64xi8>, tensor<64x1x1x64xi8>) -> tensor<1x1x5x64xi32>
      %r = edge.requantize %s, %c {low = -3 : i64, high = 127 : i64, zero_point = -3 : i64} : (tensor<1x1x5x64xi32>, tensor<64xf32>) -> tensor<1x1x5x64xi8>
      schedule.yield %r : tensor<1x1x5x64xi8>
    }
    %1 = schedule.kernel "conv" (%x, %f, %other) {tiling = #wide} : (tensor<1x1x5x64xi8>, tensor<64x1x1x64xi8>, tensor<64xf32>) -> tensor<1x1x5x64xi8> {
    ^bb0(%a: tensor<1x1x5x64xi8>, %b: tensor<64x1x1x64xi8>, %c: tensor<64xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x5x64xi8>, tensor<64x1x1x64xi8>) -> tensor<1x1x5x64xi32>
      %r = edge.requantize %s, %c {low = -3 : i64, high = 127 : i64, zero_point = -3 : i64} : (tensor<1x1x5x64xi32>, tensor<64xf32>) -> tensor<1x1x5x64xi8>
      schedule.yield %r : tensor<1x1x5x64xi8>
    }
    %2 = schedule.kernel "conv" (%x, %f, %large) {tiling = #wide} : (tensor<1x1x5x64xi8>, tensor<64x1x1x64xi8>, tensor<64xf32>) -> tensor<1x1x5x64xi8> {
    ^bb0(%a: tensor<1x1x5x64xi8>, %b: tensor<64x1x1x64xi8>, %c: tensor<64xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x5x64xi8>, tensor<64x1x1x64xi8>) -> tensor<1x1x5x64xi32>
      %r = edge.requantize %s, %c {low = -3 : i64, high = 127 : i64, zero_point = -3 : i64} : (tensor<1x1x5x64xi32>, tensor<64xf32>) -> tensor<1x1x5x64xi8>
      schedule.yield %r : tensor<1x1x5x64xi8>
    }
    return %0, %1, %2 : tensor<1x1x5x64xi8>, tensor<1x1x5x64xi8>, tensor<1x1x5x64xi8>
  }
}

// -----

// Both tiles' channels at once, unsigned: the second pack takes one register
// twice. Fixed-point factors are applied register by register.
// CHECK-LABEL: func.func @tiles
// CHECK: "llvm.x86.tdpbusd"
// CHECK: vector.load {{.+}} vector<32xi32>
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2dq.512"
// CHECK: %[[HALVES:.+]] = llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.packuswb.512"(%[[HALVES]], %[[HALVES]])
// CHECK: vector.store {{.+}} vector<32xi8>
// CHECK: func.func private @kernel_1
// CHECK: arith.shrsi {{.+}} : vector<16xi32>
// CHECK: arith.shrsi {{.+}} : vector<16xi32>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// CHECK: vector.store {{.+}} vector<32xi8>
#amx = #schedule.machine<name = "amx", triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "+avx512bw,+avx512vnni,+avx512vl,+amx-tile,+amx-int8", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 49152, l2Bytes = 2097152, l3Bytes = 31457280, l2BytesPerCycle = 4800, memoryBytesPerCycle = 500, cores = 1, clockMHz = 3400>
module attributes {schedule.machine = #amx} {
  func.func @tiles(%x: tensor<1x18x18x64xui8>) -> (tensor<1x16x16x32xui8>, tensor<1x16x16x32xi8>) {
    %f = edge.constant {value = dense<1> : tensor<32x3x3x64xi8>} : tensor<32x3x3x64xi8>
    %g = edge.constant {value = dense<127> : tensor<32x3x3x64xi8>} : tensor<32x3x3x64xi8>
    %factor = edge.constant {value = dense<0.5> : tensor<32xf32>} : tensor<32xf32>
    %multiplier = edge.constant {value = dense<1473741823> : tensor<32xi32>} : tensor<32xi32>
    %shift = edge.constant {value = dense<14> : tensor<32xi32>} : tensor<32xi32>
    %0 = schedule.kernel "conv" (%x, %f, %factor) : (tensor<1x18x18x64xui8>, tensor<32x3x3x64xi8>, tensor<32xf32>) -> tensor<1x16x16x32xui8> {
    ^bb0(%a: tensor<1x18x18x64xui8>, %b: tensor<32x3x3x64xi8>, %c: tensor<32xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x18x18x64xui8>, tensor<32x3x3x64xi8>) -> tensor<1x16x16x32xi32>
      %r = edge.requantize %s, %c {low = 0 : i64, high = 255 : i64} : (tensor<1x16x16x32xi32>, tensor<32xf32>) -> tensor<1x16x16x32xui8>
      schedule.yield %r : tensor<1x16x16x32xui8>
    }
    %1 = schedule.kernel "conv" (%x, %g, %multiplier, %shift) : (tensor<1x18x18x64xui8>, tensor<32x3x3x64xi8>, tensor<32xi32>, tensor<32xi32>) -> tensor<1x16x16x32xi8> {
    ^bb0(%a: tensor<1x18x18x64xui8>, %b: tensor<32x3x3x64xi8>, %c: tensor<32xi32>, %d: tensor<32xi32>):
      %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
      %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
      %s = edge.integer_conv2d %a, %b : (tensor<1x18x18x64xui8>, tensor<32x3x3x64xi8>) -> tensor<1x16x16x32xi32>
      %r = edge.rescale single %s, %c, %d : (tensor<1x16x16x32xi32>, tensor<32xi32>, tensor<32xi32>) -> tensor<1x16x16x32xi32>
      %m = edge.max %r, %low : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
      %n = edge.min %m, %high : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
      %o = edge.cast %n : (tensor<1x16x16x32xi32>) -> tensor<1x16x16x32xi8>
      schedule.yield %o : tensor<1x16x16x32xi8>
    }
    return %0, %1 : tensor<1x16x16x32xui8>, tensor<1x16x16x32xi8>
  }
}

// -----

// A requantized value that is a float again at once is rounded and bounded as
// words; nothing is packed until the end.
// CHECK-LABEL: func.func @residual
// CHECK: "llvm.x86.tdpbusd"
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2dq.512"
// CHECK-NOT: packssdw
// CHECK: arith.maxsi {{.+}} : vector<32xi32>
// CHECK: arith.minsi {{.+}} : vector<32xi32>
// CHECK: arith.addi {{.+}} : vector<32xi32>
// CHECK: arith.sitofp {{.+}} : vector<32xi32> to vector<32xf32>
// CHECK: arith.addf
// CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.mask.cvtps2dq.512"
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
#amx = #schedule.machine<name = "amx", triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "+avx512bw,+avx512vnni,+avx512vl,+amx-tile,+amx-int8", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 49152, l2Bytes = 2097152, l3Bytes = 31457280, l2BytesPerCycle = 4800, memoryBytesPerCycle = 500, cores = 1, clockMHz = 3400>
module attributes {schedule.machine = #amx} {
  func.func @residual(%x: tensor<1x18x18x64xui8>, %y: tensor<1x16x16x32xf32>) -> tensor<1x16x16x32xui8> {
    %f = edge.constant {value = dense<1> : tensor<32x3x3x64xi8>} : tensor<32x3x3x64xi8>
    %factor = edge.constant {value = dense<0.5> : tensor<32xf32>} : tensor<32xf32>
    %0 = schedule.kernel "conv" (%x, %f, %factor, %y) : (tensor<1x18x18x64xui8>, tensor<32x3x3x64xi8>, tensor<32xf32>, tensor<1x16x16x32xf32>) -> tensor<1x16x16x32xui8> {
    ^bb0(%a: tensor<1x18x18x64xui8>, %b: tensor<32x3x3x64xi8>, %c: tensor<32xf32>, %d: tensor<1x16x16x32xf32>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x18x18x64xui8>, tensor<32x3x3x64xi8>) -> tensor<1x16x16x32xi32>
      %r = edge.requantize %s, %c {low = 0 : i64, high = 255 : i64, zero_point = 7 : i64} : (tensor<1x16x16x32xi32>, tensor<32xf32>) -> tensor<1x16x16x32xui8>
      %w = edge.cast %r : (tensor<1x16x16x32xui8>) -> tensor<1x16x16x32xf32>
      %t = edge.add %w, %d : (tensor<1x16x16x32xf32>, tensor<1x16x16x32xf32>) -> tensor<1x16x16x32xf32>
      %u = edge.requantize %t {low = 0 : i64, high = 255 : i64} : (tensor<1x16x16x32xf32>) -> tensor<1x16x16x32xui8>
      schedule.yield %u : tensor<1x16x16x32xui8>
    }
    return %0 : tensor<1x16x16x32xui8>
  }
}
