// A call of the user's C function: constant info, addresses on the stack.
// RUN: edge-opt %s -edge-lower-custom-calls | FileCheck %s

// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME: (%[[X:.*]]: memref<8xf32>, %[[R:.*]]: memref<8xf32>,
// CHECK-DAG: %[[OUTPUTS:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
// CHECK-DAG: %[[INPUTS:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
// CHECK: %[[INFO:.*]] = llvm.mlir.addressof @edge_custom_0_data_{{[0-9]+}} : !llvm.ptr
// CHECK: memref.extract_aligned_pointer_as_index %[[X]]
// CHECK: memref.extract_aligned_pointer_as_index %[[R]]
// CHECK: llvm.call @median3(%[[INFO]], %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
// CHECK-NOT: rt.custom_call
func.func private @kernel_0(%x: memref<8xf32>, %r: memref<8xf32>, %begin: index, %end: index) {
  rt.custom_call "median3"(%x, %r) {input_types = [tensor<2x4xf32>], output_types = [tensor<2x4xf32>], options = "{}", operandSegmentSizes = array<i32: 1, 1>} : memref<8xf32>, memref<8xf32>
  return
}

// Float32 tensors (1) of two dimensions, 32 bytes.
// CHECK-DAG: llvm.mlir.constant(32 : i64) : i64
// CHECK-DAG: llvm.mlir.global private constant @edge_custom_0_data_{{[0-9]+}}() {{.*}} : !llvm.array<2 x i64>
// CHECK-DAG: llvm.mlir.global private constant @edge_custom_0_data_{{[0-9]+}}() {{.*}} : !llvm.array<2 x i8>
// CHECK-DAG: llvm.func @median3(!llvm.ptr, !llvm.ptr, !llvm.ptr) attributes {rt.custom_function
