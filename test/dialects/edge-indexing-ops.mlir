// Operators that read and write by index: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @gather
func.func @gather(%x: tensor<5x10x4xf32>, %i: tensor<2x3xi64>) -> tensor<5x2x3x4xf32> {
  // CHECK: edge.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<5x10x4xf32>, tensor<2x3xi64>) -> tensor<5x2x3x4xf32>
  %r = edge.gather %x, %i {axis = 1 : i64} : (tensor<5x10x4xf32>, tensor<2x3xi64>) -> tensor<5x2x3x4xf32>
  return %r : tensor<5x2x3x4xf32>
}
