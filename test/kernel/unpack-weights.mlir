// Weights of fewer bits become f32 once for each panel, where many tiles read
// them: those of 4 bits 32 at a time, 16 bytes of them. Of few positions each tile unpacks
// its own.
// RUN: edge-opt %s -edge-emit-kernels | FileCheck %s

// CHECK-LABEL: func.func @nibbles
// CHECK: func.func private @kernel_0
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<{{[0-9]+}}xf32>
// CHECK: scf.for
// CHECK: vector.load {{.+}} vector<16xi8>
// CHECK: vector.shuffle {{.+}} [0, 1, 16, 17, 2, 3, 18, 19, {{.*}}] : vector<16xi8>, vector<16xi8>
// CHECK: arith.sitofp {{.+}} : vector<32xi8> to vector<32xf32>
// CHECK: vector.store {{.+}} vector<32xf32>
// CHECK-NOT: sitofp
// CHECK: vector.fma
// CHECK: func.func private @kernel_1
// CHECK-NOT: memref.alloca
// CHECK: arith.sitofp
// CHECK: vector.fma
#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+dotprod", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
module attributes {schedule.machine = #a76} {
  func.func @nibbles(%x: tensor<1x8x8x16xf32>, %y: tensor<1x2x2x16xf32>) -> (tensor<1x8x8x32xf32>, tensor<1x2x2x32xf32>) {
    %f = edge.constant {value = dense<7> : tensor<32x1x1x16xi8>} : tensor<32x1x1x16xi8>
    %0 = schedule.kernel "many" (%x, %f) : (tensor<1x8x8x16xf32>, tensor<32x1x1x16xi8>) -> tensor<1x8x8x32xf32> {
    ^bb0(%a: tensor<1x8x8x16xf32>, %b: tensor<32x1x1x16xi8>):
      %r = edge.conv2d %a, %b : (tensor<1x8x8x16xf32>, tensor<32x1x1x16xi8>) -> tensor<1x8x8x32xf32>
      schedule.yield %r : tensor<1x8x8x32xf32>
    }
    %1 = schedule.kernel "few" (%y, %f) : (tensor<1x2x2x16xf32>, tensor<32x1x1x16xi8>) -> tensor<1x2x2x32xf32> {
    ^bb0(%a: tensor<1x2x2x16xf32>, %b: tensor<32x1x1x16xi8>):
      %r = edge.conv2d %a, %b : (tensor<1x2x2x16xf32>, tensor<32x1x1x16xi8>) -> tensor<1x2x2x32xf32>
      schedule.yield %r : tensor<1x2x2x32xf32>
    }
    return %0, %1 : tensor<1x8x8x32xf32>, tensor<1x2x2x32xf32>
  }
}
