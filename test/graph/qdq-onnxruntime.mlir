// Operators between quantizations whose results are not ONNX Runtime's by themselves. Softmax: results add up to the whole part of
// 1 / scale.
// RUN: edge-opt %s -pass-pipeline='builtin.module(func.func(edge-fuse-quantization{reference=onnxruntime}))' -split-input-file | FileCheck %s
// RUN: edge-opt %s -pass-pipeline='builtin.module(func.func(edge-fuse-quantization))' -split-input-file | FileCheck %s -check-prefix=ONNX

!x = !quant.uniform<u8:f32, 0.25:3>
!y = !quant.uniform<u8:f32, 0.0038:2>

// ONNX-LABEL: func @bytes
// ONNX: edge.softmax
// CHECK-LABEL: func @bytes
// CHECK-SAME: %[[X:.*]]: tensor<2x4xui8>
// CHECK: %[[TABLE:.*]] = edge.constant {{.*}} : tensor<256xf32>
// CHECK: %[[FACTOR:.*]] = edge.constant {value = dense<2.630000e+02> : tensor<f32>}
// CHECK: %[[REAL:.*]] = edge.lookup_softmax %[[X]], %[[TABLE]], %[[FACTOR]]
// CHECK: %[[Y:.*]] = edge.requantize %[[REAL]] {high = 255 : i64, low = 0 : i64, zero_point = 2 : i64} : (tensor<2x4xf32>) -> tensor<2x4xui8>
// CHECK: return %[[Y]]
func.func @bytes(%x: tensor<2x4xui8>) -> tensor<2x4xui8> {
  %xq = edge.bitcast %x : (tensor<2x4xui8>) -> tensor<2x4x!x>
  %xf = edge.dequantize %xq : (tensor<2x4x!x>) -> tensor<2x4xf32>
  %a = edge.softmax %xf {axis = 1 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %q = edge.quantize %a : (tensor<2x4xf32>) -> tensor<2x4x!y>
  %r = edge.bitcast %q : (tensor<2x4x!y>) -> tensor<2x4xui8>
  return %r : tensor<2x4xui8>
}

// -----

!x2 = !quant.uniform<i8:f32, 0.25>

// Another dimension becomes the last one.
// CHECK-LABEL: func @axis
// CHECK: edge.transpose %{{.*}} {permutation = array<i64: 2, 1, 0>} : (tensor<4x2x3xi8>) -> tensor<3x2x4xi8>
// CHECK: edge.lookup_softmax %{{.*}} : (tensor<3x2x4xi8>, tensor<256xf32>, tensor<f32>) -> tensor<3x2x4xf32>
// CHECK: edge.requantize
// CHECK: edge.transpose %{{.*}} {permutation = array<i64: 2, 1, 0>} : (tensor<3x2x4xi8>) -> tensor<4x2x3xi8>
func.func @axis(%x: tensor<4x2x3xi8>) -> tensor<4x2x3xi8> {
  %xq = edge.bitcast %x : (tensor<4x2x3xi8>) -> tensor<4x2x3x!x2>
  %xf = edge.dequantize %xq : (tensor<4x2x3x!x2>) -> tensor<4x2x3xf32>
  %a = edge.softmax %xf {axis = 0 : i64} : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  %q = edge.quantize %a : (tensor<4x2x3xf32>) -> tensor<4x2x3x!quant.uniform<i8:f32, 0.0079>>
  %r = edge.bitcast %q : (tensor<4x2x3x!quant.uniform<i8:f32, 0.0079>>) -> tensor<4x2x3xi8>
  return %r : tensor<4x2x3xi8>
}

// -----

!x3 = !quant.uniform<u8:f32, 0.25:3>
!y3 = !quant.uniform<i8:f32, 0.0038>

// ONNX Runtime leaves these as they are: bytes that change their sign, a result that is read as a float as well, and
// words of 16 bits.
// CHECK-LABEL: func @left
// CHECK-NOT: edge.lookup_softmax
func.func @left(%x: tensor<2x4xui8>, %w: tensor<2x4xi16>) -> (tensor<2x4xi8>, tensor<2x4xui8>, tensor<2x4xf32>, tensor<2x4xi16>) {
  %xq = edge.bitcast %x : (tensor<2x4xui8>) -> tensor<2x4x!x3>
  %xf = edge.dequantize %xq : (tensor<2x4x!x3>) -> tensor<2x4xf32>
  %a = edge.softmax %xf {axis = 1 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %q = edge.quantize %a : (tensor<2x4xf32>) -> tensor<2x4x!y3>
  %r = edge.bitcast %q : (tensor<2x4x!y3>) -> tensor<2x4xi8>
  %b = edge.softmax %xf {axis = 1 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %bq = edge.quantize %b : (tensor<2x4xf32>) -> tensor<2x4x!x3>
  %bs = edge.bitcast %bq : (tensor<2x4x!x3>) -> tensor<2x4xui8>
  %wq = edge.bitcast %w : (tensor<2x4xi16>) -> tensor<2x4x!quant.uniform<i16:f32, 0.01>>
  %wf = edge.dequantize %wq : (tensor<2x4x!quant.uniform<i16:f32, 0.01>>) -> tensor<2x4xf32>
  %c = edge.softmax %wf {axis = 1 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %cq = edge.quantize %c : (tensor<2x4xf32>) -> tensor<2x4x!quant.uniform<i16:f32, 0.01>>
  %cs = edge.bitcast %cq : (tensor<2x4x!quant.uniform<i16:f32, 0.01>>) -> tensor<2x4xi16>
  return %r, %bs, %b, %cs : tensor<2x4xi8>, tensor<2x4xui8>, tensor<2x4xf32>, tensor<2x4xi16>
}

// -----

!x4 = !quant.uniform<u8:f32, 0.25:3>

// The sums of layer normalization have ONNX Runtime's order; that of numbers which are not quantized stays.
// ONNX-LABEL: func @normalized
// ONNX-NOT: edge.layer_norm
// CHECK-LABEL: func @normalized
// CHECK-SAME: %{{.*}}: tensor<2x8xui8>, %[[OTHER:.*]]: tensor<2x8xf32>
// CHECK: %[[S:.*]] = edge.constant {value = dense<2.000000e+00> : tensor<8xf32>}
// CHECK: %[[B:.*]] = edge.constant {value = dense<3.000000e+00> : tensor<8xf32>}
// CHECK-NOT: edge.reduce
// CHECK: edge.layer_norm %{{.*}}, %[[S]], %[[B]] {epsilon = 9.99999974E-6 : f32} : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
// CHECK: edge.requantize
// CHECK-NOT: edge.layer_norm
// CHECK: edge.rsqrt
func.func @normalized(%x: tensor<2x8xui8>, %other: tensor<2x8xf32>) -> (tensor<2x8xui8>, tensor<2x8xf32>) {
  %s = edge.constant {value = dense<2.0> : tensor<8xf32>} : tensor<8xf32>
  %b = edge.constant {value = dense<3.0> : tensor<8xf32>} : tensor<8xf32>
  %e = edge.constant {value = dense<1.0e-5> : tensor<f32>} : tensor<f32>
  %xq = edge.bitcast %x : (tensor<2x8xui8>) -> tensor<2x8x!x4>
  %xf = edge.dequantize %xq : (tensor<2x8x!x4>) -> tensor<2x8xf32>
  %m = edge.reduce_mean %xf {axes = array<i64: 1>, keep_dims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %c = edge.sub %xf, %m : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %q = edge.mul %c, %c : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %v = edge.reduce_mean %q {axes = array<i64: 1>, keep_dims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %p = edge.add %v, %e : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r = edge.rsqrt %p : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %n = edge.mul %c, %r : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %scaled = edge.mul %n, %s : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %y = edge.add %scaled, %b : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %yq = edge.quantize %y : (tensor<2x8xf32>) -> tensor<2x8x!x4>
  %ys = edge.bitcast %yq : (tensor<2x8x!x4>) -> tensor<2x8xui8>
  // Of floats.
  %fm = edge.reduce_mean %other {axes = array<i64: 1>, keep_dims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %fc = edge.sub %other, %fm : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %fq = edge.mul %fc, %fc : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %fv = edge.reduce_mean %fq {axes = array<i64: 1>, keep_dims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %fp = edge.add %fv, %e : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %fr = edge.rsqrt %fp : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %fn = edge.mul %fc, %fr : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %fs = edge.mul %fn, %s : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  %fy = edge.add %fs, %b : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  return %ys, %fy : tensor<2x8xui8>, tensor<2x8xf32>
}
