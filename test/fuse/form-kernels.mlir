// An anchor takes the elementwise operators behind it, while one value leaves.
// RUN: edge-opt %s -edge-form-kernels | FileCheck %s

// CHECK-LABEL: func @conv_relu6
// CHECK: %[[K:.*]] = schedule.kernel "conv2d_3x3_s2_relu6"(%{{.*}}, %{{.*}}, %{{.*}}) : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x3x3x4xf32>
// CHECK-NEXT: ^bb0(%[[X:[^:]*]]: {{.*}}, %[[F:[^:]*]]: {{.*}}, %[[B:[^:]*]]: {{.*}}):
// CHECK-NEXT: %[[CONV:.*]] = edge.conv2d %[[X]], %[[F]], %[[B]]
// CHECK-NEXT: %[[CLAMP:.*]] = edge.clamp %[[CONV]]
// CHECK-NEXT: schedule.yield %[[CLAMP]]
// CHECK: return %[[K]]
func.func @conv_relu6(%x: tensor<1x8x8x3xf32>, %f: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x3x3x4xf32> {
  %conv = edge.conv2d %x, %f, %b {strides = array<i64: 2, 2>} : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x3x3x4xf32>
  %r = edge.clamp %conv {min = 0.0 : f32, max = 6.0 : f32} : (tensor<1x3x3x4xf32>) -> tensor<1x3x3x4xf32>
  return %r : tensor<1x3x3x4xf32>
}

// The later of two anchors takes the sum; the residual is its operand.
// CHECK-LABEL: func @residual
// CHECK: %[[FIRST:.*]] = schedule.kernel "fully_connected"
// CHECK: schedule.kernel "fully_connected_add_relu"(%{{.*}}, %{{.*}}, %[[FIRST]])
func.func @residual(%x: tensor<2x8xf32>, %v: tensor<4x8xf32>, %w: tensor<4x8xf32>) -> tensor<2x4xf32> {
  %a = edge.fully_connected %x, %v : (tensor<2x8xf32>, tensor<4x8xf32>) -> tensor<2x4xf32>
  %b = edge.fully_connected %x, %w : (tensor<2x8xf32>, tensor<4x8xf32>) -> tensor<2x4xf32>
  %sum = edge.add %a, %b : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %r = edge.relu %sum : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// A branch that closes inside the kernel, with a number that is cloned.
// CHECK-LABEL: func @branch_inside
// CHECK-NOT: edge.constant
// CHECK: schedule.kernel "matmul_add_tanh_mul"(%{{.*}}, %{{.*}}) :
// CHECK: edge.constant {value = dense<1.000000e+00> : tensor<f32>}
// CHECK: edge.matmul
func.func @branch_inside(%x: tensor<2x8xf32>, %y: tensor<8x4xf32>) -> tensor<2x4xf32> {
  %one = edge.constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %a = edge.matmul %x, %y : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
  %b = edge.add %a, %one : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %c = edge.tanh %b : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %r = edge.mul %a, %c : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// The product leaves as well: the activation is a kernel of its own.
// CHECK-LABEL: func @used_elsewhere
// CHECK: schedule.kernel "matmul"
// CHECK: schedule.kernel "exp"
func.func @used_elsewhere(%x: tensor<2x8xf32>, %y: tensor<8x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %a = edge.matmul %x, %y : (tensor<2x8xf32>, tensor<8x4xf32>) -> tensor<2x4xf32>
  %r = edge.exp %a : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %a, %r : tensor<2x4xf32>, tensor<2x4xf32>
}

// An epilogue keeps the anchor's shape.
// CHECK-LABEL: func @no_growth
// CHECK: schedule.kernel "reduce_mean"
// CHECK: schedule.kernel "mul"
func.func @no_growth(%x: tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32> {
  %mean = edge.reduce_mean %x {axes = array<i64: 1, 2>, keep_dims = true} : (tensor<1x4x4x8xf32>) -> tensor<1x1x1x8xf32>
  %r = edge.mul %x, %mean : (tensor<1x4x4x8xf32>, tensor<1x1x1x8xf32>) -> tensor<1x4x4x8xf32>
  return %r : tensor<1x4x4x8xf32>
}

// Elementwise operators that only feed an epilogue are computed in it, unless
// an anchor reads them too. The anchor goes first.
// CHECK-LABEL: func @other_operand
// CHECK: schedule.kernel "fully_connected_sigmoid_mul"
// CHECK: %[[EXP:.*]] = schedule.kernel "exp"
// CHECK: schedule.kernel "fully_connected_add"(%[[EXP]], %{{.*}})
func.func @other_operand(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>, %y: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %gate = edge.sigmoid %y : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %a = edge.fully_connected %x, %w : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %gated = edge.mul %a, %gate : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %exp = edge.exp %y : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %b = edge.fully_connected %exp, %w : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %sum = edge.add %b, %exp : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %gated, %sum : tensor<4x4xf32>, tensor<4x4xf32>
}

// Without an anchor, a tree of elementwise operators is one kernel.
// CHECK-LABEL: func @elementwise_tree
// CHECK: schedule.kernel "relu_exp_add"
// CHECK-NOT: schedule.kernel
// CHECK: return
func.func @elementwise_tree(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %a = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  %b = edge.exp %y : (tensor<4xf32>) -> tensor<4xf32>
  %r = edge.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// Data movements, copies and reshapes take nothing along.
// CHECK-LABEL: func @moves
// CHECK: schedule.kernel "transpose"
// CHECK: schedule.kernel "relu"
// CHECK: schedule.kernel "copy"
// CHECK: edge.reshape
// CHECK: schedule.kernel "neg"
func.func @moves(%x: tensor<4x2xf32>) -> tensor<8xf32> {
  %t = edge.transpose %x {permutation = array<i64: 1, 0>} : (tensor<4x2xf32>) -> tensor<2x4xf32>
  %relu = edge.relu %t : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %copy = edge.copy %relu : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %flat = edge.reshape %copy : (tensor<2x4xf32>) -> tensor<8xf32>
  %r = edge.neg %flat : (tensor<8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// Anchors read constants as operands, even those of one number.
// CHECK-LABEL: func @constant_bias
// CHECK: %[[B:.*]] = edge.constant
// CHECK: schedule.kernel "fully_connected_mul"(%{{.*}}, %{{.*}}, %[[B]])
// CHECK: edge.constant
func.func @constant_bias(%x: tensor<2x4xf32>, %w: tensor<4x4xf32>) -> tensor<2x4xf32> {
  %b = edge.constant {value = dense<2.0> : tensor<4xf32>} : tensor<4xf32>
  %a = edge.fully_connected %x, %w, %b : (tensor<2x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %r = edge.mul %a, %b : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// Softmax keeps its exponentials in the result's buffer or, of a row that is not long, on the stack. Else a cast to a narrower
// type is a kernel of its own.
// CHECK-LABEL: func @softmax_and_cast
func.func @softmax_and_cast(%x: tensor<2x8xf32>, %y: tensor<2x5000xf32>) -> (tensor<2x8xf16>, tensor<2x8xf16>, tensor<2x5000xf16>) {
  // CHECK: schedule.kernel "softmax_cast"
  %0 = edge.softmax %x {axis = 1 : i64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %1 = edge.cast %0 : (tensor<2x8xf32>) -> tensor<2x8xf16>
  // CHECK: schedule.kernel "softmax"
  // CHECK: schedule.kernel "cast"
  %2 = edge.softmax %x {axis = 0 : i64} : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %3 = edge.cast %2 : (tensor<2x8xf32>) -> tensor<2x8xf16>
  // CHECK: schedule.kernel "softmax"
  // CHECK: schedule.kernel "cast"
  %4 = edge.softmax %y {axis = 1 : i64} : (tensor<2x5000xf32>) -> tensor<2x5000xf32>
  %5 = edge.cast %4 : (tensor<2x5000xf32>) -> tensor<2x5000xf16>
  return %1, %3, %5 : tensor<2x8xf16>, tensor<2x8xf16>, tensor<2x5000xf16>
}

// The arithmetic behind integer sums is an epilogue like any other.
// CHECK-LABEL: func @requantized
// CHECK: schedule.kernel "integer_conv2d_1x1_rescale_add_cast"
// CHECK-NOT: schedule.kernel
func.func @requantized(%x: tensor<1x4x4x8xi8>, %f: tensor<16x1x1x8xi8>, %m: tensor<16xi32>, %s: tensor<16xi32>, %z: tensor<i32>) -> tensor<1x4x4x16xi8> {
  %a = edge.integer_conv2d %x, %f {input_zero_point = 3 : i64} : (tensor<1x4x4x8xi8>, tensor<16x1x1x8xi8>) -> tensor<1x4x4x16xi32>
  %b = edge.rescale double %a, %m, %s : (tensor<1x4x4x16xi32>, tensor<16xi32>, tensor<16xi32>) -> tensor<1x4x4x16xi32>
  %c = edge.add %b, %z : (tensor<1x4x4x16xi32>, tensor<i32>) -> tensor<1x4x4x16xi32>
  %r = edge.cast %c : (tensor<1x4x4x16xi32>) -> tensor<1x4x4x16xi8>
  return %r : tensor<1x4x4x16xi8>
}

// Floats made of bytes for one reader are made there: what lies between is of
// bytes. The other kernel's value is read twice and stays as it is.
// CHECK-LABEL: func.func @hand_narrow
// CHECK: schedule.kernel "conv2d_1x1_cast"{{.*}} -> tensor<1x4x4x8xi8>
// CHECK: schedule.kernel "conv2d_1x1_cast_mul_cast_cast_and_1"
// CHECK-SAME: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xf32>
// CHECK: schedule.kernel "conv2d_1x1_cast_cast"{{.*}} -> tensor<1x4x4x8xf32>
func.func @hand_narrow(%x: tensor<1x4x4x8xf32>, %f: tensor<8x1x1x8xf32>) -> (tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) {
  %scale = edge.constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %0 = edge.conv2d %x, %f : (tensor<1x4x4x8xf32>, tensor<8x1x1x8xf32>) -> tensor<1x4x4x8xf32>
  %1 = edge.cast %0 : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xi8>
  %2 = edge.cast %1 : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xf32>
  %3 = edge.mul %2, %scale : (tensor<1x4x4x8xf32>, tensor<f32>) -> tensor<1x4x4x8xf32>
  %4 = edge.conv2d %x, %f : (tensor<1x4x4x8xf32>, tensor<8x1x1x8xf32>) -> tensor<1x4x4x8xf32>
  %5 = edge.cast %4 : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xi8>
  %6 = edge.cast %5 : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xf32>
  %7 = edge.add %6, %3 : (tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %8 = edge.conv2d %7, %f : (tensor<1x4x4x8xf32>, tensor<8x1x1x8xf32>) -> tensor<1x4x4x8xf32>
  %9 = edge.cast %8 : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xi8>
  %10 = edge.cast %9 : (tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xf32>
  %11 = edge.conv2d %10, %f : (tensor<1x4x4x8xf32>, tensor<8x1x1x8xf32>) -> tensor<1x4x4x8xf32>
  return %7, %10, %11 : tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>
}
