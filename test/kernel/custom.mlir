// The user's own C function is called once, with the kernel's buffers.
// RUN: edge-opt %s -edge-attach-machine="target=x86_64 cpu=x86-64-v3" -edge-emit-kernels | FileCheck %s

// CHECK-LABEL: func.func private @kernel_0
// CHECK-SAME:    (%[[X:.*]]: memref<8xf32> {{.*}}, %[[R:.*]]: memref<8xf32> {{.*}}, %[[N:.*]]: memref<1xi64> {{.*}}, %[[BEGIN:.*]]: index, %[[END:.*]]: index)
// CHECK:         scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
// CHECK:           rt.custom_call "count"(%[[X]], %[[R]], %[[N]])
// CHECK-SAME:        input_types = [tensor<1x8xf32>]
// CHECK-SAME:        options = "{\22window\22:3}"
// CHECK-SAME:        output_types = [tensor<1x8xf32>, tensor<1xi64>]
module {
  func.func @custom(%x: tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1xi64>) {
    %r:2 = schedule.kernel "custom"(%x) : (tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1xi64>) {
    ^bb0(%a: tensor<1x8xf32>):
      %0:2 = edge.custom "count"(%a) {options = "{\22window\22:3}"} : (tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1xi64>)
      schedule.yield %0#0, %0#1 : tensor<1x8xf32>, tensor<1xi64>
    }
    return %r#0, %r#1 : tensor<1x8xf32>, tensor<1xi64>
  }
}
