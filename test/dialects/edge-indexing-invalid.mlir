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

// -----

func.func @gather_elements_c1(%x: tensor<5x4xf32>, %i: tensor<3x4xi64>) {
  // expected-error @below {{C1: axis -1 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather_elements %x, %i {axis = -1 : i64} : (tensor<5x4xf32>, tensor<3x4xi64>) -> tensor<3x4xf32>
  return
}

// -----

func.func @gather_elements_c2(%x: tensor<5x4xf32>, %i: tensor<3x4xf32>) {
  // expected-error @below {{C2: indices must be integers, not 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather_elements %x, %i {axis = 0 : i64} : (tensor<5x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @gather_elements_c3(%x: tensor<5x4xf32>, %i: tensor<3x5xi64>) {
  // expected-error @below {{C3: indices 'tensor<3x5xi64>' do not fit in 'tensor<5x4xf32>' along axis 0}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather_elements %x, %i {axis = 0 : i64} : (tensor<5x4xf32>, tensor<3x5xi64>) -> tensor<3x5xf32>
  return
}

// -----

func.func @gather_nd_c1(%x: tensor<5x4xf32>, %i: tensor<5x1xi64>) {
  // expected-error @below {{C1: batch_dims 2 does not fit 'tensor<5x4xf32>' and 'tensor<5x1xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather_nd %x, %i {batch_dims = 2 : i64} : (tensor<5x4xf32>, tensor<5x1xi64>) -> tensor<5xf32>
  return
}

// -----

func.func @gather_nd_c2(%x: tensor<5x4xf32>, %i: tensor<5x1xf32>) {
  // expected-error @below {{C2: indices must be integers, not 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather_nd %x, %i : (tensor<5x4xf32>, tensor<5x1xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @gather_nd_c3(%x: tensor<5x4xf32>, %i: tensor<3x1xi64>) {
  // expected-error @below {{C3: the first 1 dimensions of 'tensor<5x4xf32>' and 'tensor<3x1xi64>' differ}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<5x4xf32>, tensor<3x1xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @gather_nd_c4(%x: tensor<5x4xf32>, %i: tensor<3x3xi64>) {
  // expected-error @below {{C4: 3 indices per slice, where 1 to 2 dimensions are there}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.gather_nd %x, %i : (tensor<5x4xf32>, tensor<3x3xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @reverse_sequence_c1(%x: tensor<5x4xf32>, %n: tensor<5xi64>) {
  // expected-error @below {{C1: axes 0 and 0 must be two of the 2 dimensions of 'tensor<5x4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.reverse_sequence %x, %n {batch_axis = 0 : i64, time_axis = 0 : i64} : (tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x4xf32>
  return
}

// -----

func.func @reverse_sequence_c2(%x: tensor<5x4xf32>, %n: tensor<4xi64>) {
  // expected-error @below {{C2: lengths must be 5 integers, not 'tensor<4xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.reverse_sequence %x, %n {batch_axis = 0 : i64, time_axis = 1 : i64} : (tensor<5x4xf32>, tensor<4xi64>) -> tensor<5x4xf32>
  return
}

// -----

func.func @trilu_c1(%x: tensor<5xf32>, %k: tensor<1xi64>) {
  // expected-error @below {{C1: no matrices in 'tensor<5xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.trilu %x, %k {upper = true} : (tensor<5xf32>, tensor<1xi64>) -> tensor<5xf32>
  return
}

// -----

func.func @trilu_c2(%x: tensor<5x5xf32>, %k: tensor<2xi64>) {
  // expected-error @below {{C2: the diagonal must be one integer, not 'tensor<2xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.trilu %x, %k {upper = true} : (tensor<5x5xf32>, tensor<2xi64>) -> tensor<5x5xf32>
  return
}

// -----

func.func @one_hot_c1(%i: tensor<5xi64>, %v: tensor<2xf32>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.one_hot %i, %v {axis = 2 : i64, depth = 3 : i64} : (tensor<5xi64>, tensor<2xf32>) -> tensor<5x3xf32>
  return
}

// -----

func.func @one_hot_c2(%i: tensor<5xf32>, %v: tensor<2xf32>) {
  // expected-error @below {{C2: indices must be integers, not 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.one_hot %i, %v {axis = 1 : i64, depth = 3 : i64} : (tensor<5xf32>, tensor<2xf32>) -> tensor<5x3xf32>
  return
}

// -----

func.func @one_hot_c3(%i: tensor<5xi64>, %v: tensor<3xf32>) {
  // expected-error @below {{C3: the values off and on must be [2], not 'tensor<3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.one_hot %i, %v {axis = 1 : i64, depth = 3 : i64} : (tensor<5xi64>, tensor<3xf32>) -> tensor<5x3xf32>
  return
}

// -----

func.func @one_hot_c4(%i: tensor<5xi64>, %v: tensor<2xf32>) {
  // expected-error @below {{C4: a depth of 0 is not positive}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.one_hot %i, %v {axis = 1 : i64, depth = 0 : i64} : (tensor<5xi64>, tensor<2xf32>) -> tensor<5x1xf32>
  return
}

// -----

func.func @scatter_elements_c1(%x: tensor<5x4xf32>, %i: tensor<3x4xi64>, %u: tensor<3x4xf32>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.scatter_elements none %x, %i, %u {axis = 2 : i64} : (tensor<5x4xf32>, tensor<3x4xi64>, tensor<3x4xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @scatter_elements_c2(%x: tensor<5x4xf32>, %i: tensor<3x4xf32>, %u: tensor<3x4xf32>) {
  // expected-error @below {{C2: indices must be integers, not 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.scatter_elements none %x, %i, %u {axis = 0 : i64} : (tensor<5x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @scatter_elements_c3(%x: tensor<5x4xf32>, %i: tensor<3x5xi64>, %u: tensor<3x5xf32>) {
  // expected-error @below {{C3: indices 'tensor<3x5xi64>' do not fit in 'tensor<5x4xf32>' along axis 0}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.scatter_elements none %x, %i, %u {axis = 0 : i64} : (tensor<5x4xf32>, tensor<3x5xi64>, tensor<3x5xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @scatter_elements_c4(%x: tensor<5x4xf32>, %i: tensor<3x4xi64>, %u: tensor<3x3xf32>) {
  // expected-error @below {{C4: updates 'tensor<3x3xf32>' do not fit 'tensor<5x4xf32>' and indices 'tensor<3x4xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.scatter_elements none %x, %i, %u {axis = 0 : i64} : (tensor<5x4xf32>, tensor<3x4xi64>, tensor<3x3xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @scatter_nd_c1(%x: tensor<5x4xf32>, %i: tensor<3x3xi64>, %u: tensor<3xf32>) {
  // expected-error @below {{C1: 3 indices per slice, where 1 to 2 dimensions are there}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.scatter_nd none %x, %i, %u : (tensor<5x4xf32>, tensor<3x3xi64>, tensor<3xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @scatter_nd_c2(%x: tensor<5x4xf32>, %i: tensor<3x1xf32>, %u: tensor<3x4xf32>) {
  // expected-error @below {{C2: indices must be integers, not 'f32'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.scatter_nd none %x, %i, %u : (tensor<5x4xf32>, tensor<3x1xf32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  return
}

// -----

func.func @scatter_nd_c3(%x: tensor<5x4xf32>, %i: tensor<3x1xi64>, %u: tensor<3x5xf32>) {
  // expected-error @below {{C3: updates 'tensor<3x5xf32>' do not fit 'tensor<5x4xf32>' and indices 'tensor<3x1xi64>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.scatter_nd none %x, %i, %u : (tensor<5x4xf32>, tensor<3x1xi64>, tensor<3x5xf32>) -> tensor<5x4xf32>
  return
}
