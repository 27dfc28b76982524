// RUN: edge-opt %s | edge-opt | FileCheck %s
// Products with weights in blocks parse and print.

// CHECK-LABEL: @block_product
func.func @block_product(%x: tensor<2x64xf32>, %f: tensor<8x64xi8>, %s: tensor<2x8xf32>) -> tensor<2x8xf32> {
  // CHECK: edge.block_product %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x64xf32>, tensor<8x64xi8>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %r = edge.block_product %x, %f, %s : (tensor<2x64xf32>, tensor<8x64xi8>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return %r : tensor<2x8xf32>
}
