// Jobs of accelerators: their buffers live from the submission to the wait, their bytes are weights.
// RUN: edge-opt %s -edge-plan-memory | FileCheck %s
// RUN: edge-opt %s -edge-plan-memory -edge-verify-stage=stage=memory -o %t
// RUN: not edge-opt %s -edge-plan-memory -edge-lower-program 2>&1 | FileCheck %s --check-prefix=MACHINE
// MACHINE: has no schedule.machine

rt.weights @p_constants {value = dense<1> : tensor<64xi8>}
rt.weights @p_commands {value = dense<2> : tensor<128xi8>}
func.func private @k(%a: memref<64xi8>, %r: memref<64xi8>, %begin: index, %end: index) {
  return
}

// CHECK-LABEL: rt.program @model
func.func @model(%x: tensor<64xi8> {edge.name = "x"}) -> (tensor<64xi8> {edge.name = "y"}, tensor<64xi8> {edge.name = "z"}) {
  // CHECK: rt.call @k [#rt.address<input, 0>, #rt.address<arena, [[A:[0-9]+]]>] {{.*}}kernel_name = "a"
  %a = rt.launch @k(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xi8>) -> tensor<64xi8>
  %commands = rt.get_weights @p_commands : tensor<128xi8>
  %constants = rt.get_weights @p_constants : tensor<64xi8>
  // The output is written by the device itself.
  // CHECK-NEXT: rt.submit_job 0 <weights, [[COMMANDS:[0-9]+]]>
  // CHECK-SAME: [#rt.address<weights, [[CONSTANTS:[0-9]+]]>, #rt.address<arena, [[SCRATCH:[0-9]+]]>, #rt.address<arena, [[A]]>, #rt.address<output, 0>]
  // CHECK-SAME: command_bytes = 128
  // CHECK-SAME: outputs = 1
  // CHECK-SAME: sizes = array<i64: 64, 256, 64, 64>
  %scratch, %started = rt.submit @p commands(%commands : tensor<128xi8>) constants(%constants : tensor<64xi8>) (%a) {device = 0 : i64, name = "p", layers = "P"} : (tensor<64xi8>) -> (tensor<256xi8>, tensor<64xi8>)
  // The device may still read %a, which has no other reader left: its bytes are nobody else's yet.
  // CHECK-NEXT: rt.call @k [#rt.address<input, 0>, #rt.address<arena, [[B:[0-9]+]]>] {{.*}}kernel_name = "b"
  // CHECK-NOT: arena, [[A]]>
  // CHECK: rt.wait_job 0
  %b = rt.launch @k(%x) {extent = 1 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xi8>) -> tensor<64xi8>
  %done = rt.wait(%started : tensor<64xi8>) holding(%scratch, %a : tensor<256xi8>, tensor<64xi8>) -> tensor<64xi8>
  // CHECK-NEXT: rt.call @k [#rt.address<arena, [[B]]>, #rt.address<output, 1>]
  %c = rt.launch @k(%b) {extent = 1 : i64, kernel_name = "c", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [64], offsets = [0]>]} : (tensor<64xi8>) -> tensor<64xi8>
  return %done, %c : tensor<64xi8>, tensor<64xi8>
}
