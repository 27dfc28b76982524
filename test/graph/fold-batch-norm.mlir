// Batch normalisation becomes mul and add, computed here for constant parameters.
// RUN: edge-opt %s -edge-fold-batch-norm -canonicalize | FileCheck %s

// CHECK-LABEL: func @constant_parameters
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK-DAG: %[[S:.*]] = edge.constant {value = dense<[2.000000e+00, 1.000000e+00]> : tensor<2xf32>}
// CHECK-DAG: %[[T:.*]] = edge.constant {value = dense<[-1.000000e+00, 6.000000e+00]> : tensor<2xf32>}
// CHECK: %[[PRODUCT:.*]] = edge.mul %[[X]], %[[S]]
// CHECK: edge.add %[[PRODUCT]], %[[T]]
func.func @constant_parameters(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %scale = edge.constant {value = dense<[4.0, 1.0]> : tensor<2xf32>} : tensor<2xf32>
  %offset = edge.constant {value = dense<[1.0, 5.0]> : tensor<2xf32>} : tensor<2xf32>
  %mean = edge.constant {value = dense<[1.0, -1.0]> : tensor<2xf32>} : tensor<2xf32>
  %variance = edge.constant {value = dense<[3.0, 0.0]> : tensor<2xf32>} : tensor<2xf32>
  %r = edge.batch_norm %x, %scale, %offset, %mean, %variance {axis = 3 : i64, epsilon = 1.0 : f32} : (tensor<1x4x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  return %r : tensor<1x4x4x2xf32>
}

// Parameters stand along the axis.
// CHECK-LABEL: func @channels_first
// CHECK: edge.mul %{{.*}}, %{{.*}} : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>)
// CHECK: edge.add %{{.*}}, %{{.*}} : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>)
func.func @channels_first(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
  %c = edge.constant {value = dense<[4.0, 1.0]> : tensor<2xf32>} : tensor<2xf32>
  %r = edge.batch_norm %x, %c, %c, %c, %c {axis = 1 : i64, epsilon = 1.0 : f32} : (tensor<1x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}

// CHECK-LABEL: func @computed_parameters
// CHECK: edge.sqrt
// CHECK-NOT: edge.batch_norm
// CHECK: return
func.func @computed_parameters(%x: tensor<1x4x2xf32>, %p: tensor<2xf32>) -> tensor<1x4x2xf32> {
  %r = edge.batch_norm %x, %p, %p, %p, %p {axis = 2 : i64, epsilon = 1.0 : f32} : (tensor<1x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x4x2xf32>
  return %r : tensor<1x4x2xf32>
}

// Behind bytes, factors are rounded as ONNX Runtime rounds them: 13 / sqrt(0.75) is 15.0111074, and
// 13 * (1 / sqrt(0.75)) in float32 15.0111065.
// CHECK-LABEL: func @behind_bytes
// CHECK-DAG: edge.constant {value = dense<15.0111065> : tensor<2xf32>}
// CHECK-DAG: edge.constant {value = dense<-14.0111065> : tensor<2xf32>}
// CHECK: return
func.func @behind_bytes(%x: tensor<4x2xui8>) -> tensor<4x2xf32> {
  %s = edge.constant {value = dense<13.0> : tensor<2xf32>} : tensor<2xf32>
  %one = edge.constant {value = dense<1.0> : tensor<2xf32>} : tensor<2xf32>
  %v = edge.constant {value = dense<0.25> : tensor<2xf32>} : tensor<2xf32>
  %f = edge.cast %x : (tensor<4x2xui8>) -> tensor<4x2xf32>
  %r = edge.batch_norm %f, %s, %one, %one, %v {axis = 1 : i64, epsilon = 0.5 : f32} : (tensor<4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return %r : tensor<4x2xf32>
}

// The constant takes the element type of the rest.
// CHECK-LABEL: func @half
// CHECK: dense<1.000000e+00> : tensor<f16>
// CHECK: edge.add %{{.*}}, %{{.*}} : (tensor<2xf16>, tensor<f16>) -> tensor<2xf16>
func.func @half(%x: tensor<4x2xf16>, %p: tensor<2xf16>) -> tensor<4x2xf16> {
  %r = edge.batch_norm %x, %p, %p, %p, %p {axis = 1 : i64, epsilon = 1.0 : f32} : (tensor<4x2xf16>, tensor<2xf16>, tensor<2xf16>, tensor<2xf16>, tensor<2xf16>) -> tensor<4x2xf16>
  return %r : tensor<4x2xf16>
}
