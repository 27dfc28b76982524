// edge.pad moves into the windows that have pads themselves.
// RUN: edge-opt %s -edge-fold-pads -canonicalize | FileCheck %s

// CHECK-LABEL: func @conv
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x4x4x1xf32>
// CHECK: edge.conv2d %[[X]], %{{.*}} {pads = array<i64: 2, 1, 1, 3>}
func.func @conv(%x: tensor<1x4x4x1xf32>, %f: tensor<2x3x3x1xf32>) -> tensor<1x5x6x2xf32> {
  %padded = edge.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 2, 0>} : (tensor<1x4x4x1xf32>) -> tensor<1x5x6x1xf32>
  %r = edge.conv2d %padded, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x5x6x1xf32>, tensor<2x3x3x1xf32>) -> tensor<1x5x6x2xf32>
  return %r : tensor<1x5x6x2xf32>
}

// The layout change stays between the pad and the convolution's new input.
// CHECK-LABEL: func @conv_behind_transpose
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x2x4x4xf32>
// CHECK: %[[T:.*]] = edge.transpose %[[X]]
// CHECK: edge.conv2d %[[T]], %{{.*}} {pads = array<i64: 1, 2, 0, 0>}
func.func @conv_behind_transpose(%x: tensor<1x2x4x4xf32>, %f: tensor<2x3x3x2xf32>) -> tensor<1x3x4x2xf32> {
  %padded = edge.pad %x {low = array<i64: 0, 0, 1, 2>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x2x4x4xf32>) -> tensor<1x2x5x6xf32>
  %nhwc = edge.transpose %padded {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x5x6xf32>) -> tensor<1x5x6x2xf32>
  %r = edge.conv2d %nhwc, %f : (tensor<1x5x6x2xf32>, tensor<2x3x3x2xf32>) -> tensor<1x3x4x2xf32>
  return %r : tensor<1x3x4x2xf32>
}

// Convolutions read zeros around their input, nothing else; and no channels.
// CHECK-LABEL: func @conv_of_ones
// CHECK: edge.pad
// CHECK: edge.pad
func.func @conv_of_ones(%x: tensor<1x4x4x1xf32>, %f: tensor<2x3x3x1xf32>, %g: tensor<2x1x1x2xf32>) -> (tensor<1x3x2x2xf32>, tensor<1x4x4x2xf32>) {
  %ones = edge.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>, value = 1.0 : f32} : (tensor<1x4x4x1xf32>) -> tensor<1x5x4x1xf32>
  %r = edge.conv2d %ones, %f : (tensor<1x5x4x1xf32>, tensor<2x3x3x1xf32>) -> tensor<1x3x2x2xf32>
  %deep = edge.pad %x {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x1xf32>) -> tensor<1x4x4x2xf32>
  %s = edge.conv2d %deep, %g : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x4x4x2xf32>
  return %r, %s : tensor<1x3x2x2xf32>, tensor<1x4x4x2xf32>
}

// Zeros around values that are not negative never win.
// CHECK-LABEL: func @max_pool_of_relu
// CHECK-NOT: edge.pad
// CHECK: edge.max_pool2d %{{.*}} {pads = array<i64: 1, 1, 0, 0>
func.func @max_pool_of_relu(%x: tensor<1x3x3x1xf32>) -> tensor<1x3x3x1xf32> {
  %relu = edge.relu %x : (tensor<1x3x3x1xf32>) -> tensor<1x3x3x1xf32>
  %padded = edge.pad %relu {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x3x3x1xf32>) -> tensor<1x4x4x1xf32>
  %r = edge.max_pool2d %padded {window = array<i64: 2, 2>} : (tensor<1x4x4x1xf32>) -> tensor<1x3x3x1xf32>
  return %r : tensor<1x3x3x1xf32>
}

// CHECK-LABEL: func @max_pool_of_any
// CHECK: edge.pad
func.func @max_pool_of_any(%x: tensor<1x3x3x1xf32>) -> tensor<1x3x3x1xf32> {
  %padded = edge.pad %x {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x3x3x1xf32>) -> tensor<1x4x4x1xf32>
  %r = edge.max_pool2d %padded {window = array<i64: 2, 2>} : (tensor<1x4x4x1xf32>) -> tensor<1x3x3x1xf32>
  return %r : tensor<1x3x3x1xf32>
}

// Zeros that were counted stay counted.
// CHECK-LABEL: func @avg_pool
// CHECK: edge.avg_pool2d %{{.*}} {count_include_pad = true, pads = array<i64: 1, 1, 0, 0>
func.func @avg_pool(%x: tensor<1x3x3x1xf32>) -> tensor<1x3x3x1xf32> {
  %padded = edge.pad %x {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 0, 0, 0>} : (tensor<1x3x3x1xf32>) -> tensor<1x4x4x1xf32>
  %r = edge.avg_pool2d %padded {window = array<i64: 2, 2>} : (tensor<1x4x4x1xf32>) -> tensor<1x3x3x1xf32>
  return %r : tensor<1x3x3x1xf32>
}

// Integer convolutions have a value of their own around their input.
// CHECK-LABEL: func @integer_conv
// CHECK: edge.integer_conv2d %{{.*}}, %{{.*}} {input_zero_point = -3 : i64, pad_value = -3 : i64, pads = array<i64: 1, 0, 0, 0>}
// CHECK: edge.pad
func.func @integer_conv(%x: tensor<1x4x4x1xi8>, %f: tensor<2x3x3x1xi8>) -> (tensor<1x3x2x2xi32>, tensor<1x3x2x2xi32>) {
  %same = edge.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>, value = -3.0 : f32} : (tensor<1x4x4x1xi8>) -> tensor<1x5x4x1xi8>
  %r = edge.integer_conv2d %same, %f {input_zero_point = -3 : i64, pad_value = -3 : i64} : (tensor<1x5x4x1xi8>, tensor<2x3x3x1xi8>) -> tensor<1x3x2x2xi32>
  %other = edge.pad %x {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 0, 0>, value = 1.0 : f32} : (tensor<1x4x4x1xi8>) -> tensor<1x5x4x1xi8>
  %s = edge.integer_conv2d %other, %f {input_zero_point = -3 : i64, pad_value = -3 : i64} : (tensor<1x5x4x1xi8>, tensor<2x3x3x1xi8>) -> tensor<1x3x2x2xi32>
  return %r, %s : tensor<1x3x2x2xi32>, tensor<1x3x2x2xi32>
}
