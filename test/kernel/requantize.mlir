// A factor, a zero point, bounds and a narrow type in one sequence. So many
// numbers share a result that no factor of float32 gives the same for all.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

#x86 = #schedule.machine<name = "x86", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "+avx2", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #x86} {
  // CHECK-LABEL: func.func @forms
  func.func @forms(%x: tensor<8xi8>) -> (tensor<8xi8>, tensor<8xi8>, tensor<8xi8>) {
    %m = edge.constant {value = dense<[1073741824, 1073741825, 1073741826, 1073741827, 1073741828, 1073741829, 1073741830, 1073741831]> : tensor<8xi32>} : tensor<8xi32>
    %positive = edge.constant {value = dense<[12, 13, 14, 15, 16, 17, 18, 19]> : tensor<8xi32>} : tensor<8xi32>
    %mixed = edge.constant {value = dense<[0, 13, 14, 15, 16, 17, 18, 19]> : tensor<8xi32>} : tensor<8xi32>
    // CHECK: rt.launch @kernel_0
    %0 = schedule.kernel "relu" (%x, %m, %positive) {tiling = #tiling} : (tensor<8xi8>, tensor<8xi32>, tensor<8xi32>) -> tensor<8xi8> {
    ^bb0(%a: tensor<8xi8>, %b: tensor<8xi32>, %c: tensor<8xi32>):
      %low = edge.constant {value = dense<-5> : tensor<i32>} : tensor<i32>
      %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
      %byte = edge.cast %a : (tensor<8xi8>) -> tensor<8xi32>
      %square = edge.mul %byte, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %cube = edge.mul %square, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %wide = edge.mul %cube, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %r = edge.rescale double %wide, %b, %c : (tensor<8xi32>, tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %sum = edge.add %r, %low : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %some = edge.max %sum, %low : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %all = edge.min %some, %high : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %n = edge.cast %all : (tensor<8xi32>) -> tensor<8xi8>
      schedule.yield %n : tensor<8xi8>
    }
    // Other constants, for which that sequence would be wrong: no shared code.
    // CHECK: rt.launch @kernel_1
    %1 = schedule.kernel "relu" (%x, %m, %mixed) {tiling = #tiling} : (tensor<8xi8>, tensor<8xi32>, tensor<8xi32>) -> tensor<8xi8> {
    ^bb0(%a: tensor<8xi8>, %b: tensor<8xi32>, %c: tensor<8xi32>):
      %low = edge.constant {value = dense<-5> : tensor<i32>} : tensor<i32>
      %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
      %byte = edge.cast %a : (tensor<8xi8>) -> tensor<8xi32>
      %square = edge.mul %byte, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %cube = edge.mul %square, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %wide = edge.mul %cube, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %r = edge.rescale double %wide, %b, %c : (tensor<8xi32>, tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %sum = edge.add %r, %low : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %some = edge.max %sum, %low : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %all = edge.min %some, %high : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %n = edge.cast %all : (tensor<8xi32>) -> tensor<8xi8>
      schedule.yield %n : tensor<8xi8>
    }
    // CHECK: rt.launch @kernel_2
    %2 = schedule.kernel "linear" (%x, %m, %positive) {tiling = #tiling} : (tensor<8xi8>, tensor<8xi32>, tensor<8xi32>) -> tensor<8xi8> {
    ^bb0(%a: tensor<8xi8>, %b: tensor<8xi32>, %c: tensor<8xi32>):
      %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
      %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
      %byte = edge.cast %a : (tensor<8xi8>) -> tensor<8xi32>
      %square = edge.mul %byte, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %cube = edge.mul %square, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %wide = edge.mul %cube, %byte : (tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %r = edge.rescale double %wide, %b, %c : (tensor<8xi32>, tensor<8xi32>, tensor<8xi32>) -> tensor<8xi32>
      %some = edge.max %r, %low : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %all = edge.min %some, %high : (tensor<8xi32>, tensor<i32>) -> tensor<8xi32>
      %n = edge.cast %all : (tensor<8xi32>) -> tensor<8xi8>
      schedule.yield %n : tensor<8xi8>
    }
    return %0, %1, %2 : tensor<8xi8>, tensor<8xi8>, tensor<8xi8>
  }
  // The zero point is part of the constant that products are added to; the
  // bound is one of bytes.
  // CHECK: func.func private @kernel_0
  // CHECK-NOT: vector<8xi1>
  // CHECK: arith.muli %{{.+}} : vector<4xi64>
  // CHECK: arith.muli %{{.+}} : vector<4xi64>
  // CHECK: vector.shuffle %{{.+}} [1, 9, 3, 11, 5, 13, 7, 15]
  // CHECK: arith.shrsi %{{.+}} : vector<8xi32>
  // CHECK: arith.trunci %{{.+}} : vector<8xi32> to vector<8xi8>
  // CHECK: arith.maxsi %{{.+}} : vector<8xi8>
  // CHECK: func.func private @kernel_1
  // CHECK: vector<8xi1>
  // Twice the number, from whose high half negative ones lose one.
  // CHECK: func.func private @kernel_2
  // CHECK: arith.addi %[[X:.+]], %[[X]] : vector<8xi32>
  // CHECK: arith.shrsi %[[X]]
  // CHECK: arith.shrsi
}

// -----

// Sums of few bytes: a factor of float32 gives the same results, which the
// kernel's constants become, as bits; the offset has the zero point. Both
// vectors are narrowed at once.
#x86 = #schedule.machine<name = "x86", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "+avx2", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #x86} {
  // CHECK-LABEL: func.func @reals
  // CHECK: rt.launch @kernel_0(%{{.+}}, %{{.+}}, %{{.+}})
  func.func @reals(%x: tensor<1x1x1x16xi8>) -> tensor<1x1x1x16xi8> {
    %f = edge.constant {value = dense<5> : tensor<16x1x1x1xi8>} : tensor<16x1x1x1xi8>
    %m = edge.constant {value = dense<[1073741824, 1073741825, 1073741826, 1073741827, 1073741828, 1073741829, 1073741830, 1073741831, 1173741824, 1173741825, 1173741826, 1173741827, 1173741828, 1173741829, 1173741830, 1173741831]> : tensor<16xi32>} : tensor<16xi32>
    %0 = schedule.kernel "depthwise" (%x, %f, %m) {tiling = #tiling} : (tensor<1x1x1x16xi8>, tensor<16x1x1x1xi8>, tensor<16xi32>) -> tensor<1x1x1x16xi8> {
    ^bb0(%a: tensor<1x1x1x16xi8>, %b: tensor<16x1x1x1xi8>, %c: tensor<16xi32>):
      %s = edge.constant {value = dense<2> : tensor<i32>} : tensor<i32>
      %zero = edge.constant {value = dense<3> : tensor<i32>} : tensor<i32>
      %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
      %sums = edge.integer_conv2d %a, %b {groups = 16 : i64} : (tensor<1x1x1x16xi8>, tensor<16x1x1x1xi8>) -> tensor<1x1x1x16xi32>
      %r = edge.rescale double %sums, %c, %s : (tensor<1x1x1x16xi32>, tensor<16xi32>, tensor<i32>) -> tensor<1x1x1x16xi32>
      %sum = edge.add %r, %zero : (tensor<1x1x1x16xi32>, tensor<i32>) -> tensor<1x1x1x16xi32>
      %some = edge.max %sum, %zero : (tensor<1x1x1x16xi32>, tensor<i32>) -> tensor<1x1x1x16xi32>
      %all = edge.min %some, %high : (tensor<1x1x1x16xi32>, tensor<i32>) -> tensor<1x1x1x16xi32>
      %n = edge.cast %all : (tensor<1x1x1x16xi32>) -> tensor<1x1x1x16xi8>
      schedule.yield %n : tensor<1x1x1x16xi8>
    }
    return %0 : tensor<1x1x1x16xi8>
  }
  // CHECK: func.func private @kernel_0
  // CHECK: arith.sitofp {{.+}} : vector<8xi8> to vector<8xf32>
  // CHECK: vector.fma
  // CHECK-NOT: arith.fptosi
  // CHECK: vector.bitcast {{.+}} : vector<16xi32> to vector<16xf32>
  // CHECK: vector.fma {{.+}} : vector<16xf32>
  // CHECK-COUNT-2: llvm.call_intrinsic "llvm.x86.avx.cvt.ps2dq.256"
  // CHECK: llvm.call_intrinsic "llvm.x86.avx2.packssdw"
  // CHECK-NOT: llvm.sadd.sat
  // CHECK: llvm.call_intrinsic "llvm.x86.avx2.packsswb"
  // CHECK: vector.shuffle {{.+}} [0, 4, 1, 5]
  // CHECK: vector.store {{.+}} vector<16xi8>
}

// -----

#arm = #schedule.machine<name = "arm", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+dotprod", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #arm} {
  // CHECK-LABEL: func.func @arm
  func.func @arm(%x: tensor<4xi8>) -> tensor<4xi8> {
    %m = edge.constant {value = dense<[1073741824, 1073741825, 1073741826, 1073741827]> : tensor<4xi32>} : tensor<4xi32>
    %s = edge.constant {value = dense<[1, 2, 3, 4]> : tensor<4xi32>} : tensor<4xi32>
    %0 = schedule.kernel "linear" (%x, %m, %s) {tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<4xi8>, tensor<4xi32>, tensor<4xi32>) -> tensor<4xi8> {
    ^bb0(%a: tensor<4xi8>, %b: tensor<4xi32>, %c: tensor<4xi32>):
      %wide = edge.cast %a : (tensor<4xi8>) -> tensor<4xi32>
      %r = edge.rescale double %wide, %b, %c : (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
      %n = edge.cast %r : (tensor<4xi32>) -> tensor<4xi8>
      schedule.yield %n : tensor<4xi8>
    }
    return %0 : tensor<4xi8>
  }
  // CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sqrdmulh.v4i32"
  // CHECK: llvm.call_intrinsic "llvm.aarch64.neon.srshl.v4i32"
}

// -----

// RISC-V's instructions work on vectors of unknown length, which ours begin.
#riscv = #schedule.machine<name = "riscv", triple = "riscv64-unknown-linux-gnu", cpu = "generic-rv64", features = "+v", vectorBits = 512, vectorRegisters = 8, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = true, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #riscv} {
  // CHECK-LABEL: func.func @riscv
  func.func @riscv(%x: tensor<16xi8>) -> tensor<16xi32> {
    %0 = schedule.kernel "linear" (%x) {tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<16xi8>) -> tensor<16xi32> {
    ^bb0(%a: tensor<16xi8>):
      %m = edge.constant {value = dense<1073741825> : tensor<i32>} : tensor<i32>
      %s = edge.constant {value = dense<3> : tensor<i32>} : tensor<i32>
      %wide = edge.cast %a : (tensor<16xi8>) -> tensor<16xi32>
      %r = edge.rescale double %wide, %m, %s : (tensor<16xi32>, tensor<i32>, tensor<i32>) -> tensor<16xi32>
      schedule.yield %r : tensor<16xi32>
    }
    return %0 : tensor<16xi32>
  }
  // CHECK: vector.scalable.insert %{{.+}} : vector<16xi32> into vector<[8]xi32>
  // CHECK: llvm.call_intrinsic "llvm.riscv.vsmul.nxv8i32.nxv8i32.i64"
  // CHECK: llvm.call_intrinsic "llvm.riscv.vssra.nxv8i32.nxv8i32.i64"
}
