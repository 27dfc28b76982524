// One case per labelled constraint of the operators that search and sort.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

func.func @arg_max_c1(%x: tensor<5x4xf32>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.arg_max %x {axis = 2 : i64} : (tensor<5x4xf32>) -> tensor<5xi64>
  return
}

// -----

func.func @arg_min_c1(%x: tensor<5x4xf32>) {
  // expected-error @below {{C1: axis -1 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.arg_min %x {axis = -1 : i64} : (tensor<5x4xf32>) -> tensor<5xi64>
  return
}

// -----

func.func @top_k_c1(%x: tensor<5x4xf32>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.top_k %x {axis = 2 : i64, k = 3 : i64, largest = true} : (tensor<5x4xf32>) -> (tensor<5x3xf32>, tensor<5x3xi64>)
  return
}

// -----

func.func @top_k_c2(%x: tensor<5x4xf32>) {
  // expected-error @below {{C2: k of 5 outside [1, 4]}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.top_k %x {axis = 1 : i64, k = 5 : i64, largest = true} : (tensor<5x4xf32>) -> (tensor<5x5xf32>, tensor<5x5xi64>)
  return
}

// -----

func.func @cumulate_c1(%x: tensor<5x4xf32>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.cumulate sum %x {axis = 2 : i64} : (tensor<5x4xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @cumulate_c2(%x: tensor<5x4xf32>) {
  // expected-error @below {{C2: needs either an attribute or an operand for the axis}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.cumulate sum %x : (tensor<5x4xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @cumulate_c2_operand(%x: tensor<5x4xf32>, %a: tensor<2xi64>) {
  // expected-error @below {{C2: the axis must be one integer, not 'tensor<2xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.cumulate sum %x along %a : (tensor<5x4xf32>, tensor<2xi64>) -> tensor<5x4xf32>
  return
}

// -----

func.func @det_c1(%x: tensor<5x4xf32>) {
  // expected-error @below {{C1: no square matrices in 'tensor<5x4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.det %x : (tensor<5x4xf32>) -> tensor<f32>
  return
}

// -----

func.func @det_c2(%x: tensor<4x4xi64>) {
  // expected-error @below {{C2: the elements must be floats, not 'i64'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.det %x : (tensor<4x4xi64>) -> tensor<i64>
  return
}

// -----

func.func @non_zero_c1(%x: tensor<f32>) {
  // expected-error @below {{C1: 'tensor<f32>' has no dimension}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.non_zero %x : (tensor<f32>) -> (tensor<1x1xi64>, tensor<i64>)
  return
}

// -----

func.func @compress_c1(%x: tensor<5x4xf32>, %c: tensor<4xi64>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.compress %x, %c {axis = 2 : i64} : (tensor<5x4xf32>, tensor<4xi64>) -> (tensor<5x4xf32>, tensor<i64>)
  return
}

// -----

func.func @compress_c2(%x: tensor<5x4xf32>, %c: tensor<5xi64>) {
  // expected-error @below {{C2: the condition must be at most 4 integers, not 'tensor<5xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.compress %x, %c {axis = 1 : i64} : (tensor<5x4xf32>, tensor<5xi64>) -> (tensor<5x5xf32>, tensor<i64>)
  return
}

// -----

func.func @unique_c1(%x: tensor<5x4xf32>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1, %r2, %r3, %r4 = edge.unique %x {axis = 2 : i64, sorted = true} : (tensor<5x4xf32>) -> (tensor<5x4xf32>, tensor<4xi64>, tensor<4xi64>, tensor<4xi64>, tensor<i64>)
  return
}

// -----

func.func @non_max_suppression_c1(%b: tensor<1x6x4xf32>, %s: tensor<1x2x5xf32>, %m: tensor<i64>, %o: tensor<f32>, %t: tensor<f32>) {
  // expected-error @below {{C1: boxes 'tensor<1x6x4xf32>' and scores 'tensor<1x2x5xf32>' are not [B, N, 4] and [B, C, N]}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.non_max_suppression %b, %s, %m, %o, %t {bound = 3 : i64, center = false} : (tensor<1x6x4xf32>, tensor<1x2x5xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return
}

// -----

func.func @non_max_suppression_c2(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf64>, %m: tensor<i64>, %o: tensor<f32>, %t: tensor<f32>) {
  // expected-error @below {{C2: boxes and scores must be floats of one type, not 'tensor<1x6x4xf32>' and 'tensor<1x2x6xf64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.non_max_suppression %b, %s, %m, %o, %t {bound = 3 : i64, center = false} : (tensor<1x6x4xf32>, tensor<1x2x6xf64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return
}

// -----

func.func @non_max_suppression_c3(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<f32>, %o: tensor<f32>, %t: tensor<f32>) {
  // expected-error @below {{C3: max_boxes must be one integer and the thresholds one 'f32' each}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.non_max_suppression %b, %s, %m, %o, %t {bound = 3 : i64, center = false} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return
}

// -----

func.func @non_max_suppression_c4(%b: tensor<1x6x4xf32>, %s: tensor<1x2x6xf32>, %m: tensor<i64>, %o: tensor<f32>, %t: tensor<f32>) {
  // expected-error @below {{C4: bound 7 outside [1, 6]}}
  // expected-error @below {{failed to infer returned types}}
  %r0, %r1 = edge.non_max_suppression %b, %s, %m, %o, %t {bound = 7 : i64, center = false} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
  return
}
