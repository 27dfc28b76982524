// Factors per channel of a 1x1 convolution's input multiply its filters, where these are fewer.
// RUN: edge-opt %s -edge-scale-filters | FileCheck %s

// CHECK-LABEL: func @excite(
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x4x4x3xf32>, %[[S:[^:]*]]: tensor<1x1x1x3xf32>
// CHECK-DAG: %[[B:.*]] = edge.constant {value = dense<{{\[}}5.000000e-01, -5.000000e-01]>
// CHECK-DAG: %[[T:.*]] = edge.constant {value = dense<{{\[}}[1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]> : tensor<3x2xf32>}
// CHECK-DAG: %[[C:.*]] = edge.reshape %[[S]] {{.*}} tensor<3x1xf32>
// CHECK: %[[F:.*]] = edge.mul %[[T]], %[[C]]
// CHECK: %[[P:.*]] = edge.matmul %[[X]], %[[F]]
// CHECK: %[[R:.*]] = edge.add %[[P]], %[[B]]
// CHECK: return %[[R]]
func.func @excite(%x: tensor<1x4x4x3xf32>, %s: tensor<1x1x1x3xf32>) -> tensor<1x4x4x2xf32> {
  %f = edge.constant {value = dense<[[[[1.0, 2.0, 3.0]]], [[[4.0, 5.0, 6.0]]]]> : tensor<2x1x1x3xf32>} : tensor<2x1x1x3xf32>
  %b = edge.constant {value = dense<[0.5, -0.5]> : tensor<2xf32>} : tensor<2xf32>
  %y = edge.mul %s, %x : (tensor<1x1x1x3xf32>, tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %r = edge.conv2d %y, %f, %b : (tensor<1x4x4x3xf32>, tensor<2x1x1x3xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  return %r : tensor<1x4x4x2xf32>
}

// Three positions are fewer than twice two channels.
// CHECK-LABEL: func @few_positions
// CHECK: edge.mul
// CHECK: edge.conv2d
func.func @few_positions(%x: tensor<1x1x3x3xf32>, %s: tensor<1x1x1x3xf32>) -> tensor<1x1x3x2xf32> {
  %f = edge.constant {value = dense<1.0> : tensor<2x1x1x3xf32>} : tensor<2x1x1x3xf32>
  %y = edge.mul %x, %s : (tensor<1x1x3x3xf32>, tensor<1x1x1x3xf32>) -> tensor<1x1x3x3xf32>
  %r = edge.conv2d %y, %f : (tensor<1x1x3x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x1x3x2xf32>
  return %r : tensor<1x1x3x2xf32>
}

// Somebody else reads the product.
// CHECK-LABEL: func @read_twice
// CHECK-NOT: edge.matmul
// CHECK: return
func.func @read_twice(%x: tensor<1x4x4x3xf32>, %s: tensor<1x1x1x3xf32>) -> (tensor<1x4x4x2xf32>, tensor<1x4x4x3xf32>) {
  %f = edge.constant {value = dense<1.0> : tensor<2x1x1x3xf32>} : tensor<2x1x1x3xf32>
  %y = edge.mul %x, %s : (tensor<1x4x4x3xf32>, tensor<1x1x1x3xf32>) -> tensor<1x4x4x3xf32>
  %r = edge.conv2d %y, %f : (tensor<1x4x4x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x4x4x2xf32>
  return %r, %y : tensor<1x4x4x2xf32>, tensor<1x4x4x3xf32>
}

// A factor per row, two images, strides: not a product by scaled filters.
// CHECK-LABEL: func @others
// CHECK-NOT: edge.matmul
// CHECK: return
func.func @others(%x: tensor<1x6x6x3xf32>, %row: tensor<1x6x1x1xf32>, %two: tensor<2x4x4x3xf32>, %each: tensor<2x1x1x3xf32>,
                  %s: tensor<1x1x1x3xf32>) -> (tensor<1x6x6x2xf32>, tensor<2x4x4x2xf32>, tensor<1x3x3x2xf32>) {
  %f = edge.constant {value = dense<1.0> : tensor<2x1x1x3xf32>} : tensor<2x1x1x3xf32>
  %a = edge.mul %x, %row : (tensor<1x6x6x3xf32>, tensor<1x6x1x1xf32>) -> tensor<1x6x6x3xf32>
  %ra = edge.conv2d %a, %f : (tensor<1x6x6x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x6x6x2xf32>
  %b = edge.mul %two, %each : (tensor<2x4x4x3xf32>, tensor<2x1x1x3xf32>) -> tensor<2x4x4x3xf32>
  %rb = edge.conv2d %b, %f : (tensor<2x4x4x3xf32>, tensor<2x1x1x3xf32>) -> tensor<2x4x4x2xf32>
  %c = edge.mul %x, %s : (tensor<1x6x6x3xf32>, tensor<1x1x1x3xf32>) -> tensor<1x6x6x3xf32>
  %rc = edge.conv2d %c, %f {strides = array<i64: 2, 2>} : (tensor<1x6x6x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x3x3x2xf32>
  return %ra, %rb, %rc : tensor<1x6x6x2xf32>, tensor<2x4x4x2xf32>, tensor<1x3x3x2xf32>
}
