// What is computed on f32 becomes f16 or bf16; the interface stays.
// RUN: edge-opt %s -split-input-file "-edge-lower-precision=precision=fp16" -edge-fold-constants -canonicalize | FileCheck %s
// RUN: edge-opt %s -split-input-file "-edge-lower-precision=precision=bf16" -edge-fold-constants -canonicalize | FileCheck %s -check-prefix=BF16
// RUN: edge-opt %s -split-input-file -edge-lower-precision | FileCheck %s -check-prefix=SAME
// SAME: edge.fully_connected {{.*}} : (tensor<3x2xf32>, tensor<1x2xf32>, tensor<1xf32>)
// SAME-NOT: edge.arithmetic

// A layer with what its kernel computes along, and a cast on either side. Sums of bf16 are of f32 and begin with the bias.
// CHECK-LABEL: func @layer
// CHECK-SAME: edge.arithmetic = f16
// CHECK-DAG: %[[F:.*]] = edge.constant {value = dense<{{\[\[}}1.000000e+00, -1.000000e+00]]> : tensor<1x2xf16>}
// CHECK-DAG: %[[B:.*]] = edge.constant {value = dense<5.000000e-01> : tensor<1xf16>}
// CHECK: %[[X:.*]] = edge.cast %{{.*}} : (tensor<3x2xf32>) -> tensor<3x2xf16>
// CHECK: %[[Y:.*]] = edge.fully_connected %[[X]], %[[F]], %[[B]] : (tensor<3x2xf16>, tensor<1x2xf16>, tensor<1xf16>) -> tensor<3x1xf16>
// CHECK: %[[R:.*]] = edge.relu %[[Y]] : (tensor<3x1xf16>)
// CHECK: edge.cast %[[R]] : (tensor<3x1xf16>) -> tensor<3x1xf32>
// BF16-LABEL: func @layer
// BF16-SAME: edge.arithmetic = bf16
// BF16: edge.fully_connected {{.*}} : (tensor<3x2xbf16>, tensor<1x2xbf16>, tensor<1xf32>) -> tensor<3x1xbf16>
func.func @layer(%x: tensor<3x2xf32>) -> tensor<3x1xf32> {
  %f = edge.constant {value = dense<[[1.0, -1.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %b = edge.constant {value = dense<[0.5]> : tensor<1xf32>} : tensor<1xf32>
  %y = edge.fully_connected %x, %f, %b : (tensor<3x2xf32>, tensor<1x2xf32>, tensor<1xf32>) -> tensor<3x1xf32>
  %r = edge.relu %y : (tensor<3x1xf32>) -> tensor<3x1xf32>
  return %r : tensor<3x1xf32>
}

// -----

// Weights beyond the largest f16 stay, and so does their layer; bf16 holds them.
// CHECK-LABEL: func @large_weights
// CHECK: edge.fully_connected {{.*}} : (tensor<3x2xf32>, tensor<1x2xf32>) -> tensor<3x1xf32>
// BF16-LABEL: func @large_weights
// BF16: edge.fully_connected {{.*}} : (tensor<3x2xbf16>, tensor<1x2xbf16>) -> tensor<3x1xbf16>
func.func @large_weights(%x: tensor<3x2xf32>) -> tensor<3x1xf32> {
  %f = edge.constant {value = dense<[[1.0, 70000.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %y = edge.fully_connected %x, %f : (tensor<3x2xf32>, tensor<1x2xf32>) -> tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}

// -----

// Constants that f16 would flush to zero or cannot hold keep their operators on f32; what follows is f16 again where a layer reads it.
// CHECK-LABEL: func @constants
// CHECK: %[[W:.*]] = edge.cast %{{.*}} : (tensor<2x2xf16>) -> tensor<2x2xf32>
// CHECK: %[[S:.*]] = edge.mul %[[W]], %{{.*}} : (tensor<2x2xf32>, tensor<f32>)
// CHECK: %[[T:.*]] = edge.add %[[S]], %{{.*}} : (tensor<2x2xf32>, tensor<f32>)
// CHECK: %[[N:.*]] = edge.cast %[[T]] : (tensor<2x2xf32>) -> tensor<2x2xf16>
// CHECK: edge.matmul %[[N]], %[[N]] : (tensor<2x2xf16>, tensor<2x2xf16>) -> tensor<2x2xf16>
func.func @constants(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %tiny = edge.constant {value = dense<1.0e-6> : tensor<f32>} : tensor<f32>
  %huge = edge.constant {value = dense<1.0e6> : tensor<f32>} : tensor<f32>
  %a = edge.matmul %x, %x : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %b = edge.mul %a, %tiny : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xf32>
  %c = edge.add %b, %huge : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xf32>
  %d = edge.matmul %c, %c : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %d : tensor<2x2xf32>
}

// -----

// A normalization: squares, their mean and what is computed with it are f32, each reader of the f16 difference with a cast of its own.
// CHECK-LABEL: func @normalization
// CHECK: %[[D:.*]] = edge.sub %{{.*}}, %{{.*}} : (tensor<2x4xf16>, tensor<2x1xf16>)
// CHECK-DAG: %[[D1:.*]] = edge.cast %[[D]] : (tensor<2x4xf16>) -> tensor<2x4xf32>
// CHECK-DAG: %[[D2:.*]] = edge.cast %[[D]] : (tensor<2x4xf16>) -> tensor<2x4xf32>
// CHECK: edge.mul %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<2x4xf32>)
// CHECK: edge.reduce_mean {{.*}} : (tensor<2x4xf32>) -> tensor<2x1xf32>
// CHECK: edge.add {{.*}} : (tensor<2x1xf32>
// CHECK: edge.rsqrt {{.*}} : (tensor<2x1xf32>)
// CHECK: edge.mul {{.*}} : (tensor<2x4xf32>, tensor<2x1xf32>)
// CHECK: edge.cast {{.*}} : (tensor<2x4xf32>) -> tensor<2x4xf16>
// CHECK: edge.matmul {{.*}} : (tensor<2x4xf16>, tensor<4x4xf16>)
func.func @normalization(%x: tensor<2x4xf32>, %w: tensor<4x4xf32>) -> tensor<2x4xf32> {
  %e = edge.constant {value = dense<1.0e-5> : tensor<f32>} : tensor<f32>
  %h = edge.matmul %x, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %m = edge.reduce_mean %h {axes = array<i64: 1>, keep_dims = true} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %d = edge.sub %h, %m : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %s = edge.mul %d, %d : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %v = edge.reduce_mean %s {axes = array<i64: 1>, keep_dims = true} : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %a = edge.add %v, %e : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %r = edge.rsqrt %a : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %n = edge.mul %d, %r : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %y = edge.matmul %n, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Scores that softmax compares are f32, as it is itself.
// CHECK-LABEL: func @attention
// CHECK: %[[S:.*]] = edge.matmul {{.*}} -> tensor<4x4xf16>
// CHECK: %[[W:.*]] = edge.cast %[[S]] : (tensor<4x4xf16>) -> tensor<4x4xf32>
// CHECK: %[[T:.*]] = edge.mul %[[W]], %{{.*}} : (tensor<4x4xf32>
// CHECK: %[[P:.*]] = edge.softmax %[[T]] {{.*}} : (tensor<4x4xf32>)
// CHECK: %[[N:.*]] = edge.cast %[[P]] : (tensor<4x4xf32>) -> tensor<4x4xf16>
// CHECK: edge.matmul %[[N]], {{.*}} : (tensor<4x4xf16>, tensor<4x4xf16>)
func.func @attention(%q: tensor<4x4xf32>, %k: tensor<4x4xf32>, %v: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %c = edge.constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %s = edge.matmul %q, %k : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %t = edge.mul %s, %c : (tensor<4x4xf32>, tensor<f32>) -> tensor<4x4xf32>
  %p = edge.softmax %t {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = edge.matmul %p, %v : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}

// -----

// On the way out, data are f32 before they move; an input is rounded before it moves to a layer.
// CHECK-LABEL: func @moves
// CHECK: %[[X:.*]] = edge.cast %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf16>
// CHECK: %[[T:.*]] = edge.transpose %[[X]] {{.*}} : (tensor<2x3xf16>) -> tensor<3x2xf16>
// CHECK: %[[Y:.*]] = edge.matmul %[[T]], %[[X]]
// CHECK: %[[W:.*]] = edge.cast %[[Y]] : (tensor<3x3xf16>) -> tensor<3x3xf32>
// CHECK: edge.reshape %[[W]] : (tensor<3x3xf32>) -> tensor<9xf32>
func.func @moves(%x: tensor<2x3xf32>) -> tensor<9xf32> {
  %t = edge.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = edge.matmul %t, %x : (tensor<3x2xf32>, tensor<2x3xf32>) -> tensor<3x3xf32>
  %r = edge.reshape %y : (tensor<3x3xf32>) -> tensor<9xf32>
  return %r : tensor<9xf32>
}

// -----

// A table of f32 becomes one of f16; indices, integers and f64 stay.
// CHECK-LABEL: func @types
// CHECK: edge.gather {{.*}} : (tensor<4x2xf16>, tensor<3xi64>) -> tensor<3x2xf16>
// CHECK: edge.matmul {{.*}} : (tensor<3x2xf16>, tensor<2x2xf16>)
// CHECK: edge.add {{.*}} : (tensor<3xi64>, tensor<3xi64>)
// CHECK: edge.matmul {{.*}} : (tensor<2x2xf64>, tensor<2x2xf64>)
func.func @types(%i: tensor<3xi64>, %w: tensor<2x2xf32>, %d: tensor<2x2xf64>) -> (tensor<3x2xf32>, tensor<3xi64>, tensor<2x2xf64>) {
  %t = edge.constant {value = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]> : tensor<4x2xf32>} : tensor<4x2xf32>
  %g = edge.gather %t, %i {axis = 0 : i64} : (tensor<4x2xf32>, tensor<3xi64>) -> tensor<3x2xf32>
  %y = edge.matmul %g, %w : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %j = edge.add %i, %i : (tensor<3xi64>, tensor<3xi64>) -> tensor<3xi64>
  %e = edge.matmul %d, %d : (tensor<2x2xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>
  return %y, %j, %e : tensor<3x2xf32>, tensor<3xi64>, tensor<2x2xf64>
}

// -----

// Layers with weights of bytes stay f32.
// CHECK-LABEL: func @narrow_weights
// CHECK: edge.fully_connected {{.*}} : (tensor<3x2xf32>, tensor<1x2xi8>) -> tensor<3x1xf32>
func.func @narrow_weights(%x: tensor<3x2xf32>) -> tensor<3x1xf32> {
  %f = edge.constant {value = dense<[[1, 2]]> : tensor<1x2xi8>} : tensor<1x2xi8>
  %y = edge.fully_connected %x, %f : (tensor<3x2xf32>, tensor<1x2xi8>) -> tensor<3x1xf32>
  return %y : tensor<3x1xf32>
}

// -----

// A model of f16 that was widened is narrow again; its casts vanish.
// CHECK-LABEL: func @halves
// CHECK-NOT: f32
// CHECK: edge.matmul {{.*}} : (tensor<2x2xf16>, tensor<2x2xf16>) -> tensor<2x2xf16>
// CHECK-NEXT: return
func.func @halves(%x: tensor<2x2xf16>) -> tensor<2x2xf16> {
  %w = edge.cast %x : (tensor<2x2xf16>) -> tensor<2x2xf32>
  %y = edge.matmul %w, %w : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %r = edge.cast %y : (tensor<2x2xf32>) -> tensor<2x2xf16>
  return %r : tensor<2x2xf16>
}

// -----

// Recurrent state, branches and loops keep their types; what they read is f32.
// CHECK-LABEL: func @branch
// CHECK: %[[Y:.*]] = edge.matmul {{.*}} -> tensor<2x2xf16>
// CHECK: %[[W:.*]] = edge.cast %[[Y]] : (tensor<2x2xf16>) -> tensor<2x2xf32>
// CHECK: edge.if
func.func @branch(%c: tensor<i1>, %x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %y = edge.matmul %x, %x : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %z = edge.if %c then @one(%y) else @other(%y) : (tensor<i1>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %z : tensor<2x2xf32>
}
func.func private @one(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  return %x : tensor<2x2xf32>
}
func.func private @other(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %y = edge.matmul %x, %x : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
