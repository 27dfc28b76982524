// Means and products of layer normalisation are one operator; scale and bias stay behind it.
// RUN: edge-opt %s -edge-form-normalizations | FileCheck %s
// RUN: edge-opt %s -edge-form-normalizations -edge-form-kernels | FileCheck %s --check-prefix=KERNEL

// CHECK-LABEL: func @layer_norm(
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x4xf32>, %[[S:[^:]*]]: tensor<4xf32>, %[[B:[^:]*]]: tensor<4xf32>
// CHECK-NOT: edge.reduce_mean
// CHECK: %[[N:.*]] = edge.normalize %[[X]] {epsilon = 9.99999974E-6 : f32}
// CHECK-NEXT: %[[P:.*]] = edge.mul %[[N]], %[[S]]
// CHECK-NEXT: edge.add %[[P]], %[[B]]
// KERNEL-LABEL: func @layer_norm(
// KERNEL: schedule.kernel "normalize_mul_add"
func.func @layer_norm(%x: tensor<2x4xf32>, %s: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<2x4xf32> {
  %e = edge.constant {value = dense<1.0e-5> : tensor<f32>} : tensor<f32>
  %m = edge.reduce_mean %x {axes = array<i64: 1>, keep_dims = true} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %c = edge.sub %x, %m : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %q = edge.mul %c, %c : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %v = edge.reduce_mean %q {axes = array<i64: 1>, keep_dims = true} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %p = edge.add %v, %e : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %d = edge.rsqrt %p : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %n = edge.mul %c, %d : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %y = edge.mul %n, %s : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %r = edge.add %y, %b : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// The mean of columns, and the squares of another difference.
// CHECK-LABEL: func @others(
// CHECK-NOT: edge.normalize
// CHECK: return
func.func @others(%x: tensor<4x4xf32>, %z: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %e = edge.constant {value = dense<1.0e-5> : tensor<f32>} : tensor<f32>
  %m = edge.reduce_mean %x {axes = array<i64: 0>, keep_dims = true} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %c = edge.sub %x, %m : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %q = edge.mul %c, %c : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %v = edge.reduce_mean %q {axes = array<i64: 0>, keep_dims = true} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %p = edge.add %v, %e : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %d = edge.rsqrt %p : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %n = edge.mul %c, %d : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %mr = edge.reduce_mean %x {axes = array<i64: 1>, keep_dims = true} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %cr = edge.sub %x, %mr : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  %qr = edge.mul %z, %z : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %vr = edge.reduce_mean %qr {axes = array<i64: 1>, keep_dims = true} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %pr = edge.add %vr, %e : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %dr = edge.rsqrt %pr : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %nr = edge.mul %cr, %dr : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  return %n, %nr : tensor<4x4xf32>, tensor<4x4xf32>
}
