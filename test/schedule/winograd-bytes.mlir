// Winograd's method on bytes: where products are of pairs of i16, not where the
// machine multiplies four bytes at a time; and only where 4 times each sum, of
// tiles of 4x4 64 times, is known to fit 32 bits.
// RUN: edge-opt %s -split-input-file -pass-pipeline='builtin.module(edge-choose-tiles{winograd=on})' | FileCheck %s
// RUN: edge-opt %s -split-input-file -pass-pipeline='builtin.module(edge-choose-tiles{winograd=off})' | FileCheck %s -check-prefix=OFF
// RUN: edge-opt %s -split-input-file -pass-pipeline='builtin.module(edge-choose-tiles{winograd=4})' | FileCheck %s -check-prefix=FOUR
// RUN: edge-opt %s -split-input-file -pass-pipeline='builtin.module(edge-choose-tiles{winograd=2})' | FileCheck %s -check-prefix=TWO

// OFF-NOT: winograd
// CHECK-LABEL: func.func @pairs
// CHECK: schedule.kernel "conv"
// CHECK-SAME: winograd = {{[24]}}
// FOUR-LABEL: func.func @pairs
// FOUR: schedule.kernel "conv"
// FOUR-SAME: winograd = 4
#avx2 = #schedule.machine<name = "avx2", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "+avx2", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 675, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #avx2} {
  func.func @pairs(%x: tensor<1x34x34x32xi8>) -> tensor<1x32x32x32xi32> {
    %f = edge.constant {value = dense<1> : tensor<32x3x3x32xi8>} : tensor<32x3x3x32xi8>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x34x34x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x32x32x32xi32> {
    ^bb0(%a: tensor<1x34x34x32xi8>, %b: tensor<32x3x3x32xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x34x34x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x32x32x32xi32>
      schedule.yield %r : tensor<1x32x32x32xi32>
    }
    return %0 : tensor<1x32x32x32xi32>
  }

  // 4 * 9 * 1827 * 255 * 128 is below 2^31, with one channel more it is not.
  // TWO-LABEL: func.func @limit
  // TWO: schedule.kernel "fits"
  // TWO-SAME: winograd = 2
  // TWO: schedule.kernel "beyond"
  // TWO-NOT: winograd
  // TWO: return
  // FOUR-LABEL: func.func @limit
  // FOUR-NOT: winograd
  func.func @limit(%x: tensor<1x4x4x1827xui8>, %y: tensor<1x4x4x1828xui8>) -> (tensor<1x2x2x8xi32>, tensor<1x2x2x8xi32>) {
    %f = edge.constant {value = dense<-128> : tensor<8x3x3x1827xi8>} : tensor<8x3x3x1827xi8>
    %g = edge.constant {value = dense<-128> : tensor<8x3x3x1828xi8>} : tensor<8x3x3x1828xi8>
    %0 = schedule.kernel "fits" (%x, %f) : (tensor<1x4x4x1827xui8>, tensor<8x3x3x1827xi8>) -> tensor<1x2x2x8xi32> {
    ^bb0(%a: tensor<1x4x4x1827xui8>, %b: tensor<8x3x3x1827xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x4x4x1827xui8>, tensor<8x3x3x1827xi8>) -> tensor<1x2x2x8xi32>
      schedule.yield %r : tensor<1x2x2x8xi32>
    }
    %1 = schedule.kernel "beyond" (%y, %g) : (tensor<1x4x4x1828xui8>, tensor<8x3x3x1828xi8>) -> tensor<1x2x2x8xi32> {
    ^bb0(%a: tensor<1x4x4x1828xui8>, %b: tensor<8x3x3x1828xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x4x4x1828xui8>, tensor<8x3x3x1828xi8>) -> tensor<1x2x2x8xi32>
      schedule.yield %r : tensor<1x2x2x8xi32>
    }
    return %0, %1 : tensor<1x2x2x8xi32>, tensor<1x2x2x8xi32>
  }
}

// -----

// CHECK-LABEL: func.func @fours
// CHECK-NOT: winograd
// TWO-LABEL: func.func @fours
// TWO-NOT: winograd
#vnni = #schedule.machine<name = "vnni", triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512vnni,+avx512vl", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #vnni} {
  func.func @fours(%x: tensor<1x34x34x32xi8>) -> tensor<1x32x32x32xi32> {
    %f = edge.constant {value = dense<1> : tensor<32x3x3x32xi8>} : tensor<32x3x3x32xi8>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x34x34x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x32x32x32xi32> {
    ^bb0(%a: tensor<1x34x34x32xi8>, %b: tensor<32x3x3x32xi8>):
      %r = edge.integer_conv2d %a, %b : (tensor<1x34x34x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x32x32x32xi32>
      schedule.yield %r : tensor<1x32x32x32xi32>
    }
    return %0 : tensor<1x32x32x32xi32>
  }
}
