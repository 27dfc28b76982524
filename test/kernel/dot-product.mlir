// Products of bytes by the instructions that the machine has. Ten elements are two
// steps of four and a last one that takes the last four again: with the numbers
// that the sums begin with, a panel has four rows of four bytes per channel.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// Signed bytes are moved by 128 for the unsigned factor.
// CHECK-LABEL: func.func @vnni
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<10xi8> {llvm.noalias}, %{{.+}}: memref<256xi8>
// CHECK: arith.xori %{{.+}} : vector<16xi32>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
#vnni = #schedule.machine<name = "vnni", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512vnni,+avx512vl", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #vnni} {
  func.func @vnni(%x: tensor<1x1x1x10xi8>) -> tensor<1x1x1x16xi32> {
    %f = edge.constant {value = dense<1> : tensor<16x1x1x10xi8>} : tensor<16x1x1x10xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x10xi8>, tensor<16x1x1x10xi8>) -> tensor<1x1x1x16xi32> {
    ^bb0(%a: tensor<1x1x1x10xi8>, %b: tensor<16x1x1x10xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x10xi8>, tensor<16x1x1x10xi8>) -> tensor<1x1x1x16xi32>
      schedule.yield %r : tensor<1x1x1x16xi32>
    }
    return %0 : tensor<1x1x1x16xi32>
  }
}

// -----

// CHECK-LABEL: func.func @dotprod
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<10xi8> {llvm.noalias}, %{{.+}}: memref<64xi8>
// CHECK-NOT: arith.xori
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
#dotprod = #schedule.machine<name = "dotprod", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+dotprod", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #dotprod} {
  func.func @dotprod(%x: tensor<1x1x1x10xi8>) -> tensor<1x1x1x4xi32> {
    %f = edge.constant {value = dense<1> : tensor<4x1x1x10xi8>} : tensor<4x1x1x10xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x10xi8>, tensor<4x1x1x10xi8>) -> tensor<1x1x1x4xi32> {
    ^bb0(%a: tensor<1x1x1x10xi8>, %b: tensor<4x1x1x10xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x10xi8>, tensor<4x1x1x10xi8>) -> tensor<1x1x1x4xi32>
      schedule.yield %r : tensor<1x1x1x4xi32>
    }
    return %0 : tensor<1x1x1x4xi32>
  }
}

// -----

// Without dot products, the products of two bytes are added up in 16 bits.
// CHECK-LABEL: func.func @smlal
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<10xi8> {llvm.noalias}, %{{.+}}: memref<64xi8>
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.smull.v8i16"
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.smull.v8i16"
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.saddlp.v4i32.v8i16"
// Two products of -128 and -128 do not fit.
// CHECK: func.func private @kernel_1
// CHECK-NOT: smull
#smlal = #schedule.machine<name = "smlal", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a53", features = "+neon", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = true, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#one = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #smlal} {
  func.func @smlal(%x: tensor<1x1x1x10xi8>) -> (tensor<1x1x1x4xi32>, tensor<1x1x1x4xi32>) {
    %f = edge.constant {value = dense<-127> : tensor<4x1x1x10xi8>} : tensor<4x1x1x10xi8>
    %g = edge.constant {value = dense<-128> : tensor<4x1x1x10xi8>} : tensor<4x1x1x10xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #one} : (tensor<1x1x1x10xi8>, tensor<4x1x1x10xi8>) -> tensor<1x1x1x4xi32> {
    ^bb0(%a: tensor<1x1x1x10xi8>, %b: tensor<4x1x1x10xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x10xi8>, tensor<4x1x1x10xi8>) -> tensor<1x1x1x4xi32>
      schedule.yield %r : tensor<1x1x1x4xi32>
    }
    %1 = schedule.kernel "conv" (%x, %g) {tiling = #one} : (tensor<1x1x1x10xi8>, tensor<4x1x1x10xi8>) -> tensor<1x1x1x4xi32> {
    ^bb0(%a: tensor<1x1x1x10xi8>, %b: tensor<4x1x1x10xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x10xi8>, tensor<4x1x1x10xi8>) -> tensor<1x1x1x4xi32>
      schedule.yield %r : tensor<1x1x1x4xi32>
    }
    return %0, %1 : tensor<1x1x1x4xi32>, tensor<1x1x1x4xi32>
  }
}

// -----

// Bytes become i16 in a buffer of the function, a vector at a time; those of the
// filter when they are loaded. Ten elements are five steps of two.
// CHECK-LABEL: func.func @avx2
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<10xi8> {llvm.noalias}, %{{.+}}: memref<112xi8>
// CHECK: %[[WIDE:.+]] = memref.alloca
// CHECK: %[[EIGHT:.+]] = arith.extsi %{{.+}} : vector<8xi8> to vector<8xi16>
// CHECK: vector.store %[[EIGHT]], %[[WIDE]]
// CHECK: arith.extsi %{{.+}} : vector<2xi8> to vector<2xi16>
// CHECK: scf.for
// CHECK: arith.extsi %{{.+}} : vector<16xi8> to vector<16xi16>
// CHECK: vector.load %[[WIDE]]{{.+}}, vector<2xi16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
#avx2 = #schedule.machine<name = "avx2", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "+avx2", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #avx2} {
  func.func @avx2(%x: tensor<1x1x1x10xi8>) -> tensor<1x1x1x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x1x1x10xi8>} : tensor<8x1x1x10xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x10xi8>, tensor<8x1x1x10xi8>) -> tensor<1x1x1x8xi32> {
    ^bb0(%a: tensor<1x1x1x10xi8>, %b: tensor<8x1x1x10xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x10xi8>, tensor<8x1x1x10xi8>) -> tensor<1x1x1x8xi32>
      schedule.yield %r : tensor<1x1x1x8xi32>
    }
    return %0 : tensor<1x1x1x8xi32>
  }
}

// -----

// Every x86-64 has it for vectors of 128 bits.
// CHECK-LABEL: func.func @sse2
// CHECK: llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"
#sse2 = #schedule.machine<name = "sse2", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #sse2} {
  func.func @sse2(%x: tensor<1x1x1x10xi8>) -> tensor<1x1x1x8xi32> {
    %f = edge.constant {value = dense<1> : tensor<8x1x1x10xi8>} : tensor<8x1x1x10xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x10xi8>, tensor<8x1x1x10xi8>) -> tensor<1x1x1x8xi32> {
    ^bb0(%a: tensor<1x1x1x10xi8>, %b: tensor<8x1x1x10xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x10xi8>, tensor<8x1x1x10xi8>) -> tensor<1x1x1x8xi32>
      schedule.yield %r : tensor<1x1x1x8xi32>
    }
    return %0 : tensor<1x1x1x8xi32>
  }
}

// -----

// Four columns of a channel at a time: three taps of two outputs.
// CHECK-LABEL: func.func @depthwise
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<128xi8> {llvm.noalias}, %{{.+}}: memref<192xi8>
// CHECK: vector.shuffle {{.*}} [0, 16, 32, 48, 1, 17, 33, 49
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
#vnni = #schedule.machine<name = "vnni", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512vnni,+avx512vl", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #vnni} {
  func.func @depthwise(%x: tensor<1x1x8x16xi8>) -> tensor<1x1x6x16xi32> {
    %f = edge.constant {value = dense<1> : tensor<16x1x3x1xi8>} : tensor<16x1x3x1xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x8x16xi8>, tensor<16x1x3x1xi8>) -> tensor<1x1x6x16xi32> {
    ^bb0(%a: tensor<1x1x8x16xi8>, %b: tensor<16x1x3x1xi8>):
      %r = edge.integer_conv2d %a, %b {groups = 16 : i64} : (tensor<1x1x8x16xi8>, tensor<16x1x3x1xi8>) -> tensor<1x1x6x16xi32>
      schedule.yield %r : tensor<1x1x6x16xi32>
    }
    return %0 : tensor<1x1x6x16xi32>
  }
}

// -----

// What the machine's features take away is not used.
// CHECK-LABEL: func.func @without
// CHECK: func.func private @kernel_0
// CHECK-NOT: vpdpbusd
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"
#without = #schedule.machine<name = "without", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512bw,+avx512vnni,+avx512vl,-avx512vnni", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #without} {
  func.func @without(%x: tensor<1x1x1x10xi8>) -> tensor<1x1x1x16xi32> {
    %f = edge.constant {value = dense<1> : tensor<16x1x1x10xi8>} : tensor<16x1x1x10xi8>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x10xi8>, tensor<16x1x1x10xi8>) -> tensor<1x1x1x16xi32> {
    ^bb0(%a: tensor<1x1x1x10xi8>, %b: tensor<16x1x1x10xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x10xi8>, tensor<16x1x1x10xi8>) -> tensor<1x1x1x16xi32>
      schedule.yield %r : tensor<1x1x1x16xi32>
    }
    return %0 : tensor<1x1x1x16xi32>
  }
}

// -----

// Pairs of bf16: four steps, and one of the ninth element with a zero beside it.
// Sums of f32 are rounded when they are stored.
// CHECK-LABEL: func.func @brain
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<9xi16> {llvm.noalias}, %{{.+}}: memref<160xi16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"({{.*}}) : (vector<16xf32>, vector<32xbf16>, vector<32xbf16>) -> vector<16xf32>
// CHECK: %[[zero:.+]] = arith.constant 0 : i16
// CHECK: %[[last:.+]] = memref.load %{{.+}} : memref<9xi16>
// CHECK: vector.from_elements %[[last]], %[[zero]] : vector<2xi16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// CHECK: arith.truncf %{{.+}} : vector<16xf32> to vector<16xbf16>
#brain = #schedule.machine<name = "brain", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512bf16,+avx512vl", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #brain} {
  func.func @brain(%x: tensor<1x1x1x9xbf16>) -> tensor<1x1x1x16xbf16> {
    %f = edge.constant {value = dense<1.0> : tensor<16x1x1x9xbf16>} : tensor<16x1x1x9xbf16>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x9xbf16>, tensor<16x1x1x9xbf16>) -> tensor<1x1x1x16xbf16> {
    ^bb0(%a: tensor<1x1x1x9xbf16>, %b: tensor<16x1x1x9xbf16>):
      %r = edge.conv2d %a, %b : (tensor<1x1x1x9xbf16>, tensor<16x1x1x9xbf16>) -> tensor<1x1x1x16xbf16>
      schedule.yield %r : tensor<1x1x1x16xbf16>
    }
    return %0 : tensor<1x1x1x16xbf16>
  }
}

// -----

// CHECK-LABEL: func.func @bfdot
// CHECK: func.func private @kernel_0
// CHECK: llvm.call_intrinsic "llvm.aarch64.neon.bfdot.v4f32.v8bf16"({{.*}}) : (vector<4xf32>, vector<8xbf16>, vector<8xbf16>) -> vector<4xf32>
#bfdot = #schedule.machine<name = "bfdot", triple = "aarch64-unknown-linux-gnu", cpu = "neoverse-v1", features = "+bf16", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #bfdot} {
  func.func @bfdot(%x: tensor<1x1x1x9xbf16>) -> tensor<1x1x1x16xbf16> {
    %f = edge.constant {value = dense<1.0> : tensor<16x1x1x9xbf16>} : tensor<16x1x1x9xbf16>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x9xbf16>, tensor<16x1x1x9xbf16>) -> tensor<1x1x1x16xbf16> {
    ^bb0(%a: tensor<1x1x1x9xbf16>, %b: tensor<16x1x1x9xbf16>):
      %r = edge.conv2d %a, %b : (tensor<1x1x1x9xbf16>, tensor<16x1x1x9xbf16>) -> tensor<1x1x1x16xbf16>
      schedule.yield %r : tensor<1x1x1x16xbf16>
    }
    return %0 : tensor<1x1x1x16xbf16>
  }
}

// -----

// Without the instruction both factors become f32.
// CHECK-LABEL: func.func @widened
// CHECK: func.func private @kernel_0
// CHECK-NOT: dpbf16ps
// CHECK: arith.extui %{{.+}} : vector<16xi16> to vector<16xi32>
// CHECK: vector.fma
#widened = #schedule.machine<name = "widened", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512bf16,+avx512vl,-avx512bf16", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #widened} {
  func.func @widened(%x: tensor<1x1x1x9xbf16>) -> tensor<1x1x1x16xbf16> {
    %f = edge.constant {value = dense<1.0> : tensor<16x1x1x9xbf16>} : tensor<16x1x1x9xbf16>
    %0 = schedule.kernel "conv" (%x, %f) {tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<1x1x1x9xbf16>, tensor<16x1x1x9xbf16>) -> tensor<1x1x1x16xbf16> {
    ^bb0(%a: tensor<1x1x1x9xbf16>, %b: tensor<16x1x1x9xbf16>):
      %r = edge.conv2d %a, %b : (tensor<1x1x1x9xbf16>, tensor<16x1x1x9xbf16>) -> tensor<1x1x1x16xbf16>
      schedule.yield %r : tensor<1x1x1x16xbf16>
    }
    return %0 : tensor<1x1x1x16xbf16>
  }
}

// -----

// Zvqdotq: both signs of an input have an instruction with a scalar. Its words
// are those of memory, so another kernel must have written it: a model's input
// lies at any address.
// CHECK-LABEL: func.func @zvqdotq
// CHECK: func.func private @kernel_0
// CHECK: func.func private @kernel_1
// CHECK-SAME: memref<12xi8> {llvm.noalias}, %{{.+}}: memref<256xi8>
// CHECK-NOT: arith.xori
// CHECK: llvm.load %{{.+}} {alignment = 4 : i64} : !llvm.ptr -> i32
// CHECK: llvm.call_intrinsic "llvm.riscv.vqdotsu.nxv8i32.nxv32i8.i64.i64"
// CHECK: func.func private @kernel_2
// CHECK-NOT: vqdot
#zvqdotq = #schedule.machine<name = "zvqdotq", triple = "riscv64-unknown-linux-gnu", cpu = "generic-rv64", features = "+v,+experimental-zvqdotq", vectorBits = 512, vectorRegisters = 8, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 25, loadsPerCycle = 25, fmaLatency = 4, inOrder = true, l1Bytes = 32768, l2Bytes = 524288, l3Bytes = 0, l2BytesPerCycle = 1600, memoryBytesPerCycle = 250, cores = 8, clockMHz = 1600>
#one = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #zvqdotq} {
  func.func @zvqdotq(%x: tensor<1x1x1x12xui8>) -> (tensor<1x1x1x16xi32>, tensor<1x1x1x16xi32>) {
    %f = edge.constant {value = dense<1> : tensor<16x1x1x12xi8>} : tensor<16x1x1x12xi8>
    %y = schedule.kernel "max" (%x) {tiling = #one} : (tensor<1x1x1x12xui8>) -> tensor<1x1x1x12xui8> {
    ^bb0(%a: tensor<1x1x1x12xui8>):
      %r = edge.max %a, %a : (tensor<1x1x1x12xui8>, tensor<1x1x1x12xui8>) -> tensor<1x1x1x12xui8>
      schedule.yield %r : tensor<1x1x1x12xui8>
    }
    %0 = schedule.kernel "conv" (%y, %f) {tiling = #one} : (tensor<1x1x1x12xui8>, tensor<16x1x1x12xi8>) -> tensor<1x1x1x16xi32> {
    ^bb0(%a: tensor<1x1x1x12xui8>, %b: tensor<16x1x1x12xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x12xui8>, tensor<16x1x1x12xi8>) -> tensor<1x1x1x16xi32>
      schedule.yield %r : tensor<1x1x1x16xi32>
    }
    %1 = schedule.kernel "conv" (%x, %f) {tiling = #one} : (tensor<1x1x1x12xui8>, tensor<16x1x1x12xi8>) -> tensor<1x1x1x16xi32> {
    ^bb0(%a: tensor<1x1x1x12xui8>, %b: tensor<16x1x1x12xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x12xui8>, tensor<16x1x1x12xi8>) -> tensor<1x1x1x16xi32>
      schedule.yield %r : tensor<1x1x1x16xi32>
    }
    return %0, %1 : tensor<1x1x1x16xi32>, tensor<1x1x1x16xi32>
  }
}
