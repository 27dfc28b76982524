// Products of two quantized values, on bytes where the machine adds up their products.
// RUN: edge-opt %s -split-input-file -edge-attach-machine="target=x86_64 cpu=znver4" -edge-multiply-bytes -canonicalize | FileCheck %s
// RUN: edge-opt %s -split-input-file -edge-attach-machine="target=aarch64 cpu=cortex-a76" -edge-multiply-bytes -canonicalize | FileCheck %s
// RUN: edge-opt %s -split-input-file -edge-attach-machine="target=x86_64 cpu=x86-64-v3" -edge-multiply-bytes | FileCheck %s --check-prefix=FLOATS
// RUN: edge-opt %s -split-input-file -edge-attach-machine="target=aarch64 cpu=cortex-a53" -edge-multiply-bytes | FileCheck %s --check-prefix=FLOATS
// FLOATS-NOT: edge.integer_matmul

// Requantization takes the sums as they are.
// CHECK-LABEL: func.func @scores(
// CHECK-SAME: %[[Q:.*]]: tensor<3x5x64xui8>, %[[K:.*]]: tensor<3x64x5xui8>
// CHECK-NOT: edge.cast
// CHECK: %[[SUMS:.*]] = edge.integer_matmul %[[Q]], %[[K]] {lhs_zero_point = 117 : i64, rhs_zero_point = 130 : i64}
// CHECK: edge.requantize %[[SUMS]]
func.func @scores(%q: tensor<3x5x64xui8>, %k: tensor<3x64x5xui8>) -> tensor<3x5x5xui8> {
  %zq = edge.constant {value = dense<117.0> : tensor<f32>} : tensor<f32>
  %zk = edge.constant {value = dense<130.0> : tensor<f32>} : tensor<f32>
  %f = edge.constant {value = dense<0.01> : tensor<f32>} : tensor<f32>
  %a = edge.cast %q : (tensor<3x5x64xui8>) -> tensor<3x5x64xf32>
  %b = edge.cast %k : (tensor<3x64x5xui8>) -> tensor<3x64x5xf32>
  %c = edge.sub %a, %zq : (tensor<3x5x64xf32>, tensor<f32>) -> tensor<3x5x64xf32>
  %d = edge.sub %b, %zk : (tensor<3x64x5xf32>, tensor<f32>) -> tensor<3x64x5xf32>
  %p = edge.matmul %c, %d : (tensor<3x5x64xf32>, tensor<3x64x5xf32>) -> tensor<3x5x5xf32>
  %r = edge.requantize %p, %f {low = 0 : i64, high = 255 : i64} : (tensor<3x5x5xf32>, tensor<f32>) -> tensor<3x5x5xui8>
  return %r : tensor<3x5x5xui8>
}

// -----

// Moves of the numbers become moves of the bytes; no zero point, and one that was moved by 128.
// CHECK-LABEL: func.func @moved(
// CHECK: %[[T:.*]] = edge.transpose %{{.*}} : (tensor<3x7x8xi8>) -> tensor<3x8x7xi8>
// CHECK: edge.integer_matmul %{{.*}}, %[[T]] {rhs_zero_point = -128 : i64} : (tensor<3x6x8xi8>, tensor<3x8x7xi8>)
// CHECK: edge.cast {{.*}} -> tensor<3x6x7xf32>
func.func @moved(%x: tensor<3x6x8xi8>, %y: tensor<3x7x8xi8>) -> tensor<3x6x7xf32> {
  %z = edge.constant {value = dense<128.0> : tensor<f32>} : tensor<f32>
  %a = edge.cast %x : (tensor<3x6x8xi8>) -> tensor<3x6x8xf32>
  %b = edge.cast %y : (tensor<3x7x8xi8>) -> tensor<3x7x8xf32>
  %c = edge.add %b, %z : (tensor<3x7x8xf32>, tensor<f32>) -> tensor<3x7x8xf32>
  %d = edge.transpose %c {permutation = array<i64: 0, 2, 1>} : (tensor<3x7x8xf32>) -> tensor<3x8x7xf32>
  %p = edge.matmul %a, %d : (tensor<3x6x8xf32>, tensor<3x8x7xf32>) -> tensor<3x6x7xf32>
  return %p : tensor<3x6x7xf32>
}

// -----

// Sums that f32 rounds stay.
// CHECK-LABEL: func.func @long(
// CHECK: edge.matmul
func.func @long(%x: tensor<6x600xui8>, %y: tensor<600x7xui8>) -> tensor<6x7xf32> {
  %a = edge.cast %x : (tensor<6x600xui8>) -> tensor<6x600xf32>
  %b = edge.cast %y : (tensor<600x7xui8>) -> tensor<600x7xf32>
  %p = edge.matmul %a, %b : (tensor<6x600xf32>, tensor<600x7xf32>) -> tensor<6x7xf32>
  return %p : tensor<6x7xf32>
}

// -----

// One row does not pay for the order of the second factor.
// CHECK-LABEL: func.func @row(
// CHECK: edge.matmul
func.func @row(%x: tensor<1x60xui8>, %y: tensor<60x7xui8>) -> tensor<1x7xf32> {
  %a = edge.cast %x : (tensor<1x60xui8>) -> tensor<1x60xf32>
  %b = edge.cast %y : (tensor<60x7xui8>) -> tensor<60x7xf32>
  %p = edge.matmul %a, %b : (tensor<1x60xf32>, tensor<60x7xf32>) -> tensor<1x7xf32>
  return %p : tensor<1x7xf32>
}
