// Operators become cheaper ones of the same meaning.
// RUN: edge-opt %s -edge-simplify-operators -canonicalize | FileCheck %s

// CHECK-LABEL: func @matmul_by_constant
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK: %[[W:.*]] = edge.constant {value = dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]> : tensor<3x2xf32>}
// CHECK: edge.fully_connected %[[X]], %[[W]] : (tensor<5x4x2xf32>, tensor<3x2xf32>) -> tensor<5x4x3xf32>
func.func @matmul_by_constant(%x: tensor<5x4x2xf32>) -> tensor<5x4x3xf32> {
  %w = edge.constant {value = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>} : tensor<2x3xf32>
  %r = edge.matmul %x, %w : (tensor<5x4x2xf32>, tensor<2x3xf32>) -> tensor<5x4x3xf32>
  return %r : tensor<5x4x3xf32>
}

// A batch of different matrices is no fully connected layer.
// CHECK-LABEL: func @batched_matmul
// CHECK: edge.matmul
func.func @batched_matmul(%x: tensor<2x4x2xf32>) -> tensor<2x4x1xf32> {
  %w = edge.constant {value = dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>} : tensor<2x2x1xf32>
  %r = edge.matmul %x, %w : (tensor<2x4x2xf32>, tensor<2x2x1xf32>) -> tensor<2x4x1xf32>
  return %r : tensor<2x4x1xf32>
}

// CHECK-LABEL: func @global_pools
// CHECK: edge.reduce_mean %{{.*}} {axes = array<i64: 1, 2>, keep_dims = true}
// CHECK: edge.reduce_max %{{.*}} {axes = array<i64: 1, 2>, keep_dims = true}
func.func @global_pools(%x: tensor<1x7x7x8xf32>) -> (tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>) {
  %mean = edge.avg_pool2d %x {window = array<i64: 7, 7>} : (tensor<1x7x7x8xf32>) -> tensor<1x1x1x8xf32>
  %max = edge.max_pool2d %x {window = array<i64: 7, 7>, strides = array<i64: 2, 2>} : (tensor<1x7x7x8xf32>) -> tensor<1x1x1x8xf32>
  return %mean, %max : tensor<1x1x1x8xf32>, tensor<1x1x1x8xf32>
}

// The mean over pads too is another number.
// CHECK-LABEL: func @padded_mean
// CHECK: edge.avg_pool2d
func.func @padded_mean(%x: tensor<1x6x6x8xf32>) -> tensor<1x1x1x8xf32> {
  %r = edge.avg_pool2d %x {window = array<i64: 7, 7>, pads = array<i64: 1, 1, 0, 0>, count_include_pad = true} : (tensor<1x6x6x8xf32>) -> tensor<1x1x1x8xf32>
  return %r : tensor<1x1x1x8xf32>
}

// CHECK-LABEL: func @pool_of_one
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-NEXT: return %[[X]]
func.func @pool_of_one(%x: tensor<1x7x7x8xf32>) -> tensor<1x7x7x8xf32> {
  %r = edge.avg_pool2d %x {window = array<i64: 1, 1>} : (tensor<1x7x7x8xf32>) -> tensor<1x7x7x8xf32>
  return %r : tensor<1x7x7x8xf32>
}

// CHECK-LABEL: func @reduce_one
// CHECK: edge.reshape %{{.*}} : (tensor<1x1x8xf32>) -> tensor<8xf32>
func.func @reduce_one(%x: tensor<1x1x8xf32>) -> tensor<8xf32> {
  %r = edge.reduce_sum %x {axes = array<i64: 0, 1>} : (tensor<1x1x8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// CHECK-LABEL: func @operand_broadcast
// CHECK-SAME: %[[X:[^:]*]]: tensor<4x8xf32>, %[[C:[^:]*]]:
// CHECK: edge.mul %[[X]], %[[C]]
func.func @operand_broadcast(%x: tensor<4x8xf32>, %c: tensor<8xf32>) -> tensor<4x8xf32> {
  %wide = edge.broadcast %c : (tensor<8xf32>) -> tensor<4x8xf32>
  %r = edge.mul %x, %wide : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}

// Here the broadcast makes the result's shape.
// CHECK-LABEL: func @needed_broadcast
// CHECK: edge.broadcast
func.func @needed_broadcast(%x: tensor<8xf32>, %c: tensor<8xf32>) -> tensor<4x8xf32> {
  %wide = edge.broadcast %c : (tensor<8xf32>) -> tensor<4x8xf32>
  %r = edge.mul %x, %wide : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %r : tensor<4x8xf32>
}
