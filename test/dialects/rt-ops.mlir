// The rt dialect's attributes and operators parse and print.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK: rt.weights @weights_0 {offset = 128 : i64, value = dense<0.000000e+00> : tensor<64xf32>}
rt.weights @weights_0 {value = dense<0.0> : tensor<64xf32>, offset = 128 : i64}

// CHECK-LABEL: func @launches
// CHECK: %[[W:.*]] = rt.get_weights @weights_0 : tensor<64xf32>
// CHECK: rt.launch @kernel_0(%{{.*}}, %[[W]]) {bytes = 64 : i64, {{.*}}extent = 8 : i64, flops = 0 : i64, in_place = array<i64: 0>, kernel_name = "add", layers = "a;b", layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
func.func @launches(%x: tensor<64xf32>) -> tensor<64xf32> {
  %w = rt.get_weights @weights_0 : tensor<64xf32>
  %r = rt.launch @kernel_0(%x, %w) {extent = 8 : i64, kernel_name = "add", layers = "a;b", flops = 0 : i64, bytes = 64 : i64, cycles = 7 : i64,
    layouts = [#schedule.memory<shape = [64], offsets = [0]>], in_place = array<i64: 0>} : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  return %r : tensor<64xf32>
}

// CHECK-LABEL: rt.program @model
// CHECK: rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<weights, 128>, #rt.address<arena, 64>, #rt.address<output, 0>]
rt.program @model attributes {arena_bytes = 320 : i64, weights_bytes = 384 : i64, input_names = ["x"], input_types = [tensor<64xf32>],
    output_names = ["r"], output_types = [tensor<64xf32>]} {
  rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<weights, 128>, #rt.address<arena, 64>, #rt.address<output, 0>]
    {extent = 8 : i64, kernel_name = "add", layers = "a;b", flops = 0 : i64, bytes = 64 : i64}
}

// CHECK-LABEL: rt.program @section
// CHECK: rt.section {
// CHECK: rt.call @kernel_0 [#rt.address<arena, 0>] {after = array<i64: 0>
rt.program @section attributes {arena_bytes = 64 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.section {
    rt.call @kernel_0 [#rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 64 : i64}
    rt.call @kernel_0 [#rt.address<arena, 0>] {after = array<i64: 0>, extent = 8 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 64 : i64}
  }
}
