// RUN: edge-opt %s --edge-attach-machine=cpu=x86-64-v3 --edge-emit-kernels | FileCheck %s

// Equal layouts make one loop over all elements, split in blocks of 4096; a
// bound compares so that a NaN stays. The operand's buffer may be the result's.
// CHECK-LABEL: func.func @alike
// CHECK: rt.launch @kernel_0(%{{.*}}) {{.*}}extent = 4 : i64{{.*}}in_place = array<i64: 0>
func.func @alike(%x: tensor<1x30x30x17xf32>) -> tensor<1x30x30x17xf32> {
  %r = schedule.kernel "relu" (%x) : (tensor<1x30x30x17xf32>) -> tensor<1x30x30x17xf32> {
  ^bb0(%a: tensor<1x30x30x17xf32>):
    %0 = edge.relu %a : (tensor<1x30x30x17xf32>) -> tensor<1x30x30x17xf32>
    schedule.yield %0 : tensor<1x30x30x17xf32>
  }
  return %r : tensor<1x30x30x17xf32>
}

// A per-channel operand keeps the channels apart from the pixels.
// CHECK-LABEL: func.func @per_channel
// CHECK: rt.launch @kernel_1({{.*}}extent = 64 : i64
func.func @per_channel(%x: tensor<1x8x8x16xf32>, %scale: tensor<16xf32>) -> tensor<1x8x8x16xf32> {
  %r = schedule.kernel "scale" (%x, %scale) : (tensor<1x8x8x16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32> {
  ^bb0(%a: tensor<1x8x8x16xf32>, %b: tensor<16xf32>):
    %0 = edge.mul %a, %b : (tensor<1x8x8x16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32>
    schedule.yield %0 : tensor<1x8x8x16xf32>
  }
  return %r : tensor<1x8x8x16xf32>
}

// CHECK-LABEL: func.func private @kernel_0(
// CHECK-SAME: %[[X:.*]]: memref<15300xf32>, %[[R:.*]]: memref<15300xf32>, %{{.*}}: index, %[[END:.*]]: index)
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[V:.*]] = vector.load %[[X]][%[[I]]] : memref<15300xf32>, vector<8xf32>
// CHECK: %[[LESS:.*]] = arith.cmpf olt, %[[V]], %[[ZERO:.*]] : vector<8xf32>
// CHECK: arith.select %[[LESS]], %[[ZERO]], %[[V]]
// CHECK: vector.store %{{.*}}, %[[R]][%[[I]]]
// CHECK: arith.cmpi eq, %[[END]],
// CHECK: vector<4xf32>

// CHECK-LABEL: func.func private @kernel_1(
// CHECK: scf.for %[[PIXEL:.*]] =
// CHECK: vector.load %{{.*}}[%c0{{.*}}] : memref<16xf32>, vector<8xf32>
// CHECK: vector.load %{{.*}}[%c8{{.*}}] : memref<16xf32>, vector<8xf32>
// CHECK: vector.store
