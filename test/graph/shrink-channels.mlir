// Channels that are constant for every input, or multiplied by zeros only, go;
// results keep their bits (MeaningTest runs this file).
// RUN: edge-opt %s -edge-shrink-channels | FileCheck %s

// Channel 1 is 7 everywhere: 7 * 3 and 7 * -2 go into the bias.
// CHECK-LABEL: func @zero_filter
// CHECK: %[[F:.*]] = edge.constant {value = dense<{{.*}}[1, 2]{{.*}}[5, 6]{{.*}}> : tensor<2x1x1x2xi8>}
// CHECK: edge.integer_conv2d %{{.*}}, %[[F]], %{{.*}} -> tensor<1x2x2x2xi32>
// CHECK: %[[C:.*]] = edge.constant {value = dense<[121, 186]> : tensor<2xi32>}
// CHECK: %[[G:.*]] = edge.constant {value = dense<{{.*}}[1, 4]{{.*}}[2, 5]{{.*}}> : tensor<2x1x1x2xi8>}
// CHECK: edge.integer_conv2d %{{.*}}, %[[G]], %[[C]] {{.*}} -> tensor<1x2x2x2xi32>
func.func @zero_filter(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi32> {
  %f = edge.constant {value = dense<[[[[1, 2]]], [[[0, 0]]], [[[5, 6]]]]> : tensor<3x1x1x2xi8>} : tensor<3x1x1x2xi8>
  %b = edge.constant {value = dense<[0, 7, 0]> : tensor<3xi32>} : tensor<3xi32>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %g = edge.constant {value = dense<[[[[1, 3, 4]]], [[[2, -2, 5]]]]> : tensor<2x1x1x3xi8>} : tensor<2x1x1x3xi8>
  %c = edge.constant {value = dense<[100, 200]> : tensor<2xi32>} : tensor<2xi32>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x2xi8>, tensor<3x1x1x2xi8>, tensor<3xi32>) -> tensor<1x2x2x3xi32>
  %1 = edge.max %0, %low : (tensor<1x2x2x3xi32>, tensor<i32>) -> tensor<1x2x2x3xi32>
  %2 = edge.min %1, %high : (tensor<1x2x2x3xi32>, tensor<i32>) -> tensor<1x2x2x3xi32>
  %3 = edge.cast %2 : (tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi8>
  %4 = edge.integer_conv2d %3, %g, %c : (tensor<1x2x2x3xi8>, tensor<2x1x1x3xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
  return %4 : tensor<1x2x2x2xi32>
}

// Nothing of channel 0 gets above the bound: |x| * 3 - 1000 < -5. Its products
// with the zero point taken away: (-5 - 2) * 4 = -28.
// CHECK-LABEL: func @cut_off
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
// CHECK: %[[B:.*]] = edge.constant {value = dense<-28> : tensor<1xi32>}
// CHECK: edge.integer_conv2d %{{.*}}, %{{.*}}, %[[B]] {{.*}} -> tensor<1x2x2x1xi32>
func.func @cut_off(%x: tensor<1x2x2x1xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<[[[[3]]], [[[1]]]]> : tensor<2x1x1x1xi8>} : tensor<2x1x1x1xi8>
  %b = edge.constant {value = dense<[-1000, 0]> : tensor<2xi32>} : tensor<2xi32>
  %low = edge.constant {value = dense<-5> : tensor<i32>} : tensor<i32>
  %g = edge.constant {value = dense<[[[[4, 1]]]]> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
  %1 = edge.max %0, %low : (tensor<1x2x2x2xi32>, tensor<i32>) -> tensor<1x2x2x2xi32>
  %2 = edge.cast %1 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %3 = edge.integer_conv2d %2, %g {input_zero_point = 2 : i64} : (tensor<1x2x2x2xi8>, tensor<1x1x1x2xi8>) -> tensor<1x2x2x1xi32>
  return %3 : tensor<1x2x2x1xi32>
}

// Around a constant of 7 the pads are 0, so the border has other sums.
// CHECK-LABEL: func @other_pad
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x2xi32>
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x4x4x1xi32>
func.func @other_pad(%x: tensor<1x2x2x1xi8>) -> tensor<1x4x4x1xi32> {
  %f = edge.constant {value = dense<[[[[1]]], [[[0]]]]> : tensor<2x1x1x1xi8>} : tensor<2x1x1x1xi8>
  %b = edge.constant {value = dense<[0, 7]> : tensor<2xi32>} : tensor<2xi32>
  %g = edge.constant {value = dense<[[[[4, 1]]]]> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %2 = edge.integer_conv2d %1, %g {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x2x2xi8>, tensor<1x1x1x2xi8>) -> tensor<1x4x4x1xi32>
  return %2 : tensor<1x4x4x1xi32>
}

// With 7 around it as well, it goes, through the depthwise convolution.
// CHECK-LABEL: func @depthwise
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
// CHECK: edge.integer_conv2d {{.*}} {pad_value = 7 : i64, {{.*}} -> tensor<1x2x2x1xi32>
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
func.func @depthwise(%x: tensor<1x2x2x1xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<[[[[1]]], [[[0]]]]> : tensor<2x1x1x1xi8>} : tensor<2x1x1x1xi8>
  %b = edge.constant {value = dense<[0, 7]> : tensor<2xi32>} : tensor<2xi32>
  %d = edge.constant {value = dense<1> : tensor<2x3x3x1xi8>} : tensor<2x3x3x1xi8>
  %g = edge.constant {value = dense<[[[[4, 1]]]]> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %2 = edge.integer_conv2d %1, %d {groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>, pad_value = 7 : i64} : (tensor<1x2x2x2xi8>, tensor<2x3x3x1xi8>) -> tensor<1x2x2x2xi32>
  %3 = edge.cast %2 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %4 = edge.integer_conv2d %3, %g : (tensor<1x2x2x2xi8>, tensor<1x1x1x2xi8>) -> tensor<1x2x2x1xi32>
  return %4 : tensor<1x2x2x1xi32>
}

// Of three channels one is multiplied by zeros only; those of both operands of
// the addition go together.
// CHECK-LABEL: func @dead
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x2xi32>
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x2xi32>
// CHECK: edge.add {{.*}} -> tensor<1x2x2x2xi32>
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
func.func @dead(%x: tensor<1x2x2x1xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<[[[[1]]], [[[2]]], [[[3]]]]> : tensor<3x1x1x1xi8>} : tensor<3x1x1x1xi8>
  %e = edge.constant {value = dense<[[[[4]]], [[[5]]], [[[6]]]]> : tensor<3x1x1x1xi8>} : tensor<3x1x1x1xi8>
  %g = edge.constant {value = dense<[[[[4, 0, 1]]]]> : tensor<1x1x1x3xi8>} : tensor<1x1x1x3xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x1xi8>, tensor<3x1x1x1xi8>) -> tensor<1x2x2x3xi32>
  %1 = edge.integer_conv2d %x, %e : (tensor<1x2x2x1xi8>, tensor<3x1x1x1xi8>) -> tensor<1x2x2x3xi32>
  %2 = edge.add %0, %1 : (tensor<1x2x2x3xi32>, tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi32>
  %3 = edge.cast %2 : (tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi8>
  %4 = edge.integer_conv2d %3, %g : (tensor<1x2x2x3xi8>, tensor<1x1x1x3xi8>) -> tensor<1x2x2x1xi32>
  return %4 : tensor<1x2x2x1xi32>
}

// The model's result keeps its shape, and so does what it is computed from.
// CHECK-LABEL: func @seen
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x2xi32>
func.func @seen(%x: tensor<1x2x2x1xi8>) -> (tensor<1x2x2x2xi32>, tensor<1x2x2x1xi32>) {
  %f = edge.constant {value = dense<[[[[1]]], [[[0]]]]> : tensor<2x1x1x1xi8>} : tensor<2x1x1x1xi8>
  %g = edge.constant {value = dense<[[[[4, 0]]]]> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi8>) -> tensor<1x2x2x2xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %2 = edge.integer_conv2d %1, %g : (tensor<1x2x2x2xi8>, tensor<1x1x1x2xi8>) -> tensor<1x2x2x1xi32>
  return %0, %2 : tensor<1x2x2x2xi32>, tensor<1x2x2x1xi32>
}

// All are constant: one stays, for a tensor must have channels.
// CHECK-LABEL: func @all
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
func.func @all(%x: tensor<1x2x2x1xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<0> : tensor<3x1x1x1xi8>} : tensor<3x1x1x1xi8>
  %b = edge.constant {value = dense<[3, 4, 5]> : tensor<3xi32>} : tensor<3xi32>
  %g = edge.constant {value = dense<[[[[4, 2, 3]]]]> : tensor<1x1x1x3xi8>} : tensor<1x1x1x3xi8>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x1xi8>, tensor<3x1x1x1xi8>, tensor<3xi32>) -> tensor<1x2x2x3xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi8>
  %2 = edge.integer_conv2d %1, %g : (tensor<1x2x2x3xi8>, tensor<1x1x1x3xi8>) -> tensor<1x2x2x1xi32>
  return %2 : tensor<1x2x2x1xi32>
}

// Signed results, negative bounds and zero points: channel 1 is -5 everywhere and
// adds -10 to the sums of its reader; channel 0 varies and stays.
// CHECK-LABEL: func @signed
// CHECK: %[[R:.*]] = edge.requantize {{.*}} {high = 127 : i64, low = -128 : i64, zero_point = -5 : i64} : {{.*}} -> tensor<1x2x2x1xi8>
// CHECK-DAG: %[[B:.*]] = edge.constant {value = dense<-10> : tensor<1xi32>}
// CHECK-DAG: %[[G:.*]] = edge.constant {value = dense<4> : tensor<1x1x1x1xi8>}
// CHECK: edge.integer_conv2d %[[R]], %[[G]], %[[B]]
// CHECK: return
func.func @signed(%x: tensor<1x2x2x1xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<[[[[1]]], [[[0]]]]> : tensor<2x1x1x1xi8>} : tensor<2x1x1x1xi8>
  %s = edge.constant {value = dense<[0.5, 0.25]> : tensor<2xf32>} : tensor<2xf32>
  %g = edge.constant {value = dense<[[[[4, 2]]]]> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x1xi8>, tensor<2x1x1x1xi8>) -> tensor<1x2x2x2xi32>
  %1 = edge.requantize %0, %s {high = 127 : i64, low = -128 : i64, zero_point = -5 : i64} : (tensor<1x2x2x2xi32>, tensor<2xf32>) -> tensor<1x2x2x2xi8>
  %2 = edge.integer_conv2d %1, %g : (tensor<1x2x2x2xi8>, tensor<1x1x1x2xi8>) -> tensor<1x2x2x1xi32>
  return %2 : tensor<1x2x2x1xi32>
}

// Channels 0 and 2 have equal filters, biases and factors: the reader multiplies
// one of them with 3 + 5 and 4 - 2. Channel 1 has another factor and stays.
// CHECK-LABEL: func @equal
// CHECK-DAG: edge.constant {value = dense<{{.*}}[1, 2]{{.*}}[1, 2]{{.*}}> : tensor<2x1x1x2xi8>}
// CHECK-DAG: edge.constant {value = dense<7> : tensor<2xi32>}
// CHECK-DAG: edge.constant {value = dense<[5.000000e-01, 2.500000e-01]> : tensor<2xf32>}
// CHECK-DAG: edge.constant {value = dense<{{.*}}[8, 1]{{.*}}[2, 6]{{.*}}> : tensor<2x1x1x2xi8>}
// CHECK: return
func.func @equal(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi32> {
  %f = edge.constant {value = dense<[[[[1, 2]]], [[[1, 2]]], [[[1, 2]]]]> : tensor<3x1x1x2xi8>} : tensor<3x1x1x2xi8>
  %b = edge.constant {value = dense<7> : tensor<3xi32>} : tensor<3xi32>
  %s = edge.constant {value = dense<[0.5, 0.25, 0.5]> : tensor<3xf32>} : tensor<3xf32>
  %g = edge.constant {value = dense<[[[[3, 1, 5]]], [[[4, 6, -2]]]]> : tensor<2x1x1x3xi8>} : tensor<2x1x1x3xi8>
  %0 = edge.integer_conv2d %x, %f, %b : (tensor<1x2x2x2xi8>, tensor<3x1x1x2xi8>, tensor<3xi32>) -> tensor<1x2x2x3xi32>
  %1 = edge.requantize %0, %s {high = 127 : i64, low = -128 : i64, zero_point = 3 : i64} : (tensor<1x2x2x3xi32>, tensor<3xf32>) -> tensor<1x2x2x3xi8>
  %2 = edge.integer_conv2d %1, %g {input_zero_point = 3 : i64} : (tensor<1x2x2x3xi8>, tensor<2x1x1x3xi8>) -> tensor<1x2x2x2xi32>
  return %2 : tensor<1x2x2x2xi32>
}

// 100 + 100 is no byte: the equal channels stay. With a depthwise convolution
// between, whose filters are equal as well, 60 + 60 is one.
// CHECK-LABEL: func @does_not_fit
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x2xi32>
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
func.func @does_not_fit(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<3> : tensor<2x1x1x2xi8>} : tensor<2x1x1x2xi8>
  %g = edge.constant {value = dense<100> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x2xi8>, tensor<2x1x1x2xi8>) -> tensor<1x2x2x2xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %2 = edge.integer_conv2d %1, %g : (tensor<1x2x2x2xi8>, tensor<1x1x1x2xi8>) -> tensor<1x2x2x1xi32>
  return %2 : tensor<1x2x2x1xi32>
}

// CHECK-LABEL: func @equal_through_depthwise
// CHECK: edge.integer_conv2d {{.*}} -> tensor<1x2x2x1xi32>
// CHECK: dense<120> : tensor<1x1x1x1xi8>
func.func @equal_through_depthwise(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x1xi32> {
  %f = edge.constant {value = dense<3> : tensor<2x1x1x2xi8>} : tensor<2x1x1x2xi8>
  %d = edge.constant {value = dense<2> : tensor<2x1x1x1xi8>} : tensor<2x1x1x1xi8>
  %g = edge.constant {value = dense<60> : tensor<1x1x1x2xi8>} : tensor<1x1x1x2xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x2xi8>, tensor<2x1x1x2xi8>) -> tensor<1x2x2x2xi32>
  %1 = edge.cast %0 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %2 = edge.integer_conv2d %1, %d {groups = 2 : i64} : (tensor<1x2x2x2xi8>, tensor<2x1x1x1xi8>) -> tensor<1x2x2x2xi32>
  %3 = edge.cast %2 : (tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi8>
  %4 = edge.integer_conv2d %3, %g : (tensor<1x2x2x2xi8>, tensor<1x1x1x2xi8>) -> tensor<1x2x2x1xi32>
  return %4 : tensor<1x2x2x1xi32>
}
