// Each labelled constraint of the rt dialect, violated once.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

// launch C1, number
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{C1: needs one layout per result}}
  %r = rt.launch @k(%x) {extent = 8 : i64, kernel_name = "relu", layers = "a", flops = 0 : i64, bytes = 64 : i64, layouts = []} : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// launch C1, kind
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{C1: layouts must be #schedule.memory, found 1}}
  %r = rt.launch @k(%x) {extent = 8 : i64, kernel_name = "relu", layers = "a", flops = 0 : i64, bytes = 64 : i64, layouts = [1]} : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// launch C2
func.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{C2: in_place names operand 1 of 1}}
  %r = rt.launch @k(%x) {extent = 8 : i64, kernel_name = "relu", layers = "a", flops = 0 : i64, bytes = 64 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>], in_place = array<i64: 1>} : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// program C1
// expected-error @+1 {{C1: output_sizes needs two numbers per output}}
rt.program @few attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = ["y"], output_types = [tensor<2x6xi64>], output_sizes = array<i64: 1>} {
}

// -----

// program C1
// expected-error @+1 {{C1: output_sizes says output 1 and dimension 2 of output 0}}
rt.program @outside attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = ["y", "n"], output_types = [tensor<2x6xi64>, tensor<i64>], output_sizes = array<i64: 1, 2, -1, -1>} {
}

// -----

// program C2
// expected-error @+1 {{C2: is a variant of itself}}
rt.program @own attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = [], variant_of = @own} {
}

// -----

// section C1
rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.section {
    // expected-error @+1 {{C1: stands in an rt.section, which holds calls}}
    rt.weights @w {value = dense<0.0> : tensor<64xf32>}
  }
}

// -----

// section C2
rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.section {
    // expected-error @+1 {{C2: 'after' needs falling numbers of earlier calls of the section, found 0}}
    rt.call @k [#rt.address<arena, 0>] {after = array<i64: 0>, extent = 1 : i64, kernel_name = "", layers = "", flops = 0 : i64, bytes = 0 : i64}
  }
}

// -----

// section C2
rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.section {
    rt.call @k [#rt.address<arena, 0>] {extent = 1 : i64, kernel_name = "", layers = "", flops = 0 : i64, bytes = 0 : i64}
    rt.call @k [#rt.address<arena, 0>] {extent = 1 : i64, kernel_name = "", layers = "", flops = 0 : i64, bytes = 0 : i64}
    // expected-error @+1 {{C2: 'after' needs falling numbers of earlier calls of the section, found 1}}
    rt.call @k [#rt.address<arena, 0>] {after = array<i64: 0, 1>, extent = 1 : i64, kernel_name = "", layers = "", flops = 0 : i64, bytes = 0 : i64}
  }
}
