// Elementwise operators of a function that asks for f16 compute on it, eight lanes at a time; exponentials and what is f32 widen inside of the kernel. Elsewhere f16 is f32 in registers.
// RUN: edge-opt %s -split-input-file -edge-emit-kernels | FileCheck %s

// CHECK-LABEL: func.func @asks
// CHECK: func.func private @kernel_0
// CHECK: arith.bitcast {{.*}} : vector<8xi16> to vector<8xf16>
// CHECK: arith.addf {{.*}} : vector<8xf16>
// CHECK: arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: arith.divf {{.*}} : vector<8xf32>
// CHECK: arith.truncf {{.*}} : vector<8xf32> to vector<8xf16>
#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+fullfp16", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
module attributes {schedule.machine = #a76} {
  func.func @asks(%x: tensor<64xf16>, %y: tensor<64xf16>) -> tensor<64xf16> attributes {edge.arithmetic = f16} {
    %0 = schedule.kernel "add_sigmoid" (%x, %y) : (tensor<64xf16>, tensor<64xf16>) -> tensor<64xf16> {
    ^bb0(%a: tensor<64xf16>, %b: tensor<64xf16>):
      %s = edge.add %a, %b : (tensor<64xf16>, tensor<64xf16>) -> tensor<64xf16>
      %r = edge.sigmoid %s : (tensor<64xf16>) -> tensor<64xf16>
      schedule.yield %r : tensor<64xf16>
    }
    return %0 : tensor<64xf16>
  }
}

// -----

// CHECK-LABEL: func.func @does_not_ask
// CHECK: func.func private @kernel_0
// CHECK-NOT: vector<8xf16>
// CHECK: arith.extf {{.*}} : vector<4xf16> to vector<4xf32>
// CHECK: arith.addf {{.*}} : vector<4xf32>
#a76 = #schedule.machine<name = "a76", triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "+fullfp16", vectorBits = 128, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 65536, l2Bytes = 524288, l3Bytes = 2097152, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 2400>
module attributes {schedule.machine = #a76} {
  func.func @does_not_ask(%x: tensor<64xf16>, %y: tensor<64xf16>) -> tensor<64xf16> {
    %0 = schedule.kernel "add_sigmoid" (%x, %y) : (tensor<64xf16>, tensor<64xf16>) -> tensor<64xf16> {
    ^bb0(%a: tensor<64xf16>, %b: tensor<64xf16>):
      %s = edge.add %a, %b : (tensor<64xf16>, tensor<64xf16>) -> tensor<64xf16>
      %r = edge.sigmoid %s : (tensor<64xf16>) -> tensor<64xf16>
      schedule.yield %r : tensor<64xf16>
    }
    return %0 : tensor<64xf16>
  }
}
