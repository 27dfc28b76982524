// Operators that search, sort and count: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @arg_max
func.func @arg_max(%x: tensor<2x10xf32>) -> tensor<2xi64> {
  // CHECK: edge.arg_max %{{.*}} {axis = 1 : i64} : (tensor<2x10xf32>) -> tensor<2xi64>
  %r = edge.arg_max %x {axis = 1 : i64} : (tensor<2x10xf32>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}

// CHECK-LABEL: @arg_min_to_i32
func.func @arg_min_to_i32(%x: tensor<2x10xf32>) -> tensor<10xi32> {
  // CHECK: edge.arg_min %{{.*}} {axis = 0 : i64, select_last = true} : (tensor<2x10xf32>) -> tensor<10xi32>
  %r = edge.arg_min %x {axis = 0 : i64, select_last = true} : (tensor<2x10xf32>) -> tensor<10xi32>
  return %r : tensor<10xi32>
}

// CHECK-LABEL: @top_k
func.func @top_k(%x: tensor<2x10xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>) {
  // CHECK: edge.top_k %{{.*}} {axis = 1 : i64, k = 3 : i64, largest = true} : (tensor<2x10xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  %r0, %r1 = edge.top_k %x {axis = 1 : i64, k = 3 : i64, largest = true} : (tensor<2x10xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  return %r0, %r1 : tensor<2x3xf32>, tensor<2x3xi64>
}

// CHECK-LABEL: @cumulate
func.func @cumulate(%x: tensor<2x10xf32>) -> tensor<2x10xf32> {
  // CHECK: edge.cumulate sum %{{.*}} {axis = 1 : i64, exclusive = true} : (tensor<2x10xf32>) -> tensor<2x10xf32>
  %r = edge.cumulate sum %x {axis = 1 : i64, exclusive = true} : (tensor<2x10xf32>) -> tensor<2x10xf32>
  return %r : tensor<2x10xf32>
}

// CHECK-LABEL: @cumulate_along
func.func @cumulate_along(%x: tensor<2x10xi32>, %a: tensor<i32>) -> tensor<2x10xi32> {
  // CHECK: edge.cumulate product %{{.*}} along %{{.*}} {reverse = true} : (tensor<2x10xi32>, tensor<i32>) -> tensor<2x10xi32>
  %r = edge.cumulate product %x along %a {reverse = true} : (tensor<2x10xi32>, tensor<i32>) -> tensor<2x10xi32>
  return %r : tensor<2x10xi32>
}

// CHECK-LABEL: @det
func.func @det(%x: tensor<5x3x3xf32>) -> tensor<5xf32> {
  // CHECK: edge.det %{{.*}} : (tensor<5x3x3xf32>) -> tensor<5xf32>
  %r = edge.det %x : (tensor<5x3x3xf32>) -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// CHECK-LABEL: @non_zero
func.func @non_zero(%x: tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>) {
  // CHECK: edge.non_zero %{{.*}} : (tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>)
  %r0, %r1 = edge.non_zero %x : (tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>)
  return %r0, %r1 : tensor<2x6xi64>, tensor<i64>
}

// CHECK-LABEL: @compress
func.func @compress(%x: tensor<2x5xf32>, %c: tensor<4xi1>) -> (tensor<2x4xf32>, tensor<i64>) {
  // CHECK: edge.compress %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x5xf32>, tensor<4xi1>) -> (tensor<2x4xf32>, tensor<i64>)
  %r0, %r1 = edge.compress %x, %c {axis = 1 : i64} : (tensor<2x5xf32>, tensor<4xi1>) -> (tensor<2x4xf32>, tensor<i64>)
  return %r0, %r1 : tensor<2x4xf32>, tensor<i64>
}

// CHECK-LABEL: @unique
func.func @unique(%x: tensor<6x2xf32>) -> (tensor<6x2xf32>, tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<i64>) {
  // CHECK: edge.unique %{{.*}} {axis = 0 : i64, sorted = true} : (tensor<6x2xf32>) -> (tensor<6x2xf32>, tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<i64>)
  %r0, %r1, %r2, %r3, %r4 = edge.unique %x {axis = 0 : i64, sorted = true} : (tensor<6x2xf32>) -> (tensor<6x2xf32>, tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<i64>)
  return %r0, %r1, %r2, %r3, %r4 : tensor<6x2xf32>, tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<i64>
}

// CHECK-LABEL: @non_max_suppression
func.func @non_max_suppression(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %o: tensor<1xf32>, %t: tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>) {
  // CHECK: edge.non_max_suppression %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {bound = 3 : i64, center = false} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<1xf32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  %r0, %r1 = edge.non_max_suppression %b, %s, %m, %o, %t {bound = 3 : i64, center = false} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<1xf32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return %r0, %r1 : tensor<6x3xi64>, tensor<i64>
}
