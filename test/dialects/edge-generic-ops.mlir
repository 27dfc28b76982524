// Loops over a scalar computation: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @squared_product
func.func @squared_product(%a: tensor<4x8xf32>, %b: tensor<8x3xf32>, %zero: tensor<4x3xf32>) -> tensor<4x3xf32> {
  // CHECK: edge.generic(%{{.*}}, %{{.*}}) inits(%{{.*}}) {maps = [#{{.*}}, #{{.*}}, #{{.*}}], sizes = array<i64: 4, 3, 8>}
  // CHECK: ^bb0(%{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
  // CHECK: edge.generic_yield %{{.*}} : f32
  %r = edge.generic (%a, %b) inits(%zero) {sizes = array<i64: 4, 3, 8>, maps = [affine_map<(m, n, k) -> (m, k)>,
      affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]}
      : (tensor<4x8xf32>, tensor<8x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32> {
  ^bb0(%m: index, %n: index, %k: index, %x: f32, %y: f32, %sum: f32):
    %0 = arith.mulf %x, %y : f32
    %1 = arith.mulf %0, %0 : f32
    %2 = arith.addf %sum, %1 : f32
    edge.generic_yield %2 : f32
  }
  return %r : tensor<4x3xf32>
}

// CHECK-LABEL: @without_inputs
func.func @without_inputs() -> tensor<5xi64> {
  // CHECK: edge.generic()
  %r = edge.generic () {sizes = array<i64: 5>, maps = [affine_map<(i) -> (i)>]} : () -> tensor<5xi64> {
  ^bb0(%i: index):
    %0 = arith.index_cast %i : index to i64
    edge.generic_yield %0 : i64
  }
  return %r : tensor<5xi64>
}
