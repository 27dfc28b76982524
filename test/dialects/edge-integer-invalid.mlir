// RUN: edge-opt %s -split-input-file -verify-diagnostics
// One case per constraint of the operators of integer arithmetic.

func.func @conv_c1_strides(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>) {
  // expected-error @below {{C1: strides must be 2 numbers of at least 1}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f {strides = array<i64: 0, 1>} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c1_groups(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>) {
  // expected-error @below {{C1: groups must be at least 1, are 0}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f {groups = 0 : i64} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c2(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>) {
  // expected-error @below {{C2: the filter}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f {groups = 2 : i64} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c3(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>) {
  // expected-error @below {{C3: the dilated filter of}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f {dilations = array<i64: 4, 1>} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c4_size(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>, %b: tensor<8xi32>) {
  // expected-error @below {{C4: the bias}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f, %b {} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>, tensor<8xi32>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c4_type(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>, %b: tensor<16xi64>) {
  // expected-error @below {{C4: the bias}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f, %b {} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>, tensor<16xi64>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c5(%x: tensor<1x8x8x4xi32>, %f: tensor<16x3x3x4xi8>) {
  // expected-error @below {{C5: the elements of}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f {} : (tensor<1x8x8x4xi32>, tensor<16x3x3x4xi8>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c6_zero(%x: tensor<1x8x8x4xi8>, %f: tensor<16x3x3x4xi8>) {
  // expected-error @below {{C6: the zero points 128 and 0}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f {input_zero_point = 128 : i64} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @conv_c6_pad(%x: tensor<1x8x8x4xui8>, %f: tensor<16x3x3x4xi8>) {
  // expected-error @below {{C6: the zero points 0 and 0 or the pad value -1}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_conv2d %x, %f {pad_value = -1 : i64} : (tensor<1x8x8x4xui8>, tensor<16x3x3x4xi8>) -> tensor<1x6x6x16xi32>
  return
}

// -----

func.func @rescale_c1(%x: tensor<4xi32>, %m: tensor<3xi32>) {
  // expected-error @below {{C1: the shape of}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.rescale double %x, %m, %x : (tensor<4xi32>, tensor<3xi32>, tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @rescale_c2(%x: tensor<4xi32>, %m: tensor<4xi16>) {
  // expected-error @below {{C2: the elements of}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.rescale single %x, %m, %x : (tensor<4xi32>, tensor<4xi16>, tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @lookup_c1(%x: tensor<4xi16>, %t: tensor<256xi8>) {
  // expected-error @below {{C1: x must be of i8 or ui8}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.lookup %x, %t : (tensor<4xi16>, tensor<256xi8>) -> tensor<4xi8>
  return
}

// -----

func.func @lookup_c2(%x: tensor<4xi8>, %t: tensor<255xi8>) {
  // expected-error @below {{C2: the table must have 256 elements}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.lookup %x, %t : (tensor<4xi8>, tensor<255xi8>) -> tensor<4xi8>
  return
}

// -----

func.func @softmax_c1(%x: tensor<i8>, %t: tensor<256xi32>) {
  // expected-error @below {{C1: x must be of i8 or ui8 and have a dimension}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_softmax %x, %t : (tensor<i8>, tensor<256xi32>) -> tensor<i8>
  return
}

// -----

func.func @softmax_c2(%x: tensor<4xi8>, %t: tensor<256xi16>) {
  // expected-error @below {{C2: the exponentials must be 256 numbers of i32}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_softmax %x, %t : (tensor<4xi8>, tensor<256xi16>) -> tensor<4xi8>
  return
}

// -----

func.func @lookup_softmax_c1(%x: tensor<4xi16>, %e: tensor<256xf32>, %f: tensor<f32>) {
  // expected-error @below {{C1: x must be of i8 or ui8 and have a dimension}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.lookup_softmax %x, %e, %f : (tensor<4xi16>, tensor<256xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @lookup_softmax_c2(%x: tensor<4xi8>, %e: tensor<255xf32>, %f: tensor<f32>) {
  // expected-error @below {{C2: the exponentials must be 256 numbers of f32}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.lookup_softmax %x, %e, %f : (tensor<4xi8>, tensor<255xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @lookup_softmax_c3(%x: tensor<4xi8>, %e: tensor<256xf32>, %f: tensor<2xf32>) {
  // expected-error @below {{C3: the factor must be one number of f32}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.lookup_softmax %x, %e, %f : (tensor<4xi8>, tensor<256xf32>, tensor<2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @requantize_c1_shape(%x: tensor<4xi32>, %f: tensor<3xf32>) {
  // expected-error @below {{C1: the factor must be of f32 and broadcast to x}}
  %r = edge.requantize %x, %f {low = 0 : i64, high = 255 : i64} : (tensor<4xi32>, tensor<3xf32>) -> tensor<4xui8>
  return
}

// -----

func.func @requantize_c1_larger(%x: tensor<1xi32>, %f: tensor<3xf32>) {
  // expected-error @below {{C1: the factor must be of f32 and broadcast to x}}
  %r = edge.requantize %x, %f {low = 0 : i64, high = 255 : i64} : (tensor<1xi32>, tensor<3xf32>) -> tensor<1xui8>
  return
}

// -----

func.func @requantize_c2(%x: tensor<4xi64>) {
  // expected-error @below {{C2: x must be of i32 or f32}}
  %r = edge.requantize %x {low = 0 : i64, high = 255 : i64} : (tensor<4xi64>) -> tensor<4xui8>
  return
}

// -----

func.func @requantize_c3(%x: tensor<4xi32>) {
  // expected-error @below {{C3: the result must have x's shape and be of i8, ui8, i16 or ui16}}
  %r = edge.requantize %x {low = 0 : i64, high = 255 : i64} : (tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @requantize_c3_shape(%x: tensor<4xi32>) {
  // expected-error @below {{C3: the result must have x's shape}}
  %r = edge.requantize %x {low = 0 : i64, high = 255 : i64} : (tensor<4xi32>) -> tensor<2xui8>
  return
}

// -----

func.func @requantize_c4_range(%x: tensor<4xi32>) {
  // expected-error @below {{C4: the bounds -1, 255 and the zero point 0 must be numbers of 'ui8'}}
  %r = edge.requantize %x {low = -1 : i64, high = 255 : i64} : (tensor<4xi32>) -> tensor<4xui8>
  return
}

// -----

func.func @requantize_c4_order(%x: tensor<4xi32>) {
  // expected-error @below {{C4: the bounds 5, 4 and the zero point 0 must be numbers of 'i8', the bounds in order}}
  %r = edge.requantize %x {low = 5 : i64, high = 4 : i64} : (tensor<4xi32>) -> tensor<4xi8>
  return
}

// -----

func.func @bitcast_c2_storage(%x: tensor<4xi8>) {
  // expected-error @below {{C2: }}
  %r = edge.bitcast %x : (tensor<4xi8>) -> tensor<4x!quant.uniform<u8:f32, 0.5>>
  return
}

// -----

func.func @matmul_c1(%a: tensor<8xi8>, %b: tensor<8x3xi8>) {
  // expected-error @below {{C1: both operands need two dimensions}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_matmul %a, %b : (tensor<8xi8>, tensor<8x3xi8>) -> tensor<3xi32>
  return
}

// -----

func.func @matmul_c2(%a: tensor<4x8xi8>, %b: tensor<7x3xi8>) {
  // expected-error @below {{C2: inner dimensions differ}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_matmul %a, %b : (tensor<4x8xi8>, tensor<7x3xi8>) -> tensor<4x3xi32>
  return
}

// -----

func.func @matmul_c3(%a: tensor<2x4x8xi8>, %b: tensor<3x8x3xi8>) {
  // expected-error @below {{C3: batch dimensions do not broadcast}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_matmul %a, %b : (tensor<2x4x8xi8>, tensor<3x8x3xi8>) -> tensor<2x4x3xi32>
  return
}

// -----

func.func @matmul_c4(%a: tensor<4x8xi8>, %b: tensor<8x3xi16>) {
  // expected-error @below {{C4: the elements of}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_matmul %a, %b : (tensor<4x8xi8>, tensor<8x3xi16>) -> tensor<4x3xi32>
  return
}

// -----

func.func @matmul_c5(%a: tensor<4x8xi8>, %b: tensor<8x3xui8>) {
  // expected-error @below {{C5: the zero points 0 and -1 are not numbers of}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.integer_matmul %a, %b {rhs_zero_point = -1 : i64} : (tensor<4x8xi8>, tensor<8x3xui8>) -> tensor<4x3xi32>
  return
}
