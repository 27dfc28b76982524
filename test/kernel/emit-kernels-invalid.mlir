// Every kernel that cannot be written is reported, at its operator.
// RUN: edge-opt %s -edge-emit-kernels -split-input-file -verify-diagnostics

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #machine} {
  func.func @truths(%x: tensor<4x8xi1>, %f: tensor<8x8xi1>) -> (tensor<4x8xi1>, tensor<4x8xi1>) {
    %0 = schedule.kernel "matmul" (%x, %f) : (tensor<4x8xi1>, tensor<8x8xi1>) -> tensor<4x8xi1> {
    ^bb0(%a: tensor<4x8xi1>, %b: tensor<8x8xi1>):
      // expected-error @below {{no kernel computes 'edge.matmul' on 'tensor<4x8xi1>' 'tensor<8x8xi1>'; see docs/types.md}}
      %r = edge.matmul %a, %b : (tensor<4x8xi1>, tensor<8x8xi1>) -> tensor<4x8xi1>
      schedule.yield %r : tensor<4x8xi1>
    }
    %1 = schedule.kernel "matmul" (%0, %f) : (tensor<4x8xi1>, tensor<8x8xi1>) -> tensor<4x8xi1> {
    ^bb0(%a: tensor<4x8xi1>, %b: tensor<8x8xi1>):
      // expected-error @below {{no kernel computes 'edge.matmul'}}
      %r = edge.matmul %a, %b : (tensor<4x8xi1>, tensor<8x8xi1>) -> tensor<4x8xi1>
      schedule.yield %r : tensor<4x8xi1>
    }
    return %0, %1 : tensor<4x8xi1>, tensor<4x8xi1>
  }
}

// -----

// expected-error @below {{the module has no 'schedule.machine'; choose one before the kernels are written}}
module {
}

// -----

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #machine} {
  func.func @no_halo(%x: tensor<1x2x2x4xf32>, %f: tensor<4x3x3x4xf32>) -> tensor<1x2x2x4xf32> {
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x2x2x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x2x2x4xf32> {
    ^bb0(%a: tensor<1x2x2x4xf32>, %b: tensor<4x3x3x4xf32>):
      // expected-error @below {{the input's buffer lacks the zeros that the pads ask for; run edge-assign-layouts before}}
      %r = edge.conv2d %a, %b {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x2x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x2x2x4xf32>
      schedule.yield %r : tensor<1x2x2x4xf32>
    }
    return %0 : tensor<1x2x2x4xf32>
  }
}

// -----

#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
module attributes {schedule.machine = #machine} {
  func.func @too_wide(%x: tensor<3x8xf32>, %f: tensor<8x8xf32>) -> tensor<3x8xf32> {
    // expected-error @below {{the kernel's tiling does not suit the machine: sizes must be positive, lanes at most 4 and a tile at most 256 vectors; leave it out to have one chosen}}
    %0 = schedule.kernel "fc" (%x, %f) {tiling = #schedule.tiling<lanes = 8, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32> {
    ^bb0(%a: tensor<3x8xf32>, %b: tensor<8x8xf32>):
      %r = edge.fully_connected %a, %b : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32>
      schedule.yield %r : tensor<3x8xf32>
    }
    // expected-error @below {{the kernel's tiling does not suit the machine}}
    %1 = schedule.kernel "fc" (%0, %f) {tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 0, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32> {
    ^bb0(%a: tensor<3x8xf32>, %b: tensor<8x8xf32>):
      %r = edge.fully_connected %a, %b : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32>
      schedule.yield %r : tensor<3x8xf32>
    }
    return %1 : tensor<3x8xf32>
  }
}

// -----

// A tiling written by hand may ask for what the convolution does not allow.
#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0, winograd = 4>
#other = #schedule.tiling<lanes = 4, rows = 1, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0, winograd = 3>
module attributes {schedule.machine = #machine} {
  func.func @winograd(%x: tensor<1x8x8x4xf32>) -> (tensor<1x3x3x4xf32>, tensor<1x6x6x4xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<4x3x3x4xf32>} : tensor<4x3x3x4xf32>
    // expected-error @below {{the kernel's tiling asks for Winograd's method with tiles of 4, which are 2 or 4 and suit only 3x3 convolutions}}
    %0 = schedule.kernel "strided" (%x, %f) {tiling = #tiling} : (tensor<1x8x8x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x3x3x4xf32> {
    ^bb0(%a: tensor<1x8x8x4xf32>, %b: tensor<4x3x3x4xf32>):
      %r = edge.conv2d %a, %b {strides = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x3x3x4xf32>
      schedule.yield %r : tensor<1x3x3x4xf32>
    }
    // expected-error @below {{tiles of 3, which are 2 or 4}}
    %1 = schedule.kernel "odd" (%x, %f) {tiling = #other} : (tensor<1x8x8x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x6x6x4xf32> {
    ^bb0(%a: tensor<1x8x8x4xf32>, %b: tensor<4x3x3x4xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x8x8x4xf32>, tensor<4x3x3x4xf32>) -> tensor<1x6x6x4xf32>
      schedule.yield %r : tensor<1x6x6x4xf32>
    }
    return %0, %1 : tensor<1x3x3x4xf32>, tensor<1x6x6x4xf32>
  }
}

// -----

// Strassen's method is asked for where the depth is odd, and with two levels.
#machine = #schedule.machine<name = "test", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v2", features = "", vectorBits = 128, vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#tiling = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0, strassen = 1>
#other = #schedule.tiling<lanes = 4, rows = 1, columns = 2, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0, strassen = 2>
module attributes {schedule.machine = #machine} {
  func.func @strassen(%x: tensor<8x5xf32>, %y: tensor<8x6xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<8x5xf32>} : tensor<8x5xf32>
    %g = edge.constant {value = dense<1.0> : tensor<8x6xf32>} : tensor<8x6xf32>
    // expected-error @below {{the kernel's tiling asks for 1 levels of Strassen's method, which has one and suits only products of f32 by constant matrices of an even depth}}
    %0 = schedule.kernel "odd" (%x, %f) {tiling = #tiling} : (tensor<8x5xf32>, tensor<8x5xf32>) -> tensor<8x8xf32> {
    ^bb0(%a: tensor<8x5xf32>, %b: tensor<8x5xf32>):
      %r = edge.fully_connected %a, %b : (tensor<8x5xf32>, tensor<8x5xf32>) -> tensor<8x8xf32>
      schedule.yield %r : tensor<8x8xf32>
    }
    // expected-error @below {{asks for 2 levels of Strassen's method, which has one}}
    %1 = schedule.kernel "deep" (%y, %g) {tiling = #other} : (tensor<8x6xf32>, tensor<8x6xf32>) -> tensor<8x8xf32> {
    ^bb0(%a: tensor<8x6xf32>, %b: tensor<8x6xf32>):
      %r = edge.fully_connected %a, %b : (tensor<8x6xf32>, tensor<8x6xf32>) -> tensor<8x8xf32>
      schedule.yield %r : tensor<8x8xf32>
    }
    return %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
  }
}
