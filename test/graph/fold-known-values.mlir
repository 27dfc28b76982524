// A branch that gives the same numbers for every input is a constant where it
// joins another value (MeaningTest runs this file).
// RUN: edge-opt %s -edge-fold-known-values -canonicalize | FileCheck %s
// RUN: edge-opt %s -edge-fold-known-values=assume-finite -canonicalize | FileCheck %s --check-prefix=FINITE

// CHECK-LABEL: func @zeros
// CHECK-NEXT: return %arg0
func.func @zeros(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi8> {
  %f = edge.constant {value = dense<0> : tensor<2x1x1x2xi8>} : tensor<2x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x2xi8>, tensor<2x1x1x2xi8>) -> tensor<1x2x2x2xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %2 = edge.add %x, %1 : (tensor<1x2x2x2xi8>, tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi8>
  return %2 : tensor<1x2x2x2xi8>
}

// A number per channel is left of the bias.
// CHECK-LABEL: func @bias
// CHECK: %[[C:.*]] = edge.constant {value = dense<[3, -4]> : tensor<2xi8>}
// CHECK-NEXT: edge.sub %[[C]], %{{.*}} : (tensor<2xi8>, tensor<1x2x2x2xi8>)
func.func @bias(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi8> {
  %f = edge.constant {value = dense<0> : tensor<2x1x1x2xi8>} : tensor<2x1x1x2xi8>
  %b = edge.constant {value = dense<[3, -4]> : tensor<2xi32>} : tensor<2xi32>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x2xi8>, tensor<2x1x1x2xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %2 = edge.sub %1, %x : (tensor<1x2x2x2xi8>, tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi8>
  return %2 : tensor<1x2x2x2xi8>
}

// Of floats a zero times infinity is not a zero.
// CHECK-LABEL: func @floats
// CHECK: edge.conv2d
// CHECK: edge.add
// FINITE-LABEL: func @floats
// FINITE-NEXT: return %arg0
func.func @floats(%x: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %f = edge.constant {value = dense<0.0> : tensor<2x1x1x2xf32>} : tensor<2x1x1x2xf32>
  %0 = edge.conv2d %x, %f : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x2x2x2xf32>
  %1 = edge.relu %0 : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = edge.add %1, %x : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %2 : tensor<1x2x2x2xf32>
}

// The result would lose its shape: it stays.
// CHECK-LABEL: func @broadcast
// CHECK: edge.integer_conv2d
// CHECK: edge.add
func.func @broadcast(%x: tensor<1x2x2x2xi8>, %y: tensor<1x1x1x2xi32>) -> tensor<1x2x2x2xi32> {
  %f = edge.constant {value = dense<0> : tensor<2x1x1x2xi8>} : tensor<2x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x2xi8>, tensor<2x1x1x2xi8>) -> tensor<1x2x2x2xi32>
  %1 = edge.add %0, %y : (tensor<1x2x2x2xi32>, tensor<1x1x1x2xi32>) -> tensor<1x2x2x2xi32>
  return %1 : tensor<1x2x2x2xi32>
}
