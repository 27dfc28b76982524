// Products of bf16 that were widened and are nothing else yet.
// RUN: edge-opt %s -split-input-file -edge-attach-machine="target=x86_64 cpu=znver4" -edge-narrow-products | FileCheck %s
// RUN: edge-opt %s -split-input-file -edge-attach-machine="target=x86_64 cpu=x86-64-v4" -edge-narrow-products | FileCheck %s --check-prefix=WIDE
// WIDE-NOT: xbf16>, tensor<3x4xbf16>

// The bias keeps its digits.
// CHECK-LABEL: func.func @layer
// CHECK-NOT: edge.cast
// CHECK: edge.constant {value = {{.*}} : tensor<3x4xbf16>}
// CHECK: edge.fully_connected %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x4xbf16>, tensor<3x4xbf16>, tensor<3xf32>) -> tensor<2x3xbf16>
func.func @layer(%x: tensor<2x4xbf16>) -> tensor<2x3xbf16> {
  %f = edge.constant {value = dense<[[1.5, -0.25, 0.0, 3.0], [1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]]> : tensor<3x4xf32>} : tensor<3x4xf32>
  %b = edge.constant {value = dense<0.1> : tensor<3xf32>} : tensor<3xf32>
  %w = edge.cast %x : (tensor<2x4xbf16>) -> tensor<2x4xf32>
  %y = edge.fully_connected %w, %f, %b : (tensor<2x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %r = edge.cast %y : (tensor<2x3xf32>) -> tensor<2x3xbf16>
  return %r : tensor<2x3xbf16>
}

// -----

// CHECK-LABEL: func.func @square
// CHECK-NOT: edge.cast
// CHECK: edge.matmul %{{.*}}, %{{.*}} : (tensor<4x4xbf16>, tensor<4x4xbf16>) -> tensor<4x4xbf16>
func.func @square(%x: tensor<4x4xbf16>) -> tensor<4x4xbf16> {
  %w = edge.cast %x : (tensor<4x4xbf16>) -> tensor<4x4xf32>
  %y = edge.matmul %w, %w : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %r = edge.cast %y : (tensor<4x4xf32>) -> tensor<4x4xbf16>
  return %r : tensor<4x4xbf16>
}

// -----

// Weights that something was folded into.
// CHECK-LABEL: func.func @folded
// CHECK: edge.fully_connected %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<2x3xf32>
func.func @folded(%x: tensor<2x4xbf16>) -> tensor<2x3xbf16> {
  %f = edge.constant {value = dense<0.1> : tensor<3x4xf32>} : tensor<3x4xf32>
  %w = edge.cast %x : (tensor<2x4xbf16>) -> tensor<2x4xf32>
  %y = edge.fully_connected %w, %f : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<2x3xf32>
  %r = edge.cast %y : (tensor<2x3xf32>) -> tensor<2x3xbf16>
  return %r : tensor<2x3xbf16>
}

// -----

// The sums themselves are wanted, too.
// CHECK-LABEL: func.func @sums
// CHECK: edge.fully_connected %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<2x3xf32>
func.func @sums(%x: tensor<2x4xbf16>) -> (tensor<2x3xbf16>, tensor<2x3xf32>) {
  %f = edge.constant {value = dense<0.5> : tensor<3x4xf32>} : tensor<3x4xf32>
  %w = edge.cast %x : (tensor<2x4xbf16>) -> tensor<2x4xf32>
  %y = edge.fully_connected %w, %f : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<2x3xf32>
  %r = edge.cast %y : (tensor<2x3xf32>) -> tensor<2x3xbf16>
  return %r, %y : tensor<2x3xbf16>, tensor<2x3xf32>
}
