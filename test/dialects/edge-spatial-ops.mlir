// Operators that read images between their pixels: print, parse, verify.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: @resample
func.func @resample(%x: tensor<1x4x4x8xf32>, %t: tensor<8x4xf32>) -> tensor<1x8x4x8xf32> {
  // CHECK: edge.resample %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<1x4x4x8xf32>, tensor<8x4xf32>) -> tensor<1x8x4x8xf32>
  %r = edge.resample %x, %t {axis = 1 : i64} : (tensor<1x4x4x8xf32>, tensor<8x4xf32>) -> tensor<1x8x4x8xf32>
  return %r : tensor<1x8x4x8xf32>
}

// A table of one column copies elements of any type.
// CHECK-LABEL: @resample_copies
func.func @resample_copies(%x: tensor<4xi32>, %t: tensor<8x1xf32>) -> tensor<8xi32> {
  // CHECK: edge.resample
  %r = edge.resample %x, %t {axis = 0 : i64} : (tensor<4xi32>, tensor<8x1xf32>) -> tensor<8xi32>
  return %r : tensor<8xi32>
}

// CHECK-LABEL: @resize_table
func.func @resize_table(%s: tensor<1xf32>, %roi: tensor<2xf32>) -> (tensor<8x4xf32>, tensor<3x1xf32>, tensor<3x3xf32>) {
  // CHECK: edge.resize_table %{{.*}}, %{{.*}} {input_size = 4 : i64, mode = "linear", output_size = 8 : i64} : (tensor<1xf32>, tensor<2xf32>) -> tensor<8x4xf32>
  %r = edge.resize_table %s, %roi {input_size = 4 : i64, output_size = 8 : i64, mode = "linear"} : (tensor<1xf32>, tensor<2xf32>) -> tensor<8x4xf32>
  %n = edge.resize_table %s, %roi {input_size = 4 : i64, output_size = 3 : i64, mode = "nearest"} : (tensor<1xf32>, tensor<2xf32>) -> tensor<3x1xf32>
  %c = edge.resize_table %s, %roi {input_size = 4 : i64, output_size = 3 : i64, mode = "nearest", coordinates = "tf_crop_and_resize"} : (tensor<1xf32>, tensor<2xf32>) -> tensor<3x3xf32>
  return %r, %n, %c : tensor<8x4xf32>, tensor<3x1xf32>, tensor<3x3xf32>
}

// CHECK-LABEL: @sample
func.func @sample(%x: tensor<1x4x4x8xf32>, %p: tensor<1x10x2xf32>) -> tensor<1x10x8xf32> {
  // CHECK: edge.sample %{{.*}}, %{{.*}} {mode = "linear", padding = "border"}
  %r = edge.sample %x, %p {mode = "linear", padding = "border"} : (tensor<1x4x4x8xf32>, tensor<1x10x2xf32>) -> tensor<1x10x8xf32>
  return %r : tensor<1x10x8xf32>
}

// CHECK-LABEL: @roi_align
func.func @roi_align(%x: tensor<1x8x8x4xf32>, %rois: tensor<3x4xf32>, %batch: tensor<3xi64>) -> tensor<3x2x2x4xf32> {
  // CHECK: edge.roi_align %{{.*}}, %{{.*}}, %{{.*}} {mode = "max", output_size = array<i64: 2, 2>}
  %r = edge.roi_align %x, %rois, %batch {output_size = array<i64: 2, 2>, mode = "max"} : (tensor<1x8x8x4xf32>, tensor<3x4xf32>, tensor<3xi64>) -> tensor<3x2x2x4xf32>
  return %r : tensor<3x2x2x4xf32>
}

// CHECK-LABEL: @arg_max_pool
func.func @arg_max_pool(%x: tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xi64> {
  // CHECK: edge.arg_max_pool %{{.*}} {dilations = array<i64: 1, 1>, index_strides = array<i64: 8, 1>
  %r = edge.arg_max_pool %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, index_strides = array<i64: 8, 1>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xi64>
  return %r : tensor<1x4x4x4xi64>
}
