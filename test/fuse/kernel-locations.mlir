// A kernel's location names every operator in it.
// RUN: edge-opt %s -edge-form-kernels -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s

// CHECK: schedule.yield %{{.*}} : tensor<2x4xf32> loc("activation")
// CHECK-NEXT: } loc(fused["product", "activation"])
func.func @f(%x: tensor<2x8xf32>, %w: tensor<4x8xf32>) -> tensor<2x4xf32> {
  %a = edge.fully_connected %x, %w : (tensor<2x8xf32>, tensor<4x8xf32>) -> tensor<2x4xf32> loc("product")
  %r = edge.relu %a : (tensor<2x4xf32>) -> tensor<2x4xf32> loc("activation")
  return %r : tensor<2x4xf32>
}
