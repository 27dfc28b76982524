// One case per labelled constraint of the operators with offsets of the run.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

func.func @slice_c1_length(%x: tensor<5x4xf32>, %n: tensor<2xi64>, %m: tensor<1xi64>) {
  // expected-error @below {{C1: starts, axes and steps must be lists of one length}}
  %a = edge.dynamic_slice %x from %n along %m : (tensor<5x4xf32>, tensor<2xi64>, tensor<1xi64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @slice_c1_type(%x: tensor<5x4xf32>, %n: tensor<2xf32>) {
  // expected-error @below {{C1: starts, axes and steps must be lists of one length}}
  %a = edge.dynamic_slice %x from %n : (tensor<5x4xf32>, tensor<2xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @slice_c2(%x: tensor<5x4xf32>, %n: tensor<2xi64>) {
  // expected-error @below {{C2: the result 'tensor<2xf32>' must have the rank and element type}}
  %a = edge.dynamic_slice %x from %n : (tensor<5x4xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @pad_c1(%x: tensor<5x4xf32>, %n: tensor<3xi64>) {
  // expected-error @below {{C1: pads must be a list of two for each axis}}
  %a = edge.dynamic_pad %x by %n : (tensor<5x4xf32>, tensor<3xi64>) -> tensor<7x4xf32>
  return
}

// -----

func.func @pad_c2(%x: tensor<5x4xf32>, %n: tensor<4xi64>) {
  // expected-error @below {{C2: the result 'tensor<7x4xf64>' must have the rank and element type}}
  %a = edge.dynamic_pad %x by %n : (tensor<5x4xf32>, tensor<4xi64>) -> tensor<7x4xf64>
  return
}

// -----

func.func @pad_c3(%x: tensor<5x4xf32>, %n: tensor<4xi64>, %v: tensor<2xf32>) {
  // expected-error @below {{C3: the value must be one element of x's type}}
  %a = edge.dynamic_pad %x by %n with %v : (tensor<5x4xf32>, tensor<4xi64>, tensor<2xf32>) -> tensor<7x4xf32>
  return
}
