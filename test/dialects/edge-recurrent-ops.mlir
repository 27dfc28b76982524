// Operators with a state: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @rnn
func.func @rnn(%x: tensor<5x2x8xf32>, %r: tensor<1x8x1x8xf32>, %h: tensor<2x1x8xf32>, %l: tensor<2xi32>) -> tensor<5x2x1x8xf32> {
  // CHECK: edge.rnn reverse [scaled_tanh(5.000000e-01, 2.000000e+00)] %{{.*}}, %{{.*}} hidden %{{.*}} lengths %{{.*}} {clip = 3.000000e+00 : f32} : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>, tensor<2x1x8xf32>, tensor<2xi32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  %y, %last = edge.rnn reverse [scaled_tanh(0.5, 2.0)] %x, %r hidden %h lengths %l {clip = 3.0 : f32} : (tensor<5x2x8xf32>, tensor<1x8x1x8xf32>, tensor<2x1x8xf32>, tensor<2xi32>) -> (tensor<5x2x1x8xf32>, tensor<2x1x8xf32>)
  return %y : tensor<5x2x1x8xf32>
}

// CHECK-LABEL: @gru
func.func @gru(%x: tensor<5x1x48xf32>, %r: tensor<2x8x3x8xf32>, %b: tensor<2x8xf32>) -> tensor<5x1x2x8xf32> {
  // CHECK: edge.gru bidirectional [sigmoid, tanh, hard_sigmoid(2.000000e-01, 5.000000e-01), relu] %{{.*}}, %{{.*}} new_bias %{{.*}} {linear_before_reset = true}
  %y, %last = edge.gru bidirectional [sigmoid, tanh, hard_sigmoid(0.2, 0.5), relu] %x, %r new_bias %b {linear_before_reset = true} : (tensor<5x1x48xf32>, tensor<2x8x3x8xf32>, tensor<2x8xf32>) -> (tensor<5x1x2x8xf32>, tensor<1x2x8xf32>)
  return %y : tensor<5x1x2x8xf32>
}

// CHECK-LABEL: @lstm
func.func @lstm(%x: tensor<5x1x24xf32>, %r: tensor<1x4x3x8xf32>, %c: tensor<1x1x8xf32>, %o: tensor<1x3x8xf32>, %p: tensor<1x8x4xf32>, %b: tensor<1x4xf32>) -> tensor<5x1x1x4xf32> {
  // CHECK: edge.lstm forward [sigmoid, tanh, tanh] %{{.*}}, %{{.*}} cell %{{.*}} peepholes %{{.*}} projection %{{.*}} projection_bias %{{.*}} coupling input {cell_clip = 1.000000e+01 : f32, projection_clip = 2.000000e+00 : f32}
  %y, %h, %last = edge.lstm forward [sigmoid, tanh, tanh] %x, %r cell %c peepholes %o projection %p projection_bias %b coupling input {cell_clip = 10.0 : f32, projection_clip = 2.0 : f32} : (tensor<5x1x24xf32>, tensor<1x4x3x8xf32>, tensor<1x1x8xf32>, tensor<1x3x8xf32>, tensor<1x8x4xf32>, tensor<1x4xf32>) -> (tensor<5x1x1x4xf32>, tensor<1x1x4xf32>, tensor<1x1x8xf32>)
  return %y : tensor<5x1x1x4xf32>
}
