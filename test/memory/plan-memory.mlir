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

// -----

func.func private @k1(%a: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  return
}
func.func private @k2(%a: memref<32xf32>, %w: memref<16xf32>, %r: memref<32xf32>, %begin: index, %end: index) {
  return
}
rt.weights @weights_0 {value = dense<1.0> : tensor<16xf32>}
rt.weights @weights_1 {value = dense<2.0> : tensor<16xf32>}

// A model and its variant: one arena, that of the needier, and one set of
// weights.
// CHECK-LABEL: rt.program @model attributes
// CHECK-SAME: arena_bytes = 128
// CHECK-SAME: weights_bytes = 128
// CHECK-NOT: variant_of
func.func @model(%x: tensor<64xf32>) -> tensor<64xf32> {
  %a = rt.launch @k1(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>) -> tensor<64xf32>
  return %a : tensor<64xf32>
}
// CHECK: rt.program @model.1 attributes
// CHECK-SAME: arena_bytes = 128
// CHECK-SAME: variant_of = @model
// CHECK-SAME: weights_bytes = 128
func.func @model.1(%x: tensor<32xf32>) -> tensor<32xf32> attributes {edge.variant_of = @model} {
  %w = rt.get_weights @weights_0 : tensor<16xf32>
  // CHECK: rt.call @k2 [#rt.address<input, 0>, #rt.address<weights, 0>, #rt.address<arena, 0>]
  %a = rt.launch @k2(%x, %w) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [32], offsets = [0]>]} : (tensor<32xf32>, tensor<16xf32>) -> tensor<32xf32>
  %v = rt.get_weights @weights_1 : tensor<16xf32>
  // CHECK: rt.call @k2 [#rt.address<arena, 0>, #rt.address<weights, 64>, #rt.address<output, 0>]
  %b = rt.launch @k2(%a, %v) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [32], offsets = [0]>]} : (tensor<32xf32>, tensor<16xf32>) -> tensor<32xf32>
  return %b : tensor<32xf32>
}

// -----

func.func private @k1(%w: memref<24xf32>, %r: memref<24xf32>, %begin: index, %end: index) {
  return
}
func.func private @k2(%w: memref<16xf32>, %r: memref<16xf32>, %begin: index, %end: index) {
  return
}
rt.weights @table {value = dense_resource<table> : tensor<24xf32>}
rt.weights @less {value = dense_resource<less> : tensor<16xf32>}
rt.weights @other {value = dense_resource<other> : tensor<16xf32>}

// A constant that another one begins with lies in it.
// CHECK-LABEL: rt.program @model attributes
// CHECK-SAME: weights_bytes = 192
// CHECK: rt.call @k1 [#rt.address<weights, 0>,
func.func @model() -> tensor<24xf32> {
  %w = rt.get_weights @table : tensor<24xf32>
  %a = rt.launch @k1(%w) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [24], offsets = [0]>]} : (tensor<24xf32>) -> tensor<24xf32>
  return %a : tensor<24xf32>
}
// CHECK: rt.call @k2 [#rt.address<weights, 0>,
// CHECK: rt.call @k2 [#rt.address<weights, 128>,
// CHECK: rt.weights @table {offset = 0
// CHECK-NEXT: rt.weights @other {offset = 128
// CHECK-NOT: rt.weights
func.func @model.1() -> (tensor<16xf32>, tensor<16xf32>) attributes {edge.variant_of = @model} {
  %w = rt.get_weights @less : tensor<16xf32>
  %a = rt.launch @k2(%w) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [16], offsets = [0]>]} : (tensor<16xf32>) -> tensor<16xf32>
  %v = rt.get_weights @other : tensor<16xf32>
  %b = rt.launch @k2(%v) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [16], offsets = [0]>]} : (tensor<16xf32>) -> tensor<16xf32>
  return %a, %b : tensor<16xf32>, tensor<16xf32>
}

{-#
  dialect_resources: {
    builtin: {
      table: "0x04000000000000000100000002000000030000000400000005000000060000000700000008000000090000000a0000000b0000000c0000000d0000000e0000000f0000001000000011000000120000001300000014000000150000001600000017000000",
      less: "0x04000000000000000100000002000000030000000400000005000000060000000700000008000000090000000a0000000b0000000c0000000d0000000e0000000f000000",
      other: "0x04000000000000000100000002000000030000000400000005000000060000000700000008000000090000000a0000000b0000000c0000000d0000000e00000077000000"
    }
  }
#-}

// -----

func.func private @part(%x: memref<64xf32>, %r: memref<128xf32>, %begin: index, %end: index) {
  return
}
func.func private @whole(%x: memref<128xf32>, %r: memref<128xf32>, %begin: index, %end: index) {
  return
}

// What a concatenation joins is one buffer, alive from the first part's writer
// to the last reader of all; a slice of it is read there.
// CHECK-LABEL: rt.program @joined
// CHECK-SAME: arena_bytes = 1024
// CHECK: rt.call @part [#rt.address<input, 0>, #rt.address<arena, [[J:[0-9]+]]>]
// CHECK: rt.call @part [#rt.address<arena, [[J]]>, #rt.address<arena, [[J]]>]
// CHECK: rt.call @whole [#rt.address<arena, [[J]]>, #rt.address<arena, [[K:[0-9]+]]>]
// CHECK: rt.call @whole [#rt.address<arena, [[J]]>, #rt.address<output, 0>]
func.func @joined(%x: tensor<8x8xf32>) -> tensor<128xf32> {
  %a = rt.launch @part(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8, 16], offsets = [0, 0], halo = [0, 0] + [0, 0]>]} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %b = rt.launch @part(%a) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8, 16], offsets = [0, 8], halo = [0, 0] + [0, 0]>]} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %c = edge.concat %a, %b {axis = 1 : i64} : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x16xf32>
  %d = rt.launch @whole(%c) {extent = 1 : i64, kernel_name = "c", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [128], offsets = [0]>]} : (tensor<8x16xf32>) -> tensor<128xf32>
  %s = edge.slice %c {offsets = array<i64: 0, 8>, sizes = array<i64: 8, 8>, strides = array<i64: 1, 1>} : (tensor<8x16xf32>) -> tensor<8x8xf32>
  %e = rt.launch @whole(%s) {extent = 1 : i64, kernel_name = "d", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [128], offsets = [0]>]} : (tensor<8x8xf32>) -> tensor<128xf32>
  return %e : tensor<128xf32>
}

// -----

func.func private @part(%x: memref<64xf32>, %r: memref<128xf32>, %begin: index, %end: index) {
  return
}

// The parts of an output are written there.
// CHECK-LABEL: rt.program @joined_output
// CHECK-SAME: arena_bytes = 0
// CHECK: rt.call @part [#rt.address<input, 0>, #rt.address<output, 0>]
// CHECK: rt.call @part [#rt.address<input, 0>, #rt.address<output, 0>]
func.func @joined_output(%x: tensor<8x8xf32>) -> tensor<128xf32> {
  %a = rt.launch @part(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8, 16], offsets = [0, 0], halo = [0, 0] + [0, 0]>]} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %b = rt.launch @part(%x) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8, 16], offsets = [0, 8], halo = [0, 0] + [0, 0]>]} : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %c = edge.concat %a, %b {axis = 1 : i64} : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x16xf32>
  %v = edge.reshape %c : (tensor<8x16xf32>) -> tensor<128xf32>
  return %v : tensor<128xf32>
}
