// Operators with offsets of the run: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @slice
func.func @slice(%x: tensor<5x4xf32>, %n: tensor<2xi64>, %m: tensor<2xi32>) -> (tensor<2x4xf32>, tensor<5x1xf32>) {
  // CHECK: edge.dynamic_slice %{{.*}} from %{{.*}} : (tensor<5x4xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  %a = edge.dynamic_slice %x from %n : (tensor<5x4xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  // CHECK: edge.dynamic_slice %{{.*}} from %{{.*}} along %{{.*}} by %{{.*}} : (tensor<5x4xf32>, tensor<2xi64>, tensor<2xi32>, tensor<2xi64>) -> tensor<5x1xf32>
  %b = edge.dynamic_slice %x from %n along %m by %n : (tensor<5x4xf32>, tensor<2xi64>, tensor<2xi32>, tensor<2xi64>) -> tensor<5x1xf32>
  return %a, %b : tensor<2x4xf32>, tensor<5x1xf32>
}

// CHECK-LABEL: @pad
func.func @pad(%x: tensor<5x4xf32>, %p: tensor<4xi64>, %q: tensor<2xi64>, %v: tensor<f32>, %m: tensor<1xi64>) -> (tensor<7x4xf32>, tensor<5x9xf32>) {
  // CHECK: edge.dynamic_pad %{{.*}} by %{{.*}} with %{{.*}} : (tensor<5x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<7x4xf32>
  %a = edge.dynamic_pad %x by %p with %v : (tensor<5x4xf32>, tensor<4xi64>, tensor<f32>) -> tensor<7x4xf32>
  // CHECK: edge.dynamic_pad %{{.*}} by %{{.*}} along %{{.*}} {mode = 2 : i32} : (tensor<5x4xf32>, tensor<2xi64>, tensor<1xi64>) -> tensor<5x9xf32>
  %b = edge.dynamic_pad %x by %q along %m {mode = 2 : i32} : (tensor<5x4xf32>, tensor<2xi64>, tensor<1xi64>) -> tensor<5x9xf32>
  return %a, %b : tensor<7x4xf32>, tensor<5x9xf32>
}
