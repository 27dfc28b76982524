// Products of bytes on a matrix unit, where the cost model finds it faster than
// dot products. A panel of rhs has the numbers that sums begin with, then steps of
// whole tiles: 2 x 64 bytes and 9 steps of 2 x 1024 here.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// Three rows of the filter, each a run of three steps; signed bytes.
// CHECK-LABEL: func.func @convolution
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<18560xi8>
// CHECK: llvm.call_intrinsic "llvm.x86.ldtilecfg"
// CHECK: scf.for
// CHECK: llvm.call_intrinsic "llvm.x86.tileloadd64"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.tdpbssd"
// CHECK-NOT: llvm.call_intrinsic "llvm.x86.tdpbssd"
// CHECK: llvm.call_intrinsic "llvm.x86.tilestored64"
// The next block's products, and the results of this one between them.
// CHECK: scf.for
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.tdpbssd"
// CHECK: vector.store
// CHECK: llvm.call_intrinsic "llvm.x86.tilerelease"
// CHECK: return
#amx = #schedule.machine<name = "amx", triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "+avx512vnni,+avx512vl,+amx-tile,+amx-int8", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 49152, l2Bytes = 2097152, l3Bytes = 31457280, l2BytesPerCycle = 4800, memoryBytesPerCycle = 500, cores = 1, clockMHz = 3400>
module attributes {schedule.machine = #amx} {
  func.func @convolution(%x: tensor<1x18x18x64xi8>) -> tensor<1x16x16x32xi32> {
    %f = edge.constant {value = dense<1> : tensor<32x3x3x64xi8>} : tensor<32x3x3x64xi8>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x18x18x64xi8>, tensor<32x3x3x64xi8>) -> tensor<1x16x16x32xi32> {
    ^bb0(%a: tensor<1x18x18x64xi8>, %b: tensor<32x3x3x64xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x18x18x64xi8>, tensor<32x3x3x64xi8>) -> tensor<1x16x16x32xi32>
      schedule.yield %r : tensor<1x16x16x32xi32>
    }
    return %0 : tensor<1x16x16x32xi32>
  }
}

// -----

// Of unsigned bytes; 130 of them are three steps of 44, of which the last lies
// over the second. A single output is not worth the unit's configuration.
// CHECK-LABEL: func.func @products
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<4352xi8>
// CHECK: llvm.call_intrinsic "llvm.x86.tdpbusd"
// CHECK: func.func private @kernel_1
// CHECK-NOT: tdpbusd
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
#amx = #schedule.machine<name = "amx", triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "+avx512vnni,+avx512vl,+amx-tile,+amx-int8", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 49152, l2Bytes = 2097152, l3Bytes = 31457280, l2BytesPerCycle = 4800, memoryBytesPerCycle = 500, cores = 1, clockMHz = 3400>
module attributes {schedule.machine = #amx} {
  func.func @products(%x: tensor<1x16x16x130xui8>, %y: tensor<1x1x1x130xui8>) -> (tensor<1x16x16x32xi32>, tensor<1x1x1x32xi32>) {
    %f = edge.constant {value = dense<1> : tensor<32x1x1x130xi8>} : tensor<32x1x1x130xi8>
    %0 = schedule.kernel "many" (%x, %f) : (tensor<1x16x16x130xui8>, tensor<32x1x1x130xi8>) -> tensor<1x16x16x32xi32> {
    ^bb0(%a: tensor<1x16x16x130xui8>, %b: tensor<32x1x1x130xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x16x16x130xui8>, tensor<32x1x1x130xi8>) -> tensor<1x16x16x32xi32>
      schedule.yield %r : tensor<1x16x16x32xi32>
    }
    %1 = schedule.kernel "one" (%y, %f) : (tensor<1x1x1x130xui8>, tensor<32x1x1x130xi8>) -> tensor<1x1x1x32xi32> {
    ^bb0(%a: tensor<1x1x1x130xui8>, %b: tensor<32x1x1x130xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x1x1x130xui8>, tensor<32x1x1x130xi8>) -> tensor<1x1x1x32xi32>
      schedule.yield %r : tensor<1x1x1x32xi32>
    }
    return %0, %1 : tensor<1x16x16x32xi32>, tensor<1x1x1x32xi32>
  }
}

// -----

// What the machine's features take away is not used.
// CHECK-LABEL: func.func @without
// CHECK: func.func private @kernel_0
// CHECK-NOT: ldtilecfg
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
#vnni = #schedule.machine<name = "vnni", triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "+avx512vnni,+avx512vl,+amx-tile,+amx-int8,-amx-int8", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 49152, l2Bytes = 2097152, l3Bytes = 31457280, l2BytesPerCycle = 4800, memoryBytesPerCycle = 500, cores = 1, clockMHz = 3400>
module attributes {schedule.machine = #vnni} {
  func.func @without(%x: tensor<1x16x16x64xi8>) -> tensor<1x16x16x32xi32> {
    %f = edge.constant {value = dense<1> : tensor<32x1x1x64xi8>} : tensor<32x1x1x64xi8>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x16x16x64xi8>, tensor<32x1x1x64xi8>) -> tensor<1x16x16x32xi32> {
    ^bb0(%a: tensor<1x16x16x64xi8>, %b: tensor<32x1x1x64xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x16x16x64xi8>, tensor<32x1x1x64xi8>) -> tensor<1x16x16x32xi32>
      schedule.yield %r : tensor<1x16x16x32xi32>
    }
    return %0 : tensor<1x16x16x32xi32>
  }
}

// -----

// Of bf16: a run of 96 is three steps of 32. 33 are odd, and steps that lie over
// each other would multiply infinities with zeros.
// CHECK-LABEL: func.func @brain
// CHECK: func.func private @kernel_0
// CHECK-SAME: memref<27648xi16>
// CHECK: llvm.call_intrinsic "llvm.x86.ldtilecfg"
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.tdpbf16ps"
// CHECK: arith.truncf %{{.+}} : vector<16xf32> to vector<16xbf16>
// CHECK: func.func private @kernel_1
// CHECK-NOT: tdpbf16ps
// CHECK: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
#brain = #schedule.machine<name = "brain", triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "+avx512bf16,+avx512vl,+amx-tile,+amx-bf16", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 49152, l2Bytes = 2097152, l3Bytes = 31457280, l2BytesPerCycle = 4800, memoryBytesPerCycle = 500, cores = 1, clockMHz = 3400>
module attributes {schedule.machine = #brain} {
  func.func @brain(%x: tensor<1x18x18x96xbf16>, %y: tensor<1x16x16x33xbf16>) -> (tensor<1x16x16x32xbf16>, tensor<1x16x16x32xbf16>) {
    %f = edge.constant {value = dense<1.0> : tensor<32x3x3x96xbf16>} : tensor<32x3x3x96xbf16>
    %g = edge.constant {value = dense<1.0> : tensor<32x1x1x33xbf16>} : tensor<32x1x1x33xbf16>
    %0 = schedule.kernel "whole" (%x, %f) : (tensor<1x18x18x96xbf16>, tensor<32x3x3x96xbf16>) -> tensor<1x16x16x32xbf16> {
    ^bb0(%a: tensor<1x18x18x96xbf16>, %b: tensor<32x3x3x96xbf16>):
      %r = edge.conv2d %a, %b : (tensor<1x18x18x96xbf16>, tensor<32x3x3x96xbf16>) -> tensor<1x16x16x32xbf16>
      schedule.yield %r : tensor<1x16x16x32xbf16>
    }
    %1 = schedule.kernel "odd" (%y, %g) : (tensor<1x16x16x33xbf16>, tensor<32x1x1x33xbf16>) -> tensor<1x16x16x32xbf16> {
    ^bb0(%a: tensor<1x16x16x33xbf16>, %b: tensor<32x1x1x33xbf16>):
      %r = edge.conv2d %a, %b : (tensor<1x16x16x33xbf16>, tensor<32x1x1x33xbf16>) -> tensor<1x16x16x32xbf16>
      schedule.yield %r : tensor<1x16x16x32xbf16>
    }
    return %0, %1 : tensor<1x16x16x32xbf16>, tensor<1x16x16x32xbf16>
  }
}
