// Two branches: run one after the other, they need less memory at once than in
// the model's own order, which expands both before it reduces either.
// RUN: edge-opt %s -edge-print-memory-plan -o /dev/null | FileCheck %s

func.func private @grow(%a: memref<16xf32>, %r: memref<1024xf32>, %begin: index, %end: index) {
  return
}
func.func private @shrink(%a: memref<1024xf32>, %r: memref<16xf32>, %begin: index, %end: index) {
  return
}
func.func private @join(%a: memref<16xf32>, %b: memref<16xf32>, %r: memref<16xf32>, %begin: index, %end: index) {
  return
}

// CHECK: memory plan: arena 4224 bytes, alive at once 4224, in the model's order 8256
// CHECK-NEXT: step     offset      bytes  last  kernel
// CHECK-NEXT: 0 {{.*}} 4096     1  grow_
// CHECK-NEXT: 1 {{.*}} 64     4  shrink_
// CHECK-NEXT: 2 {{.*}} 4096     3  grow_
// CHECK-NEXT: 3 {{.*}} 64     4  shrink_
// CHECK-NEXT: 4   output 0         64     4  join
func.func @branches(%x: tensor<16xf32>) -> tensor<16xf32> {
  %a = rt.launch @grow(%x) {extent = 1 : i64, kernel_name = "grow_a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [1024], offsets = [0]>]} : (tensor<16xf32>) -> tensor<1024xf32>
  %b = rt.launch @grow(%x) {extent = 1 : i64, kernel_name = "grow_b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [1024], offsets = [0]>]} : (tensor<16xf32>) -> tensor<1024xf32>
  %c = rt.launch @shrink(%a) {extent = 1 : i64, kernel_name = "shrink_a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [16], offsets = [0]>]} : (tensor<1024xf32>) -> tensor<16xf32>
  %d = rt.launch @shrink(%b) {extent = 1 : i64, kernel_name = "shrink_b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [16], offsets = [0]>]} : (tensor<1024xf32>) -> tensor<16xf32>
  %e = rt.launch @join(%c, %d) {extent = 1 : i64, kernel_name = "join", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [16], offsets = [0]>]} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
  return %e : tensor<16xf32>
}
