// Each labelled constraint of the schedule dialect, violated once.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

// memory C1
// expected-error @+1 {{C1: shape and offsets differ in length}}
func.func private @f() attributes {layout = #schedule.memory<shape = [4, 4], offsets = [0]>}

// -----

// memory C1
// expected-error @+1 {{C1: shape and halo differ in length}}
func.func private @f() attributes {layout = #schedule.memory<shape = [4], offsets = [0], halo = [0, 0] + [0, 0]>}

// -----

// memory C3
// expected-error @+1 {{C3: a halo of 2 + 0 lies outside a dimension of size 8}}
func.func private @f() attributes {layout = #schedule.memory<shape = [8], offsets = [1], halo = [2] + [0]>}

// -----

// memory C4
// expected-error @+1 {{C4: the array lies outside a buffer of 9 elements}}
func.func private @f() attributes {layout = #schedule.memory<shape = [8], offsets = [0], base = 2, allocated = 9>}

// -----

// expected-error @+1 {{expected halo, base, allocated or fill}}
func.func private @f() attributes {layout = #schedule.memory<shape = [8], offsets = [0], size = 9>}

// -----

// memory C2
// expected-error @+1 {{C2: offset 4 lies outside a dimension of size 4}}
func.func private @f() attributes {layout = #schedule.memory<shape = [4], offsets = [4]>}

// -----

// kernel C1
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C1: block arguments must match the operands}}
  %r = schedule.kernel "relu"(%x) : (tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%a: tensor<5xf32>):
    schedule.yield %a : tensor<5xf32>
  }
  return
}

// -----

// kernel C2
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C2: yielded values must match the results}}
  %r = schedule.kernel "relu"(%x) : (tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%a: tensor<4xf32>):
    schedule.yield %a : tensor<4xf32>
  }
  return
}

// -----

// kernel C3, number
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C3: needs one layout per result}}
  %r = schedule.kernel "relu"(%x) {layouts = []} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    schedule.yield %a : tensor<4xf32>
  }
  return
}

// -----

// kernel C3, size
func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{C3: layout #schedule.memory<shape = [5], offsets = [2]> cannot hold 'tensor<4xf32>'}}
  %r = schedule.kernel "relu"(%x) {layouts = [#schedule.memory<shape = [5], offsets = [2]>]} : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    schedule.yield %a : tensor<4xf32>
  }
  return
}
