// Ranges that are none.
// RUN: edge-opt %s -edge-quantize -split-input-file -verify-diagnostics

func.func @reversed(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{Q1: edge.range must be two finite numbers, the smaller first, or these and a whole number up to 32767, it is array<f64: 1.000000e+00, 0.000000e+00>}}
  %r = edge.relu %x {edge.range = array<f64: 1.0, 0.0>} : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

func.func @infinite(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{Q1}}
  %r = edge.relu %x {edge.range = array<f64: 0.0, 0x7FF0000000000000>} : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

func.func @one_number(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{Q1}}
  %r = edge.relu %x {edge.range = array<f64: 1.0>} : (tensor<2xf32>) -> tensor<2xf32>
  // All are told at once.
  // expected-error @below {{Q1}}
  %s = edge.relu %r {edge.range = "wide"} : (tensor<2xf32>) -> tensor<2xf32>
  return %s : tensor<2xf32>
}

// -----

func.func @largest(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{Q1}}
  %r = edge.relu %x {edge.range = array<f64: 0.0, 1.0, 32768.0>} : (tensor<2xf32>) -> tensor<2xf32>
  // expected-error @below {{Q1}}
  %s = edge.relu %r {edge.range = array<f64: 0.0, 1.0, 0.5>} : (tensor<2xf32>) -> tensor<2xf32>
  return %s : tensor<2xf32>
}
