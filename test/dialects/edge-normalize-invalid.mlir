// One case per labelled constraint of normalisations.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

func.func @c1(%x: tensor<f32>) {
  // expected-error @below {{C1: 'tensor<f32>' has no row to normalize}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.normalize %x {epsilon = 1.0e-5 : f32} : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @c2(%x: tensor<2x3xi32>) {
  // expected-error @below {{C2: elements of type 'i32' should be floats}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.normalize %x {epsilon = 1.0e-5 : f32} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return
}

// -----

func.func @c3(%x: tensor<2x3xf32>) {
  // expected-error @below {{C3: an epsilon of -1}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.normalize %x {epsilon = -1.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_c1(%x: tensor<2x3xf64>, %s: tensor<3xf32>) {
  // expected-error @below {{C1: 'tensor<2x3xf64>' has no row of f32}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.layer_norm %x, %s, %s {epsilon = 1.0e-5 : f32} : (tensor<2x3xf64>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf64>
  return
}

// -----

func.func @layer_norm_c2(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{C2: 'tensor<2xf32>' should have the 3 elements of a row, of f32}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.layer_norm %x, %s, %b {epsilon = 1.0e-5 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_c3(%x: tensor<2x3xf32>, %s: tensor<3xf32>) {
  // expected-error @below {{C3: an epsilon of -1}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.layer_norm %x, %s, %s {epsilon = -1.0 : f32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}
