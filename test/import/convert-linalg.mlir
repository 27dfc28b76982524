// Each kind of operation of linalg and what comes with it becomes edge
// operators of the same meaning.
// RUN: edge-opt %s -split-input-file -edge-convert-linalg | FileCheck %s

// CHECK-LABEL: @matmul
func.func @matmul(%a: tensor<4x8xf32>, %b: tensor<8x3xf32>) -> tensor<4x3xf32> {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.empty() : tensor<4x3xf32>
  %2 = linalg.fill ins(%0 : f32) outs(%1 : tensor<4x3xf32>) -> tensor<4x3xf32>
  // CHECK-NEXT: %[[R:.*]] = edge.matmul %{{.*}}, %{{.*}} : (tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32>
  // CHECK-NEXT: return %[[R]]
  %r = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x3xf32>) outs(%2 : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// -----

// An init that is not zero is added; a batch that both operands have stays.
// CHECK-LABEL: @transposed_batches
func.func @transposed_batches(%a: tensor<5x2x4x8xf32>, %b: tensor<2x3x8xf32>, %c: tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
  // CHECK: %[[A:.*]] = edge.transpose %{{.*}} {permutation = array<i64: 1, 2, 0, 3>}
  // CHECK: %[[L:.*]] = edge.reshape %[[A]] : (tensor<2x4x5x8xf32>) -> tensor<2x20x8xf32>
  // CHECK: %[[B:.*]] = edge.transpose %{{.*}} {permutation = array<i64: 0, 2, 1>} : (tensor<2x3x8xf32>) -> tensor<2x8x3xf32>
  // CHECK: %[[M:.*]] = edge.matmul %[[L]], %[[B]]
  // CHECK: %[[R:.*]] = edge.reshape %[[M]] : (tensor<2x20x3xf32>) -> tensor<2x4x5x3xf32>
  // CHECK: %[[T:.*]] = edge.transpose %[[R]] {permutation = array<i64: 0, 3, 1, 2>}
  // CHECK: edge.add %[[T]], %{{.*}}
  %r = linalg.generic {indexing_maps = [affine_map<(b, n, i, j, k) -> (j, b, i, k)>,
      affine_map<(b, n, i, j, k) -> (b, n, k)>, affine_map<(b, n, i, j, k) -> (b, n, i, j)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<5x2x4x8xf32>, tensor<2x3x8xf32>) outs(%c : tensor<2x3x4x5xf32>) {
  ^bb0(%x: f32, %y: f32, %s: f32):
    %0 = arith.mulf %y, %x : f32
    %1 = arith.addf %0, %s : f32
    linalg.yield %1 : f32
  } -> tensor<2x3x4x5xf32>
  return %r : tensor<2x3x4x5xf32>
}

// -----

// A bias that is repeated is added as it was.
// CHECK-LABEL: @convolution
func.func @convolution(%x: tensor<1x3x9x9xf32>, %f: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
  %0 = tensor.empty() : tensor<1x4x4x4xf32>
  // CHECK-NEXT: %[[B:.*]] = edge.reshape %{{.*}} : (tensor<4xf32>) -> tensor<4x1x1xf32>
  %1 = linalg.broadcast ins(%b : tensor<4xf32>) outs(%0 : tensor<1x4x4x4xf32>) dimensions = [0, 2, 3]
  // CHECK-NEXT: %[[X:.*]] = edge.transpose %{{.*}} {permutation = array<i64: 0, 2, 3, 1>}
  // CHECK-NEXT: %[[F:.*]] = edge.transpose %{{.*}} {permutation = array<i64: 0, 2, 3, 1>}
  // CHECK-NEXT: %[[C:.*]] = edge.conv2d %[[X]], %[[F]] {strides = array<i64: 2, 2>}
  // CHECK-NEXT: %[[T:.*]] = edge.transpose %[[C]] {permutation = array<i64: 0, 3, 1, 2>}
  // CHECK-NEXT: %[[R:.*]] = edge.add %[[T]], %[[B]]
  // CHECK-NEXT: return %[[R]]
  %r = linalg.conv_2d_nchw_fchw {strides = dense<2> : vector<2xi64>, dilations = dense<1> : vector<2xi64>}
      ins(%x, %f : tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) outs(%1 : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  return %r : tensor<1x4x4x4xf32>
}

// -----

// CHECK-LABEL: @depthwise
func.func @depthwise(%x: tensor<1x9x9x3xf32>, %f: tensor<3x3x3x2xf32>, %c: tensor<1x7x7x3x2xf32>) -> tensor<1x7x7x3x2xf32> {
  // CHECK: edge.conv2d %{{.*}}, %{{.*}} {groups = 3 : i64} : (tensor<1x9x9x3xf32>, tensor<6x3x3x1xf32>) -> tensor<1x7x7x6xf32>
  // CHECK: edge.reshape %{{.*}} : (tensor<1x7x7x6xf32>) -> tensor<1x7x7x3x2xf32>
  %r = linalg.depthwise_conv_2d_nhwc_hwcm {strides = dense<1> : vector<2xi64>, dilations = dense<1> : vector<2xi64>}
      ins(%x, %f : tensor<1x9x9x3xf32>, tensor<3x3x3x2xf32>) outs(%c : tensor<1x7x7x3x2xf32>) -> tensor<1x7x7x3x2xf32>
  return %r : tensor<1x7x7x3x2xf32>
}

// -----

// One dimension is an image of one row; what no window reaches is cut off.
// CHECK-LABEL: @one_dimension
func.func @one_dimension(%x: tensor<2x12x3xf32>, %f: tensor<3x3x5xf32>, %c: tensor<2x5x5xf32>) -> tensor<2x5x5xf32> {
  // CHECK: %[[S:.*]] = edge.slice %{{.*}} {offsets = array<i64: 0, 0, 0>, sizes = array<i64: 2, 11, 3>, strides = array<i64: 1, 1, 1>}
  // CHECK: edge.reshape %[[S]] : (tensor<2x11x3xf32>) -> tensor<2x1x11x3xf32>
  // CHECK: edge.conv2d %{{.*}}, %{{.*}} {strides = array<i64: 1, 2>} : (tensor<2x1x11x3xf32>, tensor<5x1x3x3xf32>) -> tensor<2x1x5x5xf32>
  %r = linalg.conv_1d_nwc_wcf {strides = dense<2> : vector<1xi64>, dilations = dense<1> : vector<1xi64>}
      ins(%x, %f : tensor<2x12x3xf32>, tensor<3x3x5xf32>) outs(%c : tensor<2x5x5xf32>) -> tensor<2x5x5xf32>
  return %r : tensor<2x5x5xf32>
}

// -----

// CHECK-LABEL: @pools
func.func @pools(%x: tensor<1x8x8x3xf32>) -> (tensor<1x4x4x3xf32>, tensor<1x4x4x3xf32>) {
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x4x4x3xf32>
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %l = linalg.fill ins(%low : f32) outs(%e : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  // CHECK: %[[M:.*]] = edge.max_pool2d %{{.*}} {strides = array<i64: 2, 2>, window = array<i64: 2, 2>}
  %m = linalg.pooling_nhwc_max {strides = dense<2> : vector<2xi64>, dilations = dense<1> : vector<2xi64>}
      ins(%x, %w : tensor<1x8x8x3xf32>, tensor<2x2xf32>) outs(%l : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  // CHECK: %[[A:.*]] = edge.avg_pool2d %{{.*}} {strides = array<i64: 2, 2>, window = array<i64: 2, 2>}
  // CHECK: %[[S:.*]] = edge.mul %[[A]], %{{.*}}
  %s = linalg.pooling_nhwc_sum {strides = dense<2> : vector<2xi64>, dilations = dense<1> : vector<2xi64>}
      ins(%x, %w : tensor<1x8x8x3xf32>, tensor<2x2xf32>) outs(%z : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  // CHECK: return %[[M]], %[[S]]
  return %m, %s : tensor<1x4x4x3xf32>, tensor<1x4x4x3xf32>
}

// -----

// CHECK-LABEL: @reductions
func.func @reductions(%x: tensor<3x4x5xf32>, %i: tensor<5x3xf32>) -> (tensor<5x3xf32>, tensor<5x3xf32>) {
  // CHECK: %[[S:.*]] = edge.reduce_sum %{{.*}} {axes = array<i64: 1>} : (tensor<3x4x5xf32>) -> tensor<3x5xf32>
  // CHECK: %[[T:.*]] = edge.transpose %[[S]] {permutation = array<i64: 1, 0>}
  // CHECK: edge.add %[[T]], %{{.*}}
  %s = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (k, i)>],
      iterator_types = ["parallel", "reduction", "parallel"]} ins(%x : tensor<3x4x5xf32>) outs(%i : tensor<5x3xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %0 = arith.addf %a, %sum : f32
    linalg.yield %0 : f32
  } -> tensor<5x3xf32>
  // CHECK: edge.reduce_max %{{.*}} {axes = array<i64: 0>} : (tensor<4x5x3xf32>) -> tensor<5x3xf32>
  %t = tensor.empty() : tensor<4x5x3xf32>
  %y = linalg.transpose ins(%x : tensor<3x4x5xf32>) outs(%t : tensor<4x5x3xf32>) permutation = [1, 2, 0]
  %m = linalg.reduce { arith.maximumf } ins(%y : tensor<4x5x3xf32>) outs(%i : tensor<5x3xf32>) dimensions = [0]
  return %s, %m : tensor<5x3xf32>, tensor<5x3xf32>
}

// -----

// Elementwise computations are elementwise operators, whatever order the loops
// have; a comparison that chooses is a maximum.
// CHECK-LABEL: @elementwise
func.func @elementwise(%x: tensor<3x4xf32>, %b: tensor<4xf32>, %o: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %zero = arith.constant 0.0 : f32
  // CHECK-DAG: %[[Z:.*]] = edge.constant {value = dense<0.000000e+00> : tensor<f32>}
  // CHECK-DAG: %[[X:.*]] = edge.transpose %{{.*}} {permutation = array<i64: 1, 0>}
  // CHECK-DAG: %[[B:.*]] = edge.reshape %{{.*}} : (tensor<4xf32>) -> tensor<4x1xf32>
  // CHECK: %[[S:.*]] = edge.add %[[X]], %[[B]]
  // CHECK: %[[E:.*]] = edge.exp %[[S]]
  // CHECK: %[[R:.*]] = edge.max %[[E]], %[[Z]]
  // CHECK-NEXT: return %[[R]]
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (j, i)>],
      iterator_types = ["parallel", "parallel"]} ins(%x, %b : tensor<3x4xf32>, tensor<4xf32>) outs(%o : tensor<4x3xf32>) {
  ^bb0(%a: f32, %c: f32, %out: f32):
    %0 = arith.addf %a, %c : f32
    %1 = math.exp %0 : f32
    %2 = arith.cmpf ugt, %1, %zero : f32
    %3 = arith.select %2, %1, %zero : f32
    linalg.yield %3 : f32
  } -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// -----

// Everything else keeps its loops and its region; what that captures becomes
// operands, and constants of it.
// CHECK-LABEL: @general
func.func @general(%x: tensor<6xf32>, %table: tensor<9xf32>, %i: tensor<f32>) -> tensor<f32> {
  %two = arith.constant 2.0 : f32
  // CHECK: %[[R:.*]] = edge.generic(%{{.*}}, %{{.*}}) inits(%{{.*}}) {maps = [#{{.*}}, #{{.*}}, #{{.*}}], sizes = array<i64: 6>}
  // CHECK: ^bb0(%[[I:.*]]: index, %[[A:.*]]: f32, %[[T:.*]]: tensor<9xf32>, %[[S:.*]]: f32):
  // CHECK-NEXT: %[[L:.*]] = tensor.extract %[[T]][%[[I]]]
  // CHECK-NEXT: %[[TWO:.*]] = arith.constant 2.0
  // CHECK-NEXT: %[[M:.*]] = arith.mulf %[[L]], %[[TWO]]
  // CHECK-NEXT: %[[D:.*]] = arith.divf %[[M]], %[[A]]
  // CHECK-NEXT: %[[N:.*]] = arith.addf %[[S]], %[[D]]
  // CHECK-NEXT: edge.generic_yield %[[N]]
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : tensor<6xf32>) outs(%i : tensor<f32>) {
  ^bb0(%a: f32, %sum: f32):
    %0 = linalg.index 0 : index
    %1 = tensor.extract %table[%0] : tensor<9xf32>
    %2 = arith.mulf %1, %two : f32
    %3 = arith.divf %2, %a : f32
    %4 = arith.addf %sum, %3 : f32
    linalg.yield %4 : f32
  } -> tensor<f32>
  return %r : tensor<f32>
}

// -----

// Scalars between tensors are tensors without dimensions.
// CHECK-LABEL: @scalars
func.func @scalars(%x: tensor<6xf32>, %o: tensor<4xf32>) -> tensor<4xf32> {
  %c2 = arith.constant 2 : index
  // CHECK: %[[S:.*]] = edge.slice %{{.*}} {offsets = array<i64: 2>, sizes = array<i64: 1>, strides = array<i64: 1>}
  // CHECK: %[[A:.*]] = edge.reshape %[[S]] : (tensor<1xf32>) -> tensor<f32>
  %a = tensor.extract %x[%c2] : tensor<6xf32>
  // CHECK: %[[E:.*]] = edge.exp %[[A]] : (tensor<f32>) -> tensor<f32>
  %b = math.exp %a : f32
  // CHECK: edge.broadcast %[[E]] : (tensor<f32>) -> tensor<4xf32>
  %r = linalg.fill ins(%b : f32) outs(%o : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<2x6xf32>, %y: tensor<1x3xf32>) -> (tensor<6x2xf32>, tensor<3xf32>, tensor<2x6xf32>, tensor<4x9xf32>) {
  // CHECK: edge.reshape %{{.*}} : (tensor<2x6xf32>) -> tensor<12xf32>
  %0 = tensor.collapse_shape %x [[0, 1]] : tensor<2x6xf32> into tensor<12xf32>
  // CHECK: edge.reshape %{{.*}} : (tensor<12xf32>) -> tensor<6x2xf32>
  %a = tensor.expand_shape %0 [[0, 1]] output_shape [6, 2] : tensor<12xf32> into tensor<6x2xf32>
  // CHECK: %[[S:.*]] = edge.slice %{{.*}} {offsets = array<i64: 1, 0>, sizes = array<i64: 1, 3>, strides = array<i64: 1, 2>}
  // CHECK: edge.reshape %[[S]] : (tensor<1x3xf32>) -> tensor<3xf32>
  %b = tensor.extract_slice %x[1, 0] [1, 3] [1, 2] : tensor<2x6xf32> to tensor<3xf32>
  // CHECK: edge.concat
  // CHECK: edge.concat
  %c = tensor.insert_slice %y into %x[1, 2] [1, 3] [1, 1] : tensor<1x3xf32> into tensor<2x6xf32>
  %zero = arith.constant 0.0 : f32
  // CHECK: edge.pad %{{.*}} {high = array<i64: 1, 1>, low = array<i64: 1, 2>}
  %d = tensor.pad %x low[1, 2] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<2x6xf32> to tensor<4x9xf32>
  return %a, %b, %c, %d : tensor<6x2xf32>, tensor<3xf32>, tensor<2x6xf32>, tensor<4x9xf32>
}

// -----

// CHECK-LABEL: @packs
func.func @packs(%x: tensor<5x9xf32>, %y: tensor<3x3x4x2xf32>) -> (tensor<3x3x4x2xf32>, tensor<5x9xf32>) {
  %c = arith.constant 0.5 : f32
  %e = tensor.empty() : tensor<3x3x4x2xf32>
  %f = tensor.empty() : tensor<5x9xf32>
  // CHECK: %[[P:.*]] = edge.pad %{{.*}} {high = array<i64: 1, 3>, low = array<i64: 0, 0>, value = 5.000000e-01 : f32}
  // CHECK: %[[V:.*]] = edge.reshape %[[P]] : (tensor<6x12xf32>) -> tensor<3x2x3x4xf32>
  // CHECK: edge.transpose %[[V]] {permutation = array<i64: 2, 0, 3, 1>}
  %a = linalg.pack %x padding_value(%c : f32) outer_dims_perm = [1, 0] inner_dims_pos = [1, 0] inner_tiles = [4, 2]
      into %e : tensor<5x9xf32> -> tensor<3x3x4x2xf32>
  // CHECK: %[[T:.*]] = edge.transpose %{{.*}} {permutation = array<i64: 1, 3, 0, 2>} : (tensor<3x3x4x2xf32>) -> tensor<3x2x3x4xf32>
  // CHECK: %[[W:.*]] = edge.reshape %[[T]] : (tensor<3x2x3x4xf32>) -> tensor<6x12xf32>
  // CHECK: edge.slice %[[W]] {offsets = array<i64: 0, 0>, sizes = array<i64: 5, 9>, strides = array<i64: 1, 1>}
  %b = linalg.unpack %y outer_dims_perm = [1, 0] inner_dims_pos = [1, 0] inner_tiles = [4, 2]
      into %f : tensor<3x3x4x2xf32> -> tensor<5x9xf32>
  return %a, %b : tensor<3x3x4x2xf32>, tensor<5x9xf32>
}
