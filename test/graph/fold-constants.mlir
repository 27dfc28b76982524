// Operators on constants become constants; what would grow much stays.
// RUN: edge-opt %s -edge-fold-constants | FileCheck %s

// CHECK-LABEL: func @unary_chain
// CHECK: %[[C:.*]] = edge.constant {value = dense<[2.000000e+00, 0.000000e+00]> : tensor<2xf32>}
// CHECK-NEXT: return %[[C]]
func.func @unary_chain() -> tensor<2xf32> {
  %c = edge.constant {value = dense<[-2.0, 3.0]> : tensor<2xf32>} : tensor<2xf32>
  %negated = edge.neg %c : (tensor<2xf32>) -> tensor<2xf32>
  %r = edge.relu %negated : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// CHECK-LABEL: func @binary_broadcasts
// CHECK: dense<{{\[\[}}1.100000e+01, 2.100000e+01], [1.200000e+01, 2.200000e+01]]>
func.func @binary_broadcasts() -> tensor<2x2xf32> {
  %column = edge.constant {value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %row = edge.constant {value = dense<[10.0, 20.0]> : tensor<2xf32>} : tensor<2xf32>
  %r = edge.add %column, %row : (tensor<2x1xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// Data movements keep any element type.
// CHECK-LABEL: func @transpose
// CHECK: dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi8>
func.func @transpose() -> tensor<3x2xi8> {
  %c = edge.constant {value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>} : tensor<2x3xi8>
  %r = edge.transpose %c {permutation = array<i64: 1, 0>} : (tensor<2x3xi8>) -> tensor<3x2xi8>
  return %r : tensor<3x2xi8>
}

// CHECK-LABEL: func @concat_of_splat
// CHECK: dense<{{\[\[}}1.000000e+00, 2.000000e+00, 7.000000e+00], [3.000000e+00, 4.000000e+00, 7.000000e+00]]>
func.func @concat_of_splat() -> tensor<2x3xf32> {
  %a = edge.constant {value = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %b = edge.constant {value = dense<7.0> : tensor<2x1xf32>} : tensor<2x1xf32>
  %r = edge.concat %a, %b {axis = 1 : i64} : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK-LABEL: func @slice_backwards
// CHECK: dense<[5, 3, 1]>
func.func @slice_backwards() -> tensor<3xi32> {
  %c = edge.constant {value = dense<[0, 1, 2, 3, 4, 5]> : tensor<6xi32>} : tensor<6xi32>
  %r = edge.slice %c {offsets = array<i64: 5>, sizes = array<i64: 3>, strides = array<i64: -2>} : (tensor<6xi32>) -> tensor<3xi32>
  return %r : tensor<3xi32>
}

// CHECK-LABEL: func @pad
// CHECK: dense<{{\[\[}}9.000000e+00, 1.000000e+00, 2.000000e+00], [9.000000e+00, 9.000000e+00, 9.000000e+00]]>
func.func @pad() -> tensor<2x3xf32> {
  %c = edge.constant {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %r = edge.pad %c {low = array<i64: 0, 1>, high = array<i64: 1, 0>, value = 9.0 : f32} : (tensor<1x2xf32>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// A splat stays a splat, however large.
// CHECK-LABEL: func @broadcast_splat
// CHECK: edge.constant {value = dense<1.000000e+00> : tensor<128x160x4xf32>}
func.func @broadcast_splat() -> tensor<128x160x4xf32> {
  %c = edge.constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %r = edge.broadcast %c : (tensor<f32>) -> tensor<128x160x4xf32>
  return %r : tensor<128x160x4xf32>
}

// CHECK-LABEL: func @broadcast_would_grow
// CHECK: edge.broadcast
func.func @broadcast_would_grow() -> tensor<128x160x2xf32> {
  %c = edge.constant {value = dense<[1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
  %r = edge.broadcast %c : (tensor<2xf32>) -> tensor<128x160x2xf32>
  return %r : tensor<128x160x2xf32>
}

// From 1 KB on the result is a resource, not a uniqued attribute.
// CHECK-LABEL: func @large_is_resource
// CHECK: edge.constant {value = dense_resource<folded> : tensor<2x160xf32>}
func.func @large_is_resource() -> tensor<2x160xf32> {
  %c = edge.constant {value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %r = edge.broadcast %c : (tensor<2x1xf32>) -> tensor<2x160xf32>
  return %r : tensor<2x160xf32>
}

// Halves to even, in bounds; a NaN is the least.
// CHECK-LABEL: func @requantize
// CHECK: edge.constant {value = dense<[4, 6, 7, 1, 1]> : tensor<5xi8>}
// CHECK: edge.constant {value = dense<[1, 200]> : tensor<2xui8>}
func.func @requantize() -> (tensor<5xi8>, tensor<2xui8>) {
  %x = edge.constant {value = dense<[0.5, 1.5, 100.0, -3.0, 0x7FC00000]> : tensor<5xf32>} : tensor<5xf32>
  %a = edge.requantize %x {low = 1 : i64, high = 7 : i64, zero_point = 4 : i64} : (tensor<5xf32>) -> tensor<5xi8>
  %y = edge.constant {value = dense<[2.0, 400.0]> : tensor<2xf32>} : tensor<2xf32>
  %f = edge.constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %b = edge.requantize %y, %f {low = 0 : i64, high = 255 : i64} : (tensor<2xf32>, tensor<f32>) -> tensor<2xui8>
  return %a, %b : tensor<5xi8>, tensor<2xui8>
}
