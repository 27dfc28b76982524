// Each labelled constraint of comparisons, tests, choices and bitcasts, violated once.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

// comparison C1
func.func @f(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: shapes of 'tensor<2x3xf32>' and 'tensor<2x4xf32>' do not broadcast to one shape}}
  %r = edge.less %x, %y : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x4xi1>
  return
}

// -----

// comparison C2
func.func @f(%x: tensor<2xf32>, %y: tensor<2xi32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: element types differ or are quantized: 'tensor<2xf32>' and 'tensor<2xi32>'}}
  %r = edge.equal %x, %y : (tensor<2xf32>, tensor<2xi32>) -> tensor<2xi1>
  return
}

// -----

// The answer is i1 and nothing else.
func.func @f(%x: tensor<2xi32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{op inferred type(s) 'tensor<2xi1>' are incompatible with return type(s) of operation 'tensor<2xi8>'}}
  %r = edge.equal %x, %x : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi8>
  return
}

// -----

// test C1
func.func @f(%x: tensor<2xi32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: the input must be float, is 'tensor<2xi32>'}}
  %r = edge.is_nan %x : (tensor<2xi32>) -> tensor<2xi1>
  return
}

// -----

// select C1
func.func @f(%c: tensor<3xi1>, %x: tensor<2xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C1: shapes of 'tensor<3xi1>', 'tensor<2xf32>' and 'tensor<2xf32>' do not broadcast to one shape}}
  %r = edge.select %c, %x, %x : (tensor<3xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

// select C2
func.func @f(%c: tensor<2xi1>, %x: tensor<2xf32>, %y: tensor<2xf16>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C2: element types differ: 'tensor<2xf32>' and 'tensor<2xf16>'}}
  %r = edge.select %c, %x, %y : (tensor<2xi1>, tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}

// -----

// select C3
func.func @f(%c: tensor<2xi8>, %x: tensor<2xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{C3: the condition must be i1, is 'tensor<2xi8>'}}
  %r = edge.select %c, %x, %x : (tensor<2xi8>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

// bitcast C1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C1: operand and result shapes differ}}
  %r = edge.bitcast %x : (tensor<4xf32>) -> tensor<2x2xi32>
  return
}

// -----

// bitcast C2
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C2: 'f32' and 'i16' have not the same number of bits}}
  %r = edge.bitcast %x : (tensor<4xf32>) -> tensor<4xi16>
  return
}
