// A section as a function that every thread runs, and its table.
// RUN: edge-opt %s -edge-attach-machine="target=aarch64 cpu=cortex-a53" -edge-lower-program | FileCheck %s
// RUN: edge-opt %s -edge-attach-machine="target=aarch64" -edge-lower-program -edge-verify-stage=stage=code -o /dev/null

llvm.func @kernel_0(%x: !llvm.ptr, %r: !llvm.ptr, %begin: i64, %end: i64) {
  llvm.return
}

// Nothing of the second section is worth sharing.
// CHECK-LABEL: llvm.func hidden @edge_entry_m(
// CHECK: llvm.call @edge_run_section_m(
// CHECK-NOT: llvm.call @edge_run_section_m(
// CHECK: llvm.call @edge_copy_m(
// CHECK: llvm.call @edge_launch_m(

// CHECK: llvm.mlir.global private constant @edge_section_m_0_data_0
// Extent, handover, awaited handover, is awaited, first dependency, count:
// 8 800 900 1 0 0
// CHECK: llvm.mlir.constant(8 : i64)
// CHECK: llvm.mlir.constant(800 : i64)
// CHECK: llvm.mlir.constant(900 : i64)
// CHECK: llvm.mlir.constant(1 : i32)
// 4 0 900 1 0 0
// CHECK: llvm.mlir.constant(4 : i64)
// CHECK: llvm.mlir.constant(0 : i64)
// CHECK: llvm.mlir.constant(900 : i64)
// CHECK: llvm.mlir.constant(1 : i32)
// 8 900 700 1 0 2, and then 8 700 0 0 2 1: of the third, whose handover is
// longer, the first is implied.
// CHECK: llvm.mlir.constant(900 : i64)
// CHECK: llvm.mlir.constant(700 : i64)
// CHECK: llvm.mlir.constant(2 : i32)
// CHECK: llvm.mlir.constant(700 : i64)
// CHECK: llvm.mlir.constant(0 : i64)
// CHECK: llvm.mlir.constant(2 : i32)
// CHECK: llvm.mlir.constant(1 : i32)
// CHECK-LABEL: llvm.func hidden @edge_section_m_0(
// CHECK-SAME: !llvm.ptr, %{{[a-z0-9]*}}: !llvm.ptr, %{{[a-z0-9]*}}: !llvm.ptr, %{{[a-z0-9]*}}: !llvm.ptr, %[[TEAM:[a-z0-9]*]]: !llvm.ptr)
// CHECK-COUNT-4: llvm.call @edge_section_call_m(%{{[a-z0-9]*}}, %[[TEAM]]

// The team makes the call, or, without one, it is launched.
// CHECK-LABEL: llvm.func hidden @edge_section_call_m(
// CHECK-SAME: %[[CONTEXT:[a-z0-9]*]]: !llvm.ptr, %[[TEAM:[a-z0-9]*]]: !llvm.ptr, %[[NUMBERS:[a-z0-9]*]]: i64
// CHECK: llvm.lshr %[[NUMBERS]]
// CHECK: llvm.call %{{.*}}(%[[TEAM]], %{{.*}}, %{{.*}}, %{{.*}}) : !llvm.ptr, (!llvm.ptr, i32, !llvm.ptr, !llvm.ptr) -> ()
// CHECK: llvm.call @edge_launch_m(%[[CONTEXT]]
rt.program @m attributes {arena_bytes = 1024 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<64xf32>], output_names = ["y"], output_types = [tensor<64xf32>]} {
  rt.section {
    rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, handover = 800 : i64}
    rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<arena, 256>] {extent = 4 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64}
    rt.call @kernel_0 [#rt.address<arena, 0>, #rt.address<arena, 512>] {after = array<i64: 1, 0>, extent = 8 : i64, kernel_name = "c", layers = "", flops = 0 : i64, bytes = 0 : i64, handover = 900 : i64}
    rt.call @kernel_0 [#rt.address<arena, 512>, #rt.address<arena, 0>] {after = array<i64: 2, 0>, extent = 8 : i64, kernel_name = "d", layers = "", flops = 0 : i64, bytes = 0 : i64, handover = 700 : i64}
  }
  rt.copy <arena, 0> <arena, 512> {bytes = 256 : i64}
  rt.section {
    rt.call @kernel_0 [#rt.address<arena, 0>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "e", layers = "", flops = 0 : i64, bytes = 0 : i64}
  }
}
