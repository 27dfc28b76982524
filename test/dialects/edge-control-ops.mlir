// RUN: edge-opt %s -split-input-file | edge-opt -split-input-file | FileCheck %s

// A branch takes what it reads as operands.

// CHECK-LABEL: func.func @branches
// CHECK: edge.if %{{.*}} then @then_branch(%{{.*}}) else @else_branch() : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
func.func @branches(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %r = edge.if %c then @then_branch(%x) else @else_branch() : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func private @then_branch(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
func.func private @else_branch() -> tensor<4xf32> {
  %zero = edge.constant {value = dense<0.0> : tensor<4xf32>} : tensor<4xf32>
  return %zero : tensor<4xf32>
}

// -----

// One state, one sliced and one captured operand, one stacked result.

// CHECK-LABEL: func.func @loop
// CHECK: edge.loop @body count %{{.*}} while %{{.*}}(%{{.*}}) slices(%{{.*}}) captures(%{{.*}}) {has_condition = true, trips = 3 : i64}
func.func @loop(%n: tensor<i64>, %c: tensor<i1>, %s: tensor<2xf32>, %x: tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  %r:2 = edge.loop @body count %n while %c(%s) slices(%x) captures(%c) {has_condition = true, trips = 3 : i64}
    : (tensor<i64>, tensor<i1>, tensor<2xf32>, tensor<3x2xf32>, tensor<i1>) -> (tensor<2xf32>, tensor<3x2xf32>)
  return %r#0, %r#1 : tensor<2xf32>, tensor<3x2xf32>
}
func.func private @body(%i: tensor<i64>, %s: tensor<2xf32>, %row: tensor<2xf32>, %c: tensor<i1>) -> (tensor<i1>, tensor<2xf32>, tensor<2xf32>) {
  %sum = edge.add %s, %row : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %c, %sum, %sum : tensor<i1>, tensor<2xf32>, tensor<2xf32>
}
