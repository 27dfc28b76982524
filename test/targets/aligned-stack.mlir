// Sums of a register tile wait on the stack while the next block of products
// is added up: vectors of 512 bits in whole cache lines. Shorter ones do not
// take a register for it.
// RUN: edgec %s -target=x86_64 -mcpu=x86-64-v4 -emit=asm -o - | FileCheck %s
// RUN: edgec %s -target=x86_64 -mcpu=x86-64-v3 -emit=asm -o - | FileCheck %s -check-prefix=SHORT

// CHECK-LABEL: edge_kernel_{{.*}}:
// CHECK: andq $-64, %rsp
// CHECK-NOT: vmovups %zmm{{[0-9]+}}, {{-?[0-9]*}}(%rsp)
// CHECK: vmovaps %zmm{{[0-9]+}}, {{-?[0-9]*}}(%rsp)
// SHORT-NOT: andq ${{-[0-9]+}}, %rsp
func.func @main(%x: tensor<196x256xf32>) -> tensor<196x256xf32> {
  %f = edge.constant {value = dense<0.5> : tensor<256x256xf32>} : tensor<256x256xf32>
  %0 = edge.fully_connected %x, %f : (tensor<196x256xf32>, tensor<256x256xf32>) -> tensor<196x256xf32>
  return %0 : tensor<196x256xf32>
}
