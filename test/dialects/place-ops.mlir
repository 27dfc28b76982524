// The place dialect's operations and attributes parse and print as they are documented.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK: place.devices = [#place.device<kind = "npu", name = "npu-256", format = 1, parameters = [16, 16]>, #place.device<kind = "dsp", name = "dsp">]
module attributes {place.devices = [#place.device<kind = "npu", name = "npu-256", format = 1, parameters = [16, 16]>, #place.device<kind = "dsp", name = "dsp">]} {
  // CHECK: place.program @dsp_0 {code = array<i32: 1, 2, 3>}
  place.program @dsp_0 {code = array<i32: 1, 2, 3>}
  // CHECK-LABEL: func.func @model
  func.func @model(%x: tensor<4xi8>) -> tensor<4xi8> {
    // CHECK: place.region 1(%{{.*}}) : (tensor<4xi8>) -> tensor<4xi8>
    %r = place.region 1 (%x) : (tensor<4xi8>) -> tensor<4xi8> {
    ^bb0(%a: tensor<4xi8>):
      // CHECK: schedule.kernel "add"
      %0 = schedule.kernel "add" (%a) : (tensor<4xi8>) -> tensor<4xi8> {
      ^bb0(%b: tensor<4xi8>):
        %1 = edge.add %b, %b : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
        schedule.yield %1 : tensor<4xi8>
      }
      // CHECK: place.yield
      place.yield %0 : tensor<4xi8>
    }
    return %r : tensor<4xi8>
  }
}
