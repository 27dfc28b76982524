// Each labelled error of the operations for accelerators.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

func.func @wait(%x: tensor<8xi8>) -> tensor<8xi8> {
  // expected-error @+1 {{C1: waits for no outputs of one rt.submit}}
  %done = rt.wait(%x : tensor<8xi8>) holding(%x : tensor<8xi8>) -> tensor<8xi8>
  return %done : tensor<8xi8>
}

// -----

rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 64 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  // expected-error @+1 {{C1: needs one size per address}}
  rt.submit_job 0 <weights, 0> [#rt.address<weights, 0>, #rt.address<arena, 0>] {command_bytes = 64 : i64, sizes = array<i64: 64>, outputs = 0 : i64, device = 0 : i64, name = "p", layers = ""}
}

// -----

rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 64 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  // expected-error @+1 {{C2: has 2 buffers, too few for 1 outputs}}
  rt.submit_job 0 <weights, 0> [#rt.address<weights, 0>, #rt.address<arena, 0>] {command_bytes = 64 : i64, sizes = array<i64: 64, 0>, outputs = 1 : i64, device = 0 : i64, name = "p", layers = ""}
}

// -----

// expected-error @+1 {{C3: is no alternative of another program}}
rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 64 : i64, input_names = [], input_types = [], output_names = [], output_types = [], alternative_of = @m, alternative = "cpu"} {
}
