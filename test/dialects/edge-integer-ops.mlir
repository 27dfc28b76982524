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
// CHECK-LABEL: @integer_matmul
func.func @integer_matmul(%a: tensor<2x4x8xui8>, %b: tensor<8x3xi8>) -> tensor<2x4x3xi32> {
  // CHECK: edge.integer_matmul %{{.*}}, %{{.*}} {lhs_zero_point = 3 : i64} : (tensor<2x4x8xui8>, tensor<8x3xi8>) -> tensor<2x4x3xi32>
  %r = edge.integer_matmul %a, %b {lhs_zero_point = 3 : i64} : (tensor<2x4x8xui8>, tensor<8x3xi8>) -> tensor<2x4x3xi32>
  return %r : tensor<2x4x3xi32>
}

// CHECK-LABEL: @integer_softmax
func.func @integer_softmax(%x: tensor<1x10xui8>, %e: tensor<256xi32>) -> tensor<1x10xi16> {
  // CHECK: edge.integer_softmax %{{.*}}, %{{.*}} : (tensor<1x10xui8>, tensor<256xi32>) -> tensor<1x10xi16>
  %r = edge.integer_softmax %x, %e : (tensor<1x10xui8>, tensor<256xi32>) -> tensor<1x10xi16>
  return %r : tensor<1x10xi16>
}

// CHECK-LABEL: @lookup_softmax
func.func @lookup_softmax(%x: tensor<2x10xi8>, %e: tensor<256xf32>, %f: tensor<f32>) -> tensor<2x10xf32> {
  // CHECK: edge.lookup_softmax %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x10xi8>, tensor<256xf32>, tensor<f32>) -> tensor<2x10xf32>
  %r = edge.lookup_softmax %x, %e, %f : (tensor<2x10xi8>, tensor<256xf32>, tensor<f32>) -> tensor<2x10xf32>
  return %r : tensor<2x10xf32>
}

// CHECK-LABEL: @requantize
func.func @requantize(%x: tensor<1x4x4x8xi32>, %f: tensor<8xf32>, %y: tensor<4xf32>) -> (tensor<1x4x4x8xui8>, tensor<4xi16>) {
  // CHECK: edge.requantize %{{.*}}, %{{.*}} {high = 255 : i64, low = 0 : i64, zero_point = 3 : i64} : (tensor<1x4x4x8xi32>, tensor<8xf32>) -> tensor<1x4x4x8xui8>
  %r = edge.requantize %x, %f {low = 0 : i64, high = 255 : i64, zero_point = 3 : i64} : (tensor<1x4x4x8xi32>, tensor<8xf32>) -> tensor<1x4x4x8xui8>
  // CHECK: edge.requantize %{{.*}} {high = 32767 : i64, low = -32768 : i64} : (tensor<4xf32>) -> tensor<4xi16>
  %s = edge.requantize %y {low = -32768 : i64, high = 32767 : i64} : (tensor<4xf32>) -> tensor<4xi16>
  return %r, %s : tensor<1x4x4x8xui8>, tensor<4xi16>
}

// Stored integers and what they stand for.
// CHECK-LABEL: @stored
func.func @stored(%x: tensor<4x2xui8>) -> tensor<4x2xi8> {
  // CHECK: edge.bitcast %{{.*}} : (tensor<4x2xui8>) -> tensor<4x2x!quant.uniform<u8:f32, 5.000000e-01:3>>
  %q = edge.bitcast %x : (tensor<4x2xui8>) -> tensor<4x2x!quant.uniform<u8:f32, 0.5:3>>
  %f = edge.dequantize %q : (tensor<4x2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<4x2xf32>
  %s = edge.quantize %f : (tensor<4x2xf32>) -> tensor<4x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>
  // CHECK: edge.bitcast %{{.*}} : (tensor<4x2x!quant.uniform<i8:f32:1, {5.000000e-01,2.500000e-01}>>) -> tensor<4x2xi8>
  %r = edge.bitcast %s : (tensor<4x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>) -> tensor<4x2xi8>
  return %r : tensor<4x2xi8>
}
