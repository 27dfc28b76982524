// Ways to cut a layer are counted before they are tried: two million outputs
// would take minutes, and stay whole.
// RUN: edge-opt %s -edge-split-products=assume-finite | FileCheck %s

// CHECK-LABEL: func @large
// CHECK: edge.fully_connected {{.*}} -> tensor<1x2097152xf32>
// CHECK-NOT: edge.concat
func.func @large(%x: tensor<1x16xf32>) -> tensor<1x2097152xf32> {
  %f = edge.constant {value = dense<0.0> : tensor<2097152x16xf32>} : tensor<2097152x16xf32>
  %0 = edge.fully_connected %x, %f : (tensor<1x16xf32>, tensor<2097152x16xf32>) -> tensor<1x2097152xf32>
  return %0 : tensor<1x2097152xf32>
}
