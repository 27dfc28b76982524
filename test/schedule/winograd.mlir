// Winograd's method where it is predicted to be faster: large maps with filters
// that come transformed; small maps of many channels, whose filters come from
// memory, with taps that are transformed in registers, a vector at a time.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{winograd=on})' | FileCheck %s
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{winograd=off})' | FileCheck %s -check-prefix=OFF
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{winograd=4})' | FileCheck %s -check-prefix=FOUR
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{winograd=4-in-run})' | FileCheck %s -check-prefix=TAPS

// By default tiles are those of 2x2, and filters may add a tenth to the weights of 10 MB: the large map's do.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles)' | FileCheck %s -check-prefix=AUTO

module attributes {schedule.machine = #schedule.machine<name = "avx512", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 100, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 1048576, l3Bytes = 33554432, l2BytesPerCycle = 3200, memoryBytesPerCycle = 675, cores = 2, clockMHz = 3700>} {

  // OFF-NOT: winograd
  // CHECK-LABEL: func.func @large
  // CHECK: split = rows
  // CHECK-SAME: winograd = 4
  // AUTO-LABEL: func.func @large
  // AUTO: winograd = 2>
  func.func @large(%x: tensor<1x58x58x64xf32>) -> tensor<1x56x56x64xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<64x3x3x64xf32>} : tensor<64x3x3x64xf32>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x58x58x64xf32>, tensor<64x3x3x64xf32>) -> tensor<1x56x56x64xf32> {
    ^bb0(%a: tensor<1x58x58x64xf32>, %b: tensor<64x3x3x64xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x58x58x64xf32>, tensor<64x3x3x64xf32>) -> tensor<1x56x56x64xf32>
      schedule.yield %r : tensor<1x56x56x64xf32>
    }
    return %0 : tensor<1x56x56x64xf32>
  }

  // CHECK-LABEL: func.func @small
  // CHECK: columns = 4, vectors = 1, unroll = 1
  // CHECK-SAME: split = columns
  // CHECK-SAME: winograd = 4, filtersInRun = true
  // AUTO-LABEL: func.func @small
  // AUTO: vectors = 1, unroll = 1
  // AUTO-SAME: winograd = 2, filtersInRun = true
  func.func @small(%x: tensor<1x9x9x512xf32>) -> tensor<1x7x7x512xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<512x3x3x512xf32>} : tensor<512x3x3x512xf32>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x9x9x512xf32>, tensor<512x3x3x512xf32>) -> tensor<1x7x7x512xf32> {
    ^bb0(%a: tensor<1x9x9x512xf32>, %b: tensor<512x3x3x512xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x9x9x512xf32>, tensor<512x3x3x512xf32>) -> tensor<1x7x7x512xf32>
      schedule.yield %r : tensor<1x7x7x512xf32>
    }
    return %0 : tensor<1x7x7x512xf32>
  }

  // Where filters stay as large as they are, nothing has to be paid for.
  // AUTO-LABEL: func.func @deep
  // AUTO: winograd = 2, filtersInRun = true
  // TAPS-LABEL: func.func @deep
  // TAPS: winograd = 4, filtersInRun = true
  func.func @deep(%x: tensor<1x16x16x256xf32>) -> tensor<1x14x14x256xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<256x3x3x256xf32>} : tensor<256x3x3x256xf32>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x16x16x256xf32>, tensor<256x3x3x256xf32>) -> tensor<1x14x14x256xf32> {
    ^bb0(%a: tensor<1x16x16x256xf32>, %b: tensor<256x3x3x256xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x16x16x256xf32>, tensor<256x3x3x256xf32>) -> tensor<1x14x14x256xf32>
      schedule.yield %r : tensor<1x14x14x256xf32>
    }
    return %0 : tensor<1x14x14x256xf32>
  }

  // Strides and groups are not for it, few channels do not pay.
  // CHECK-LABEL: func.func @direct
  // CHECK-NOT: winograd
  // FOUR-LABEL: func.func @direct
  // FOUR-NOT: winograd
  // FOUR: schedule.kernel "few"
  // FOUR-SAME: winograd = 4
  func.func @direct(%x: tensor<1x57x57x64xf32>, %y: tensor<1x58x58x3xf32>) -> (tensor<1x28x28x64xf32>, tensor<1x55x55x64xf32>, tensor<1x56x56x8xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<64x3x3x64xf32>} : tensor<64x3x3x64xf32>
    %g = edge.constant {value = dense<1.0> : tensor<64x3x3x16xf32>} : tensor<64x3x3x16xf32>
    %h = edge.constant {value = dense<1.0> : tensor<8x3x3x3xf32>} : tensor<8x3x3x3xf32>
    %0 = schedule.kernel "strided" (%x, %f) : (tensor<1x57x57x64xf32>, tensor<64x3x3x64xf32>) -> tensor<1x28x28x64xf32> {
    ^bb0(%a: tensor<1x57x57x64xf32>, %b: tensor<64x3x3x64xf32>):
      %r = edge.conv2d %a, %b {strides = array<i64: 2, 2>} : (tensor<1x57x57x64xf32>, tensor<64x3x3x64xf32>) -> tensor<1x28x28x64xf32>
      schedule.yield %r : tensor<1x28x28x64xf32>
    }
    %1 = schedule.kernel "grouped" (%x, %g) : (tensor<1x57x57x64xf32>, tensor<64x3x3x16xf32>) -> tensor<1x55x55x64xf32> {
    ^bb0(%a: tensor<1x57x57x64xf32>, %b: tensor<64x3x3x16xf32>):
      %r = edge.conv2d %a, %b {groups = 4} : (tensor<1x57x57x64xf32>, tensor<64x3x3x16xf32>) -> tensor<1x55x55x64xf32>
      schedule.yield %r : tensor<1x55x55x64xf32>
    }
    %2 = schedule.kernel "few" (%y, %h) : (tensor<1x58x58x3xf32>, tensor<8x3x3x3xf32>) -> tensor<1x56x56x8xf32> {
    ^bb0(%a: tensor<1x58x58x3xf32>, %b: tensor<8x3x3x3xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x58x58x3xf32>, tensor<8x3x3x3xf32>) -> tensor<1x56x56x8xf32>
      schedule.yield %r : tensor<1x56x56x8xf32>
    }
    return %0, %1, %2 : tensor<1x28x28x64xf32>, tensor<1x55x55x64xf32>, tensor<1x56x56x8xf32>
  }
}
