// Normalisations of rows: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @rows
func.func @rows(%x: tensor<2x10xf32>) -> tensor<2x10xf32> {
  // CHECK: edge.normalize %{{.*}} {epsilon = 9.99999974E-6 : f32} : (tensor<2x10xf32>) -> tensor<2x10xf32>
  %r = edge.normalize %x {epsilon = 1.0e-5 : f32} : (tensor<2x10xf32>) -> tensor<2x10xf32>
  return %r : tensor<2x10xf32>
}

// CHECK-LABEL: @layer_norm
func.func @layer_norm(%x: tensor<2x10xf32>, %s: tensor<10xf32>, %b: tensor<10xf32>) -> tensor<2x10xf32> {
  // CHECK: edge.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 9.99999974E-6 : f32} : (tensor<2x10xf32>, tensor<10xf32>, tensor<10xf32>) -> tensor<2x10xf32>
  %r = edge.layer_norm %x, %s, %b {epsilon = 1.0e-5 : f32} : (tensor<2x10xf32>, tensor<10xf32>, tensor<10xf32>) -> tensor<2x10xf32>
  return %r : tensor<2x10xf32>
}
