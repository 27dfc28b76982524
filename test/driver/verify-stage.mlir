// Every label of the stages' contracts, broken once.
// RUN: edge-opt %s -edge-verify-stage=stage=graph -split-input-file -verify-diagnostics

// expected-error@+1 {{after stage graph: I1: there are 0 public functions instead of one}}
module {
}

// -----

module {
  // expected-error@+1 {{I3: argument 0 has no edge.name}}
  func.func @unnamed(%x: tensor<4xf32>) -> (tensor<4xf32> {edge.name = "y"}) {
    // expected-error@+1 {{I2: 'arith.addf' is not an operator of the edge dialect}}
    %0 = arith.addf %x, %x : tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}

// -----

module {
  func.func @norm(%x: tensor<1x2x2x3xf32> {edge.name = "x"}, %s: tensor<3xf32> {edge.name = "s"}) -> (tensor<1x2x2x3xf32> {edge.name = "y"}) {
    // expected-error@+1 {{G1: batch_norm is still there}}
    %0 = edge.batch_norm %x, %s, %s, %s, %s {axis = 3 : i64, epsilon = 1.0e-05 : f32} : (tensor<1x2x2x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x2x2x3xf32>
    return %0 : tensor<1x2x2x3xf32>
  }
}
