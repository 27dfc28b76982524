// Layers without their blocks of zeros (MeaningTest runs this file).
// RUN: edge-opt %s -edge-fold-constants -edge-split-products -canonicalize | FileCheck %s
// RUN: edge-opt %s -edge-fold-constants -edge-split-products=assume-finite -canonicalize | FileCheck %s --check-prefix=FINITE

// Half of the outputs read half of the inputs, the others another half: groups.
// CHECK-LABEL: func @groups
// CHECK: edge.integer_conv2d %{{.*}} {groups = 2 : i64, {{.*}}pads = array<i64: 1, 1, 1, 1>} : (tensor<1x6x6x32xi8>, tensor<32x3x3x16xi8>) -> tensor<1x6x6x32xi32>
func.func @groups(%x: tensor<1x6x6x32xi8>) -> tensor<1x6x6x32xi32> {
  %a = edge.constant {value = dense<3> : tensor<16x3x3x16xi8>} : tensor<16x3x3x16xi8>
  %b = edge.constant {value = dense<-5> : tensor<16x3x3x16xi8>} : tensor<16x3x3x16xi8>
  %z = edge.constant {value = dense<0> : tensor<16x3x3x16xi8>} : tensor<16x3x3x16xi8>
  %az = edge.concat %a, %z {axis = 3 : i64} : (tensor<16x3x3x16xi8>, tensor<16x3x3x16xi8>) -> tensor<16x3x3x32xi8>
  %zb = edge.concat %z, %b {axis = 3 : i64} : (tensor<16x3x3x16xi8>, tensor<16x3x3x16xi8>) -> tensor<16x3x3x32xi8>
  %f = edge.concat %az, %zb {axis = 0 : i64} : (tensor<16x3x3x32xi8>, tensor<16x3x3x32xi8>) -> tensor<32x3x3x32xi8>
  %0 = edge.integer_conv2d %x, %f {pads = array<i64: 1, 1, 1, 1>, pad_value = 4 : i64} : (tensor<1x6x6x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x6x6x32xi32>
  return %0 : tensor<1x6x6x32xi32>
}

// 32 outputs read the second half of the inputs, the others the first and the
// last quarter. What follows the sums is computed in each part, with its own
// constants; bytes are joined.
// CHECK-LABEL: func @parts
// CHECK-DAG: %[[HALF:.*]] = edge.slice %arg0 {offsets = array<i64: 0, 0, 0, 32>, sizes = array<i64: 1, 8, 8, 32>
// CHECK-DAG: %[[FIRST:.*]] = edge.slice %arg0 {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 8, 8, 16>
// CHECK-DAG: %[[LAST:.*]] = edge.slice %arg0 {offsets = array<i64: 0, 0, 0, 48>, sizes = array<i64: 1, 8, 8, 16>
// CHECK-DAG: edge.integer_conv2d %[[HALF]], {{.*}} : (tensor<1x8x8x32xi8>, tensor<32x1x1x32xi8>) -> tensor<1x8x8x32xi32>
// CHECK-DAG: %[[JOINED:.*]] = edge.concat %[[FIRST]], %[[LAST]]
// CHECK-DAG: edge.integer_conv2d %[[JOINED]], {{.*}} : (tensor<1x8x8x32xi8>, tensor<32x1x1x32xi8>) -> tensor<1x8x8x32xi32>
// CHECK-NOT: tensor<64xi32>
// CHECK: edge.concat {{.*}} (tensor<1x8x8x32xi8>, tensor<1x8x8x32xi8>) -> tensor<1x8x8x64xi8>
func.func @parts(%x: tensor<1x8x8x64xi8>) -> tensor<1x8x8x64xi8> {
  %a = edge.constant {value = dense<3> : tensor<32x1x1x16xi8>} : tensor<32x1x1x16xi8>
  %z = edge.constant {value = dense<0> : tensor<32x1x1x16xi8>} : tensor<32x1x1x16xi8>
  %m1 = edge.constant {value = dense<1342177280> : tensor<32xi32>} : tensor<32xi32>
  %m2 = edge.constant {value = dense<1610612736> : tensor<32xi32>} : tensor<32xi32>
  %m = edge.concat %m1, %m2 {axis = 0 : i64} : (tensor<32xi32>, tensor<32xi32>) -> tensor<64xi32>
  %s = edge.constant {value = dense<7> : tensor<i32>} : tensor<i32>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %r1 = edge.concat %z, %z, %a, %a {axis = 3 : i64} : (tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>) -> tensor<32x1x1x64xi8>
  %r2 = edge.concat %a, %z, %z, %a {axis = 3 : i64} : (tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>) -> tensor<32x1x1x64xi8>
  %f = edge.concat %r1, %r2 {axis = 0 : i64} : (tensor<32x1x1x64xi8>, tensor<32x1x1x64xi8>) -> tensor<64x1x1x64xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x8x8x64xi8>, tensor<64x1x1x64xi8>) -> tensor<1x8x8x64xi32>
  %1 = edge.rescale double %0, %m, %s : (tensor<1x8x8x64xi32>, tensor<64xi32>, tensor<i32>) -> tensor<1x8x8x64xi32>
  %2 = edge.max %1, %low : (tensor<1x8x8x64xi32>, tensor<i32>) -> tensor<1x8x8x64xi32>
  %3 = edge.min %2, %high : (tensor<1x8x8x64xi32>, tensor<i32>) -> tensor<1x8x8x64xi32>
  %4 = edge.cast %3 : (tensor<1x8x8x64xi32>) -> tensor<1x8x8x64xi8>
  return %4 : tensor<1x8x8x64xi8>
}

// Too little to save: one kernel is as good.
// CHECK-LABEL: func @small
// CHECK: edge.integer_conv2d {{.*}} (tensor<1x1x1x64xi8>, tensor<64x1x1x64xi8>)
func.func @small(%x: tensor<1x1x1x64xi8>) -> tensor<1x1x1x64xi32> {
  %a = edge.constant {value = dense<3> : tensor<32x1x1x16xi8>} : tensor<32x1x1x16xi8>
  %z = edge.constant {value = dense<0> : tensor<32x1x1x16xi8>} : tensor<32x1x1x16xi8>
  %r1 = edge.concat %z, %z, %a, %a {axis = 3 : i64} : (tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>) -> tensor<32x1x1x64xi8>
  %r2 = edge.concat %a, %z, %z, %a {axis = 3 : i64} : (tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>, tensor<32x1x1x16xi8>) -> tensor<32x1x1x64xi8>
  %f = edge.concat %r1, %r2 {axis = 0 : i64} : (tensor<32x1x1x64xi8>, tensor<32x1x1x64xi8>) -> tensor<64x1x1x64xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x1x1x64xi8>, tensor<64x1x1x64xi8>) -> tensor<1x1x1x64xi32>
  return %0 : tensor<1x1x1x64xi32>
}

// Outputs that read nothing are their bias; of floats inputs may be infinite,
// unless that is ruled out.
// CHECK-LABEL: func @floats
// CHECK: edge.fully_connected {{.*}} (tensor<64x64xf32>, tensor<64x64xf32>)
// FINITE-LABEL: func @floats
// FINITE-DAG: edge.fully_connected {{.*}} (tensor<64x32xf32>, tensor<32x32xf32>) -> tensor<64x32xf32>
// FINITE-DAG: edge.fully_connected {{.*}} (tensor<64x4xf32>, tensor<32x4xf32>) -> tensor<64x32xf32>
// FINITE: edge.concat
func.func @floats(%x: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %a = edge.constant {value = dense<3.0> : tensor<32x32xf32>} : tensor<32x32xf32>
  %z = edge.constant {value = dense<0.0> : tensor<32x32xf32>} : tensor<32x32xf32>
  %r1 = edge.concat %a, %z {axis = 1 : i64} : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x64xf32>
  %r2 = edge.concat %z, %z {axis = 1 : i64} : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x64xf32>
  %f = edge.concat %r1, %r2 {axis = 0 : i64} : (tensor<32x64xf32>, tensor<32x64xf32>) -> tensor<64x64xf32>
  %0 = edge.fully_connected %x, %f : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = edge.relu %0 : (tensor<64x64xf32>) -> tensor<64x64xf32>
  return %1 : tensor<64x64xf32>
}
