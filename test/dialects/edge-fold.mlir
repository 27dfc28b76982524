// Identities that need no data movement fold; near misses stay.
// RUN: edge-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: func @twice
// CHECK-SAME: %[[X:[^:]*]]: tensor<4xf32>, %[[Y:[^:]*]]: tensor<4xf32>
// CHECK-NEXT: %[[R:.*]] = edge.relu %[[Y]]
// CHECK-NEXT: return %[[X]], %[[R]]
func.func @twice(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = edge.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  %b = edge.neg %a : (tensor<4xf32>) -> tensor<4xf32>
  %c = edge.relu %y : (tensor<4xf32>) -> tensor<4xf32>
  %d = edge.relu %c : (tensor<4xf32>) -> tensor<4xf32>
  return %b, %d : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @clamps
// CHECK-NEXT: %[[A:.*]] = edge.clamp
// CHECK-NEXT: %[[B:.*]] = edge.clamp %[[A]]
// CHECK-NEXT: return %[[A]], %[[A]], %[[B]]
func.func @clamps(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %a = edge.clamp %x {min = 0.0 : f32, max = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %relu = edge.relu %a : (tensor<4xf32>) -> tensor<4xf32>
  %wider = edge.clamp %a {min = -1.0 : f32, max = 7.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %tighter = edge.clamp %a {min = 1.0 : f32, max = 7.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  return %relu, %wider, %tighter : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @neutral_numbers
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-NEXT: return %[[X]]
func.func @neutral_numbers(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = edge.constant {value = dense<0.0> : tensor<f32>} : tensor<f32>
  %one = edge.constant {value = dense<1.0> : tensor<4xf32>} : tensor<4xf32>
  %a = edge.add %zero, %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %b = edge.sub %a, %zero : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %c = edge.mul %b, %one : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %d = edge.div %c, %one : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %d : tensor<4xf32>
}

// A neutral number that broadcasts the other operand is not neutral.
// CHECK-LABEL: func @broadcasting_zero
// CHECK: edge.add
// CHECK: edge.sub
func.func @broadcasting_zero(%x: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<4xf32>) {
  %wide = edge.constant {value = dense<0.0> : tensor<2x4xf32>} : tensor<2x4xf32>
  %zero = edge.constant {value = dense<0.0> : tensor<f32>} : tensor<f32>
  %a = edge.add %x, %wide : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %b = edge.sub %zero, %x : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %a, %b : tensor<2x4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @reshapes
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-DAG: edge.constant {value = dense<[1, 2, 3, 4]> : tensor<4xi8>} : tensor<4xi8>
// CHECK-DAG: edge.constant {value = dense_resource<blob> : tensor<2x1xf32>} : tensor<2x1xf32>
// CHECK: edge.reshape %[[X]] : (tensor<2x3xf32>) -> tensor<6xf32>
func.func @reshapes(%x: tensor<2x3xf32>) -> (tensor<6xf32>, tensor<4xi8>, tensor<2x1xf32>) {
  %c = edge.constant {value = dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>} : tensor<2x2xi8>
  %d = edge.constant {value = dense_resource<blob> : tensor<2xf32>} : tensor<2xf32>
  %a = edge.reshape %x : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %b = edge.reshape %a : (tensor<3x2xf32>) -> tensor<6xf32>
  %e = edge.reshape %c : (tensor<2x2xi8>) -> tensor<4xi8>
  %f = edge.reshape %d : (tensor<2xf32>) -> tensor<2x1xf32>
  return %b, %e, %f : tensor<6xf32>, tensor<4xi8>, tensor<2x1xf32>
}

// CHECK-LABEL: func @transposes
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-NEXT: %[[T:.*]] = edge.transpose %[[X]] {permutation = array<i64: 2, 0, 1>}
// CHECK-NEXT: return %[[T]], %[[X]]
func.func @transposes(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
  %a = edge.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %b = edge.transpose %a {permutation = array<i64: 1, 2, 0>} : (tensor<3x4x2xf32>) -> tensor<4x2x3xf32>
  %c = edge.transpose %b {permutation = array<i64: 1, 2, 0>} : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  return %b, %c : tensor<4x2x3xf32>, tensor<2x3x4xf32>
}

// CHECK-LABEL: func @whole_tensors
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-NEXT: return %[[X]]
func.func @whole_tensors(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = edge.concat %x {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = edge.slice %a {offsets = array<i64: 0, 0>, sizes = array<i64: 2, 3>, strides = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %c = edge.pad %b {low = array<i64: 0, 0>, high = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %d = edge.broadcast %c : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %d : tensor<2x3xf32>
}

// Backwards is not the same; a copy is asked for on purpose.
// CHECK-LABEL: func @stays
// CHECK: edge.slice
// CHECK: edge.copy
func.func @stays(%x: tensor<3xf32>) -> tensor<3xf32> {
  %a = edge.slice %x {offsets = array<i64: 2>, sizes = array<i64: 3>, strides = array<i64: -1>} : (tensor<3xf32>) -> tensor<3xf32>
  %b = edge.copy %a : (tensor<3xf32>) -> tensor<3xf32>
  return %b : tensor<3xf32>
}

{-#
  dialect_resources: { builtin: { blob: "0x040000000000803F00000040" } }
#-}
