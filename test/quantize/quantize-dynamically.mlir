// Rows of a fully connected layer get scales in the run.
// RUN: edge-opt %s -edge-quantize-dynamically | FileCheck %s

// CHECK-LABEL: func @rows
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
// CHECK: %[[BIAS:.*]] = edge.constant {value = dense<[1.000000e+00, 2.000000e+00]>
// CHECK: %[[ROWS:.*]] = edge.reshape %[[X]] : (tensor<2x3x4xf32>) -> tensor<6x1x1x4xf32>
// CHECK: %[[ABS:.*]] = edge.abs %[[ROWS]]
// CHECK: %[[MOST:.*]] = edge.reduce_max %[[ABS]] {axes = array<i64: 3>, keep_dims = true} : {{.*}} -> tensor<6x1x1x1xf32>
// CHECK: %[[STEP:.*]] = edge.mul %[[MOST]]
// CHECK: %[[SCALE:.*]] = edge.max %[[STEP]]
// CHECK: %[[STEPS:.*]] = edge.div %[[ROWS]], %[[SCALE]]
// CHECK: %[[WHOLE:.*]] = edge.round_even %[[STEPS]]
// CHECK: %[[KEPT:.*]] = edge.clamp %[[WHOLE]] {max = 1.270000e+02 : f32, min = -1.270000e+02 : f32}
// CHECK: %[[Q:.*]] = edge.cast %[[KEPT]] : {{.*}} -> tensor<6x1x1x4xi8>
// CHECK: %[[F:.*]] = edge.constant {value = dense<{{\[}}[127, 64, 32, 0], [-127, 127, 0, 0]]> : tensor<2x4xi8>}
// CHECK: %[[FILTER:.*]] = edge.reshape %[[F]] : (tensor<2x4xi8>) -> tensor<2x1x1x4xi8>
// CHECK: %[[SUMS:.*]] = edge.integer_conv2d %[[Q]], %[[FILTER]] : {{.*}} -> tensor<6x1x1x2xi32>
// CHECK: %[[REAL:.*]] = edge.cast %[[SUMS]]
// CHECK: %[[FS:.*]] = edge.constant {value = dense<[0.00787401571, 0.0236220472]> : tensor<2xf32>}
// CHECK: %[[A:.*]] = edge.mul %[[REAL]], %[[FS]]
// CHECK: %[[B:.*]] = edge.mul %[[A]], %[[SCALE]]
// CHECK: %[[C:.*]] = edge.add %[[B]], %[[BIAS]]
// CHECK: %[[R:.*]] = edge.reshape %[[C]] : {{.*}} -> tensor<2x3x2xf32>
// CHECK: return %[[R]]
func.func @rows(%x: tensor<2x3x4xf32>) -> tensor<2x3x2xf32> {
  %f = edge.constant {value = dense<[[1.0, 0.5, 0.25, 0.0], [-3.0, 3.0, 0.0, 0.0]]> : tensor<2x4xf32>} : tensor<2x4xf32>
  %b = edge.constant {value = dense<[1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
  %y = edge.fully_connected %x, %f, %b {edge.dynamic_range} : (tensor<2x3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<2x3x2xf32>
  return %y : tensor<2x3x2xf32>
}

// Others are left alone.
// CHECK-LABEL: func @others
// CHECK: edge.fully_connected %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x2xf32>
// CHECK-NEXT: return
func.func @others(%x: tensor<2x4xf32>, %f: tensor<2x4xf32>) -> tensor<2x2xf32> {
  %y = edge.fully_connected %x, %f {edge.dynamic_range} : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
