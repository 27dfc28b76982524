// Large constants of a model and its variants that are equal become one; other
// modules are left alone.
// RUN: edge-opt %s -edge-share-constants -split-input-file -mlir-elide-resource-strings-if-larger=1 | FileCheck %s

// CHECK-LABEL: func @m(
// CHECK: dense_resource<first>
// CHECK-LABEL: func @m.1(
// CHECK: dense_resource<first>
// CHECK: dense_resource<other>
func.func @m(%x: tensor<2xf32>) -> tensor<2xf32> {
  %w = edge.constant {value = dense_resource<first> : tensor<2xf32>} : tensor<2xf32>
  %r = edge.add %x, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
func.func @m.1(%x: tensor<2xf32>) -> tensor<2xf32> attributes {edge.variant_of = @m} {
  %w = edge.constant {value = dense_resource<second> : tensor<2xf32>} : tensor<2xf32>
  %v = edge.constant {value = dense_resource<other> : tensor<2xf32>} : tensor<2xf32>
  %r = edge.add %w, %v : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      first: "0x040000000000803F00000040",
      second: "0x040000000000803F00000040",
      other: "0x040000000000803F00000041"
    }
  }
#-}

// -----

// CHECK-LABEL: func @alone(
// CHECK: dense_resource<third>
// CHECK: dense_resource<fourth>
func.func @alone(%x: tensor<2xf32>) -> tensor<2xf32> {
  %w = edge.constant {value = dense_resource<third> : tensor<2xf32>} : tensor<2xf32>
  %v = edge.constant {value = dense_resource<fourth> : tensor<2xf32>} : tensor<2xf32>
  %r = edge.add %w, %v : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      third: "0x040000000000803F00000040",
      fourth: "0x040000000000803F00000040"
    }
  }
#-}
