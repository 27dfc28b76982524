// A matrix unit's extension is needed where a kernel uses it, others wherever the
// processor has them.
// RUN: edge-opt %s -split-input-file -edge-attach-machine="target=x86_64 cpu=sapphirerapids" -edge-lower-program | FileCheck %s

// CHECK-DAG: "amx-int8\00"
// CHECK-DAG: "amx-tile\00"
// CHECK-DAG: "avx512vnni\00"
// CHECK-NOT: "amx-bf16\00"
llvm.func @kernel_0(%x: !llvm.ptr, %r: !llvm.ptr, %begin: i64, %end: i64) {
  %sums = llvm.mlir.constant(0 : i8) : i8
  %lhs = llvm.mlir.constant(1 : i8) : i8
  %rhs = llvm.mlir.constant(2 : i8) : i8
  llvm.call_intrinsic "llvm.x86.ldtilecfg"(%x) : (!llvm.ptr) -> ()
  llvm.call_intrinsic "llvm.x86.tdpbssd"(%sums, %lhs, %rhs) : (i8, i8, i8) -> ()
  llvm.return
}
rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<8xi8>], output_names = ["r"], output_types = [tensor<8xi8>]} {
  rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "conv", layers = "conv", flops = 100 : i64, bytes = 64 : i64}
}

// -----

// CHECK: "avx512vnni\00"
// CHECK-NOT: "amx-
llvm.func @kernel_0(%x: !llvm.ptr, %r: !llvm.ptr, %begin: i64, %end: i64) {
  llvm.return
}
rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<8xi8>], output_names = ["r"], output_types = [tensor<8xi8>]} {
  rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "conv", layers = "conv", flops = 100 : i64, bytes = 64 : i64}
}
