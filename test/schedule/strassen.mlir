// Strassen's method where it is predicted to be faster: products of a large
// depth by constant matrices, whose rows may lie in an image with a halo.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{strassen=on})' | FileCheck %s
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{strassen=off})' | FileCheck %s -check-prefix=OFF
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{strassen=always})' | FileCheck %s -check-prefix=ALWAYS

// With strassen=auto weights may grow by a tenth and 128 KB: those of 256 KB do, those of 4 MB do not.
// RUN: edge-opt %s -pass-pipeline='builtin.module(edge-choose-tiles{strassen=auto})' | FileCheck %s -check-prefix=AUTO

module attributes {schedule.machine = #schedule.machine<name = "avx512", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 100, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 1048576, l3Bytes = 33554432, l2BytesPerCycle = 3200, memoryBytesPerCycle = 675, cores = 2, clockMHz = 3700>} {

  // OFF-NOT: strassen
  // CHECK-LABEL: func.func @pointwise
  // CHECK: strassen = 1
  // AUTO-LABEL: func.func @pointwise
  // AUTO: strassen = 1
  // ALWAYS-LABEL: func.func @pointwise
  // ALWAYS: strassen = 1
  func.func @pointwise(%x: tensor<1x28x28x256xf32>) -> tensor<1x28x28x256xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<256x1x1x256xf32>} : tensor<256x1x1x256xf32>
    %0 = schedule.kernel "conv" (%x, %f) {layouts = [#schedule.memory<shape = [1, 30, 30, 256], offsets = [0, 1, 1, 0]>]} : (tensor<1x28x28x256xf32>, tensor<256x1x1x256xf32>) -> tensor<1x28x28x256xf32> {
    ^bb0(%a: tensor<1x28x28x256xf32>, %b: tensor<256x1x1x256xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x28x28x256xf32>, tensor<256x1x1x256xf32>) -> tensor<1x28x28x256xf32>
      schedule.yield %r : tensor<1x28x28x256xf32>
    }
    return %0 : tensor<1x28x28x256xf32>
  }

  // CHECK-LABEL: func.func @connected
  // CHECK: strassen = 1
  // AUTO-LABEL: func.func @connected
  // AUTO-NOT: strassen
  func.func @connected(%x: tensor<784x1024xf32>) -> tensor<784x1024xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<1024x1024xf32>} : tensor<1024x1024xf32>
    %0 = schedule.kernel "product" (%x, %f) : (tensor<784x1024xf32>, tensor<1024x1024xf32>) -> tensor<784x1024xf32> {
    ^bb0(%a: tensor<784x1024xf32>, %b: tensor<1024x1024xf32>):
      %r = edge.fully_connected %a, %b : (tensor<784x1024xf32>, tensor<1024x1024xf32>) -> tensor<784x1024xf32>
      schedule.yield %r : tensor<784x1024xf32>
    }
    return %0 : tensor<784x1024xf32>
  }

  // Odd depths, groups, windows and weights that are no constants are not for it; a small depth does not pay.
  // CHECK-LABEL: func.func @direct
  // CHECK-NOT: strassen
  // ALWAYS-LABEL: func.func @direct
  // ALWAYS-NOT: strassen
  // ALWAYS: schedule.kernel "shallow"
  // ALWAYS-SAME: strassen = 1
  func.func @direct(%x: tensor<1x28x28x65xf32>, %y: tensor<1x28x28x64xf32>, %z: tensor<1x28x28x8xf32>, %m: tensor<196x256xf32>, %n: tensor<256x256xf32>) -> (tensor<1x28x28x64xf32>, tensor<1x28x28x64xf32>, tensor<1x26x26x64xf32>, tensor<196x256xf32>, tensor<1x28x28x64xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<64x1x1x65xf32>} : tensor<64x1x1x65xf32>
    %g = edge.constant {value = dense<1.0> : tensor<64x1x1x32xf32>} : tensor<64x1x1x32xf32>
    %w = edge.constant {value = dense<1.0> : tensor<64x3x3x64xf32>} : tensor<64x3x3x64xf32>
    %h = edge.constant {value = dense<1.0> : tensor<64x1x1x8xf32>} : tensor<64x1x1x8xf32>
    %0 = schedule.kernel "odd" (%x, %f) : (tensor<1x28x28x65xf32>, tensor<64x1x1x65xf32>) -> tensor<1x28x28x64xf32> {
    ^bb0(%a: tensor<1x28x28x65xf32>, %b: tensor<64x1x1x65xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x28x28x65xf32>, tensor<64x1x1x65xf32>) -> tensor<1x28x28x64xf32>
      schedule.yield %r : tensor<1x28x28x64xf32>
    }
    %1 = schedule.kernel "grouped" (%y, %g) : (tensor<1x28x28x64xf32>, tensor<64x1x1x32xf32>) -> tensor<1x28x28x64xf32> {
    ^bb0(%a: tensor<1x28x28x64xf32>, %b: tensor<64x1x1x32xf32>):
      %r = edge.conv2d %a, %b {groups = 2} : (tensor<1x28x28x64xf32>, tensor<64x1x1x32xf32>) -> tensor<1x28x28x64xf32>
      schedule.yield %r : tensor<1x28x28x64xf32>
    }
    %2 = schedule.kernel "window" (%y, %w) : (tensor<1x28x28x64xf32>, tensor<64x3x3x64xf32>) -> tensor<1x26x26x64xf32> {
    ^bb0(%a: tensor<1x28x28x64xf32>, %b: tensor<64x3x3x64xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x28x28x64xf32>, tensor<64x3x3x64xf32>) -> tensor<1x26x26x64xf32>
      schedule.yield %r : tensor<1x26x26x64xf32>
    }
    %3 = schedule.kernel "computed" (%m, %n) : (tensor<196x256xf32>, tensor<256x256xf32>) -> tensor<196x256xf32> {
    ^bb0(%a: tensor<196x256xf32>, %b: tensor<256x256xf32>):
      %r = edge.fully_connected %a, %b : (tensor<196x256xf32>, tensor<256x256xf32>) -> tensor<196x256xf32>
      schedule.yield %r : tensor<196x256xf32>
    }
    %4 = schedule.kernel "shallow" (%z, %h) : (tensor<1x28x28x8xf32>, tensor<64x1x1x8xf32>) -> tensor<1x28x28x64xf32> {
    ^bb0(%a: tensor<1x28x28x8xf32>, %b: tensor<64x1x1x8xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x28x28x8xf32>, tensor<64x1x1x8xf32>) -> tensor<1x28x28x64xf32>
      schedule.yield %r : tensor<1x28x28x64xf32>
    }
    return %0, %1, %2, %3, %4 : tensor<1x28x28x64xf32>, tensor<1x28x28x64xf32>, tensor<1x26x26x64xf32>, tensor<196x256xf32>, tensor<1x28x28x64xf32>
  }
}
