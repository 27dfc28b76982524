// Branches and loops around the calls of the host program.
// RUN: edge-opt %s -edge-attach-machine="target=aarch64" -edge-lower-program | FileCheck %s
// RUN: edge-opt %s -edge-attach-machine="target=aarch64" -edge-lower-program -edge-verify-stage=stage=code -o /dev/null

llvm.func @kernel_0(%x: !llvm.ptr, %r: !llvm.ptr, %begin: i64, %end: i64) {
  llvm.return
}

// CHECK: llvm.func hidden @edge_entry_m(
// The limit of the loop is the lower of 3 and what the run says.
// CHECK: %[[COUNT:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: %[[LIMIT:.*]] = llvm.intr.smin(%{{.*}}, %[[COUNT]])
// CHECK: llvm.br ^[[HEAD:.*]](%{{.*}} : i64)
// CHECK: ^[[HEAD]](%[[I:.*]]: i64):
// CHECK: %[[MORE:.*]] = llvm.icmp "slt" %[[I]], %[[LIMIT]] : i64
// CHECK: llvm.cond_br %[[MORE]], ^[[BODY:.*]], ^[[AFTER:.*]]
// CHECK: ^[[BODY]]:
// CHECK: llvm.store %[[I]], %{{.*}} : i64, !llvm.ptr
// The row of this iteration.
// CHECK: %[[OFFSET:.*]] = llvm.mul %[[I]], %{{.*}} : i64
// CHECK: %[[ROW:.*]] = llvm.getelementptr %{{.*}}[%[[OFFSET]]]
// CHECK: llvm.call @edge_copy_m(%{{.*}}, %[[ROW]], %{{.*}})
// CHECK: %[[BYTE:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i8
// CHECK: %[[TAKEN:.*]] = llvm.icmp "ne" %[[BYTE]]
// CHECK: llvm.cond_br %[[TAKEN]], ^[[THEN:.*]], ^[[ELSE:.*]]
// CHECK: ^[[AFTER]]:
// CHECK: llvm.return
// CHECK: ^[[THEN]]:
// CHECK: llvm.call @edge_launch_m(
// CHECK: ^[[ELSE]]:
// CHECK: llvm.call @edge_zero_m(
// CHECK: %[[NEXT:.*]] = llvm.add %[[I]]
// Another iteration follows if the byte says so.
// CHECK: llvm.cond_br %{{.*}}, ^[[HEAD]](%[[NEXT]] : i64), ^[[AFTER]]
// CHECK: llvm.func hidden @edge_copy_m(%{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: !llvm.ptr {llvm.noalias}, %{{.*}}: i64)
rt.program @m attributes {arena_bytes = 256 : i64, weights_bytes = 0 : i64, input_names = ["n", "x"], input_types = [tensor<i64>, tensor<3x8xf32>], output_names = ["y"], output_types = [tensor<8xf32>]} {
  rt.loop counter <arena, 0> attributes {trips = 3 : i64, count = #rt.address<input, 0>, goes_on = #rt.address<arena, 128>} {
    rt.copy <input, 1> <arena, 64> {bytes = 32 : i64, source_step = 32 : i64}
    rt.if <arena, 128> {
      rt.call @kernel_0 [#rt.address<arena, 64>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "relu", layers = "relu1", flops = 8 : i64, bytes = 64 : i64}
    } else {
      rt.zero <output, 0> {bytes = 32 : i64}
    }
  }
}
