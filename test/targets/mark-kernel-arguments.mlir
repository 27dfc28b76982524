// A buffer that no call lets overlap with another is noalias; one that a call
// gives twice, or that reaches into another's bytes, is not.
// RUN: edge-opt %s -edge-mark-kernel-arguments -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func private @apart
// CHECK-SAME: (%{{.*}}: memref<8xf32> {llvm.noalias}, %{{.*}}: memref<8xf32> {llvm.noalias}, %{{.*}}: index, %{{.*}}: index)
func.func private @apart(%x: memref<8xf32>, %r: memref<8xf32>, %begin: index, %end: index) {
  return
}
// CHECK-LABEL: func.func private @in_place_once
// CHECK-SAME: (%{{.*}}: memref<8xf32>, %{{.*}}: memref<8xf32> {llvm.noalias}, %{{.*}}: memref<8xf32>, %{{.*}}: index, %{{.*}}: index)
func.func private @in_place_once(%x: memref<8xf32>, %y: memref<8xf32>, %r: memref<8xf32>, %begin: index, %end: index) {
  return
}
// CHECK-LABEL: func.func private @reaches_over
// CHECK-SAME: (%{{.*}}: memref<32xf32>, %{{.*}}: memref<8xf32>, %{{.*}}: index, %{{.*}}: index)
func.func private @reaches_over(%x: memref<32xf32>, %r: memref<8xf32>, %begin: index, %end: index) {
  return
}
rt.program @m attributes {arena_bytes = 256 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<8xf32>], output_names = ["y"], output_types = [tensor<8xf32>]} {
  rt.call @apart [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @apart [#rt.address<arena, 0>, #rt.address<arena, 64>] {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @in_place_once [#rt.address<arena, 64>, #rt.address<arena, 0>, #rt.address<arena, 128>] {extent = 1 : i64, kernel_name = "c", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @in_place_once [#rt.address<arena, 64>, #rt.address<arena, 0>, #rt.address<arena, 64>] {extent = 1 : i64, kernel_name = "d", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @reaches_over [#rt.address<arena, 0>, #rt.address<arena, 64>] {extent = 1 : i64, kernel_name = "e", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

// -----

rt.program @m attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  // expected-error@+1 {{C1: calls no kernel with 2 buffers}}
  rt.call @nowhere [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
}
