// A kernel of scf, vector and memref becomes LLVM dialect by upstream passes.
// RUN: edge-opt %s -edge-attach-machine="target=x86_64 cpu=x86-64-v3" -edge-cpu-lowering | FileCheck %s

// CHECK-LABEL: llvm.func hidden @edge_kernel_m_0
// CHECK-SAME: (%[[X:.*]]: !llvm.ptr {llvm.noalias}, %[[R:.*]]: !llvm.ptr {llvm.noalias}, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK: llvm.icmp "slt" %{{.*}}, %[[END]] : i64
// CHECK: llvm.load %{{.*}} : !llvm.ptr -> vector<8xf32>
// CHECK: llvm.intr.fmuladd(
// CHECK: llvm.store %{{.*}} : vector<8xf32>, !llvm.ptr
// CHECK-NOT: memref
// CHECK-NOT: unrealized_conversion_cast
func.func private @kernel_0(%x: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %c8 = arith.constant 8 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %begin to %end step %c1 {
    %o = arith.muli %i, %c8 : index
    %v = vector.load %x[%o] : memref<64xf32>, vector<8xf32>
    %f = vector.fma %v, %v, %v : vector<8xf32>
    vector.store %f, %r[%o] : memref<64xf32>, vector<8xf32>
  }
  return
}
rt.program @m attributes {arena_bytes = 0 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<64xf32>], output_names = ["y"], output_types = [tensor<64xf32>]} {
  rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "k", layers = "", flops = 0 : i64, bytes = 0 : i64}
}
