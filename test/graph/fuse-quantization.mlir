// Pairs of quantize and dequantize around float operators become integer arithmetic.
// RUN: edge-opt %s -edge-fuse-quantization -canonicalize | FileCheck %s

!x = !quant.uniform<u8:f32, 0.5:3>
!y = !quant.uniform<u8:f32, 0.25:10>
!s = !quant.uniform<i8:f32, 0.125:-7>
!w = !quant.uniform<i8<-127:127>:f32:0, {0.5, 0.25}>
!b = !quant.uniform<i32:f32:0, {0.25, 0.125}>
!short = !quant.uniform<i16:f32, 0.125>

// The scales of input and filter over the result's; relu is a bound; the bias counts in units of the sums.
// CHECK-LABEL: func @conv
// CHECK: %[[F:.*]] = edge.constant {value = dense<[1.000000e+00, 5.000000e-01]> : tensor<2xf32>}
// CHECK: %[[S:.*]] = edge.integer_conv2d %{{.*}}, %{{.*}}, %{{.*}} {input_zero_point = 3 : i64, pad_value = 3 : i64, pads = array<i64: 0, 0, 1, 1>} : (tensor<1x2x2x1xui8>, tensor<2x2x2x1xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
// CHECK: %[[R:.*]] = edge.requantize %[[S]], %[[F]] {high = 255 : i64, low = 10 : i64, zero_point = 10 : i64}
// CHECK: return %[[R]]
func.func @conv(%x: tensor<1x2x2x1xui8>) -> tensor<1x2x2x2xui8> {
  %xq = edge.bitcast %x : (tensor<1x2x2x1xui8>) -> tensor<1x2x2x1x!x>
  %xf = edge.dequantize %xq : (tensor<1x2x2x1x!x>) -> tensor<1x2x2x1xf32>
  %w = edge.constant {value = dense<[[[[1], [2]], [[3], [-4]]], [[[5], [6]], [[-7], [8]]]]> : tensor<2x2x2x1xi8>} : tensor<2x2x2x1xi8>
  %wq = edge.bitcast %w : (tensor<2x2x2x1xi8>) -> tensor<2x2x2x1x!w>
  %wf = edge.dequantize %wq : (tensor<2x2x2x1x!w>) -> tensor<2x2x2x1xf32>
  %b = edge.constant {value = dense<[100, -200]> : tensor<2xi32>} : tensor<2xi32>
  %bq = edge.bitcast %b : (tensor<2xi32>) -> tensor<2x!b>
  %bf = edge.dequantize %bq : (tensor<2x!b>) -> tensor<2xf32>
  %c = edge.conv2d %xf, %wf, %bf {pads = array<i64: 0, 0, 1, 1>} : (tensor<1x2x2x1xf32>, tensor<2x2x2x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %r = edge.relu %c : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %q = edge.quantize %r : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2x!y>
  %s = edge.bitcast %q : (tensor<1x2x2x2x!y>) -> tensor<1x2x2x2xui8>
  return %s : tensor<1x2x2x2xui8>
}

// As an NCHW model has it: the pairs move to the convolution, which finds its weights as a constant.
// CHECK-LABEL: func @conv_between_transposes
// CHECK-DAG: edge.constant {value = dense<{{.*}}> : tensor<2x1x2x2xi8>}
// CHECK: %[[X:.*]] = edge.transpose %{{.*}} : (tensor<1x2x4x4xui8>) -> tensor<1x4x4x2xui8>
// CHECK: %[[S:.*]] = edge.integer_conv2d %[[X]]
// CHECK: %[[R:.*]] = edge.requantize %[[S]], %{{.*}} {high = 34 : i64, low = 10 : i64, zero_point = 10 : i64}
// CHECK: %[[T:.*]] = edge.transpose %[[R]] {{.*}} : (tensor<1x4x3x2xui8>) -> tensor<1x2x4x3xui8>
// CHECK: return %[[T]]
func.func @conv_between_transposes(%x: tensor<1x2x4x4xui8>) -> tensor<1x2x4x3xui8> {
  %xq = edge.bitcast %x : (tensor<1x2x4x4xui8>) -> tensor<1x2x4x4x!x>
  %xf = edge.dequantize %xq : (tensor<1x2x4x4x!x>) -> tensor<1x2x4x4xf32>
  %w = edge.constant {value = dense<[[[[1, 2]], [[3, -4]]], [[[5, 6]], [[-7, 8]]]]> : tensor<2x2x1x2xi8>} : tensor<2x2x1x2xi8>
  %wq = edge.bitcast %w : (tensor<2x2x1x2xi8>) -> tensor<2x2x1x2x!w>
  %wf = edge.dequantize %wq : (tensor<2x2x1x2x!w>) -> tensor<2x2x1x2xf32>
  %xt = edge.transpose %xf {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x4x4x2xf32>
  %wt = edge.transpose %wf {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x2x1x2xf32>) -> tensor<2x1x2x2xf32>
  %c = edge.conv2d %xt, %wt : (tensor<1x4x4x2xf32>, tensor<2x1x2x2xf32>) -> tensor<1x4x3x2xf32>
  %t = edge.transpose %c {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x3x2xf32>) -> tensor<1x2x4x3xf32>
  %r = edge.clamp %t {min = 0.0 : f32, max = 6.0 : f32} : (tensor<1x2x4x3xf32>) -> tensor<1x2x4x3xf32>
  %q = edge.quantize %r : (tensor<1x2x4x3xf32>) -> tensor<1x2x4x3x!y>
  %s = edge.bitcast %q : (tensor<1x2x4x3x!y>) -> tensor<1x2x4x3xui8>
  return %s : tensor<1x2x4x3xui8>
}

// Pairs as a producer writes them, without stored integers between; a float bias is added in units of the result.
// CHECK-LABEL: func @float_bias
// CHECK-DAG: %[[B:.*]] = edge.constant {value = dense<[4.000000e+00, -8.000000e+00]> : tensor<2xf32>}
// CHECK: %[[Q:.*]] = edge.requantize %{{.*}}, %{{.*}} {high = 255 : i64, low = 0 : i64, zero_point = 3 : i64} : (tensor<1x3xf32>, tensor<f32>) -> tensor<1x3xui8>
// CHECK: edge.integer_conv2d
// CHECK: %[[A:.*]] = edge.add %{{.*}}, %[[B]]
// CHECK: edge.requantize %[[A]] {high = 255 : i64, low = 0 : i64, zero_point = 10 : i64}
func.func @float_bias(%x: tensor<1x3xf32>) -> tensor<1x2xf32> {
  %xq = edge.quantize %x : (tensor<1x3xf32>) -> tensor<1x3x!x>
  %xf = edge.dequantize %xq : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %w = edge.constant {value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>} : tensor<2x3xi8>
  %wq = edge.bitcast %w : (tensor<2x3xi8>) -> tensor<2x3x!w>
  %wf = edge.dequantize %wq : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %b = edge.constant {value = dense<[1.0, -2.0]> : tensor<2xf32>} : tensor<2xf32>
  %c = edge.fully_connected %xf, %wf, %b : (tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %q = edge.quantize %c : (tensor<1x2xf32>) -> tensor<1x2x!y>
  %r = edge.dequantize %q : (tensor<1x2x!y>) -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// Weights of a product are transposed now; its scales go with the columns. The reader wants floats.
// CHECK-LABEL: func @matmul_by_weights
// CHECK: %[[W:.*]] = edge.constant {value = dense<{{\[\[\[\[}}1, 3, 5{{\]\]\], \[\[\[}}2, 4, 6{{.*}}> : tensor<2x1x1x3xi8>}
// CHECK: %[[S:.*]] = edge.integer_conv2d %{{.*}}, %[[W]] {{.*}} -> tensor<8x1x1x2xi32>
// CHECK: %[[F:.*]] = edge.cast %[[S]]
// CHECK: edge.mul %[[F]], %{{.*}} : (tensor<8x1x1x2xf32>, tensor<2xf32>)
func.func @matmul_by_weights(%x: tensor<2x4x3xui8>) -> tensor<2x4x2xf32> {
  %xq = edge.bitcast %x : (tensor<2x4x3xui8>) -> tensor<2x4x3x!x>
  %xf = edge.dequantize %xq : (tensor<2x4x3x!x>) -> tensor<2x4x3xf32>
  %w = edge.constant {value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>} : tensor<3x2xi8>
  %wq = edge.bitcast %w : (tensor<3x2xi8>) -> tensor<3x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>
  %wf = edge.dequantize %wq : (tensor<3x2x!quant.uniform<i8:f32:1, {0.5, 0.25}>>) -> tensor<3x2xf32>
  %r = edge.matmul %xf, %wf : (tensor<2x4x3xf32>, tensor<3x2xf32>) -> tensor<2x4x2xf32>
  return %r : tensor<2x4x2xf32>
}

// Products of two values of the run are whole numbers in f32 while every sum of them is exact.
// CHECK-LABEL: func @matmul_of_values
// CHECK: %[[A:.*]] = edge.sub %{{.*}}, %{{.*}} : (tensor<2x4x3xf32>, tensor<f32>) -> tensor<2x4x3xf32>
// CHECK: %[[B:.*]] = edge.sub %{{.*}}, %{{.*}} : (tensor<2x3x5xf32>, tensor<f32>) -> tensor<2x3x5xf32>
// CHECK: %[[S:.*]] = edge.matmul %[[A]], %[[B]] : (tensor<2x4x3xf32>, tensor<2x3x5xf32>) -> tensor<2x4x5xf32>
// CHECK: edge.requantize %[[S]], %{{.*}} {high = 255 : i64, low = 0 : i64, zero_point = 10 : i64}
func.func @matmul_of_values(%x: tensor<2x4x3xui8>, %y: tensor<2x3x5xi8>) -> tensor<2x4x5xui8> {
  %xq = edge.bitcast %x : (tensor<2x4x3xui8>) -> tensor<2x4x3x!x>
  %xf = edge.dequantize %xq : (tensor<2x4x3x!x>) -> tensor<2x4x3xf32>
  %yq = edge.bitcast %y : (tensor<2x3x5xi8>) -> tensor<2x3x5x!s>
  %yf = edge.dequantize %yq : (tensor<2x3x5x!s>) -> tensor<2x3x5xf32>
  %m = edge.matmul %xf, %yf : (tensor<2x4x3xf32>, tensor<2x3x5xf32>) -> tensor<2x4x5xf32>
  %q = edge.quantize %m : (tensor<2x4x5xf32>) -> tensor<2x4x5x!y>
  %r = edge.bitcast %q : (tensor<2x4x5x!y>) -> tensor<2x4x5xui8>
  return %r : tensor<2x4x5xui8>
}

// CHECK-LABEL: func @long_matmul_of_values
// CHECK: edge.matmul %{{.*}}, %{{.*}} : (tensor<2x600xi16>, tensor<600x5xi16>) -> tensor<2x5xi32>
func.func @long_matmul_of_values(%x: tensor<2x600xui8>, %y: tensor<600x5xi8>) -> tensor<2x5xf32> {
  %xq = edge.bitcast %x : (tensor<2x600xui8>) -> tensor<2x600x!x>
  %xf = edge.dequantize %xq : (tensor<2x600x!x>) -> tensor<2x600xf32>
  %yq = edge.bitcast %y : (tensor<600x5xi8>) -> tensor<600x5x!s>
  %yf = edge.dequantize %yq : (tensor<600x5x!s>) -> tensor<600x5xf32>
  %m = edge.matmul %xf, %yf : (tensor<2x600xf32>, tensor<600x5xf32>) -> tensor<2x5xf32>
  return %m : tensor<2x5xf32>
}

// Products of 16-bit numbers: only while the sums fit.
// CHECK-LABEL: func @short_sums
// CHECK: edge.integer_conv2d
// CHECK-NOT: edge.integer_conv2d
// CHECK: edge.fully_connected
func.func @short_sums(%x: tensor<1x2xi16>, %z: tensor<1x2048xi16>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %xq = edge.bitcast %x : (tensor<1x2xi16>) -> tensor<1x2x!short>
  %xf = edge.dequantize %xq : (tensor<1x2x!short>) -> tensor<1x2xf32>
  %w = edge.constant {value = dense<127> : tensor<2x2xi8>} : tensor<2x2xi8>
  %wq = edge.bitcast %w : (tensor<2x2xi8>) -> tensor<2x2x!w>
  %wf = edge.dequantize %wq : (tensor<2x2x!w>) -> tensor<2x2xf32>
  %a = edge.fully_connected %xf, %wf : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %zq = edge.bitcast %z : (tensor<1x2048xi16>) -> tensor<1x2048x!short>
  %zf = edge.dequantize %zq : (tensor<1x2048x!short>) -> tensor<1x2048xf32>
  %v = edge.constant {value = dense<127> : tensor<2x2048xi8>} : tensor<2x2048xi8>
  %vq = edge.bitcast %v : (tensor<2x2048xi8>) -> tensor<2x2048x!w>
  %vf = edge.dequantize %vq : (tensor<2x2048x!w>) -> tensor<2x2048xf32>
  %b = edge.fully_connected %zf, %vf : (tensor<1x2048xf32>, tensor<2x2048xf32>) -> tensor<1x2xf32>
  return %a, %b : tensor<1x2xf32>, tensor<1x2xf32>
}

// No quotient, and the zero points are one number: 10 - (2 * 3 + 0.5 * -7).
// CHECK-LABEL: func @add
// CHECK-DAG: %[[C:.*]] = edge.constant {value = dense<7.500000e+00> : tensor<f32>}
// CHECK: %[[B:.*]] = edge.add %{{.*}}, %[[C]]
// CHECK: %[[A:.*]] = edge.add %{{.*}}, %[[B]]
// CHECK: edge.requantize %[[A]] {high = 255 : i64, low = 10 : i64} : (tensor<4xf32>) -> tensor<4xui8>
func.func @add(%x: tensor<4xui8>, %y: tensor<4xi8>) -> tensor<4xui8> {
  %xq = edge.bitcast %x : (tensor<4xui8>) -> tensor<4x!x>
  %xf = edge.dequantize %xq : (tensor<4x!x>) -> tensor<4xf32>
  %yq = edge.bitcast %y : (tensor<4xi8>) -> tensor<4x!s>
  %yf = edge.dequantize %yq : (tensor<4x!s>) -> tensor<4xf32>
  %a = edge.add %xf, %yf : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = edge.relu %a : (tensor<4xf32>) -> tensor<4xf32>
  %q = edge.quantize %b : (tensor<4xf32>) -> tensor<4x!y>
  %r = edge.bitcast %q : (tensor<4x!y>) -> tensor<4xui8>
  return %r : tensor<4xui8>
}

// A sum with one number is a table: 0.5 * (x - 3) + 13.375, in units of 0.25 from 10 on. What follows is part of it.
// CHECK-LABEL: func @add_number
// CHECK-DAG: %[[SUMS:.*]] = edge.constant {value = dense<"0x3A3C3E404244{{.*}}FF"> : tensor<256xui8>}
// CHECK-DAG: %[[REAL:.*]] = edge.cast %[[SUMS]] : (tensor<256xui8>) -> tensor<256xf32>
// CHECK: %[[TABLE:.*]] = edge.requantize {{.*}} -> tensor<256xui8>
// CHECK: edge.lookup %{{.*}}, %[[TABLE]] : (tensor<4xui8>, tensor<256xui8>) -> tensor<4xui8>
// CHECK-NEXT: return
func.func @add_number(%x: tensor<4xui8>) -> tensor<4xui8> {
  %y = edge.constant {value = dense<100> : tensor<i8>} : tensor<i8>
  %xq = edge.bitcast %x : (tensor<4xui8>) -> tensor<4x!x>
  %xf = edge.dequantize %xq : (tensor<4x!x>) -> tensor<4xf32>
  %yq = edge.bitcast %y : (tensor<i8>) -> tensor<!s>
  %yf = edge.dequantize %yq : (tensor<!s>) -> tensor<f32>
  %a = edge.add %yf, %xf : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  %q = edge.quantize %a : (tensor<4xf32>) -> tensor<4x!y>
  %b = edge.dequantize %q : (tensor<4x!y>) -> tensor<4xf32>
  %bytes = edge.constant {value = dense<4> : tensor<ui8>} : tensor<ui8>
  %hq = edge.bitcast %bytes : (tensor<ui8>) -> tensor<!x>
  %half = edge.dequantize %hq : (tensor<!x>) -> tensor<f32>
  %c = edge.mul %b, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %p = edge.quantize %c : (tensor<4xf32>) -> tensor<4x!x>
  %r = edge.bitcast %p : (tensor<4x!x>) -> tensor<4xui8>
  return %r : tensor<4xui8>
}

// CHECK-LABEL: func @mul
// CHECK: %[[P:.*]] = edge.mul %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<1x4xf32>)
// CHECK: %[[S:.*]] = edge.mul %[[P]], %{{.*}}
// CHECK: edge.add %[[S]]
// CHECK-NOT: edge.div
// CHECK: edge.requantize
func.func @mul(%x: tensor<2x4xui8>, %y: tensor<1x4xi8>) -> tensor<2x4xui8> {
  %xq = edge.bitcast %x : (tensor<2x4xui8>) -> tensor<2x4x!x>
  %xf = edge.dequantize %xq : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %yq = edge.bitcast %y : (tensor<1x4xi8>) -> tensor<1x4x!s>
  %yf = edge.dequantize %yq : (tensor<1x4x!s>) -> tensor<1x4xf32>
  %a = edge.mul %xf, %yf : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %q = edge.quantize %a : (tensor<2x4xf32>) -> tensor<2x4x!y>
  %r = edge.bitcast %q : (tensor<2x4x!y>) -> tensor<2x4xui8>
  return %r : tensor<2x4xui8>
}

// A function of one byte is a table.
// CHECK-LABEL: func @sigmoid
// CHECK: %[[N:.*]] = edge.constant {{.*}} : tensor<256xui8>
// CHECK: edge.sigmoid %{{.*}} : (tensor<256xf32>) -> tensor<256xf32>
// CHECK: %[[T:.*]] = edge.requantize {{.*}} -> tensor<256xi8>
// CHECK: edge.lookup %{{.*}}, %[[T]] : (tensor<3x4xui8>, tensor<256xi8>) -> tensor<3x4xi8>
func.func @sigmoid(%x: tensor<3x4xui8>) -> tensor<3x4xi8> {
  %xq = edge.bitcast %x : (tensor<3x4xui8>) -> tensor<3x4x!x>
  %xf = edge.dequantize %xq : (tensor<3x4x!x>) -> tensor<3x4xf32>
  %a = edge.sigmoid %xf : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %q = edge.quantize %a : (tensor<3x4xf32>) -> tensor<3x4x!quant.uniform<i8:f32, 0.00390625:-128>>
  %r = edge.bitcast %q : (tensor<3x4x!quant.uniform<i8:f32, 0.00390625:-128>>) -> tensor<3x4xi8>
  return %r : tensor<3x4xi8>
}

// So is a product with it: x * sigmoid(x).
// CHECK-LABEL: func @silu
// CHECK: %[[T:.*]] = edge.requantize {{.*}} -> tensor<256xui8>
// CHECK: edge.cast %[[T]]
// CHECK: %[[P:.*]] = edge.requantize {{.*}} -> tensor<256xui8>
// CHECK: %[[R:.*]] = edge.lookup %{{.*}}, %[[P]] : (tensor<4xui8>, tensor<256xui8>) -> tensor<4xui8>
// CHECK-NEXT: return %[[R]]
func.func @silu(%x: tensor<4xui8>) -> tensor<4xui8> {
  %xq = edge.bitcast %x : (tensor<4xui8>) -> tensor<4x!x>
  %xf = edge.dequantize %xq : (tensor<4x!x>) -> tensor<4xf32>
  %a = edge.sigmoid %xf : (tensor<4xf32>) -> tensor<4xf32>
  %q = edge.quantize %a : (tensor<4xf32>) -> tensor<4x!quant.uniform<u8:f32, 0.00390625>>
  %s = edge.dequantize %q : (tensor<4x!quant.uniform<u8:f32, 0.00390625>>) -> tensor<4xf32>
  %m = edge.mul %xf, %s : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %p = edge.quantize %m : (tensor<4xf32>) -> tensor<4x!y>
  %r = edge.bitcast %p : (tensor<4x!y>) -> tensor<4xui8>
  return %r : tensor<4xui8>
}

// Operators that move data move integers, and a pair of one type vanishes.
// CHECK-LABEL: func @moves
// CHECK: %[[P:.*]] = edge.max_pool2d %{{.*}} : (tensor<1x4x4x2xui8>) -> tensor<1x2x2x2xui8>
// CHECK: %[[D:.*]] = edge.pad %[[P]] {{{.*}}value = 3.000000e+00 : f32} : (tensor<1x2x2x2xui8>) -> tensor<1x2x2x4xui8>
// CHECK: %[[S:.*]] = edge.slice %[[D]] {{.*}} -> tensor<1x2x2x3xui8>
// CHECK: %[[C:.*]] = edge.concat %[[S]], %[[S]] {axis = 3 : i64} : (tensor<1x2x2x3xui8>, tensor<1x2x2x3xui8>) -> tensor<1x2x2x6xui8>
// CHECK: return %[[C]]
func.func @moves(%x: tensor<1x4x4x2xui8>) -> tensor<1x2x2x6xui8> {
  %xq = edge.bitcast %x : (tensor<1x4x4x2xui8>) -> tensor<1x4x4x2x!x>
  %xf = edge.dequantize %xq : (tensor<1x4x4x2x!x>) -> tensor<1x4x4x2xf32>
  %p = edge.max_pool2d %xf {window = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x2x2xf32>
  %d = edge.pad %p {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 0, 1>} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x4xf32>
  %s = edge.slice %d {offsets = array<i64: 0, 0, 0, 1>, sizes = array<i64: 1, 2, 2, 3>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x2x2x4xf32>) -> tensor<1x2x2x3xf32>
  %c = edge.concat %s, %s {axis = 3 : i64} : (tensor<1x2x2x3xf32>, tensor<1x2x2x3xf32>) -> tensor<1x2x2x6xf32>
  %q = edge.quantize %c : (tensor<1x2x2x6xf32>) -> tensor<1x2x2x6x!x>
  %r = edge.bitcast %q : (tensor<1x2x2x6x!x>) -> tensor<1x2x2x6xui8>
  return %r : tensor<1x2x2x6xui8>
}

// Parts on another scale than the result are brought to it; a power of two needs no quotient.
// CHECK-LABEL: func @concat_of_scales
// CHECK-NOT: edge.div
// CHECK: %[[A:.*]] = edge.requantize %{{.*}}, %{{.*}} {high = 255 : i64, low = 0 : i64, zero_point = 3 : i64}
// CHECK: edge.concat %{{.*}}, %[[A]] {axis = 0 : i64} : (tensor<4xui8>, tensor<4xui8>) -> tensor<8xui8>
func.func @concat_of_scales(%x: tensor<4xui8>, %y: tensor<4xi8>) -> tensor<8xui8> {
  %xq = edge.bitcast %x : (tensor<4xui8>) -> tensor<4x!x>
  %xf = edge.dequantize %xq : (tensor<4x!x>) -> tensor<4xf32>
  %yq = edge.bitcast %y : (tensor<4xi8>) -> tensor<4x!s>
  %yf = edge.dequantize %yq : (tensor<4x!s>) -> tensor<4xf32>
  %c = edge.concat %xf, %yf {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %q = edge.quantize %c : (tensor<8xf32>) -> tensor<8x!x>
  %r = edge.bitcast %q : (tensor<8x!x>) -> tensor<8xui8>
  return %r : tensor<8xui8>
}

// Means are sums of integers: by window, with the elements that count, and over all.
// CHECK-LABEL: func @means
// CHECK-DAG: edge.constant {value = dense<1> : tensor<2x2x2x1xi8>}
// CHECK-DAG: edge.constant {value = dense<{{.*}}> : tensor<1x2x2x1xf32>}
// CHECK: %[[S:.*]] = edge.integer_conv2d %{{.*}} {groups = 2 : i64, input_zero_point = 3 : i64, pad_value = 3 : i64, pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 2, 2>}
// CHECK: edge.requantize %[[S]]
// CHECK: %[[R:.*]] = edge.reduce_sum %{{.*}} {axes = array<i64: 1, 2>} : (tensor<1x3x3x2xi32>) -> tensor<1x2xi32>
// CHECK: %[[Z:.*]] = edge.sub %[[R]]
// CHECK: edge.requantize %[[Z]]
func.func @means(%x: tensor<1x3x3x2xui8>) -> (tensor<1x2x2x2xui8>, tensor<1x2xui8>) {
  %xq = edge.bitcast %x : (tensor<1x3x3x2xui8>) -> tensor<1x3x3x2x!x>
  %xf = edge.dequantize %xq : (tensor<1x3x3x2x!x>) -> tensor<1x3x3x2xf32>
  %a = edge.avg_pool2d %xf {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 0, 0>} : (tensor<1x3x3x2xf32>) -> tensor<1x2x2x2xf32>
  %aq = edge.quantize %a : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2x!y>
  %ar = edge.bitcast %aq : (tensor<1x2x2x2x!y>) -> tensor<1x2x2x2xui8>
  %m = edge.reduce_mean %xf {axes = array<i64: 1, 2>} : (tensor<1x3x3x2xf32>) -> tensor<1x2xf32>
  %mq = edge.quantize %m : (tensor<1x2xf32>) -> tensor<1x2x!y>
  %mr = edge.bitcast %mq : (tensor<1x2x!y>) -> tensor<1x2xui8>
  return %ar, %mr : tensor<1x2x2x2xui8>, tensor<1x2xui8>
}

// What does not fuse is float arithmetic between a cast and edge.requantize.
// CHECK-LABEL: func @island
// CHECK: %[[X:.*]] = edge.cast %{{.*}} : (tensor<2x4xui8>) -> tensor<2x4xf32>
// CHECK: edge.sub %[[X]]
// CHECK: edge.mul
// CHECK: edge.softmax
// CHECK: edge.div
// CHECK: edge.requantize
// CHECK-NOT: quant.uniform
func.func @island(%x: tensor<2x4xui8>) -> tensor<2x4xui8> {
  %xq = edge.bitcast %x : (tensor<2x4xui8>) -> tensor<2x4x!x>
  %xf = edge.dequantize %xq : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %a = edge.softmax %xf {axis = 1 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %q = edge.quantize %a : (tensor<2x4xf32>) -> tensor<2x4x!quant.uniform<u8:f32, 0.0039>>
  %r = edge.bitcast %q : (tensor<2x4x!quant.uniform<u8:f32, 0.0039>>) -> tensor<2x4xui8>
  return %r : tensor<2x4xui8>
}

// One scale per slice, with zero points of their own.
// CHECK-LABEL: func @slices
// CHECK: edge.div %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<2x1xf32>)
// CHECK: edge.round_even
// CHECK: edge.add
// CHECK: edge.requantize %{{.*}} {high = 127 : i64, low = -128 : i64}
func.func @slices(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %q = edge.quantize %x : (tensor<2x3xf32>) -> tensor<2x3x!quant.uniform<i8:f32:0, {0.5:1, 0.3:2}>>
  %r = edge.dequantize %q : (tensor<2x3x!quant.uniform<i8:f32:0, {0.5:1, 0.3:2}>>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// Scales so far apart that a factor would be infinite: the quotient is kept, of 0 it is 0.
// CHECK-LABEL: func @far_apart
// CHECK: edge.integer_conv2d
// CHECK: edge.div
// CHECK: edge.requantize %{{.*}} {high = 255 : i64, low = 0 : i64, zero_point = 9 : i64}
// CHECK: edge.add
// CHECK: edge.div
// CHECK: edge.requantize %{{.*}} {high = 255 : i64, low = 0 : i64, zero_point = 9 : i64}
func.func @far_apart(%x: tensor<1x3xui8>) -> (tensor<1x2xui8>, tensor<1x3xui8>) {
  %xq = edge.bitcast %x : (tensor<1x3xui8>) -> tensor<1x3x!x>
  %xf = edge.dequantize %xq : (tensor<1x3x!x>) -> tensor<1x3xf32>
  %w = edge.constant {value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>} : tensor<2x3xi8>
  %wq = edge.bitcast %w : (tensor<2x3xi8>) -> tensor<2x3x!w>
  %wf = edge.dequantize %wq : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %c = edge.fully_connected %xf, %wf : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  %q = edge.quantize %c : (tensor<1x2xf32>) -> tensor<1x2x!quant.uniform<u8:f32, 1.0e-40:9>>
  %r = edge.bitcast %q : (tensor<1x2x!quant.uniform<u8:f32, 1.0e-40:9>>) -> tensor<1x2xui8>
  %a = edge.add %xf, %xf : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
  %p = edge.quantize %a : (tensor<1x3xf32>) -> tensor<1x3x!quant.uniform<u8:f32, 1.0e-40:9>>
  %s = edge.bitcast %p : (tensor<1x3x!quant.uniform<u8:f32, 1.0e-40:9>>) -> tensor<1x3xui8>
  return %r, %s : tensor<1x2xui8>, tensor<1x3xui8>
}
