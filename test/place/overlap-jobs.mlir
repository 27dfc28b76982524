// Submissions start as early as their operands are there; what does not need them runs before their wait.
// RUN: edge-opt %s -pass-pipeline='builtin.module(func.func(edge-overlap-jobs))' | FileCheck %s

func.func private @k(%a: memref<8xi8>, %r: memref<8xi8>, %begin: index, %end: index)

// CHECK-LABEL: func.func @branches
func.func @branches(%x: tensor<8xi8>) -> (tensor<8xi8>, tensor<8xi8>) {
  // The launch on the long way to the end comes first: a submission waits for it.
  // CHECK: %[[FEED:.*]] = rt.launch @k(%{{.*}}){{.*}}kernel_name = "feed"
  // CHECK: %{{.*}}, %[[STARTED:.*]] = rt.submit @p (%[[FEED]])
  // CHECK: %[[OTHER:.*]] = rt.launch @k(%{{.*}}){{.*}}kernel_name = "other"
  // CHECK: %[[DONE:.*]] = rt.wait(%[[STARTED]] : tensor<8xi8>)
  // CHECK: return %[[DONE]], %[[OTHER]]
  %other = rt.launch @k(%x) {extent = 1 : i64, kernel_name = "other", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 500 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : (tensor<8xi8>) -> tensor<8xi8>
  %feed = rt.launch @k(%x) {extent = 1 : i64, kernel_name = "feed", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 10 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : (tensor<8xi8>) -> tensor<8xi8>
  %scratch, %started = rt.submit @p (%feed) {device = 0 : i64, name = "p", layers = "", nanoseconds = 1000 : i64} : (tensor<8xi8>) -> (tensor<0xi8>, tensor<8xi8>)
  %done = rt.wait(%started : tensor<8xi8>) holding(%scratch, %feed : tensor<0xi8>, tensor<8xi8>) -> tensor<8xi8>
  return %done, %other : tensor<8xi8>, tensor<8xi8>
}

// Nothing to overlap: the model's order stays.
// CHECK-LABEL: func.func @without
// CHECK: kernel_name = "short"
// CHECK: kernel_name = "long"
func.func @without(%x: tensor<8xi8>) -> (tensor<8xi8>, tensor<8xi8>) {
  %a = rt.launch @k(%x) {extent = 1 : i64, kernel_name = "short", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 1 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : (tensor<8xi8>) -> tensor<8xi8>
  %b = rt.launch @k(%x) {extent = 1 : i64, kernel_name = "long", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 9 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : (tensor<8xi8>) -> tensor<8xi8>
  return %a, %b : tensor<8xi8>, tensor<8xi8>
}
