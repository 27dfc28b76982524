// Narrow floats and mixed integers are computed in a wider type.
// RUN: edge-opt %s -edge-widen-elements -split-input-file | FileCheck %s

// CHECK-LABEL: func @softmax
func.func @softmax(%x: tensor<2x5xf16>) -> tensor<2x5xf16> {
  // CHECK: %[[wide:.*]] = edge.cast %{{.*}} : (tensor<2x5xf16>) -> tensor<2x5xf32>
  // CHECK: %[[r:.*]] = edge.softmax %[[wide]] {axis = 1 : i64} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  // CHECK: edge.cast %[[r]] : (tensor<2x5xf32>) -> tensor<2x5xf16>
  %r = edge.softmax %x {axis = 1 : i64} : (tensor<2x5xf16>) -> tensor<2x5xf16>
  return %r : tensor<2x5xf16>
}

// The sum of integer products is computed in the result's type.
// CHECK-LABEL: func @integers
func.func @integers(%x: tensor<2x5xui8>, %y: tensor<5x3xui8>) -> tensor<2x3xi32> {
  // CHECK: edge.matmul %{{.*}}, %{{.*}} : (tensor<2x5xi32>, tensor<5x3xi32>) -> tensor<2x3xi32>
  %r = edge.matmul %x, %y : (tensor<2x5xui8>, tensor<5x3xui8>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// f32 and f64 are computed as they are.
// CHECK-LABEL: func @wide
// CHECK-NOT: edge.cast
func.func @wide(%x: tensor<2x5xf64>, %y: tensor<5x3xf64>) -> tensor<2x3xf64> {
  %r = edge.matmul %x, %y : (tensor<2x5xf64>, tensor<5x3xf64>) -> tensor<2x3xf64>
  return %r : tensor<2x3xf64>
}
