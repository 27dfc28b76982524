// Taps of zeros at a filter's border go; results keep their bits (MeaningTest
// runs this file).
// RUN: edge-opt %s -edge-crop-filters | FileCheck %s
// RUN: edge-opt %s -edge-crop-filters=assume-finite | FileCheck %s --check-prefix=FINITE

// The middle alone: what is padded with is not read any more.
// CHECK-LABEL: func @middle
// CHECK: edge.integer_conv2d %arg0, %{{.*}} {input_zero_point = 3 : i64, pad_value = 3 : i64} : {{.*}} tensor<2x1x1x1xi8>
func.func @middle(%x: tensor<1x3x4x1xi8>) -> tensor<1x3x4x2xi32> {
  %f = edge.constant {value = dense<[[[[0], [0], [0]], [[0], [5], [0]], [[0], [0], [0]]], [[[0], [0], [0]], [[0], [7], [0]], [[0], [0], [0]]]]> : tensor<2x3x3x1xi8>} : tensor<2x3x3x1xi8>
  %0 = edge.integer_conv2d %x, %f {input_zero_point = 3 : i64, pad_value = 3 : i64, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x3x4x1xi8>, tensor<2x3x3x1xi8>) -> tensor<1x3x4x2xi32>
  return %0 : tensor<1x3x4x2xi32>
}

// What stays of both channels together: two rows and one column. Where there
// are no pads, the window slides over a part of the input.
// CHECK-LABEL: func @depthwise
// CHECK: %[[PART:.*]] = edge.slice %{{.*}} {offsets = array<i64: 0, 0, 1, 0>, sizes = array<i64: 1, 5, 2, 2>
// CHECK: edge.integer_conv2d %[[PART]], {{.*}} {groups = 2 : i64, strides = array<i64: 2, 1>} {{.*}} tensor<2x2x1x1xi8>{{.*}} -> tensor<1x2x2x2xi32>
func.func @depthwise(%x: tensor<1x6x4x2xi8>) -> tensor<1x2x2x2xi32> {
  %f = edge.constant {value = dense<[[[[0], [4], [0]], [[0], [0], [0]], [[0], [0], [0]]], [[[0], [0], [0]], [[0], [6], [0]], [[0], [0], [0]]]]> : tensor<2x3x3x1xi8>} : tensor<2x3x3x1xi8>
  %0 = edge.integer_conv2d %x, %f {groups = 2 : i64, strides = array<i64: 2, 1>} : (tensor<1x6x4x2xi8>, tensor<2x3x3x1xi8>) -> tensor<1x2x2x2xi32>
  return %0 : tensor<1x2x2x2xi32>
}

// Zeros are what the filter's zero point says; a dilated row takes two pads.
// CHECK-LABEL: func @dilated
// CHECK: edge.integer_conv2d {{.*}} pads = array<i64: 0, 0, 1, 0>{{.*}} tensor<1x2x1x1xui8>
func.func @dilated(%x: tensor<1x5x4x1xui8>) -> tensor<1x4x4x1xi32> {
  %f = edge.constant {value = dense<[[[[9]], [[8]], [[0]]]]> : tensor<1x3x1x1xui8>} : tensor<1x3x1x1xui8>
  %0 = edge.integer_conv2d %x, %f {dilations = array<i64: 2, 1>, filter_zero_point = 9 : i64, pads = array<i64: 2, 0, 1, 0>} : (tensor<1x5x4x1xui8>, tensor<1x3x1x1xui8>) -> tensor<1x4x4x1xi32>
  return %0 : tensor<1x4x4x1xi32>
}

// Zeros times infinity are no zeros: floats need a promise, or bytes.
// CHECK-LABEL: func @floats
// CHECK: edge.conv2d {{.*}} tensor<1x1x3x1xf32>
// CHECK: edge.conv2d {{.*}} tensor<1x1x2x1xf32>
// FINITE-LABEL: func @floats
// FINITE: edge.conv2d {{.*}} tensor<1x1x2x1xf32>
// FINITE: edge.conv2d {{.*}} tensor<1x1x2x1xf32>
func.func @floats(%x: tensor<1x1x4x1xf32>, %b: tensor<1x1x4x1xi8>) -> (tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>) {
  %f = edge.constant {value = dense<[[[[1.0], [2.0], [-0.0]]]]> : tensor<1x1x3x1xf32>} : tensor<1x1x3x1xf32>
  %0 = edge.conv2d %x, %f : (tensor<1x1x4x1xf32>, tensor<1x1x3x1xf32>) -> tensor<1x1x2x1xf32>
  %1 = edge.cast %b : (tensor<1x1x4x1xi8>) -> tensor<1x1x4x1xf32>
  %2 = edge.conv2d %1, %f : (tensor<1x1x4x1xf32>, tensor<1x1x3x1xf32>) -> tensor<1x1x2x1xf32>
  return %0, %2 : tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>
}

// Only pads would be left: nothing is done.
// CHECK-LABEL: func @outside
// CHECK: edge.integer_conv2d {{.*}} tensor<1x3x1x1xi8>
func.func @outside(%x: tensor<1x1x4x1xi8>) -> tensor<1x1x4x1xi32> {
  %f = edge.constant {value = dense<[[[[5]], [[0]], [[0]]]]> : tensor<1x3x1x1xi8>} : tensor<1x3x1x1xi8>
  %0 = edge.integer_conv2d %x, %f {pads = array<i64: 1, 0, 1, 0>, pad_value = 2 : i64} : (tensor<1x1x4x1xi8>, tensor<1x3x1x1xi8>) -> tensor<1x1x4x1xi32>
  return %0 : tensor<1x1x4x1xi32>
}
