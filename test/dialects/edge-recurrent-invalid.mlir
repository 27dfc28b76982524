// One case per labelled constraint of the operators with a state.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

func.func @rnn_c1(%x: tensor<5x2x9xf32>, %r: tensor<1x8x1x8xf32>) {
  // expected-error @below {{C1: gates 'tensor<5x2x9xf32>' must be [steps, sequences, 8]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r : (tensor<5x2x9xf32>, tensor<1x8x1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c2_directions(%x: tensor<5x2x8xf32>, %r: tensor<2x8x1x8xf32>) {
  // expected-error @below {{C2: recurrent 'tensor<2x8x1x8xf32>' must be [1, state, 1, units]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r : (tensor<5x2x8xf32>, tensor<2x8x1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c2_state(%x: tensor<5x2x8xf32>, %r: tensor<1x7x1x8xf32>) {
  // expected-error @below {{C2: recurrent 'tensor<1x7x1x8xf32>' must have as many rows as units, 8}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r : (tensor<5x2x8xf32>, tensor<1x7x1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c3(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf32>, %h0: tensor<1x2x8xf32>) {
  // expected-error @below {{C3: hidden 'tensor<1x2x8xf32>' must have the shape [2, 1, 8]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r hidden %h0 : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>, tensor<1x2x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c4(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf32>) {
  // expected-error @below {{C4: 1 activations with two parameters each are needed}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh, relu] %x, %r : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c5_shape(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf32>, %l: tensor<3xi32>) {
  // expected-error @below {{C5: lengths 'tensor<3xi32>' must have the shape [2]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r lengths %l : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>, tensor<3xi32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c5_type(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf32>, %l: tensor<2xf32>) {
  // expected-error @below {{C5: lengths must be integers, not 'tensor<2xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r lengths %l : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>, tensor<2xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c6(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf16>) {
  // expected-error @below {{C6: element types differ or are no floats: 'tensor<5x2x8xf32>' and 'tensor<1x8x1x8xf16>'}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r : (tensor<5x2x8xf32>, tensor<1x8x1x8xf16>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @rnn_c7(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf32>) {
  // expected-error @below {{C7: clip must not be negative}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.rnn forward [tanh] %x, %r {clip = -1.0 : f32} : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @gru_c8_shape(%x: tensor<5x2x24xf32>, %r: tensor<1x8x3x8xf32>, %b: tensor<8xf32>) {
  // expected-error @below {{C8: new_bias 'tensor<8xf32>' must have the shape [1, 8]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.gru forward [sigmoid, tanh] %x, %r new_bias %b {linear_before_reset = true} : (tensor<5x2x24xf32>, tensor<1x8x3x8xf32>, tensor<8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @gru_c8_linear(%x: tensor<5x2x24xf32>, %r: tensor<1x8x3x8xf32>, %b: tensor<1x8xf32>) {
  // expected-error @below {{C8: new_bias needs linear_before_reset}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h = edge.gru forward [sigmoid, tanh] %x, %r new_bias %b : (tensor<5x2x24xf32>, tensor<1x8x3x8xf32>, tensor<1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @lstm_c7_cell(%x: tensor<5x2x32xf32>, %r: tensor<1x8x4x8xf32>) {
  // expected-error @below {{C7: cell_clip must not be negative}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r {cell_clip = -1.0 : f32} : (tensor<5x2x32xf32>, tensor<1x8x4x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @lstm_c7_projection(%x: tensor<5x2x32xf32>, %r: tensor<1x8x4x8xf32>) {
  // expected-error @below {{C7: projection_clip must not be negative}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r {projection_clip = -1.0 : f32} : (tensor<5x2x32xf32>, tensor<1x8x4x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @lstm_c8_cell(%x: tensor<5x2x32xf32>, %r: tensor<1x8x4x8xf32>, %k: tensor<2x8xf32>) {
  // expected-error @below {{C8: cell 'tensor<2x8xf32>' must have the shape [2, 1, 8]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r cell %k : (tensor<5x2x32xf32>, tensor<1x8x4x8xf32>, tensor<2x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @lstm_c9(%x: tensor<5x2x32xf32>, %r: tensor<1x8x4x8xf32>, %k: tensor<1x24xf32>) {
  // expected-error @below {{C9: peepholes 'tensor<1x24xf32>' must have the shape [1, 3, 8]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r peepholes %k : (tensor<5x2x32xf32>, tensor<1x8x4x8xf32>, tensor<1x24xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @lstm_c10(%x: tensor<5x2x32xf32>, %r: tensor<1x8x4x8xf32>, %k: tensor<1x8x4xf32>) {
  // expected-error @below {{C10: projection 'tensor<1x8x4xf32>' must have the shape [1, 8, 8]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r projection %k : (tensor<5x2x32xf32>, tensor<1x8x4x8xf32>, tensor<1x8x4xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @lstm_c11_shape(%x: tensor<5x2x32xf32>, %r: tensor<1x8x4x8xf32>, %p: tensor<1x8x8xf32>, %k: tensor<8xf32>) {
  // expected-error @below {{C11: projection_bias 'tensor<8xf32>' must have the shape [1, 8]}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r projection %p projection_bias %k : (tensor<5x2x32xf32>, tensor<1x8x4x8xf32>, tensor<1x8x8xf32>, tensor<8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @lstm_c11_alone(%x: tensor<5x2x32xf32>, %r: tensor<1x8x4x8xf32>, %k: tensor<1x8xf32>) {
  // expected-error @below {{C11: projection_bias needs a projection}}
  // expected-error @below {{failed to infer returned types}}
  %y, %h, %c = edge.lstm forward [sigmoid, tanh, tanh] %x, %r projection_bias %k : (tensor<5x2x32xf32>, tensor<1x8x4x8xf32>, tensor<1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>, tensor<2x1x8xf32>)
  return
}

// -----

func.func @unknown_activation(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf32>) {
  // expected-error @below {{unknown activation 'sine'}}
  %y, %h = edge.rnn forward [sine] %x, %r : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return
}
