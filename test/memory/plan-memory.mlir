// Liveness, in-place, views, outputs and weights: what becomes an address where.
// RUN: edge-opt %s -edge-plan-memory -split-input-file | FileCheck %s
// RUN: edge-opt %s -edge-plan-memory -edge-verify-stage=stage=memory -split-input-file -o %t

func.func private @k1(%a: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}

// A chain: the input is read and the output written where the caller has them,
// and what lies between shares the arena in turns.
// CHECK-LABEL: rt.program @chain
// CHECK-SAME: arena_bytes = 512
// CHECK-SAME: input_names = ["x"], input_types = [tensor<64xf32>]
// CHECK-SAME: output_names = ["y"], output_types = [tensor<64xf32>]
// CHECK-SAME: weights_bytes = 0
func.func @chain(%x: tensor<64xf32> {edge.name = "x"}) -> (tensor<64xf32> {edge.name = "y"}) {
  // CHECK: rt.call @k1 [#rt.address<input, 0>, #rt.address<arena, [[A:[0-9]+]]>] {{.*}}kernel_name = "a"
  %a = rt.launch @k1(%x) {extent = 1 : i64, kernel_name = "a", layers = "A", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  // CHECK: rt.call @k1 [#rt.address<arena, [[A]]>, #rt.address<arena, [[B:[0-9]+]]>] {{.*}}kernel_name = "b"
  %b = rt.launch @k1(%a) {extent = 1 : i64, kernel_name = "b", layers = "B", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  // CHECK: rt.call @k1 [#rt.address<arena, [[B]]>, #rt.address<arena, [[A]]>] {{.*}}kernel_name = "c"
  %c = rt.launch @k1(%b) {extent = 1 : i64, kernel_name = "c", layers = "C", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  // CHECK: rt.call @k1 [#rt.address<arena, [[A]]>, #rt.address<output, 0>] {{.*}}kernel_name = "d"
  %d = rt.launch @k1(%c) {extent = 1 : i64, kernel_name = "d", layers = "D", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  return %d : tensor<64xf32>
}

// -----

func.func private @k1(%a: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}

// In place: b takes over a, through a reshape; the size of the arena is one
// buffer's.
// CHECK-LABEL: rt.program @in_place
// CHECK-SAME: arena_bytes = 256
func.func @in_place(%x: tensor<64xf32>) -> tensor<64xf32> {
  // CHECK: rt.call @k1 [#rt.address<input, 0>, #rt.address<arena, 0>]
  %a = rt.launch @k1(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  %v = edge.reshape %a : (tensor<64xf32>) -> tensor<8x8xf32>
  // CHECK: rt.call @k1 [#rt.address<arena, 0>, #rt.address<arena, 0>]
  %b = rt.launch @k1(%v) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, in_place = array<i64: 0>, layouts = [#schedule.memory<shape = [8, 8], offsets = [0, 0]>]} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  // CHECK: rt.call @k1 [#rt.address<arena, 0>, #rt.address<output, 0>]
  %c = rt.launch @k1(%b) {extent = 1 : i64, kernel_name = "c", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8, 8], offsets = [0, 0]>]} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %y = edge.reshape %c : (tensor<8x8xf32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
}

// -----

func.func private @k1(%a: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}
func.func private @k2(%a: memref<64xf32>, %b: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}

// Not in place: a is read again later, and a buffer with a halo is not laid out
// like one without.
// CHECK-LABEL: rt.program @not_in_place
func.func @not_in_place(%x: tensor<64xf32>) -> tensor<64xf32> {
  // CHECK: rt.call @k1 [#rt.address<input, 0>, #rt.address<arena, [[A:[0-9]+]]>]
  %a = rt.launch @k1(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  // CHECK-NOT: rt.call @k1 [#rt.address<arena, [[A]]>, #rt.address<arena, [[A]]>]
  // CHECK: rt.call @k1 [#rt.address<arena, [[A]]>, #rt.address<arena, [[B:[0-9]+]]>]
  %b = rt.launch @k1(%a) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, in_place = array<i64: 0>, layouts = [#schedule.memory<shape = [66], offsets = [1]>]} : (tensor<64xf32>) -> tensor<64xf32>
  // CHECK: rt.call @k2 [#rt.address<arena, [[A]]>, #rt.address<arena, [[B]]>, #rt.address<output, 0>]
  %c = rt.launch @k2(%a, %b) {extent = 1 : i64, kernel_name = "c", layers = "", flops = 0 : i64, bytes = 0 : i64, in_place = array<i64: 0>, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  return %c : tensor<64xf32>
}

// -----

func.func private @k2(%a: memref<64xf32>, %b: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}

// Weights: in the order of first use, 64-byte aligned, equal ones once, unused
// ones dropped.
// CHECK-LABEL: rt.program @weights
// CHECK-SAME: weights_bytes = 320
rt.weights @unused {value = dense<7.0> : tensor<64xf32>}
rt.weights @second {value = dense<2.0> : tensor<9xf32>}
rt.weights @first {value = dense<1.0> : tensor<64xf32>}
rt.weights @like_first {value = dense<1.0> : tensor<64xf32>}
func.func @weights(%x: tensor<64xf32>) -> tensor<64xf32> {
  %f = rt.get_weights @first : tensor<64xf32>
  %s = rt.get_weights @second : tensor<9xf32>
  %l = rt.get_weights @like_first : tensor<64xf32>
  // CHECK: rt.call @k2 [#rt.address<input, 0>, #rt.address<weights, 0>, #rt.address<arena, 0>]
  %a = rt.launch @k2(%x, %f) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  // CHECK: rt.call @k2 [#rt.address<arena, 0>, #rt.address<weights, 256>, #rt.address<arena, 256>]
  %b = rt.launch @k2(%a, %s) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>, tensor<9xf32>) -> tensor<64xf32>
  // CHECK: rt.call @k2 [#rt.address<arena, 256>, #rt.address<weights, 0>, #rt.address<output, 0>]
  %c = rt.launch @k2(%b, %l) {extent = 1 : i64, kernel_name = "c", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  return %c : tensor<64xf32>
}
// CHECK-NOT: rt.weights @unused
// CHECK: rt.weights @first {offset = 0
// CHECK-NEXT: rt.weights @second {offset = 256
// CHECK-NOT: rt.weights

// -----

func.func private @find(%a: memref<6xf32>, %r: memref<6xi64>, %n: memref<1xi64>, %begin: index, %end: index) {
  return
}

// An output whose actual size is another output.
// CHECK-LABEL: rt.program @sizes
// CHECK-SAME: output_sizes = array<i64: 1, 0, -1, -1>
func.func @sizes(%x: tensor<6xf32> {edge.name = "x"}) -> (tensor<6xi64> {edge.name = "y", edge.size_dimension = 0 : i64, edge.size_result = 1 : i64}, tensor<1xi64> {edge.name = "y.size"}) {
  %y, %n = rt.launch @find(%x) {extent = 1 : i64, kernel_name = "find", layers = "A", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [6], offsets = [0]>, #schedule.memory<shape = [1], offsets = [0]>]} : (tensor<6xf32>) -> (tensor<6xi64>, tensor<1xi64>)
  return %y, %n : tensor<6xi64>, tensor<1xi64>
}
