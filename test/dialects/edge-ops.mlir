// Every operator of the edge dialect in a form that parses, prints and verifies.
// RUN: edge-opt %s | edge-opt | FileCheck %s
// RUN: edge-opt %s -mlir-print-op-generic | edge-opt | FileCheck %s

// CHECK-LABEL: func @constants
// CHECK: edge.constant {value = dense<[1, 2]> : tensor<2xi8>} : tensor<2xi8>
// CHECK: edge.constant {value = dense_resource<blob> : tensor<2xf32>} : tensor<2xf32>
func.func @constants() -> (tensor<2xi8>, tensor<2xf32>) {
  %a = edge.constant {value = dense<[1, 2]> : tensor<2xi8>} : tensor<2xi8>
  %b = edge.constant {value = dense_resource<blob> : tensor<2xf32>} : tensor<2xf32>
  return %a, %b : tensor<2xi8>, tensor<2xf32>
}

// CHECK-LABEL: func @contractions
// CHECK: edge.conv2d %{{.*}}, %{{.*}}, %{{.*}} {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>, tensor<6xf32>) -> tensor<1x4x4x6xf32>
// CHECK: edge.conv2d %{{.*}}, %{{.*}} {dilations = array<i64: 2, 2>, groups = 4 : i64} : (tensor<1x8x8x4xf32>, tensor<4x3x3x1xf32>) -> tensor<1x4x4x4xf32>
// CHECK: edge.matmul %{{.*}}, %{{.*}} : (tensor<2x1x4x8xf32>, tensor<5x8x3xf32>) -> tensor<2x5x4x3xf32>
// CHECK: edge.fully_connected %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x1x4x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<2x1x4x6xf32>
func.func @contractions(%x: tensor<1x8x8x4xf32>, %f: tensor<6x3x3x4xf32>, %b: tensor<6xf32>, %d: tensor<4x3x3x1xf32>,
    %m: tensor<2x1x4x8xf32>, %n: tensor<5x8x3xf32>, %w: tensor<6x8xf32>) {
  %0 = edge.conv2d %x, %f, %b {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>, tensor<6xf32>) -> tensor<1x4x4x6xf32>
  %1 = edge.conv2d %x, %d {groups = 4 : i64, dilations = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>, tensor<4x3x3x1xf32>) -> tensor<1x4x4x4xf32>
  %2 = edge.matmul %m, %n : (tensor<2x1x4x8xf32>, tensor<5x8x3xf32>) -> tensor<2x5x4x3xf32>
  %3 = edge.fully_connected %m, %w, %b : (tensor<2x1x4x8xf32>, tensor<6x8xf32>, tensor<6xf32>) -> tensor<2x1x4x6xf32>
  return
}

// CHECK-LABEL: func @windows
// CHECK: edge.max_pool2d %{{.*}} {pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 2, 2>, window = array<i64: 2, 2>}
// CHECK: edge.avg_pool2d %{{.*}} {count_include_pad = true, overhang = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>, window = array<i64: 3, 3>}
func.func @windows(%x: tensor<1x8x8x4xf32>) {
  %0 = edge.max_pool2d %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 0, 0>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32>
  %1 = edge.avg_pool2d %x {window = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, overhang = array<i64: 1, 1>, count_include_pad = true} : (tensor<1x8x8x4xf32>) -> tensor<1x5x5x4xf32>
  return
}

// CHECK-LABEL: func @unary
func.func @unary(%x: tensor<4xf32>) {
  // CHECK-NEXT: edge.abs
  %0 = edge.abs %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.neg
  %1 = edge.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.exp
  %2 = edge.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.log
  %3 = edge.log %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.sqrt
  %4 = edge.sqrt %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.rsqrt
  %5 = edge.rsqrt %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.reciprocal
  %6 = edge.reciprocal %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.floor
  %7 = edge.floor %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.ceil
  %8 = edge.ceil %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.round_even
  %9 = edge.round_even %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.sign
  %10 = edge.sign %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.sigmoid
  %11 = edge.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.tanh
  %12 = edge.tanh %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.erf
  %13 = edge.erf %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.relu
  %14 = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.silu
  %15 = edge.silu %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.hard_swish
  %16 = edge.hard_swish %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.softplus
  %17 = edge.softplus %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.copy
  %18 = edge.copy %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.gelu %{{.*}} {approximate = "tanh"}
  %19 = edge.gelu %x {approximate = "tanh"} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.clamp %{{.*}} {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
  %20 = edge.clamp %x {min = 0.0 : f32, max = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.hard_sigmoid %{{.*}} {alpha = 2.500000e-01 : f32}
  %21 = edge.hard_sigmoid %x {alpha = 0.25 : f32, beta = 0.5 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.leaky_relu %{{.*}} {alpha = 1.250000e-01 : f32}
  %22 = edge.leaky_relu %x {alpha = 0.125 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-NEXT: edge.elu %{{.*}} {alpha = 5.000000e-01 : f32}
  %23 = edge.elu %x {alpha = 0.5 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// CHECK-LABEL: func @binary
func.func @binary(%x: tensor<2x4xf32>, %y: tensor<4xf32>) {
  // CHECK-NEXT: edge.add %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %0 = edge.add %x, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.sub
  %1 = edge.sub %x, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.mul
  %2 = edge.mul %x, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.div
  %3 = edge.div %x, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.max
  %4 = edge.max %x, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.min
  %5 = edge.min %x, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.pow
  %6 = edge.pow %x, %y : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// CHECK-LABEL: func @reductions
func.func @reductions(%x: tensor<2x3x4xf32>, %p: tensor<4xf32>) {
  // CHECK-NEXT: edge.reduce_sum %{{.*}} {axes = array<i64: 0, 2>} : (tensor<2x3x4xf32>) -> tensor<3xf32>
  %0 = edge.reduce_sum %x {axes = array<i64: 0, 2>} : (tensor<2x3x4xf32>) -> tensor<3xf32>
  // CHECK-NEXT: edge.reduce_mean %{{.*}} {axes = array<i64: 1>, keep_dims = true}
  %1 = edge.reduce_mean %x {axes = array<i64: 1>, keep_dims = true} : (tensor<2x3x4xf32>) -> tensor<2x1x4xf32>
  // CHECK-NEXT: edge.reduce_max
  %2 = edge.reduce_max %x {axes = array<i64: 0, 1, 2>} : (tensor<2x3x4xf32>) -> tensor<f32>
  // CHECK-NEXT: edge.reduce_min
  %3 = edge.reduce_min %x {axes = array<i64: 1>} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.reduce_prod
  %4 = edge.reduce_prod %x {axes = array<i64: 1>} : (tensor<2x3x4xf32>) -> tensor<2x4xf32>
  // CHECK-NEXT: edge.softmax %{{.*}} {axis = 2 : i64}
  %5 = edge.softmax %x {axis = 2 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  // CHECK-NEXT: edge.batch_norm
  %6 = edge.batch_norm %x, %p, %p, %p, %p {axis = 2 : i64, epsilon = 1.0e-5 : f32} : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return
}

// CHECK-LABEL: func @shapes
func.func @shapes(%x: tensor<2x6xf32>, %y: tensor<2x1xf32>) {
  // CHECK-NEXT: edge.reshape %{{.*}} : (tensor<2x6xf32>) -> tensor<3x4xf32>
  %0 = edge.reshape %x : (tensor<2x6xf32>) -> tensor<3x4xf32>
  // CHECK-NEXT: edge.transpose %{{.*}} {permutation = array<i64: 1, 0>}
  %1 = edge.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x6xf32>) -> tensor<6x2xf32>
  // CHECK-NEXT: edge.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x7xf32>
  %2 = edge.concat %x, %y {axis = 1 : i64} : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x7xf32>
  // CHECK-NEXT: edge.slice %{{.*}} {offsets = array<i64: 1, 5>, sizes = array<i64: 1, 3>, strides = array<i64: 1, -2>}
  %3 = edge.slice %x {offsets = array<i64: 1, 5>, sizes = array<i64: 1, 3>, strides = array<i64: 1, -2>} : (tensor<2x6xf32>) -> tensor<1x3xf32>
  // CHECK-NEXT: edge.pad %{{.*}} {high = array<i64: 0, 2>, low = array<i64: 1, 0>, value = 1.000000e+00 : f32}
  %4 = edge.pad %x {low = array<i64: 1, 0>, high = array<i64: 0, 2>, value = 1.0 : f32} : (tensor<2x6xf32>) -> tensor<3x8xf32>
  // CHECK-NEXT: edge.broadcast %{{.*}} : (tensor<2x1xf32>) -> tensor<5x2x3xf32>
  %5 = edge.broadcast %y : (tensor<2x1xf32>) -> tensor<5x2x3xf32>
  return
}

// Comparisons, logic and choices: the answer is i1.
// CHECK-LABEL: func @logic
func.func @logic(%x: tensor<2x6xf32>, %y: tensor<2x1xf32>, %i: tensor<2x6xui8>, %n: tensor<6xui8>) {
  // CHECK-NEXT: edge.equal %{{.*}}, %{{.*}} : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xi1>
  %0 = edge.equal %x, %y : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.less %{{.*}}, %{{.*}} : (tensor<2x6xui8>, tensor<6xui8>) -> tensor<2x6xi1>
  %1 = edge.less %i, %n : (tensor<2x6xui8>, tensor<6xui8>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.less_equal
  %2 = edge.less_equal %x, %y : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.is_nan %{{.*}} : (tensor<2x6xf32>) -> tensor<2x6xi1>
  %3 = edge.is_nan %x : (tensor<2x6xf32>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.is_inf %{{.*}} {negative = false}
  %4 = edge.is_inf %x {negative = false} : (tensor<2x6xf32>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.and
  %5 = edge.and %0, %1 : (tensor<2x6xi1>, tensor<2x6xi1>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.or
  %6 = edge.or %i, %n : (tensor<2x6xui8>, tensor<6xui8>) -> tensor<2x6xui8>
  // CHECK-NEXT: edge.xor
  %7 = edge.xor %5, %2 : (tensor<2x6xi1>, tensor<2x6xi1>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.not %{{.*}} : (tensor<2x6xi1>) -> tensor<2x6xi1>
  %8 = edge.not %7 : (tensor<2x6xi1>) -> tensor<2x6xi1>
  // CHECK-NEXT: edge.select %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x6xi1>, tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xf32>
  %9 = edge.select %8, %x, %y : (tensor<2x6xi1>, tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xf32>
  // CHECK-NEXT: edge.shift_left
  %10 = edge.shift_left %i, %n : (tensor<2x6xui8>, tensor<6xui8>) -> tensor<2x6xui8>
  // CHECK-NEXT: edge.shift_right
  %11 = edge.shift_right %i, %n : (tensor<2x6xui8>, tensor<6xui8>) -> tensor<2x6xui8>
  // CHECK-NEXT: edge.mod
  %12 = edge.mod %i, %n : (tensor<2x6xui8>, tensor<6xui8>) -> tensor<2x6xui8>
  // CHECK-NEXT: edge.rem
  %13 = edge.rem %x, %y : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xf32>
  // CHECK-NEXT: edge.bitcast %{{.*}} : (tensor<2x6xf32>) -> tensor<2x6xi32>
  %14 = edge.bitcast %x : (tensor<2x6xf32>) -> tensor<2x6xi32>
  return
}

// Quantized types: per tensor and per channel; the operator is the same.
// CHECK-LABEL: func @quantized
func.func @quantized(%x: tensor<1x4x4x2xf32>, %f: tensor<2x1x1x2x!quant.uniform<i8:f32:0, {0.5, 0.25}>>, %b: tensor<2xi32>) {
  // CHECK: edge.quantize
  %q = edge.quantize %x : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2x!quant.uniform<i8:f32, 5.000000e-01:3>>
  // CHECK: edge.conv2d {{.*}} -> tensor<1x4x4x2x!quant.uniform<i8:f32, 2.000000e+00>>
  %c = edge.conv2d %q, %f, %b : (tensor<1x4x4x2x!quant.uniform<i8:f32, 5.000000e-01:3>>, tensor<2x1x1x2x!quant.uniform<i8:f32:0, {0.5, 0.25}>>, tensor<2xi32>) -> tensor<1x4x4x2x!quant.uniform<i8:f32, 2.0>>
  // CHECK: edge.dequantize
  %r = edge.dequantize %c : (tensor<1x4x4x2x!quant.uniform<i8:f32, 2.0>>) -> tensor<1x4x4x2xf32>
  // CHECK: edge.cast %{{.*}} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xi32>
  %i = edge.cast %r : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xi32>
  return
}

{-#
  dialect_resources: { builtin: { blob: "0x040000000000803F00000040" } }
#-}
