// The host program as functions and constants: tasks, launch, entry, descriptor.
// RUN: edge-opt %s -edge-attach-machine="target=aarch64 cpu=cortex-a53" -edge-lower-program | FileCheck %s
// RUN: edge-opt %s -edge-attach-machine="target=aarch64" -edge-lower-program -edge-verify-stage=stage=code -o /dev/null
// RUN: not edge-opt %s -edge-lower-program 2>&1 | FileCheck %s --check-prefix=NO-MACHINE
// NO-MACHINE: has no schedule.machine; run edge-attach-machine

// CHECK: llvm.func hidden @edge_kernel_m_0(
// CHECK: llvm.func hidden @edge_task_m_0(%[[ARGS:.*]]: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK: %[[X:.*]] = llvm.load
// CHECK: %[[R:.*]] = llvm.load
// CHECK: llvm.call @edge_kernel_m_0(%[[X]], %[[R]], %[[BEGIN]], %[[END]])
llvm.func @kernel_0(%x: !llvm.ptr, %r: !llvm.ptr, %begin: i64, %end: i64) {
  llvm.return
}
rt.weights @w {offset = 0 : i64, value = dense<1.0> : tensor<16xf32>}

// One task for two calls of one kernel.
// CHECK-NOT: llvm.func hidden @edge_task
// CHECK: llvm.func hidden @edge_launch_m({{.*}}, %[[WORTH:.*]]: i64)
// CHECK: %[[HANDOVER:.*]] = llvm.ptrtoint
// CHECK: llvm.icmp "ult" %[[HANDOVER]], %[[WORTH]] : i64

// CHECK: llvm.func hidden @edge_entry_m(%[[CONTEXT:.*]]: !llvm.ptr, %[[INPUTS:.*]]: !llvm.ptr, %[[OUTPUTS:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr) -> i32
// CHECK: llvm.mlir.addressof @edge_weights_m
// CHECK: llvm.store %[[ARENA]]
// CHECK: llvm.mlir.addressof @edge_task_m_0
// Too little work to be shared among threads.
// CHECK: %[[ALONE:.*]] = llvm.mlir.constant(0 : i64) : i64
// CHECK: llvm.call @edge_launch_m(%[[CONTEXT]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[ALONE]])
// Enough of it, if a handover takes less than 800 ns.
// CHECK: %[[SHARED:.*]] = llvm.mlir.constant(800 : i64) : i64
// CHECK: llvm.call @edge_launch_m(%[[CONTEXT]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[SHARED]])
// The weights themselves stay outside.
// CHECK: llvm.mlir.global external hidden constant @edge_weights_m() {{.*}}alignment = 64{{.*}} : !llvm.array<64 x i8>
// CHECK: llvm.mlir.global private unnamed_addr constant @{{.*}}("image\00")
// CHECK: llvm.mlir.global private unnamed_addr constant @{{.*}}("conv1, relu1\00")
// CHECK: llvm.mlir.global private unnamed_addr constant @{{.*}}("aarch64-unknown-linux-gnu\00")
// CHECK: llvm.func @edge_model_m() -> !llvm.ptr
rt.program @m attributes {arena_bytes = 64 : i64, weights_bytes = 64 : i64, input_names = ["image"], input_types = [tensor<1x8x8x3xf32>], output_names = ["class"], output_types = [tensor<1x!quant.uniform<i8:f32, 0.5:3>>]} {
  rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "conv", layers = "conv1, relu1", flops = 100 : i64, bytes = 64 : i64}
  rt.call @kernel_0 [#rt.address<arena, 0>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "conv", layers = "conv2", flops = 10000000 : i64, bytes = 64 : i64, handover = 800 : i64}
}
