// Channel shuffles become the order of filters (MeaningTest runs this file too).
// RUN: edge-opt %s -edge-absorb-shuffles -edge-fold-constants -canonicalize | FileCheck %s

// The reader's inputs take the order 0, 2, 4, 1, 3, 5; the argument's stays.
// CHECK-LABEL: func @reader
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x2x2x6xf32>
// CHECK: %[[F:.*]] = edge.constant {{.*}}dense<{{.*}}0.000000e+00, 2.000000e+00, 4.000000e+00, 1.000000e+00, 3.000000e+00, 5.000000e+00
// CHECK-NEXT: edge.conv2d %[[X]], %[[F]]
func.func @reader(%x: tensor<1x2x2x6xf32>) -> tensor<1x2x2x1xf32> {
  %f = edge.constant {value = dense<[[[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]]]]> : tensor<1x1x1x6xf32>} : tensor<1x1x1x6xf32>
  %g = edge.reshape %x : (tensor<1x2x2x6xf32>) -> tensor<1x2x2x2x3xf32>
  %t = edge.transpose %g {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x2x2x2x3xf32>) -> tensor<1x2x2x3x2xf32>
  %s = edge.reshape %t : (tensor<1x2x2x3x2xf32>) -> tensor<1x2x2x6xf32>
  %r = edge.conv2d %s, %f : (tensor<1x2x2x6xf32>, tensor<1x1x1x6xf32>) -> tensor<1x2x2x1xf32>
  return %r : tensor<1x2x2x1xf32>
}

// Nobody behind can take another order, so the writer does, with its bias, and
// the scale behind it.
// CHECK-LABEL: func @writer
// CHECK-DAG: dense<{{.*}}1.000000e+00{{.*}}3.000000e+00{{.*}}2.000000e+00{{.*}}4.000000e+00{{.*}}> : tensor<4x1x1x1xf32>
// CHECK-DAG: dense<[5.000000e+00, 7.000000e+00, 6.000000e+00, 8.000000e+00]>
// CHECK-DAG: dense<[-1.000000e+00, -3.000000e+00, -2.000000e+00, -4.000000e+00]>
// CHECK: edge.conv2d
// CHECK-NEXT: edge.mul
// CHECK-NEXT: %[[R:.*]] = edge.relu
// CHECK-NEXT: return %[[R]]
func.func @writer(%x: tensor<1x8x8x1xf32>) -> tensor<1x8x8x4xf32> {
  %f = edge.constant {value = dense<[[[[1.0]]], [[[2.0]]], [[[3.0]]], [[[4.0]]]]> : tensor<4x1x1x1xf32>} : tensor<4x1x1x1xf32>
  %b = edge.constant {value = dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>} : tensor<4xf32>
  %m = edge.constant {value = dense<[-1.0, -2.0, -3.0, -4.0]> : tensor<4xf32>} : tensor<4xf32>
  %c = edge.conv2d %x, %f, %b : (tensor<1x8x8x1xf32>, tensor<4x1x1x1xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
  %u = edge.mul %c, %m : (tensor<1x8x8x4xf32>, tensor<4xf32>) -> tensor<1x8x8x4xf32>
  %a = edge.relu %u : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %g = edge.reshape %a : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x2x2xf32>
  %t = edge.transpose %g {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x8x8x2x2xf32>) -> tensor<1x8x8x2x2xf32>
  %s = edge.reshape %t : (tensor<1x8x8x2x2xf32>) -> tensor<1x8x8x4xf32>
  return %s : tensor<1x8x8x4xf32>
}

// Through a depthwise convolution, whose filters and bias take the order, and a
// pool to the filters behind.
// CHECK-LABEL: func @handed_on
// CHECK-DAG: dense<[1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-DAG: dense<{{.*}}1.000000e+01, 3.000000e+01, 2.000000e+01, 4.000000e+01
// CHECK: edge.conv2d %{{.*}} {groups = 4
// CHECK-NEXT: edge.max_pool2d
// CHECK-NEXT: edge.conv2d
// CHECK-NEXT: return
func.func @handed_on(%x: tensor<1x4x4x4xf32>) -> tensor<1x2x2x1xf32> {
  %d = edge.constant {value = dense<2.0> : tensor<4x1x1x1xf32>} : tensor<4x1x1x1xf32>
  %b = edge.constant {value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>} : tensor<4xf32>
  %f = edge.constant {value = dense<[[[[10.0, 20.0, 30.0, 40.0]]]]> : tensor<1x1x1x4xf32>} : tensor<1x1x1x4xf32>
  %g = edge.reshape %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x2x2xf32>
  %t = edge.transpose %g {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x4x4x2x2xf32>) -> tensor<1x4x4x2x2xf32>
  %s = edge.reshape %t : (tensor<1x4x4x2x2xf32>) -> tensor<1x4x4x4xf32>
  %0 = edge.conv2d %s, %d, %b {groups = 4 : i64} : (tensor<1x4x4x4xf32>, tensor<4x1x1x1xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  %1 = edge.max_pool2d %0 {window = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x4x4x4xf32>) -> tensor<1x2x2x4xf32>
  %r = edge.conv2d %1, %f : (tensor<1x2x2x4xf32>, tensor<1x1x1x4xf32>) -> tensor<1x2x2x1xf32>
  return %r : tensor<1x2x2x1xf32>
}

// ShuffleNet v2's unit: no shuffle is left, and the second half that the next
// convolution takes is a run of each source's channels.
// CHECK-LABEL: func @unit
// CHECK-NOT: edge.transpose
// CHECK: %[[A:.*]] = edge.slice %{{.*}} {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 4, 4, 8>
// CHECK: %[[B:.*]] = edge.slice %{{.*}} {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 4, 4, 8>
// CHECK: %[[H:.*]] = edge.concat %[[A]], %[[B]] {axis = 3 : i64}
// CHECK: edge.conv2d %[[H]]
// CHECK-NOT: edge.transpose
func.func @unit(%x: tensor<1x4x4x8xf32>) -> tensor<1x4x4x3xf32> {
  %f = edge.constant {random, value = dense<1.0> : tensor<16x1x1x8xf32>} : tensor<16x1x1x8xf32>
  %g = edge.constant {random, value = dense<1.0> : tensor<16x1x1x8xf32>} : tensor<16x1x1x8xf32>
  %h = edge.constant {random, value = dense<1.0> : tensor<16x1x1x16xf32>} : tensor<16x1x1x16xf32>
  %k = edge.constant {random, value = dense<1.0> : tensor<3x1x1x32xf32>} : tensor<3x1x1x32xf32>
  %a = edge.conv2d %x, %f : (tensor<1x4x4x8xf32>, tensor<16x1x1x8xf32>) -> tensor<1x4x4x16xf32>
  %b = edge.conv2d %x, %g : (tensor<1x4x4x8xf32>, tensor<16x1x1x8xf32>) -> tensor<1x4x4x16xf32>
  %ab = edge.concat %a, %b {axis = 3 : i64} : (tensor<1x4x4x16xf32>, tensor<1x4x4x16xf32>) -> tensor<1x4x4x32xf32>
  %g0 = edge.reshape %ab : (tensor<1x4x4x32xf32>) -> tensor<1x4x4x2x16xf32>
  %t0 = edge.transpose %g0 {permutation = array<i64: 0, 4, 3, 1, 2>} : (tensor<1x4x4x2x16xf32>) -> tensor<1x16x2x4x4xf32>
  %s0 = edge.reshape %t0 : (tensor<1x16x2x4x4xf32>) -> tensor<1x32x4x4xf32>
  %left = edge.slice %s0 {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 16, 4, 4>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x32x4x4xf32>) -> tensor<1x16x4x4xf32>
  %right = edge.slice %s0 {offsets = array<i64: 0, 16, 0, 0>, sizes = array<i64: 1, 16, 4, 4>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x32x4x4xf32>) -> tensor<1x16x4x4xf32>
  %image = edge.transpose %right {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x16x4x4xf32>) -> tensor<1x4x4x16xf32>
  %c = edge.conv2d %image, %h : (tensor<1x4x4x16xf32>, tensor<16x1x1x16xf32>) -> tensor<1x4x4x16xf32>
  %ct = edge.transpose %c {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x16xf32>) -> tensor<1x16x4x4xf32>
  %lc = edge.concat %left, %ct {axis = 1 : i64} : (tensor<1x16x4x4xf32>, tensor<1x16x4x4xf32>) -> tensor<1x32x4x4xf32>
  %g1 = edge.reshape %lc : (tensor<1x32x4x4xf32>) -> tensor<1x2x16x4x4xf32>
  %t1 = edge.transpose %g1 {permutation = array<i64: 0, 3, 4, 2, 1>} : (tensor<1x2x16x4x4xf32>) -> tensor<1x4x4x16x2xf32>
  %s1 = edge.reshape %t1 : (tensor<1x4x4x16x2xf32>) -> tensor<1x4x4x32xf32>
  %r = edge.conv2d %s1, %k : (tensor<1x4x4x32xf32>, tensor<3x1x1x32xf32>) -> tensor<1x4x4x3xf32>
  return %r : tensor<1x4x4x3xf32>
}

// Between two grouped convolutions the runs would be of two channels: the
// shuffle stays.
// CHECK-LABEL: func @grouped
// CHECK: edge.transpose
func.func @grouped(%x: tensor<1x2x2x8xf32>) -> tensor<1x2x2x8xf32> {
  %f = edge.constant {random, value = dense<1.0> : tensor<8x1x1x4xf32>} : tensor<8x1x1x4xf32>
  %g = edge.constant {random, value = dense<1.0> : tensor<8x1x1x4xf32>} : tensor<8x1x1x4xf32>
  %a = edge.conv2d %x, %f {groups = 2 : i64} : (tensor<1x2x2x8xf32>, tensor<8x1x1x4xf32>) -> tensor<1x2x2x8xf32>
  %g0 = edge.reshape %a : (tensor<1x2x2x8xf32>) -> tensor<1x2x2x2x4xf32>
  %t0 = edge.transpose %g0 {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x2x2x2x4xf32>) -> tensor<1x2x2x4x2xf32>
  %s0 = edge.reshape %t0 : (tensor<1x2x2x4x2xf32>) -> tensor<1x2x2x8xf32>
  %r = edge.conv2d %s0, %g {groups = 2 : i64} : (tensor<1x2x2x8xf32>, tensor<8x1x1x4xf32>) -> tensor<1x2x2x8xf32>
  return %r : tensor<1x2x2x8xf32>
}

// A grouped reader behind a convolution of all channels: the writer's order
// alone.
// CHECK-LABEL: func @grouped_reader
// CHECK: %[[C:.*]] = edge.conv2d
// CHECK-NEXT: edge.conv2d %[[C]], %{{.*}} {groups = 2 : i64}
func.func @grouped_reader(%x: tensor<1x8x8x3xf32>) -> tensor<1x8x8x8xf32> {
  %f = edge.constant {random, value = dense<1.0> : tensor<8x1x1x3xf32>} : tensor<8x1x1x3xf32>
  %g = edge.constant {random, value = dense<1.0> : tensor<8x1x1x4xf32>} : tensor<8x1x1x4xf32>
  %a = edge.conv2d %x, %f : (tensor<1x8x8x3xf32>, tensor<8x1x1x3xf32>) -> tensor<1x8x8x8xf32>
  %g0 = edge.reshape %a : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x2x4xf32>
  %t0 = edge.transpose %g0 {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x8x8x2x4xf32>) -> tensor<1x8x8x4x2xf32>
  %s0 = edge.reshape %t0 : (tensor<1x8x8x4x2xf32>) -> tensor<1x8x8x8xf32>
  %r = edge.conv2d %s0, %g {groups = 2 : i64} : (tensor<1x8x8x8xf32>, tensor<8x1x1x4xf32>) -> tensor<1x8x8x8xf32>
  return %r : tensor<1x8x8x8xf32>
}

// Integers keep their bits.
// CHECK-LABEL: func @integers
// CHECK-NOT: edge.transpose
func.func @integers(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<[[[[1, 2]]], [[[3, -4]]], [[[5, 6]]], [[[7, 8]]]]> : tensor<4x1x1x2xi8>} : tensor<4x1x1x2xi8>
  %b = edge.constant {value = dense<[100, 200, -300, 400]> : tensor<4xi32>} : tensor<4xi32>
  %g = edge.constant {value = dense<[[[[1, -2, 3, 4]]]]> : tensor<1x1x1x4xi8>} : tensor<1x1x1x4xi8>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x2xi8>, tensor<4x1x1x2xi8>, tensor<4xi32>) -> tensor<1x2x2x4xi32>
  %1 = edge.max %0, %low : (tensor<1x2x2x4xi32>, tensor<i32>) -> tensor<1x2x2x4xi32>
  %2 = edge.min %1, %high : (tensor<1x2x2x4xi32>, tensor<i32>) -> tensor<1x2x2x4xi32>
  %3 = edge.cast %2 : (tensor<1x2x2x4xi32>) -> tensor<1x2x2x4xi8>
  %4 = edge.reshape %3 : (tensor<1x2x2x4xi8>) -> tensor<1x2x2x2x2xi8>
  %5 = edge.transpose %4 {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x2x2x2x2xi8>) -> tensor<1x2x2x2x2xi8>
  %6 = edge.reshape %5 : (tensor<1x2x2x2x2xi8>) -> tensor<1x2x2x4xi8>
  %7 = edge.integer_conv2d %6, %g : (tensor<1x2x2x4xi8>, tensor<1x1x1x4xi8>) -> tensor<1x2x2x1xi32>
  return %7 : tensor<1x2x2x1xi32>
}
