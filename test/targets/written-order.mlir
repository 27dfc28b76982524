// An out-of-order core gets the instructions of a kernel in the order in which
// they are written: with 20 of 32 registers for sums, 5 for elements and 4 for
// weights, nothing is spilled between two loads of weights.
// RUN: edgec %s -target=aarch64 -mcpu=cortex-a76 -emit=asm -o - | FileCheck %s

// CHECK: ld1 { [[W:v[0-9]+.4s, v[0-9]+.4s, v[0-9]+.4s, v[0-9]+.4s]] }, {{\[}}[[P:x[0-9]+]]], #64
// CHECK-NOT: [sp
// CHECK: ld1 {{.*}}{{\[}}[[P]]], #64
// CHECK-NOT: [sp
// CHECK: ld1 {{.*}}{{\[}}[[P]]], #64
// CHECK-NOT: [sp
// CHECK: ld1 {{.*}}{{\[}}[[P]]], #64
func.func @dense(%x: tensor<40x256xf32> {edge.name = "x"}) -> (tensor<40x64xf32> {edge.name = "z"}) {
  %f = edge.constant {value = dense<1.0> : tensor<64x256xf32>} : tensor<64x256xf32>
  %0 = edge.fully_connected %x, %f : (tensor<40x256xf32>, tensor<64x256xf32>) -> tensor<40x64xf32>
  return %0 : tensor<40x64xf32>
}
