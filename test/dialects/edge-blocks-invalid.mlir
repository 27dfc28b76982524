// RUN: edge-opt %s -split-input-file -verify-diagnostics
// One case per constraint of products with weights in blocks.

func.func @c1(%x: tensor<2x63xf32>, %f: tensor<8x64xi8>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C1: the filter 'tensor<8x64xi8>' must be [N, K] with K the last dimension of x, which is 'tensor<2x63xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.block_product %x, %f, %s : (tensor<2x63xf32>, tensor<8x64xi8>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @c2(%x: tensor<2x64xf32>, %f: tensor<8x64xi8>, %s: tensor<3x8xf32>) {
  // expected-error @below {{C2: the scales 'tensor<3x8xf32>' must be [B, N] with B a divisor of K}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.block_product %x, %f, %s : (tensor<2x64xf32>, tensor<8x64xi8>, tensor<3x8xf32>) -> tensor<2x8xf32>
  return
}

// -----

func.func @c3(%x: tensor<2x64xf32>, %f: tensor<8x64xi16>, %s: tensor<2x8xf32>) {
  // expected-error @below {{C3: the elements must be f32, i8 and f32}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.block_product %x, %f, %s : (tensor<2x64xf32>, tensor<8x64xi16>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return
}
