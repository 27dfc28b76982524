// Weights are kept in fewer bits; sums are of floats.
// RUN: edge-opt %s -split-input-file -verify-diagnostics -edge-narrow-weights | FileCheck %s

// A scale per channel, the largest weight 127: it goes behind the sums, before the bias.
// CHECK-LABEL: func @bytes
// CHECK: %[[B:.*]] = edge.constant {value = dense<[1.000000e+00, 2.000000e+00]>
// CHECK: %[[F:.*]] = edge.constant {value = dense<{{\[}}[127, 64, 32, 0], [-127, 127, 0, 0]]> : tensor<2x4xi8>}
// CHECK: %[[S:.*]] = edge.fully_connected %{{.*}}, %[[F]] : (tensor<3x4xf32>, tensor<2x4xi8>) -> tensor<3x2xf32>
// CHECK: %[[SCALES:.*]] = edge.constant {value = dense<[0.00787401571, 0.0236220472]>
// CHECK: %[[T:.*]] = edge.mul %[[S]], %[[SCALES]]
// CHECK: %[[R:.*]] = edge.add %[[T]], %[[B]]
// CHECK: return %[[R]]
func.func @bytes(%x: tensor<3x4xf32>) -> tensor<3x2xf32> {
  %f = edge.constant {value = dense<[[1.0, 0.50393700787, 0.25196850393, 0.0], [-3.0, 3.0, 0.0, 0.0]]> : tensor<2x4xf32>} : tensor<2x4xf32>
  %b = edge.constant {value = dense<[1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
  %y = edge.fully_connected %x, %f, %b {edge.narrow_weights = i8} : (tensor<3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// Numbers from -7 to 7 still lie in bytes here: kernels pack them.
// CHECK-LABEL: func @nibbles
// CHECK: edge.constant {value = dense<{{\[\[\[\[}}7, -7, 3]]], {{\[\[\[}}0, 0, 0]]]]> : tensor<2x1x1x3xi8>}
// CHECK: edge.conv2d {{.*}} : (tensor<1x2x2x3xf32>, tensor<2x1x1x3xi8>) -> tensor<1x2x2x2xf32>
func.func @nibbles(%x: tensor<1x2x2x3xf32>) -> tensor<1x2x2x2xf32> {
  %f = edge.constant {value = dense<[[[[7.0, -7.0, 3.0]]], [[[0.0, 0.0, 0.0]]]]> : tensor<2x1x1x3xf32>} : tensor<2x1x1x3xf32>
  %y = edge.conv2d %x, %f {edge.narrow_weights = i4} : (tensor<1x2x2x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// Halves need no scale; what is too large becomes the largest.
// CHECK-LABEL: func @halves
// CHECK: edge.constant {value = dense<{{\[}}[1.000000e+00, 6.550400e+04]]> : tensor<1x2xf16>}
// CHECK: edge.fully_connected %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x2xf32>, tensor<1x2xf16>, tensor<1xf32>) -> tensor<1x1xf32>
func.func @halves(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<[[1.0001, 70000.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %b = edge.constant {value = dense<[1.0]> : tensor<1xf32>} : tensor<1xf32>
  %y = edge.fully_connected %x, %f, %b {edge.narrow_weights = f16} : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// A scale for each two weights of a channel: [blocks, channels].
// CHECK-LABEL: func @blocks
// CHECK: %[[B:.*]] = edge.constant {value = dense<[1.000000e+00, 2.000000e+00]>
// CHECK: %[[F:.*]] = edge.constant {value = dense<{{\[}}[7, -7, 3, 7], [0, 0, -7, 1]]> : tensor<2x4xi8>}
// CHECK: %[[SCALES:.*]] = edge.constant {value = dense<{{\[}}[1.000000e+00, 1.000000e+00], [5.000000e-01, 1.000000e+00]]> : tensor<2x2xf32>}
// CHECK: %[[S:.*]] = edge.block_product %{{.*}}, %[[F]], %[[SCALES]] : (tensor<1x2x2x4xf32>, tensor<2x4xi8>, tensor<2x2xf32>) -> tensor<1x2x2x2xf32>
// CHECK: %[[R:.*]] = edge.add %[[S]], %[[B]]
// CHECK: return %[[R]]
func.func @blocks(%x: tensor<1x2x2x4xf32>) -> tensor<1x2x2x2xf32> {
  %f = edge.constant {value = dense<[[[[7.0, -7.0, 1.5, 3.5]]], [[[0.0, 0.0, -7.0, 1.0]]]]> : tensor<2x1x1x4xf32>} : tensor<2x1x1x4xf32>
  %b = edge.constant {value = dense<[1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
  %y = edge.conv2d %x, %f, %b {edge.narrow_weights = i4, edge.weight_block = 2 : i64} : (tensor<1x2x2x4xf32>, tensor<2x1x1x4xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %y : tensor<1x2x2x2xf32>
}

// Depthwise filters and others without the mark stay.
// CHECK-LABEL: func @others
// CHECK: edge.conv2d {{.*}}, tensor<2x1x1x1xf32>)
// CHECK: edge.fully_connected {{.*}}, tensor<1x2xf32>)
func.func @others(%x: tensor<1x1x1x2xf32>, %z: tensor<1x2xf32>) -> (tensor<1x1x1x2xf32>, tensor<1x1xf32>) {
  %d = edge.constant {value = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : tensor<2x1x1x1xf32>
  %y = edge.conv2d %x, %d {groups = 2 : i64, edge.narrow_weights = i8} : (tensor<1x1x1x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x1x1x2xf32>
  %f = edge.constant {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %w = edge.fully_connected %z, %f : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %y, %w : tensor<1x1x1x2xf32>, tensor<1x1xf32>
}

// -----

func.func @w1(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  // expected-error @below {{W1: weights of 'i2' are not known; f16, bf16, i8 and i4 are}}
  %w = edge.fully_connected %x, %f {edge.narrow_weights = i2} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %w : tensor<1x1xf32>
}

// -----

func.func @w2_size(%x: tensor<1x3xf32>) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>} : tensor<1x3xf32>
  // expected-error @below {{W2: blocks of 2 weights are for i8 and i4, for layers without windows, and divide the 3 weights of a channel}}
  %w = edge.fully_connected %x, %f {edge.narrow_weights = i4, edge.weight_block = 2 : i64} : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x1xf32>
  return %w : tensor<1x1xf32>
}

// -----

func.func @w2_type(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  // expected-error @below {{W2: blocks of 2 weights are for i8 and i4}}
  %w = edge.fully_connected %x, %f {edge.narrow_weights = f16, edge.weight_block = 2 : i64} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %w : tensor<1x1xf32>
}
