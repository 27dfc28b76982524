// Elementwise operators pass reshapes, to meet what produces their operand.
// RUN: edge-opt %s -edge-sink-reshapes -canonicalize | FileCheck %s

// CHECK-LABEL: func @chain
// CHECK: %[[FC:.*]] = edge.fully_connected
// CHECK: %[[RELU:.*]] = edge.relu %[[FC]]
// CHECK: %[[SUM:.*]] = edge.add %[[RELU]], %{{.*}} : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
// CHECK: %[[VIEW:.*]] = edge.reshape %[[SUM]]
// CHECK: return %[[VIEW]]
func.func @chain(%x: tensor<1x2xf32>, %w: tensor<4x2xf32>) -> tensor<1x4x1x1xf32> {
  %one = edge.constant {value = dense<1.0> : tensor<1x1x1x1xf32>} : tensor<1x1x1x1xf32>
  %fc = edge.fully_connected %x, %w : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1x4xf32>
  %view = edge.reshape %fc : (tensor<1x4xf32>) -> tensor<1x4x1x1xf32>
  %relu = edge.relu %view : (tensor<1x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %r = edge.add %relu, %one : (tensor<1x4x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<1x4x1x1xf32>
  return %r : tensor<1x4x1x1xf32>
}

// CHECK-LABEL: func @both_operands
// CHECK: edge.add %{{.*}}, %{{.*}} : (tensor<1x4xf32>, tensor<1x4xf32>)
func.func @both_operands(%x: tensor<1x4xf32>, %y: tensor<1x4xf32>) -> tensor<4xf32> {
  %a = edge.exp %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %b = edge.sign %y : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %av = edge.reshape %a : (tensor<1x4xf32>) -> tensor<4xf32>
  %bv = edge.reshape %b : (tensor<1x4xf32>) -> tensor<4xf32>
  %r = edge.add %av, %bv : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// A reshape of an argument has nobody to meet; a broadcast needs its shape.
// CHECK-LABEL: func @stays
// CHECK: edge.reshape
// CHECK-NEXT: edge.relu
// CHECK: edge.reshape
// CHECK-NEXT: edge.add
func.func @stays(%x: tensor<4xf32>, %y: tensor<2x4xf32>) -> (tensor<2x2xf32>, tensor<8x8xf32>) {
  %view = edge.reshape %x : (tensor<4xf32>) -> tensor<2x2xf32>
  %r = edge.relu %view : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %exp = edge.exp %y : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %column = edge.reshape %exp : (tensor<2x4xf32>) -> tensor<8x1xf32>
  %row = edge.constant {value = dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]> : tensor<8xf32>} : tensor<8xf32>
  %s = edge.add %column, %row : (tensor<8x1xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  return %r, %s : tensor<2x2xf32>, tensor<8x8xf32>
}
