// Unsigned bytes between layers become signed where products want them so.
// RUN: edge-opt %s -split-input-file -edge-sign-bytes | FileCheck %s
// RUN: edge-opt %s -split-input-file -edge-sign-bytes -edge-fold-zero-points | FileCheck %s --check-prefix=FOLDED

#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+dotprod", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
module attributes {schedule.machine = #a76} {
  // CHECK-LABEL: func.func @moves
  // FOLDED-LABEL: func.func @moves
  func.func @moves(%s: tensor<1x4x4x4xi32>, %m: tensor<4xf32>) -> (tensor<1x2x2x4xi32>, tensor<1x2x2x4xf32>, tensor<1x2x2x4xf32>) {
    %f = edge.constant {value = dense<2> : tensor<4x1x1x4xi8>} : tensor<4x1x1x4xi8>
    %zero = edge.constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
    // CHECK: %[[Q:.+]] = edge.requantize {{.+}} {high = 127 : i64, low = -128 : i64, zero_point = -125 : i64} : (tensor<1x4x4x4xi32>, tensor<4xf32>) -> tensor<1x4x4x4xi8>
    %q = edge.requantize %s, %m {high = 255 : i64, low = 0 : i64, zero_point = 3 : i64} : (tensor<1x4x4x4xi32>, tensor<4xf32>) -> tensor<1x4x4x4xui8>
    // CHECK: %[[P:.+]] = edge.max_pool2d %[[Q]] {{.+}} tensor<1x2x2x4xi8>
    %p = edge.max_pool2d %q {window = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>} : (tensor<1x4x4x4xui8>) -> tensor<1x2x2x4xui8>
    // CHECK: edge.integer_conv2d %[[P]], {{.+}} {input_zero_point = -125 : i64, pad_value = -125 : i64} : (tensor<1x2x2x4xi8>
    // Four weights of 2 times the zero point, which was 3, less 128.
    // FOLDED: %[[BIAS:.+]] = edge.constant {value = dense<1000> : tensor<4xi32>}
    // FOLDED: edge.integer_conv2d %{{.+}}, %{{.+}}, %[[BIAS]] {pad_value = -125 : i64}
    %r = edge.integer_conv2d %p, %f {input_zero_point = 3 : i64, pad_value = 3 : i64} : (tensor<1x2x2x4xui8>, tensor<4x1x1x4xi8>) -> tensor<1x2x2x4xi32>
    // CHECK: %[[REAL:.+]] = edge.cast %[[P]] : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xf32>
    // CHECK: %[[SAME:.+]] = edge.add %[[REAL]], %{{.+}}
    // CHECK: edge.sub %[[REAL]], %[[LESS:.+]] :
    %c = edge.cast %p : (tensor<1x2x2x4xui8>) -> tensor<1x2x2x4xf32>
    %d = edge.sub %c, %zero : (tensor<1x2x2x4xf32>, tensor<f32>) -> tensor<1x2x2x4xf32>
    // CHECK: edge.relu %[[SAME]]
    %e = edge.relu %c : (tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
    return %r, %d, %e : tensor<1x2x2x4xi32>, tensor<1x2x2x4xf32>, tensor<1x2x2x4xf32>
  }

  // What the model returns stays, and so does what is joined with it.
  // CHECK-LABEL: func.func @stays
  func.func @stays(%s: tensor<1x2x2x4xi32>, %m: tensor<4xf32>) -> (tensor<1x2x2x4xi32>, tensor<1x2x2x8xui8>) {
    %f = edge.constant {value = dense<1> : tensor<4x1x1x4xi8>} : tensor<4x1x1x4xi8>
    // CHECK: edge.requantize {{.+}} -> tensor<1x2x2x4xui8>
    %q = edge.requantize %s, %m {high = 255 : i64, low = 0 : i64} : (tensor<1x2x2x4xi32>, tensor<4xf32>) -> tensor<1x2x2x4xui8>
    %r = edge.integer_conv2d %q, %f : (tensor<1x2x2x4xui8>, tensor<4x1x1x4xi8>) -> tensor<1x2x2x4xi32>
    %both = edge.concat %q, %q {axis = 3 : i64} : (tensor<1x2x2x4xui8>, tensor<1x2x2x4xui8>) -> tensor<1x2x2x8xui8>
    return %r, %both : tensor<1x2x2x4xi32>, tensor<1x2x2x8xui8>
  }

  // The table's bytes change; where it is read, its order need not.
  // CHECK-LABEL: func.func @tables
  func.func @tables(%s: tensor<1x2x2x4xi32>, %m: tensor<4xf32>) -> tensor<1x2x2x4xi32> {
    %f = edge.constant {value = dense<1> : tensor<4x1x1x4xi8>} : tensor<4x1x1x4xi8>
    %t = edge.constant {value = dense<130> : tensor<256xui8>} : tensor<256xui8>
    %q = edge.requantize %s, %m {high = 255 : i64, low = 0 : i64} : (tensor<1x2x2x4xi32>, tensor<4xf32>) -> tensor<1x2x2x4xui8>
    // CHECK: %[[TABLE:.+]] = edge.constant {value = dense<2> : tensor<256xi8>}
    // CHECK: edge.lookup %{{.+}}, %[[TABLE]] : (tensor<1x2x2x4xui8>, tensor<256xi8>) -> tensor<1x2x2x4xi8>
    %l = edge.lookup %q, %t : (tensor<1x2x2x4xui8>, tensor<256xui8>) -> tensor<1x2x2x4xui8>
    %r = edge.integer_conv2d %l, %f : (tensor<1x2x2x4xui8>, tensor<4x1x1x4xi8>) -> tensor<1x2x2x4xi32>
    return %r : tensor<1x2x2x4xi32>
  }
}

// -----

// This machine wants unsigned bytes.
#vnni = #schedule.machine<name = "vnni", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "+avx512vnni", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 1048576, l3Bytes = 2097152, l2BytesPerCycle = 6400, memoryBytesPerCycle = 600, cores = 2, clockMHz = 3000>
module attributes {schedule.machine = #vnni} {
  // CHECK-LABEL: func.func @unsigned
  func.func @unsigned(%s: tensor<1x2x2x4xi32>, %m: tensor<4xf32>) -> tensor<1x2x2x4xi32> {
    %f = edge.constant {value = dense<1> : tensor<4x1x1x4xi8>} : tensor<4x1x1x4xi8>
    // CHECK: -> tensor<1x2x2x4xui8>
    %q = edge.requantize %s, %m {high = 255 : i64, low = 0 : i64} : (tensor<1x2x2x4xi32>, tensor<4xf32>) -> tensor<1x2x2x4xui8>
    %r = edge.integer_conv2d %q, %f : (tensor<1x2x2x4xui8>, tensor<4x1x1x4xi8>) -> tensor<1x2x2x4xi32>
    return %r : tensor<1x2x2x4xi32>
  }
}
