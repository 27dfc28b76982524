// One row of bytes on vectors of RISC-V: two products in 16 bits, then sums of 32
// in vectors as long as two of the tiling. With -128 among the weights two
// products may not fit.
// RUN: edge-opt %s -edge-emit-kernels | FileCheck %s

// CHECK: func.func private @kernel_0
// CHECK: vector.shuffle {{.*}} : vector<16xi32>, vector<16xi32>
// CHECK: scf.for
// CHECK: arith.muli {{.*}} : vector<32xi16>
// CHECK: %[[P:.*]] = arith.muli {{.*}} : vector<32xi16>
// CHECK: %[[S:.*]] = arith.addi %{{.*}}, %[[P]] : vector<32xi16>
// CHECK: %[[W:.*]] = arith.extsi %[[S]] : vector<32xi16> to vector<32xi32>
// CHECK: arith.addi %{{.*}}, %[[W]] : vector<32xi32>
// CHECK: vector.extract_strided_slice {{.*}} : vector<32xi32> to vector<16xi32>
// CHECK: func.func private @kernel_1
// CHECK-NOT: vector<32xi16>
#rvv = #schedule.machine<name = "rvv", triple = "riscv64-unknown-linux-gnu", cpu = "generic-rv64", features = "+v", vectorBits = 512, vectorRegisters = 8, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 100, fmaLatency = 4, inOrder = true, l1Bytes = 32768, l2Bytes = 524288, l3Bytes = 0, l2BytesPerCycle = 1600, memoryBytesPerCycle = 250, cores = 8, clockMHz = 1600>
#tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 1, vectors = 2, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>
module attributes {schedule.machine = #rvv} {
  func.func @rows(%x: tensor<1x1x1x7xi8>) -> (tensor<1x1x1x32xi32>, tensor<1x1x1x32xi32>) {
    %f = edge.constant {value = dense<-127> : tensor<32x1x1x7xi8>} : tensor<32x1x1x7xi8>
    %g = edge.constant {value = dense<-128> : tensor<32x1x1x7xi8>} : tensor<32x1x1x7xi8>
    %0 = schedule.kernel "near" (%x, %f) {tiling = #tiling} : (tensor<1x1x1x7xi8>, tensor<32x1x1x7xi8>) -> tensor<1x1x1x32xi32> {
    ^bb0(%a: tensor<1x1x1x7xi8>, %b: tensor<32x1x1x7xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x1x7xi8>, tensor<32x1x1x7xi8>) -> tensor<1x1x1x32xi32>
      schedule.yield %s : tensor<1x1x1x32xi32>
    }
    %1 = schedule.kernel "far" (%x, %g) {tiling = #tiling} : (tensor<1x1x1x7xi8>, tensor<32x1x1x7xi8>) -> tensor<1x1x1x32xi32> {
    ^bb0(%a: tensor<1x1x1x7xi8>, %b: tensor<32x1x1x7xi8>):
      %s = edge.integer_conv2d %a, %b : (tensor<1x1x1x7xi8>, tensor<32x1x1x7xi8>) -> tensor<1x1x1x32xi32>
      schedule.yield %s : tensor<1x1x1x32xi32>
    }
    return %0, %1 : tensor<1x1x1x32xi32>, tensor<1x1x1x32xi32>
  }
}
