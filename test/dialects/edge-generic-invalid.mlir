// One case per labelled constraint of loops over a scalar computation.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

#id = affine_map<(i) -> (i)>
func.func @c1_empty(%x: tensor<4xf32>) {
  // expected-error @below {{C1: the loops' sizes must be positive and their product a 64-bit number}}
  %r = edge.generic (%x) {sizes = array<i64: 0>, maps = [#id, #id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#none = affine_map<(i, j, k) -> ()>
func.func @c1_too_many() {
  // expected-error @below {{C1: the loops' sizes must be positive and their product a 64-bit number}}
  %r = edge.generic () {sizes = array<i64: 4294967296, 4294967296, 2>, maps = [#none]} : () -> tensor<f32> {
  ^bb0(%i: index, %j: index, %k: index):
    %0 = arith.constant 0.0 : f32
    edge.generic_yield %0 : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @c2_count(%x: tensor<4xf32>) {
  // expected-error @below {{C2: needs one map per input and result, and a result}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
#two = affine_map<(i) -> (i, i)>
func.func @c2_rank(%x: tensor<4xf32>) {
  // expected-error @below {{C2: map affine_map<(d0) -> (d0, d0)> does not lead from 1 loops to 'tensor<4xf32>'}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#two, #id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
#half = affine_map<(i) -> (i floordiv 2)>
func.func @c3_not_plain(%x: tensor<4xf32>) {
  // expected-error @below {{C3: map affine_map<(d0) -> (d0 floordiv 2)> does not write each element of 'tensor<2xf32>' by a loop of its own}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#id, #half]} : (tensor<4xf32>) -> tensor<2xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @c3_partly(%x: tensor<4xf32>) {
  // expected-error @below {{C3: map affine_map<(d0) -> (d0)> does not write each element of 'tensor<5xf32>' by a loop of its own}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#id, #id]} : (tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#ij = affine_map<(i, j) -> (i, j)>
#i = affine_map<(i, j) -> (i)>
func.func @c3_other_loops(%x: tensor<4x4xf32>) {
  // expected-error @below {{C3: the results are not written by the same loops}}
  %r:2 = edge.generic (%x) {sizes = array<i64: 4, 4>, maps = [#ij, #ij, #i]} : (tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4xf32>) {
  ^bb0(%i: index, %j: index, %a: f32):
    edge.generic_yield %a, %a : f32, f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
#next = affine_map<(i) -> (i + 1)>
func.func @c4_after(%x: tensor<4xf32>) {
  // expected-error @below {{C4: map affine_map<(d0) -> (d0 + 1)> leaves its tensor 'tensor<4xf32>'}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#next, #id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
#far = affine_map<(i) -> (i * 4611686018427387904 * 4 - i * 3)>
func.func @c4_overflow(%x: tensor<4xf32>) {
  // expected-error @below {{leaves its tensor 'tensor<4xf32>'}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#far, #id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @c5_init(%x: tensor<4xf32>, %i: tensor<5xf32>) {
  // expected-error @below {{C5: the inits must be none or one per result and of its type}}
  %r = edge.generic (%x) inits(%i) {sizes = array<i64: 4>, maps = [#id, #id]} : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xf32> {
  ^bb0(%n: index, %a: f32, %b: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @c6_arguments(%x: tensor<4xf32>) {
  // expected-error @below {{C6: the region must take one index per loop, an element or the whole of each input and an element per init}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#id, #id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: f32):
    edge.generic_yield %a : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @c6_yield(%x: tensor<4xf32>) {
  // expected-error @below {{C6: the region yields 'index' for a result of type 'tensor<4xf32>'}}
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#id, #id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: index, %a: f32):
    edge.generic_yield %i : index
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @c7_other_operation(%x: tensor<4xf32>) {
  %r = edge.generic (%x) {sizes = array<i64: 4>, maps = [#id, #id]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%i: index, %a: f32):
    // expected-error @below {{C7: is not a scalar operation without side effects}}
    %0 = tensor.from_elements %a : tensor<1xf32>
    edge.generic_yield %a : f32
  }
  return
}
