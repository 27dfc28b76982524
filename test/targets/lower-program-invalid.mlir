// What the code stage refuses.
// RUN: edge-opt %s -edge-attach-machine="target=aarch64" -edge-lower-program -split-input-file -verify-diagnostics

rt.program @m attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  // expected-error@+1 {{C1: calls no lowered kernel with 1 buffers and a range}}
  rt.call @nowhere [#rt.address<arena, 0>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

// -----

llvm.func @kernel_0(%x: i64, %begin: i64, %end: i64) {
  llvm.return
}
rt.program @m attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  // expected-error@+1 {{C2: buffer 0 of kernel 'kernel_0' is no pointer}}
  rt.call @kernel_0 [#rt.address<arena, 0>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

// -----

// expected-error@+1 {{input or output 'x' has type 'tensor<4xi24>', which a compiled model cannot hand over}}
rt.program @m attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<4xi24>], output_names = [], output_types = []} {
}
