// Addresses outside of their regions, and kernels that take other buffers.
// RUN: edge-opt %s -edge-verify-stage=stage=memory -verify-diagnostics

func.func private @k(%x: memref<4xf32>, %begin: index, %end: index) {
  return
}
rt.program @p attributes {arena_bytes = 128 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<4xf32>], output_names = ["y"], output_types = [tensor<4xf32>]} {
  // expected-error@+1 {{M2: #rt.address<arena, 32> is not a place in the program's regions}}
  rt.call @k [#rt.address<arena, 32>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
  // expected-error@+1 {{M2: #rt.address<arena, 128> is not}}
  rt.call @k [#rt.address<arena, 128>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
  // expected-error@+1 {{M2: #rt.address<weights, 0> is not}}
  rt.call @k [#rt.address<weights, 0>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
  // expected-error@+1 {{M2: #rt.address<input, 1> is not}}
  rt.call @k [#rt.address<input, 1>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
  // expected-error@+1 {{M3: 'k' does not take these buffers and a range}}
  rt.call @k [#rt.address<input, 0>, #rt.address<output, 0>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
}
