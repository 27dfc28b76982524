// Transposes sink until they meet their inverse.
// RUN: edge-opt %s -edge-cancel-transposes -canonicalize | FileCheck %s

// CHECK-LABEL: func @activation_between
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-NEXT: %[[R:.*]] = edge.relu %[[X]]
// CHECK-NEXT: return %[[R]]
func.func @activation_between(%x: tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
  %nchw = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x8xf32>) -> tensor<1x8x4x4xf32>
  %relu = edge.relu %nchw : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %r = edge.transpose %relu {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x8x4x4xf32>) -> tensor<1x4x4x8xf32>
  return %r : tensor<1x4x4x8xf32>
}

// Constants along the channels follow.
// CHECK-LABEL: func @residual_with_constant
// CHECK: %[[C:.*]] = edge.constant {value = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>}
// CHECK-NOT: edge.transpose
// CHECK: edge.add %{{.*}}, %{{.*}} : (tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>)
// CHECK: edge.mul %{{.*}}, %[[C]]
// CHECK-NOT: edge.transpose
// CHECK: return
func.func @residual_with_constant(%x: tensor<1x4x4x2xf32>, %y: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %c = edge.constant {value = dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>} : tensor<2x1x1xf32>
  %a = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %b = edge.transpose %y {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %sum = edge.add %a, %b : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %scaled = edge.mul %sum, %c : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %r = edge.transpose %scaled {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x4x4x2xf32>
  return %r : tensor<1x4x4x2xf32>
}

// Dimensions named by attributes are renamed.
// CHECK-LABEL: func @axes
// CHECK-NOT: edge.transpose
// CHECK: edge.concat %{{.*}} {axis = 3 : i64}
// CHECK: edge.pad %{{.*}} {high = array<i64: 0, 2, 0, 0>, low = array<i64: 0, 0, 1, 0>}
// CHECK: edge.slice %{{.*}} {offsets = array<i64: 0, 1, 0, 2>, sizes = array<i64: 1, 5, 5, 2>, strides = array<i64: 1, 1, 1, 1>}
// CHECK: edge.softmax %{{.*}} {axis = 3 : i64}
// CHECK: edge.reduce_max %{{.*}} {axes = array<i64: 1, 2>, keep_dims = true}
// CHECK-NOT: edge.transpose
// CHECK: return
func.func @axes(%x: tensor<1x4x4x2xf32>) -> tensor<1x1x1x2xf32> {
  %a = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %two = edge.concat %a, %a {axis = 1 : i64} : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32>
  %padded = edge.pad %two {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 2, 0>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x6x5xf32>
  %part = edge.slice %padded {offsets = array<i64: 0, 2, 1, 0>, sizes = array<i64: 1, 2, 5, 5>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x4x6x5xf32>) -> tensor<1x2x5x5xf32>
  %soft = edge.softmax %part {axis = 1 : i64} : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32>
  %max = edge.reduce_max %soft {axes = array<i64: 2, 3>, keep_dims = true} : (tensor<1x2x5x5xf32>) -> tensor<1x2x1x1xf32>
  %r = edge.transpose %max {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x1x1xf32>) -> tensor<1x1x1x2xf32>
  return %r : tensor<1x1x1x2xf32>
}

// Squeeze and excite: the small branch moves only dimensions of size 1.
// CHECK-LABEL: func @squeeze_excite
// CHECK-NOT: edge.transpose
// CHECK: return
func.func @squeeze_excite(%x: tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
  %a = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x8xf32>) -> tensor<1x8x4x4xf32>
  %mean = edge.reduce_mean %a {axes = array<i64: 2, 3>, keep_dims = true} : (tensor<1x8x4x4xf32>) -> tensor<1x8x1x1xf32>
  %gate = edge.hard_sigmoid %mean : (tensor<1x8x1x1xf32>) -> tensor<1x8x1x1xf32>
  %scaled = edge.mul %gate, %a : (tensor<1x8x1x1xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  %r = edge.transpose %scaled {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x8x4x4xf32>) -> tensor<1x4x4x8xf32>
  return %r : tensor<1x4x4x8xf32>
}

// Channel shuffle splits the channels while they are outside.
// CHECK-LABEL: func @split_channels
// CHECK: edge.reshape %{{.*}} : (tensor<1x2x2x6xf32>) -> tensor<1x2x2x2x3xf32>
// CHECK: edge.transpose %{{.*}} {permutation = array<i64: 0, 1, 2, 4, 3>}
// CHECK: edge.reshape %{{.*}} : (tensor<1x2x2x3x2xf32>) -> tensor<1x2x2x6xf32>
// CHECK-NEXT: return
func.func @split_channels(%x: tensor<1x2x2x6xf32>) -> tensor<1x2x2x6xf32> {
  %a = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x2x2x6xf32>) -> tensor<1x6x2x2xf32>
  %split = edge.reshape %a : (tensor<1x6x2x2xf32>) -> tensor<1x2x3x2x2xf32>
  %shuffled = edge.transpose %split {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x3x2x2xf32>) -> tensor<1x3x2x2x2xf32>
  %joined = edge.reshape %shuffled : (tensor<1x3x2x2x2xf32>) -> tensor<1x6x2x2xf32>
  %r = edge.transpose %joined {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x6x2x2xf32>) -> tensor<1x2x2x6xf32>
  return %r : tensor<1x2x2x6xf32>
}

// A flattening in front of weights permutes their columns.
// CHECK-LABEL: func @into_weights
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-DAG: %[[W:.*]] = edge.constant {value = dense<{{\[\[}}0.000000e+00, 3.000000e+00, 1.000000e+00, 4.000000e+00, 2.000000e+00, 5.000000e+00]]> : tensor<1x6xf32>}
// CHECK-DAG: %[[FLAT:.*]] = edge.reshape %[[X]]
// CHECK: edge.fully_connected %[[FLAT]], %[[W]]
func.func @into_weights(%x: tensor<4x1x3x2xf32>) -> tensor<4x1xf32> {
  %w = edge.constant {value = dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]> : tensor<1x6xf32>} : tensor<1x6xf32>
  %nchw = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<4x1x3x2xf32>) -> tensor<4x2x1x3xf32>
  %flat = edge.reshape %nchw : (tensor<4x2x1x3xf32>) -> tensor<4x6xf32>
  %r = edge.fully_connected %flat, %w : (tensor<4x6xf32>, tensor<1x6xf32>) -> tensor<4x1xf32>
  return %r : tensor<4x1xf32>
}

// Sinking would transpose as much as before.
// CHECK-LABEL: func @one_side_only
// CHECK: edge.transpose
// CHECK-NEXT: edge.add
// CHECK-NEXT: return
func.func @one_side_only(%x: tensor<2x3x4xf32>, %y: tensor<4x2x3xf32>) -> tensor<4x2x3xf32> {
  %a = edge.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %r = edge.add %a, %y : (tensor<4x2x3xf32>, tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  return %r : tensor<4x2x3xf32>
}

// The model's own layout change stays.
// CHECK-LABEL: func @interface
// CHECK: edge.transpose
// CHECK: edge.conv2d
func.func @interface(%x: tensor<1x3x4x4xf32>, %f: tensor<2x1x1x3xf32>) -> tensor<1x4x4x2xf32> {
  %nhwc = edge.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x4x4xf32>) -> tensor<1x4x4x3xf32>
  %r = edge.conv2d %nhwc, %f : (tensor<1x4x4x3xf32>, tensor<2x1x1x3xf32>) -> tensor<1x4x4x2xf32>
  return %r : tensor<1x4x4x2xf32>
}

// Resampling follows its dimension.
// CHECK-LABEL: func @resample_between
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x4x6x2xf32>, %[[T:[^:]*]]: tensor<12x4xf32>
// CHECK-NEXT: %[[R:.*]] = edge.resample %[[X]], %[[T]] {axis = 2 : i64}
// CHECK-NEXT: return %[[R]]
func.func @resample_between(%x: tensor<1x4x6x2xf32>, %t: tensor<12x4xf32>) -> tensor<1x4x12x2xf32> {
  %nchw = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x6x2xf32>) -> tensor<1x2x4x6xf32>
  %wide = edge.resample %nchw, %t {axis = 3 : i64} : (tensor<1x2x4x6xf32>, tensor<12x4xf32>) -> tensor<1x2x4x12xf32>
  %r = edge.transpose %wide {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x12xf32>) -> tensor<1x4x12x2xf32>
  return %r : tensor<1x4x12x2xf32>
}

// A table does not care where its numbers lie.
// CHECK-LABEL: func @lookup_between
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x4x6x2xi8>, %[[T:[^:]*]]: tensor<256xui8>
// CHECK-NEXT: %[[R:.*]] = edge.lookup %[[X]], %[[T]]
// CHECK-NEXT: return %[[R]]
func.func @lookup_between(%x: tensor<1x4x6x2xi8>, %t: tensor<256xui8>) -> tensor<1x4x6x2xui8> {
  %nchw = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x6x2xi8>) -> tensor<1x2x4x6xi8>
  %y = edge.lookup %nchw, %t : (tensor<1x2x4x6xi8>, tensor<256xui8>) -> tensor<1x2x4x6xui8>
  %r = edge.transpose %y {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x6xui8>) -> tensor<1x4x6x2xui8>
  return %r : tensor<1x4x6x2xui8>
}
