// What has no place in memory is refused at its location.
// RUN: edge-opt %s -edge-plan-memory -split-input-file -verify-diagnostics

func.func @left_over(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{is not part of a kernel, so it has no place in memory}}
  %a = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{output 0 is not written by a kernel of its own; run edge-assign-layouts, which inserts a copy}}
  return %a : tensor<4xf32>
}

// -----

func.func @input_returned(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{output 0 is not written by a kernel of its own}}
  return %x : tensor<4xf32>
}

// -----

func.func private @k1(%a: memref<4xf32>, %r: memref<4xf32>, %begin: index, %end: index) {
  return
}
func.func @returned_twice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = rt.launch @k1(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [4], offsets = [0]>]} : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{output 1 is not written by a kernel of its own}}
  return %a, %a : tensor<4xf32>, tensor<4xf32>
}

// -----

func.func private @k1(%a: memref<4xf32>, %r: memref<4xf32>, %begin: index, %end: index) {
  return
}
func.func @no_weights(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{refers to no rt.weights: nowhere}}
  %w = rt.get_weights @nowhere : tensor<4xf32>
  %a = rt.launch @k1(%w) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [4], offsets = [0]>]} : (tensor<4xf32>) -> tensor<4xf32>
  return %a : tensor<4xf32>
}
