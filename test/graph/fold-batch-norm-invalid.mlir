// Parameters of other element types cannot be computed with.
// RUN: edge-opt %s -edge-fold-batch-norm -verify-diagnostics

func.func @mixed(%x: tensor<4x2xf16>, %p: tensor<2xf32>) -> tensor<4x2xf16> {
  // expected-error @+1 {{batch_norm of 'tensor<4x2xf16>' with a parameter of 'tensor<2xf32>': all must have one float element type; insert edge.cast or edge.dequantize}}
  %r = edge.batch_norm %x, %p, %p, %p, %p {axis = 1 : i64, epsilon = 1.0 : f32} : (tensor<4x2xf16>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2xf16>
  return %r : tensor<4x2xf16>
}
