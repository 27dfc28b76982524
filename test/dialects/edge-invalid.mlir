// Each labelled constraint of the edge dialect, violated once.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

// conv2d C1 strides
func.func @f(%x: tensor<1x8x8x4xf32>, %f: tensor<6x3x3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: strides must be 2 numbers of at least 1}}
  %r = edge.conv2d %x, %f {strides = array<i64: 0, 1>} : (tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

// conv2d C1 pads
func.func @f(%x: tensor<1x8x8x4xf32>, %f: tensor<6x3x3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: pads must be 4 numbers of at least 0}}
  %r = edge.conv2d %x, %f {pads = array<i64: 1, 1>} : (tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

// conv2d C2
func.func @f(%x: tensor<1x8x8x4xf32>, %f: tensor<6x3x3x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: 4 input channels are not 1 groups of the filter's 3}}
  %r = edge.conv2d %x, %f : (tensor<1x8x8x4xf32>, tensor<6x3x3x3xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

// conv2d C3
func.func @f(%x: tensor<1x8x8x4xf32>, %f: tensor<5x3x3x2xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C3: 5 output channels are not a multiple of 2 groups}}
  %r = edge.conv2d %x, %f {groups = 2 : i64} : (tensor<1x8x8x4xf32>, tensor<5x3x3x2xf32>) -> tensor<1x6x6x5xf32>
  return
}

// -----

// conv2d C4
func.func @f(%x: tensor<1x8x8x4xf32>, %f: tensor<6x3x3x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C4: the bias 'tensor<4xf32>' must have 6 elements}}
  %r = edge.conv2d %x, %f, %b : (tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>, tensor<4xf32>) -> tensor<1x6x6x6xf32>
  return
}

// -----

// conv2d C5
func.func @f(%x: tensor<1x8x4x4xf32>, %f: tensor<6x3x3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C5: the dilated filter of 'tensor<6x3x3x4xf32>' is larger than the padded input 'tensor<1x8x4x4xf32>'}}
  %r = edge.conv2d %x, %f {dilations = array<i64: 1, 2>} : (tensor<1x8x4x4xf32>, tensor<6x3x3x4xf32>) -> tensor<1x6x1x6xf32>
  return
}

// -----

// conv2d C6
func.func @f(%x: tensor<1x8x8x4xf32>, %f: tensor<6x3x3x4xf64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C6: element types differ}}
  %r = edge.conv2d %x, %f : (tensor<1x8x8x4xf32>, tensor<6x3x3x4xf64>) -> tensor<1x6x6x6xf32>
  return
}

// -----

// a result of another shape
func.func @f(%x: tensor<1x8x8x4xf32>, %f: tensor<6x3x3x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{inferred type(s) 'tensor<1x6x6x6xf32>' are incompatible with return type(s) of operation 'tensor<1x8x8x6xf32>'}}
  %r = edge.conv2d %x, %f : (tensor<1x8x8x4xf32>, tensor<6x3x3x4xf32>) -> tensor<1x8x8x6xf32>
  return
}

// -----

// matmul C1
func.func @f(%a: tensor<8xf32>, %b: tensor<8x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: both operands need two dimensions}}
  %r = edge.matmul %a, %b : (tensor<8xf32>, tensor<8x3xf32>) -> tensor<3xf32>
  return
}

// -----

// matmul C2
func.func @f(%a: tensor<2x8xf32>, %b: tensor<7x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: inner dimensions differ}}
  %r = edge.matmul %a, %b : (tensor<2x8xf32>, tensor<7x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// matmul C3
func.func @f(%a: tensor<2x2x8xf32>, %b: tensor<3x8x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C3: batch dimensions do not broadcast}}
  %r = edge.matmul %a, %b : (tensor<2x2x8xf32>, tensor<3x8x3xf32>) -> tensor<2x2x3xf32>
  return
}

// -----

// matmul C4
func.func @f(%a: tensor<2x8xf32>, %b: tensor<8x3xf16>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C4: element types differ}}
  %r = edge.matmul %a, %b : (tensor<2x8xf32>, tensor<8x3xf16>) -> tensor<2x3xf32>
  return
}

// -----

// fully_connected C1
func.func @f(%a: tensor<2x8xf32>, %w: tensor<8x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: the filter 'tensor<8x3xf32>' must be [N, K]}}
  %r = edge.fully_connected %a, %w : (tensor<2x8xf32>, tensor<8x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// fully_connected C2
func.func @f(%a: tensor<2x8xf32>, %w: tensor<3x8xf32>, %b: tensor<2xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: the bias 'tensor<2xf32>' must have 3 elements}}
  %r = edge.fully_connected %a, %w, %b : (tensor<2x8xf32>, tensor<3x8xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

// fully_connected C3
func.func @f(%a: tensor<2x8xf32>, %w: tensor<3x8xf64>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C3: element types differ}}
  %r = edge.fully_connected %a, %w : (tensor<2x8xf32>, tensor<3x8xf64>) -> tensor<2x3xf32>
  return
}

// -----

// max_pool2d C1
func.func @f(%x: tensor<1x8x8x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: window must be 2 numbers of at least 1}}
  %r = edge.max_pool2d %x {window = array<i64: 2>} : (tensor<1x8x8x4xf32>) -> tensor<1x7x7x4xf32>
  return
}

// -----

// max_pool2d C2
func.func @f(%x: tensor<1x2x2x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: the window is larger than the padded input}}
  %r = edge.max_pool2d %x {window = array<i64: 3, 3>} : (tensor<1x2x2x4xf32>) -> tensor<1x1x1x4xf32>
  return
}

// -----

// max_pool2d C3
func.func @f(%x: tensor<1x8x8x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C3: a pad of 2 reaches a whole window of 2}}
  %r = edge.max_pool2d %x {window = array<i64: 2, 2>, pads = array<i64: 2, 0, 0, 0>} : (tensor<1x8x8x4xf32>) -> tensor<1x9x7x4xf32>
  return
}

// -----

// avg_pool2d C1
func.func @f(%x: tensor<1x8x8x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: overhang must be 2 numbers of at least 0}}
  %r = edge.avg_pool2d %x {window = array<i64: 2, 2>, overhang = array<i64: -1, 0>} : (tensor<1x8x8x4xf32>) -> tensor<1x7x7x4xf32>
  return
}

// -----

// avg_pool2d C2
func.func @f(%x: tensor<1x2x2x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: the window is larger than the padded input}}
  %r = edge.avg_pool2d %x {window = array<i64: 3, 3>} : (tensor<1x2x2x4xf32>) -> tensor<1x1x1x4xf32>
  return
}

// -----

// avg_pool2d C3
func.func @f(%x: tensor<1x8x8x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C3: a pad of 2 reaches a whole window of 2}}
  %r = edge.avg_pool2d %x {window = array<i64: 2, 2>, pads = array<i64: 0, 0, 1, 0>, overhang = array<i64: 1, 0>} : (tensor<1x8x8x4xf32>) -> tensor<1x9x7x4xf32>
  return
}

// -----

// gelu C1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C1 'none' or 'tanh'}}
  %r = edge.gelu %x {approximate = "sigmoid"} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// clamp C1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C1: min 6.000000e+00 : f32 must not be above max 0.000000e+00 : f32}}
  %r = edge.clamp %x {min = 6.0 : f32, max = 0.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// binary C1
func.func @f(%x: tensor<4xf32>, %y: tensor<3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: shapes of 'tensor<4xf32>' and 'tensor<3xf32>' do not broadcast to one shape}}
  %r = edge.add %x, %y : (tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

// binary C2
func.func @f(%x: tensor<4xf32>, %y: tensor<4xi32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: element types differ}}
  %r = edge.mul %x, %y : (tensor<4xf32>, tensor<4xi32>) -> tensor<4xf32>
  return
}

// -----

// cast C1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C1: operand and result shapes differ}}
  %r = edge.cast %x : (tensor<4xf32>) -> tensor<3xi32>
  return
}

// -----

// cast C2
func.func @f(%x: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error @+1 {{C2: quantized element types are not cast}}
  %r = edge.cast %x : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4xf32>
  return
}

// -----

// quantize C1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C1: operand and result shapes differ}}
  %r = edge.quantize %x : (tensor<4xf32>) -> tensor<3x!quant.uniform<i8:f32, 0.5>>
  return
}

// -----

// quantize C2
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C2: needs a float operand and a quantized result}}
  %r = edge.quantize %x : (tensor<4xf32>) -> tensor<4xi8>
  return
}

// -----

// dequantize C1
func.func @f(%x: tensor<4x!quant.uniform<i8:f32, 0.5>>) {
  // expected-error @+1 {{C1: operand and result shapes differ}}
  %r = edge.dequantize %x : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<3xf32>
  return
}

// -----

// dequantize C2
func.func @f(%x: tensor<4xi8>) {
  // expected-error @+1 {{C2: needs a quantized operand and a float result}}
  %r = edge.dequantize %x : (tensor<4xi8>) -> tensor<4xf32>
  return
}

// -----

// reduce C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: axes must ascend within [0, 2), found 0}}
  %r = edge.reduce_sum %x {axes = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

// softmax C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: axis 2 lies outside [0, 2)}}
  %r = edge.softmax %x {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// batch_norm C1
func.func @f(%x: tensor<2x3xf32>, %p: tensor<3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: axis -1 lies outside [0, 2)}}
  %r = edge.batch_norm %x, %p, %p, %p, %p {axis = -1 : i64, epsilon = 1.0 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// batch_norm C2
func.func @f(%x: tensor<2x3xf32>, %p: tensor<3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: the parameter 'tensor<3xf32>' must have 2 elements}}
  %r = edge.batch_norm %x, %p, %p, %p, %p {axis = 0 : i64, epsilon = 1.0 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// reshape C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{C1: 6 elements cannot be viewed as 5}}
  %r = edge.reshape %x : (tensor<2x3xf32>) -> tensor<5xf32>
  return
}

// -----

// reshape C2
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{C2: element types differ: 'f32' and 'i32'}}
  %r = edge.reshape %x : (tensor<2x3xf32>) -> tensor<6xi32>
  return
}

// -----

// transpose C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: [1, 1] is not a permutation of the 2 dimensions}}
  %r = edge.transpose %x {permutation = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}

// -----

// concat C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: axis 2 lies outside [0, 2)}}
  %r = edge.concat %x, %x {axis = 2 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

// concat C2
func.func @f(%x: tensor<2x3xf32>, %y: tensor<3x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: 'tensor<3x3xf32>' does not join 'tensor<2x3xf32>' along dimension 1}}
  %r = edge.concat %x, %y {axis = 1 : i64} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

// concat C3
func.func @f(%x: tensor<2x3xf32>, %y: tensor<2x3xf16>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C3: element types differ}}
  %r = edge.concat %x, %y {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x3xf16>) -> tensor<2x6xf32>
  return
}

// -----

// slice C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: offsets, sizes and strides need 2 numbers each}}
  %r = edge.slice %x {offsets = array<i64: 0, 0>, sizes = array<i64: 1, 1>, strides = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<1x1xf32>
  return
}

// -----

// slice C2
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: the slice leaves dimension 1 of 'tensor<2x3xf32>'}}
  %r = edge.slice %x {offsets = array<i64: 0, 1>, sizes = array<i64: 1, 2>, strides = array<i64: 1, -2>} : (tensor<2x3xf32>) -> tensor<1x2xf32>
  return
}

// -----

// pad C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: low must be 2 numbers of at least 0}}
  %r = edge.pad %x {low = array<i64: 0, -1>, high = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

// broadcast C1
func.func @f(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{C1: 'tensor<2x3xf32>' does not broadcast to 'tensor<4x3xf32>'}}
  %r = edge.broadcast %x : (tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

// broadcast C2
func.func @f(%x: tensor<1x3xf32>) {
  // expected-error @+1 {{C2: element types differ: 'f32' and 'f16'}}
  %r = edge.broadcast %x : (tensor<1x3xf32>) -> tensor<2x3xf16>
  return
}

// -----

// a dynamic shape
func.func @f(%x: tensor<?x3xf32>) {
  // expected-error @+1 {{must be statically shaped tensor}}
  %r = edge.relu %x : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return
}
