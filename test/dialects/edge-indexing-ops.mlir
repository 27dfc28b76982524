// Operators that read and write by index: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @gather
func.func @gather(%x: tensor<5x10x4xf32>, %i: tensor<2x3xi64>) -> tensor<5x2x3x4xf32> {
  // CHECK: edge.gather %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<5x10x4xf32>, tensor<2x3xi64>) -> tensor<5x2x3x4xf32>
  %r = edge.gather %x, %i {axis = 1 : i64} : (tensor<5x10x4xf32>, tensor<2x3xi64>) -> tensor<5x2x3x4xf32>
  return %r : tensor<5x2x3x4xf32>
}

// CHECK-LABEL: @gather_elements
func.func @gather_elements(%x: tensor<3x4xf32>, %i: tensor<3x2xi32>) -> tensor<3x2xf32> {
  // CHECK: edge.gather_elements %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi32>) -> tensor<3x2xf32>
  %r = edge.gather_elements %x, %i {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi32>) -> tensor<3x2xf32>
  return %r : tensor<3x2xf32>
}

// CHECK-LABEL: @gather_nd
func.func @gather_nd(%x: tensor<2x3x4x5xf32>, %i: tensor<2x7x2xi64>) -> tensor<2x7x5xf32> {
  // CHECK: edge.gather_nd %{{.*}}, %{{.*}} {batch_dims = 1 : i64} : (tensor<2x3x4x5xf32>, tensor<2x7x2xi64>) -> tensor<2x7x5xf32>
  %r = edge.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<2x3x4x5xf32>, tensor<2x7x2xi64>) -> tensor<2x7x5xf32>
  return %r : tensor<2x7x5xf32>
}

// CHECK-LABEL: @reverse_sequence
func.func @reverse_sequence(%x: tensor<2x5x3xf32>, %n: tensor<2xi64>) -> tensor<2x5x3xf32> {
  // CHECK: edge.reverse_sequence %{{.*}}, %{{.*}} {batch_axis = 0 : i64, time_axis = 1 : i64} : (tensor<2x5x3xf32>, tensor<2xi64>) -> tensor<2x5x3xf32>
  %r = edge.reverse_sequence %x, %n {batch_axis = 0 : i64, time_axis = 1 : i64} : (tensor<2x5x3xf32>, tensor<2xi64>) -> tensor<2x5x3xf32>
  return %r : tensor<2x5x3xf32>
}

// CHECK-LABEL: @trilu
func.func @trilu(%x: tensor<2x4x5xi32>, %k: tensor<i64>) -> tensor<2x4x5xi32> {
  // CHECK: edge.trilu %{{.*}}, %{{.*}} {upper = false} : (tensor<2x4x5xi32>, tensor<i64>) -> tensor<2x4x5xi32>
  %r = edge.trilu %x, %k {upper = false} : (tensor<2x4x5xi32>, tensor<i64>) -> tensor<2x4x5xi32>
  return %r : tensor<2x4x5xi32>
}

// CHECK-LABEL: @one_hot
func.func @one_hot(%i: tensor<3xi32>, %v: tensor<2xf32>) -> tensor<10x3xf32> {
  // CHECK: edge.one_hot %{{.*}}, %{{.*}} {axis = 0 : i64, depth = 10 : i64} : (tensor<3xi32>, tensor<2xf32>) -> tensor<10x3xf32>
  %r = edge.one_hot %i, %v {axis = 0 : i64, depth = 10 : i64} : (tensor<3xi32>, tensor<2xf32>) -> tensor<10x3xf32>
  return %r : tensor<10x3xf32>
}

// CHECK-LABEL: @scatter_elements
func.func @scatter_elements(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>, %u: tensor<3x2xf32>) -> tensor<3x4xf32> {
  // CHECK: edge.scatter_elements max %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>
  %r = edge.scatter_elements max %x, %i, %u {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// CHECK-LABEL: @scatter_nd
func.func @scatter_nd(%x: tensor<4x5xi8>, %i: tensor<2x1xi64>, %u: tensor<2x5xi8>) -> tensor<4x5xi8> {
  // CHECK: edge.scatter_nd none %{{.*}}, %{{.*}}, %{{.*}} : (tensor<4x5xi8>, tensor<2x1xi64>, tensor<2x5xi8>) -> tensor<4x5xi8>
  %r = edge.scatter_nd none %x, %i, %u : (tensor<4x5xi8>, tensor<2x1xi64>, tensor<2x5xi8>) -> tensor<4x5xi8>
  return %r : tensor<4x5xi8>
}
