// Factors and addends per output channel move into weights and bias.
// RUN: edge-opt %s -edge-fold-scale-and-bias -canonicalize | FileCheck %s

// CHECK-LABEL: func @conv_mul_add
// CHECK-DAG: %[[W:.*]] = edge.constant {value = dense<{{.*}}2.000000e+00{{.*}}9.000000e+00{{.*}}> : tensor<2x1x1x1xf32>}
// CHECK-DAG: %[[B:.*]] = edge.constant {value = dense<[5.000000e-01, 1.000000e+00]> : tensor<2xf32>}
// CHECK: %[[R:.*]] = edge.conv2d %{{.*}}, %[[W]], %[[B]]
// CHECK-NEXT: return %[[R]]
func.func @conv_mul_add(%x: tensor<1x4x4x1xf32>) -> tensor<1x4x4x2xf32> {
  %w = edge.constant {value = dense<[[[[1.0]]], [[[3.0]]]]> : tensor<2x1x1x1xf32>} : tensor<2x1x1x1xf32>
  %s = edge.constant {value = dense<[2.0, 3.0]> : tensor<2xf32>} : tensor<2xf32>
  %t = edge.constant {value = dense<[[[[0.5, 1.0]]]]> : tensor<1x1x1x2xf32>} : tensor<1x1x1x2xf32>
  %conv = edge.conv2d %x, %w : (tensor<1x4x4x1xf32>, tensor<2x1x1x1xf32>) -> tensor<1x4x4x2xf32>
  %scaled = edge.mul %conv, %s : (tensor<1x4x4x2xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  %r = edge.add %scaled, %t : (tensor<1x4x4x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x4x4x2xf32>
  return %r : tensor<1x4x4x2xf32>
}

// The bias is scaled with the weights; numbers count for all channels.
// CHECK-LABEL: func @bias_then_div
// CHECK-DAG: edge.constant {value = dense<[5.000000e-01, 1.500000e+00]> : tensor<2xf32>}
// CHECK-DAG: edge.constant {value = dense<{{\[\[}}1.000000e+00], [2.000000e+00]]> : tensor<2x1xf32>}
// CHECK: %[[R:.*]] = edge.fully_connected
// CHECK-NEXT: return %[[R]]
func.func @bias_then_div(%x: tensor<3x1xf32>) -> tensor<3x2xf32> {
  %w = edge.constant {value = dense<[[2.0], [4.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %b = edge.constant {value = dense<[1.0, 3.0]> : tensor<2xf32>} : tensor<2xf32>
  %two = edge.constant {value = dense<2.0> : tensor<f32>} : tensor<f32>
  %fc = edge.fully_connected %x, %w, %b : (tensor<3x1xf32>, tensor<2x1xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %r = edge.div %fc, %two : (tensor<3x2xf32>, tensor<f32>) -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}

// Somebody else reads the product.
// CHECK-LABEL: func @product_read_twice
// CHECK: edge.mul
func.func @product_read_twice(%x: tensor<3x1xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %w = edge.constant {value = dense<[[2.0], [4.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %s = edge.constant {value = dense<[1.0, 3.0]> : tensor<2xf32>} : tensor<2xf32>
  %fc = edge.fully_connected %x, %w : (tensor<3x1xf32>, tensor<2x1xf32>) -> tensor<3x2xf32>
  %r = edge.mul %fc, %s : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  return %fc, %r : tensor<3x2xf32>, tensor<3x2xf32>
}

// One number per row is not one per channel; neither is c - x an addend.
// CHECK-LABEL: func @not_per_channel
// CHECK: edge.add
// CHECK: edge.sub
func.func @not_per_channel(%x: tensor<2x1xf32>) -> tensor<2x2xf32> {
  %w = edge.constant {value = dense<[[2.0], [4.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %row = edge.constant {value = dense<[[1.0], [3.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %c = edge.constant {value = dense<[1.0, 3.0]> : tensor<2xf32>} : tensor<2xf32>
  %fc = edge.fully_connected %x, %w : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %sum = edge.add %fc, %row : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %r = edge.sub %c, %sum : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}
