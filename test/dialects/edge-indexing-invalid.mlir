// One case per labelled constraint of the operators with indices.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

func.func @gather_c1(%x: tensor<5x4xf32>, %i: tensor<3xi64>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather %x, %i {axis = 2 : i64} : (tensor<5x4xf32>, tensor<3xi64>) -> tensor<5x3xf32>
  return
}

// -----

func.func @gather_c2(%x: tensor<5x4xf32>, %i: tensor<3xf32>) {
  // expected-error @below {{C2: indices must be integers, not 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather %x, %i {axis = 0 : i64} : (tensor<5x4xf32>, tensor<3xf32>) -> tensor<3x4xf32>
  return
}
