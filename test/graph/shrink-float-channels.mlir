// Of floats only terms of zero go, and where they may be infinite or NaN only
// with -assume-finite; results keep their bits (MeaningTest runs this file).
// RUN: edge-opt %s -edge-shrink-channels=assume-finite | FileCheck %s
// RUN: edge-opt %s -edge-shrink-channels | FileCheck %s --check-prefix=STRICT

// Channel 1 is max(-7, 0), channel 2 a constant that would be rounded elsewhere:
// it stays.
// CHECK-LABEL: func @zero_filter
// CHECK: edge.conv2d {{.*}} -> tensor<1x2x2x2xf32>
// CHECK: %[[G:.*]] = edge.constant {value = dense<{{.*}}[1.000000e+00, 4.000000e+00]{{.*}}> : tensor<1x1x1x2xf32>}
// CHECK: edge.conv2d %{{.*}}, %[[G]] {pads = array<i64: 1, 1, 1, 1>}
// STRICT-LABEL: func @zero_filter
// STRICT: edge.conv2d {{.*}} -> tensor<1x2x2x3xf32>
func.func @zero_filter(%x: tensor<1x2x2x2xf32>) -> tensor<1x4x4x1xf32> {
  %f = edge.constant {value = dense<[[[[1.0, 2.0]]], [[[0.0, -0.0]]], [[[0.0, 0.0]]]]> : tensor<3x1x1x2xf32>} : tensor<3x1x1x2xf32>
  %b = edge.constant {value = dense<[0.0, -7.0, 0.5]> : tensor<3xf32>} : tensor<3xf32>
  %g = edge.constant {value = dense<[[[[1.0, 3.0, 4.0]]]]> : tensor<1x1x1x3xf32>} : tensor<1x1x1x3xf32>
  %0 = edge.conv2d %x, %f, %b : (tensor<1x2x2x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>) -> tensor<1x2x2x3xf32>
  %1 = edge.relu %0 : (tensor<1x2x2x3xf32>) -> tensor<1x2x2x3xf32>
  %2 = edge.conv2d %1, %g {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x2x2x3xf32>, tensor<1x1x1x3xf32>) -> tensor<1x4x4x1xf32>
  return %2 : tensor<1x4x4x1xf32>
}

// Bytes are finite, and so is what is computed from few of them: nothing needs
// to be assumed. The gate's channels go with those that it multiplies.
// CHECK-LABEL: func @bytes
// STRICT-LABEL: func @bytes
// STRICT: edge.conv2d {{.*}} -> tensor<1x2x2x1xf32>
// STRICT: edge.fully_connected {{.*}} -> tensor<1x1x1x1xf32>
// STRICT: edge.mul {{.*}} -> tensor<1x2x2x1xf32>
// STRICT: edge.fully_connected {{.*}} -> tensor<1x2x2x2xf32>
func.func @bytes(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xf32> {
  %f = edge.constant {value = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32>} : tensor<2x1x1x2xf32>
  %e = edge.constant {value = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %g = edge.constant {value = dense<[[5.0, 0.0], [6.0, 0.0]]> : tensor<2x2xf32>} : tensor<2x2xf32>
  %0 = edge.cast %x : (tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xf32>
  %1 = edge.conv2d %0, %f : (tensor<1x2x2x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = edge.reduce_mean %0 {axes = array<i64: 1, 2>, keep_dims = true} : (tensor<1x2x2x2xf32>) -> tensor<1x1x1x2xf32>
  %3 = edge.fully_connected %2, %e : (tensor<1x1x1x2xf32>, tensor<2x2xf32>) -> tensor<1x1x1x2xf32>
  %4 = edge.sigmoid %3 : (tensor<1x1x1x2xf32>) -> tensor<1x1x1x2xf32>
  %5 = edge.mul %1, %4 : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x2x2x2xf32>
  %6 = edge.fully_connected %5, %g : (tensor<1x2x2x2xf32>, tensor<2x2xf32>) -> tensor<1x2x2x2xf32>
  return %6 : tensor<1x2x2x2xf32>
}

// A clamp bounds numbers, but lets NaN through.
// CHECK-LABEL: func @clamped
// CHECK: edge.conv2d {{.*}} -> tensor<1x2x2x1xf32>
// STRICT-LABEL: func @clamped
// STRICT: edge.conv2d {{.*}} -> tensor<1x2x2x2xf32>
func.func @clamped(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %f = edge.constant {value = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : tensor<2x1x1x1xf32>
  %g = edge.constant {value = dense<[[[[3.0, 0.0]]]]> : tensor<1x1x1x2xf32>} : tensor<1x1x1x2xf32>
  %0 = edge.conv2d %x, %f : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %1 = edge.clamp %0 {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = edge.conv2d %1, %g : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x2x2x1xf32>
  return %2 : tensor<1x2x2x1xf32>
}

// All pixels in a row: channel 0 is zero at each, and goes with a factor per
// pixel.
// CHECK-LABEL: func @flattened
// CHECK: edge.conv2d {{.*}} -> tensor<1x1x2x1xf32>
// CHECK: edge.max_pool2d {{.*}} -> tensor<1x1x2x1xf32>
// CHECK: edge.reshape {{.*}} -> tensor<1x2xf32>
// CHECK: %[[G:.*]] = edge.constant {value = dense<{{.*}}[2.000000e+00, 4.000000e+00]{{.*}}> : tensor<1x2xf32>}
// CHECK: edge.fully_connected %{{.*}}, %[[G]]
// STRICT-LABEL: func @flattened
func.func @flattened(%x: tensor<1x1x2x1xf32>) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<[[[[0.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : tensor<2x1x1x1xf32>
  %g = edge.constant {value = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>} : tensor<1x4xf32>
  %0 = edge.conv2d %x, %f : (tensor<1x1x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<1x1x2x2xf32>
  %1 = edge.max_pool2d %0 {window = array<i64: 1, 1>} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %2 = edge.reshape %1 : (tensor<1x1x2x2xf32>) -> tensor<1x4xf32>
  %3 = edge.fully_connected %2, %g : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x1xf32>
  return %3 : tensor<1x1xf32>
}

// Equal channels stay: a sum of two factors would be rounded.
// CHECK-LABEL: func @equal
// CHECK: edge.conv2d {{.*}} -> tensor<1x2x2x2xf32>
// STRICT-LABEL: func @equal
func.func @equal(%x: tensor<1x2x2x1xf32>) -> tensor<1x2x2x1xf32> {
  %f = edge.constant {value = dense<3.0> : tensor<2x1x1x1xf32>} : tensor<2x1x1x1xf32>
  %g = edge.constant {value = dense<[[[[0.1, 0.3]]]]> : tensor<1x1x1x2xf32>} : tensor<1x1x1x2xf32>
  %0 = edge.conv2d %x, %f : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %1 = edge.conv2d %0, %g : (tensor<1x2x2x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x2x2x1xf32>
  return %1 : tensor<1x2x2x1xf32>
}
