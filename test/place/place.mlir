// Without backends (edge-opt has none) everything stays on the processor.
// RUN: edge-opt %s -edge-place | FileCheck %s

// CHECK-NOT: place.devices
// CHECK: func.func @f
// CHECK-NEXT: schedule.kernel "relu"
// CHECK-NOT: place.region
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = schedule.kernel "relu" (%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    %0 = edge.relu %a : (tensor<4xf32>) -> tensor<4xf32>
    schedule.yield %0 : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
