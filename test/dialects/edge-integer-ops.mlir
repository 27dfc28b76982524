// RUN: edge-opt %s | edge-opt | FileCheck %s
// Every operator of integer arithmetic parses and prints.

// CHECK-LABEL: @integer_conv2d
func.func @integer_conv2d(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>, %b: tensor<16xi32>) -> tensor<1x8x8x16xi32> {
  // CHECK: edge.integer_conv2d %{{.*}}, %{{.*}}, %{{.*}} {input_zero_point = 3 : i64, pad_value = 3 : i64, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi32>
  %r = edge.integer_conv2d %x, %f, %b {pads = array<i64: 1, 1, 1, 1>, input_zero_point = 3 : i64, pad_value = 3 : i64} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi32>
  return %r : tensor<1x8x8x16xi32>
}

// CHECK-LABEL: @rescale
func.func @rescale(%x: tensor<1x4x4x8xi32>, %m: tensor<8xi32>, %s: tensor<i32>) -> tensor<1x4x4x8xi32> {
  // CHECK: edge.rescale double %{{.*}}, %{{.*}}, %{{.*}} : (tensor<1x4x4x8xi32>, tensor<8xi32>, tensor<i32>) -> tensor<1x4x4x8xi32>
  %d = edge.rescale double %x, %m, %s : (tensor<1x4x4x8xi32>, tensor<8xi32>, tensor<i32>) -> tensor<1x4x4x8xi32>
  // CHECK: edge.rescale single
  %r = edge.rescale single %d, %m, %s : (tensor<1x4x4x8xi32>, tensor<8xi32>, tensor<i32>) -> tensor<1x4x4x8xi32>
  return %r : tensor<1x4x4x8xi32>
}

// CHECK-LABEL: @lookup
func.func @lookup(%x: tensor<1x10xi8>, %t: tensor<256xi16>) -> tensor<1x10xi16> {
  // CHECK: edge.lookup %{{.*}}, %{{.*}} : (tensor<1x10xi8>, tensor<256xi16>) -> tensor<1x10xi16>
  %r = edge.lookup %x, %t : (tensor<1x10xi8>, tensor<256xi16>) -> tensor<1x10xi16>
  return %r : tensor<1x10xi16>
}

// The result's width is chosen freely.
// CHECK-LABEL: @integer_softmax
func.func @integer_softmax(%x: tensor<1x10xui8>, %e: tensor<256xi32>) -> tensor<1x10xi16> {
  // CHECK: edge.integer_softmax %{{.*}}, %{{.*}} : (tensor<1x10xui8>, tensor<256xi32>) -> tensor<1x10xi16>
  %r = edge.integer_softmax %x, %e : (tensor<1x10xui8>, tensor<256xi32>) -> tensor<1x10xi16>
  return %r : tensor<1x10xi16>
}
