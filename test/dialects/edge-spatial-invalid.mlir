// One case per labelled constraint of the operators on images.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

func.func @resample_c1(%x: tensor<4x4xf32>, %t: tensor<8x4xf32>) {
  // expected-error @below {{C1: axis 2 outside [0, 2)}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.resample %x, %t {axis = 2 : i64} : (tensor<4x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @resample_c2_columns(%x: tensor<4xf32>, %t: tensor<8x2xf32>) {
  // expected-error @below {{C2: the table 'tensor<8x2xf32>' must be f32 of 1 column, or of 2 and up to 4 weights}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.resample %x, %t {axis = 0 : i64} : (tensor<4xf32>, tensor<8x2xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resample_c2_taps(%x: tensor<2xf32>, %t: tensor<8x5xf32>) {
  // expected-error @below {{C2: the table 'tensor<8x5xf32>' must be}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.resample %x, %t {axis = 0 : i64} : (tensor<2xf32>, tensor<8x5xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resample_c3(%x: tensor<20000000xf32>, %t: tensor<8x1xf32>) {
  // expected-error @below {{C3: a dimension of 20000000 elements; at most 2^24 can be resampled}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.resample %x, %t {axis = 0 : i64} : (tensor<20000000xf32>, tensor<8x1xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resample_c4(%x: tensor<4xi16>, %t: tensor<8x4xf32>) {
  // expected-error @below {{C4: weights of elements of type 'i16'}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.resample %x, %t {axis = 0 : i64} : (tensor<4xi16>, tensor<8x4xf32>) -> tensor<8xi16>
  return
}

// -----

func.func @resize_table_c1(%s: tensor<1xf32>, %roi: tensor<2xf32>) {
  // expected-error @below {{C1: a size of 0 is not in [1, 2^24]}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.resize_table %s, %roi {input_size = 0 : i64, output_size = 8 : i64, mode = "linear"} : (tensor<1xf32>, tensor<2xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @resize_table_c2(%s: tensor<3xf32>, %roi: tensor<2xf32>) {
  // expected-error @below {{C2: the scale 'tensor<3xf32>' and the roi 'tensor<2xf32>' must have 1 and 2 elements of f32}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.resize_table %s, %roi {input_size = 4 : i64, output_size = 8 : i64, mode = "linear"} : (tensor<3xf32>, tensor<2xf32>) -> tensor<8x4xf32>
  return
}

// -----

func.func @sample_c1(%x: tensor<4x4xf32>, %p: tensor<4x10x2xf32>) {
  // expected-error @below {{C1: x 'tensor<4x4xf32>' must have 3 to 5 dimensions}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.sample %x, %p {mode = "linear"} : (tensor<4x4xf32>, tensor<4x10x2xf32>) -> tensor<4x10x4xf32>
  return
}

// -----

func.func @sample_c2(%x: tensor<2x4x4x8xf32>, %p: tensor<1x10x2xf32>) {
  // expected-error @below {{C2: the positions 'tensor<1x10x2xf32>' must be [2, P, 2]}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.sample %x, %p {mode = "linear"} : (tensor<2x4x4x8xf32>, tensor<1x10x2xf32>) -> tensor<1x10x8xf32>
  return
}

// -----

func.func @sample_c3(%x: tensor<1x4x4x8xi32>, %p: tensor<1x10x2xf32>) {
  // expected-error @below {{C3: x 'tensor<1x4x4x8xi32>' must be float}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.sample %x, %p {mode = "linear"} : (tensor<1x4x4x8xi32>, tensor<1x10x2xf32>) -> tensor<1x10x8xi32>
  return
}

// -----

func.func @sample_c4(%x: tensor<1x20000000x1xf32>, %p: tensor<1x10x1xf32>) {
  // expected-error @below {{C4: a dimension of 20000000 elements; at most 2^24 can be sampled}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.sample %x, %p {mode = "linear"} : (tensor<1x20000000x1xf32>, tensor<1x10x1xf32>) -> tensor<1x10x1xf32>
  return
}

// -----

func.func @roi_align_c1(%x: tensor<1x8x8x4xf32>, %rois: tensor<3x4xf32>, %batch: tensor<3xi64>) {
  // expected-error @below {{C1: output_size must be 2 positive numbers and sampling_ratio not negative}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.roi_align %x, %rois, %batch {output_size = array<i64: 2, 0>} : (tensor<1x8x8x4xf32>, tensor<3x4xf32>, tensor<3xi64>) -> tensor<3x2x2x4xf32>
  return
}

// -----

func.func @roi_align_c2(%x: tensor<1x8x8x4xf32>, %rois: tensor<3x4xf32>, %batch: tensor<2xi64>) {
  // expected-error @below {{C2: x 'tensor<1x8x8x4xf32>', rois 'tensor<3x4xf32>' and batch 'tensor<2xi64>' must be}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.roi_align %x, %rois, %batch {output_size = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>, tensor<3x4xf32>, tensor<2xi64>) -> tensor<3x2x2x4xf32>
  return
}

// -----

func.func @arg_max_pool_c1(%x: tensor<1x8x8x4xf32>) {
  // expected-error @below {{C1: the attributes must have 2 positive numbers}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.arg_max_pool %x {window = array<i64: 2, 2>, strides = array<i64: 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, index_strides = array<i64: 8, 1>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xi64>
  return
}

// -----

func.func @arg_max_pool_c2(%x: tensor<1x8x8x4xf32>) {
  // expected-error @below {{C2: the window is larger than the padded input}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.arg_max_pool %x {window = array<i64: 9, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, index_strides = array<i64: 8, 1>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xi64>
  return
}

// -----

func.func @arg_max_pool_c3(%x: tensor<1x8x8x4xf32>) {
  // expected-error @below {{C3: a pad of 2 reaches a whole window of 2}}
  // expected-error @below {{failed to infer returned types}}
  %r = edge.arg_max_pool %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 2, 0, 0, 0>, dilations = array<i64: 1, 1>, index_strides = array<i64: 8, 1>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xi64>
  return
}
