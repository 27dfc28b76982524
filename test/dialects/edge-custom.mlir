// Custom operators: print, parse, and the labelled constraints violated once.
// RUN: edge-opt %s -split-input-file -verify-diagnostics | edge-opt -split-input-file | FileCheck %s

// CHECK-LABEL: @two_results
func.func @two_results(%x: tensor<1x8xf32>, %i: tensor<4xi64>) -> (tensor<1x8xf32>, tensor<2xi32>) {
  // CHECK: edge.custom "example"(%{{.*}}, %{{.*}}) {options = "{}"} : (tensor<1x8xf32>, tensor<4xi64>) -> (tensor<1x8xf32>, tensor<2xi32>)
  %r:2 = edge.custom "example"(%x, %i) {options = "{}"} : (tensor<1x8xf32>, tensor<4xi64>) -> (tensor<1x8xf32>, tensor<2xi32>)
  return %r#0, %r#1 : tensor<1x8xf32>, tensor<2xi32>
}

// -----

func.func @custom_c1(%x: tensor<8xf32>) {
  // expected-error @below {{C1: '3d' is no C identifier}}
  %r = edge.custom "3d"(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @custom_c2(%x: tensor<8xf32>) {
  // expected-error @below {{C2: has no result}}
  edge.custom "example"(%x) : (tensor<8xf32>) -> ()
  return
}
