// Branches and loops become lists of calls with the addresses of where they run.
// RUN: edge-opt %s -edge-plan-memory -split-input-file | FileCheck %s
// RUN: edge-opt %s -edge-plan-memory -edge-verify-stage=stage=memory -split-input-file -o %t

func.func private @k1(%a: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}

// Each branch writes the result where it belongs; what a branch needs besides
// lies in a part of the arena that is the branch's alone.
// CHECK-LABEL: rt.program @branch
// CHECK-SAME: arena_bytes = 256
// CHECK: rt.if <input, 0> {
// CHECK-NEXT: rt.call @k1 [#rt.address<input, 1>, #rt.address<arena, 0>]
// CHECK-NEXT: rt.call @k1 [#rt.address<arena, 0>, #rt.address<output, 0>]
// CHECK-NEXT: } else {
// CHECK-NEXT: rt.call @k1 [#rt.address<input, 2>, #rt.address<output, 0>]
// CHECK-NOT: func.func private @twice
func.func @branch(%c: tensor<i1>, %x: tensor<64xf32>, %y: tensor<64xf32>) -> tensor<64xf32> {
  %r = edge.if %c then @twice(%x) else @once(%y) : (tensor<i1>, tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  return %r : tensor<64xf32>
}
func.func private @twice(%x: tensor<64xf32>) -> tensor<64xf32> {
  %a = rt.launch @k1(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  %b = rt.launch @k1(%a) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  return %b : tensor<64xf32>
}
func.func private @once(%x: tensor<64xf32>) -> tensor<64xf32> {
  %a = rt.launch @k1(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  return %a : tensor<64xf32>
}

// -----

func.func private @k2(%a: memref<64xf32>, %b: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}

// The state lies where the result is wanted; each iteration computes the next
// one beside it. Rows are copied in and out. A loop that may end early begins
// with zeros.
// CHECK-LABEL: rt.program @loop
// CHECK: rt.copy <input, 1> <output, 0> {bytes = 256 : i64}
// CHECK: rt.zero <output, 1> {bytes = 768 : i64}
// CHECK: rt.loop counter <arena, [[COUNTER:[0-9]+]]> attributes {count = #rt.address<input, 0>, trips = 3 : i64} {
// CHECK-NEXT: rt.copy <input, 2> <arena, [[ROW:[0-9]+]]> {bytes = 256 : i64, source_step = 256 : i64}
// CHECK-NEXT: rt.call @k2 [#rt.address<output, 0>, #rt.address<arena, [[ROW]]>, #rt.address<arena, [[NEXT:[0-9]+]]>]
// CHECK-NEXT: rt.call @k2 [#rt.address<arena, [[NEXT]]>, #rt.address<arena, [[ROW]]>, #rt.address<arena, [[OUT:[0-9]+]]>]
// CHECK-NEXT: rt.copy <arena, [[NEXT]]> <output, 0> {bytes = 256 : i64}
// CHECK-NEXT: rt.copy <arena, [[OUT]]> <output, 1> {bytes = 256 : i64, target_step = 256 : i64}
// CHECK-NEXT: }
func.func @loop(%n: tensor<i64>, %s: tensor<64xf32>, %x: tensor<3x64xf32>) -> (tensor<64xf32>, tensor<3x64xf32>) {
  %r:2 = edge.loop @body count %n (%s) slices(%x) captures() {trips = 3 : i64} : (tensor<i64>, tensor<64xf32>, tensor<3x64xf32>) -> (tensor<64xf32>, tensor<3x64xf32>)
  return %r#0, %r#1 : tensor<64xf32>, tensor<3x64xf32>
}
func.func private @body(%i: tensor<i64>, %s: tensor<64xf32>, %row: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
  %a = rt.launch @k2(%s, %row) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>], in_place = array<i64: 0>} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  %b = rt.launch @k2(%a, %row) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  return %a, %b : tensor<64xf32>, tensor<64xf32>
}
