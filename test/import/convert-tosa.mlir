// TOSA operators become edge operators of the same meaning.
// RUN: edge-opt %s -edge-convert-tosa | FileCheck %s

// A bias of one element is repeated; pads change their order; the zero points
// are gone.
// CHECK-LABEL: @conv2d
// CHECK-SAME: (%[[X:.*]]: tensor<1x8x9x3xf32>, %[[F:.*]]: tensor<16x3x3x3xf32>, %[[B:.*]]: tensor<1xf32>)
// CHECK: %[[BIAS:.*]] = edge.broadcast %[[B]] : (tensor<1xf32>) -> tensor<16xf32>
// CHECK: edge.conv2d %[[X]], %[[F]], %[[BIAS]] {pads = array<i64: 1, 0, 0, 0>, strides = array<i64: 2, 2>}
// CHECK-NOT: edge.constant
func.func @conv2d(%x: tensor<1x8x9x3xf32>, %f: tensor<16x3x3x3xf32>, %b: tensor<1xf32>) -> tensor<1x4x4x16xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %r = tosa.conv2d %x, %f, %b, %zero, %zero {acc_type = f32, pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 2, 2>, dilation = array<i64: 1, 1>} : (tensor<1x8x9x3xf32>, tensor<16x3x3x3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x16xf32>
  return %r : tensor<1x4x4x16xf32>
}

// Output channel c * M + m reads input channel c.
// CHECK-LABEL: @depthwise
// CHECK-SAME: %[[F:[a-z0-9]+]]: tensor<3x3x4x2xf32>
// CHECK: %[[T:.*]] = edge.transpose %[[F]] {permutation = array<i64: 2, 3, 0, 1>} : (tensor<3x3x4x2xf32>) -> tensor<4x2x3x3xf32>
// CHECK: %[[R:.*]] = edge.reshape %[[T]] : (tensor<4x2x3x3xf32>) -> tensor<8x3x3x1xf32>
// CHECK: edge.conv2d %{{.*}}, %[[R]], %{{.*}} {groups = 4 : i64, pads = array<i64: 1, 2, 1, 2>}
func.func @depthwise(%x: tensor<1x8x8x4xf32>, %f: tensor<3x3x4x2xf32>, %b: tensor<8xf32>) -> tensor<1x8x10x8xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %r = tosa.depthwise_conv2d %x, %f, %b, %zero, %zero {acc_type = f32, pad = array<i64: 1, 1, 2, 2>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<3x3x4x2xf32>, tensor<8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x8x10x8xf32>
  return %r : tensor<1x8x10x8xf32>
}

// CHECK-LABEL: @pools
// CHECK: edge.max_pool2d {{.*}} {pads = array<i64: 1, 0, 1, 0>, strides = array<i64: 2, 1>, window = array<i64: 2, 2>}
// CHECK: edge.avg_pool2d {{.*}} {window = array<i64: 2, 2>}
func.func @pools(%x: tensor<1x8x8x4xf32>) -> tensor<1x4x6x4xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %m = tosa.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 1>, pad = array<i64: 1, 1, 0, 0>} : (tensor<1x8x8x4xf32>) -> tensor<1x5x7x4xf32>
  %a = tosa.avg_pool2d %m, %zero, %zero {kernel = array<i64: 2, 2>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, acc_type = f32} : (tensor<1x5x7x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x6x4xf32>
  return %a : tensor<1x4x6x4xf32>
}

// CHECK-LABEL: @matmul
// CHECK: edge.matmul %{{.*}}, %{{.*}} : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
func.func @matmul(%a: tensor<2x3x4xf32>, %b: tensor<2x4x5xf32>) -> tensor<2x3x5xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %r = tosa.matmul %a, %b, %zero, %zero : (tensor<2x3x4xf32>, tensor<2x4x5xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x3x5xf32>
  return %r : tensor<2x3x5xf32>
}

// CHECK-LABEL: @elementwise
// CHECK: edge.clamp %{{.*}} {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
// CHECK: edge.abs
// CHECK: edge.exp
// CHECK: edge.sigmoid
// CHECK: edge.tanh
// CHECK: edge.erf
// CHECK: edge.neg
// CHECK: edge.rsqrt
// CHECK: edge.add
// CHECK: edge.sub
// CHECK: edge.mul
// CHECK: edge.pow
// CHECK: edge.max
// CHECK: edge.min
func.func @elementwise(%x: tensor<2x4xf32>, %y: tensor<1x4xf32>) -> tensor<2x4xf32> {
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = tosa.abs %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = tosa.exp %1 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = tosa.sigmoid %2 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %4 = tosa.tanh %3 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = tosa.erf %4 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = tosa.negate %5, %zero, %zero : (tensor<2x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x4xf32>
  %7 = tosa.rsqrt %6 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %8 = tosa.add %7, %y : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %9 = tosa.sub %8, %y : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %10 = tosa.mul %9, %y, %shift : (tensor<2x4xf32>, tensor<1x4xf32>, tensor<1xi8>) -> tensor<2x4xf32>
  %11 = tosa.pow %10, %y : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %12 = tosa.maximum %11, %y : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %13 = tosa.minimum %12, %y : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  return %13 : tensor<2x4xf32>
}

// CHECK-LABEL: @reduce
// CHECK: edge.reduce_sum %{{.*}} {axes = array<i64: 1>, keep_dims = true}
// CHECK: edge.reduce_max %{{.*}} {axes = array<i64: 0>, keep_dims = true}
func.func @reduce(%x: tensor<2x4xf32>) -> tensor<1x1xf32> {
  %s = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %m = tosa.reduce_max %s {axis = 0 : i32} : (tensor<2x1xf32>) -> tensor<1x1xf32>
  return %m : tensor<1x1xf32>
}

// Shape operands are read where they are constant.
// CHECK-LABEL: @shape
// CHECK: edge.reshape %{{.*}} : (tensor<2x6xf32>) -> tensor<3x4xf32>
// CHECK: edge.transpose %{{.*}} {permutation = array<i64: 1, 0>}
// CHECK: edge.slice %{{.*}} {offsets = array<i64: 1, 0>, sizes = array<i64: 2, 3>, strides = array<i64: 1, 1>}
// CHECK: edge.slice %{{.*}} {offsets = array<i64: 0, 2>, sizes = array<i64: 2, 3>, strides = array<i64: 1, -1>}
// CHECK: edge.pad %{{.*}} {high = array<i64: 2, 0>, low = array<i64: 1, 0>, value = 5.000000e-01 : f32}
// CHECK: edge.concat %{{.*}}, %{{.*}} {axis = 1 : i64}
// CHECK: edge.broadcast %{{.*}} : (tensor<1x5x1x6xf32>) -> tensor<1x5x2x6xf32>
func.func @shape(%x: tensor<2x6xf32>) -> tensor<5x12xf32> {
  %to = tosa.const_shape {values = dense<[3, 4]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %start = tosa.const_shape {values = dense<[1, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %size = tosa.const_shape {values = dense<[2, 3]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %pads = tosa.const_shape {values = dense<[1, 2, 0, 0]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %times = tosa.const_shape {values = dense<[1, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %half = "tosa.const"() {values = dense<0.5> : tensor<1xf32>} : () -> tensor<1xf32>
  %r = tosa.reshape %x, %to : (tensor<2x6xf32>, !tosa.shape<2>) -> tensor<3x4xf32>
  %t = tosa.transpose %r {perms = array<i32: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %s = tosa.slice %t, %start, %size : (tensor<4x3xf32>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<2x3xf32>
  %v = tosa.reverse %s {axis = 1 : i32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %p = tosa.pad %v, %pads, %half : (tensor<2x3xf32>, !tosa.shape<4>, tensor<1xf32>) -> tensor<5x3xf32>
  %c = tosa.concat %p, %p {axis = 1 : i32} : (tensor<5x3xf32>, tensor<5x3xf32>) -> tensor<5x6xf32>
  %i = tosa.identity %c : (tensor<5x6xf32>) -> tensor<5x6xf32>
  %w = tosa.tile %i, %times : (tensor<5x6xf32>, !tosa.shape<2>) -> tensor<5x12xf32>
  return %w : tensor<5x12xf32>
}

// Quantized bytes have operators of their own; a factor above one goes through
// linalg (TosaRescaleUp of MlirMeaningTest).
// CHECK-LABEL: func @quantized
// CHECK: %[[S:.*]] = edge.integer_conv2d %{{.*}}, %{{.*}}, %{{.*}} {input_zero_point = -3 : i64, pad_value = -3 : i64, pads = array<i64: 1, 1, 1, 1>}
// CHECK: %[[R:.*]] = edge.rescale double %[[S]], %{{.*}}, %{{.*}} : (tensor<1x8x8x8xi32>, tensor<i32>, tensor<i32>)
// CHECK: %[[Z:.*]] = edge.add %[[R]]
// CHECK: edge.max %[[Z]]
// CHECK: edge.min
// CHECK: %[[B:.*]] = edge.cast %{{.*}} -> tensor<1x8x8x8xi8>
// CHECK: edge.max %[[B]]
// CHECK: %[[C:.*]] = edge.min
// CHECK: edge.lookup %[[C]]
func.func @quantized(%x: tensor<1x8x8x4xi8>, %t: tensor<256xi8>) -> tensor<1x8x8x8xi8> {
  %f = "tosa.const"() <{values = dense<3> : tensor<8x3x3x4xi8>}> : () -> tensor<8x3x3x4xi8>
  %b = "tosa.const"() <{values = dense<7> : tensor<8xi32>}> : () -> tensor<8xi32>
  %izp = "tosa.const"() <{values = dense<-3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %wzp = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %0 = tosa.conv2d %x, %f, %b, %izp, %wzp {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>} : (tensor<1x8x8x4xi8>, tensor<8x3x3x4xi8>, tensor<8xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x8x8x8xi32>
  %m = "tosa.const"() <{values = dense<1073741824> : tensor<1xi32>}> : () -> tensor<1xi32>
  %s = "tosa.const"() <{values = dense<38> : tensor<1xi8>}> : () -> tensor<1xi8>
  %zi = "tosa.const"() <{values = dense<0> : tensor<1xi32>}> : () -> tensor<1xi32>
  %zo = "tosa.const"() <{values = dense<-5> : tensor<1xi8>}> : () -> tensor<1xi8>
  %1 = tosa.rescale %0, %m, %s, %zi, %zo {scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false, input_unsigned = false, output_unsigned = false} : (tensor<1x8x8x8xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>) -> tensor<1x8x8x8xi8>
  %2 = tosa.clamp %1 {min_val = -5 : i8, max_val = 100 : i8} : (tensor<1x8x8x8xi8>) -> tensor<1x8x8x8xi8>
  %3 = tosa.table %2, %t : (tensor<1x8x8x8xi8>, tensor<256xi8>) -> tensor<1x8x8x8xi8>
  return %3 : tensor<1x8x8x8xi8>
}
