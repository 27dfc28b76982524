// Channels between two layers are balanced, the result stays the same.
// RUN: edge-opt %s -edge-equalize-layers -canonicalize | FileCheck %s

// The example of the pass: channel 0 is made with 4 and read with 1.
// CHECK-LABEL: func @pair
// CHECK-DAG: dense<{{\[}}[2.000000e+00], [1.000000e+00]]> : tensor<2x1xf32>
// CHECK-DAG: dense<[3.000000e+00, 5.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<{{\[}}[2.000000e+00, 1.000000e+00]]> : tensor<1x2xf32>
// CHECK: return
func.func @pair(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<[[4.0], [1.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %b = edge.constant {value = dense<[6.0, 5.0]> : tensor<2xf32>} : tensor<2xf32>
  %g = edge.constant {value = dense<[[1.0, 1.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %a = edge.fully_connected %x, %f, %b : (tensor<1x1xf32>, tensor<2x1xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %r = edge.relu %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = edge.fully_connected %r, %g : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Depthwise filters have one column per row; poolings and the mean of an image
// are passed.
// CHECK-LABEL: func @depthwise
// CHECK-DAG: dense<{{\[\[\[\[}}4.000000e+00]]], {{\[\[\[}}1.000000e+00]]]]> : tensor<2x1x1x1xf32>
// CHECK-DAG: dense<{{\[\[}}4.000000e+00, 1.000000e+00]]> : tensor<1x2xf32>
// CHECK: return
func.func @depthwise(%x: tensor<1x2x2x2xf32>) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<[[[[16.0]]], [[[1.0]]]]> : tensor<2x1x1x1xf32>} : tensor<2x1x1x1xf32>
  %g = edge.constant {value = dense<[[1.0, 1.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %a = edge.conv2d %x, %f {groups = 2 : i64} : (tensor<1x2x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %p = edge.max_pool2d %a {window = array<i64: 2, 2>} : (tensor<1x2x2x2xf32>) -> tensor<1x1x1x2xf32>
  %m = edge.reshape %p : (tensor<1x1x1x2xf32>) -> tensor<1x2xf32>
  %y = edge.fully_connected %m, %g : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// A bound and a second reader keep channels as they are.
// CHECK-LABEL: func @kept
// CHECK-DAG: dense<{{\[}}[4.000000e+00], [1.000000e+00]]> : tensor<2x1xf32>
// CHECK-DAG: dense<1.000000e+00> : tensor<1x2xf32>
// CHECK: return
func.func @kept(%x: tensor<1x1xf32>) -> (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x2xf32>) {
  %f = edge.constant {value = dense<[[4.0], [1.0]]> : tensor<2x1xf32>} : tensor<2x1xf32>
  %g = edge.constant {value = dense<[[1.0, 1.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %a = edge.fully_connected %x, %f : (tensor<1x1xf32>, tensor<2x1xf32>) -> tensor<1x2xf32>
  %c = edge.clamp %a {min = 0.0 : f32, max = 6.0 : f32} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = edge.fully_connected %c, %g : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  %b = edge.fully_connected %x, %f : (tensor<1x1xf32>, tensor<2x1xf32>) -> tensor<1x2xf32>
  %z = edge.fully_connected %b, %g : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %y, %z, %b : tensor<1x1xf32>, tensor<1x1xf32>, tensor<1x2xf32>
}
