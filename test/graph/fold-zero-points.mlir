// The input's zero point goes into the bias; the pad value stays.
// RUN: edge-opt %s -edge-fold-zero-points | FileCheck %s

// 10 - 3 * (1 + 2 - 4) and 20 - 3 * (5 + 5 + 5)
// CHECK-LABEL: func @with_bias
// CHECK: %[[B:.*]] = edge.constant {value = dense<[13, -25]> : tensor<2xi32>}
// CHECK: edge.integer_conv2d %{{.*}}, %{{.*}}, %[[B]] {pad_value = 3 : i64, pads = array<i64: 1, 1, 1, 1>}
func.func @with_bias(%x: tensor<1x2x2x3xi8>) -> tensor<1x4x4x2xi32> {
  %f = edge.constant {value = dense<[[[[1, 2, -4]]], [[[5, 5, 5]]]]> : tensor<2x1x1x3xi8>} : tensor<2x1x1x3xi8>
  %b = edge.constant {value = dense<[10, 20]> : tensor<2xi32>} : tensor<2xi32>
  %r = edge.integer_conv2d %x, %f, %b {pads = array<i64: 1, 1, 1, 1>, input_zero_point = 3 : i64, pad_value = 3 : i64} : (tensor<1x2x2x3xi8>, tensor<2x1x1x3xi8>, tensor<2xi32>) -> tensor<1x4x4x2xi32>
  return %r : tensor<1x4x4x2xi32>
}

// -2 * (200 - 100) and a filter's zero point
// CHECK-LABEL: func @without_bias
// CHECK: %[[B:.*]] = edge.constant {value = dense<-200> : tensor<1xi32>}
// CHECK: edge.integer_conv2d %{{.*}}, %{{.*}}, %[[B]] {filter_zero_point = 100 : i64}
func.func @without_bias(%x: tensor<1x2x2x1xui8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<200> : tensor<1x1x1x1xui8>} : tensor<1x1x1x1xui8>
  %r = edge.integer_conv2d %x, %f {input_zero_point = 2 : i64, filter_zero_point = 100 : i64} : (tensor<1x2x2x1xui8>, tensor<1x1x1x1xui8>) -> tensor<1x2x2x1xi32>
  return %r : tensor<1x2x2x1xi32>
}

// CHECK-LABEL: func @computed_filter
// CHECK: edge.integer_conv2d %{{.*}}, %{{.*}} {input_zero_point = 2 : i64}
func.func @computed_filter(%x: tensor<1x2x2x1xi8>, %f: tensor<1x1x1x1xi8>) -> tensor<1x2x2x1xi32> {
  %r = edge.integer_conv2d %x, %f {input_zero_point = 2 : i64} : (tensor<1x2x2x1xi8>, tensor<1x1x1x1xi8>) -> tensor<1x2x2x1xi32>
  return %r : tensor<1x2x2x1xi32>
}
