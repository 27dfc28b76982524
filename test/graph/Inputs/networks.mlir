// Small networks as the ONNX importer writes them: NCHW outside, NHWC around
// convolutions. MeaningTest.cpp fills the constants marked `random`.

// conv, batch norm, relu6; residual; pooling; a flattening of 2x2 maps.
func.func @residual_net(%x: tensor<1x3x9x9xf32>) -> tensor<1x5xf32> {
  %f = edge.constant {value = dense<0.0> : tensor<8x3x3x3xf32>, random} : tensor<8x3x3x3xf32>
  %fn = edge.transpose %f {permutation = array<i64: 0, 2, 3, 1>} : (tensor<8x3x3x3xf32>) -> tensor<8x3x3x3xf32>
  %s = edge.constant {value = dense<0.0> : tensor<8xf32>, random} : tensor<8xf32>
  %o = edge.constant {value = dense<0.0> : tensor<8xf32>, random} : tensor<8xf32>
  %m = edge.constant {value = dense<0.0> : tensor<8xf32>, random} : tensor<8xf32>
  %v = edge.constant {value = dense<[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]> : tensor<8xf32>} : tensor<8xf32>
  %zero = edge.constant {value = dense<0.0> : tensor<f32>} : tensor<f32>
  %six = edge.constant {value = dense<6.0> : tensor<f32>} : tensor<f32>
  %x1 = edge.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x9x9xf32>) -> tensor<1x9x9x3xf32>
  %c1 = edge.conv2d %x1, %fn {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x9x9x3xf32>, tensor<8x3x3x3xf32>) -> tensor<1x5x5x8xf32>
  %c1t = edge.transpose %c1 {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x5x5x8xf32>) -> tensor<1x8x5x5xf32>
  %bn = edge.batch_norm %c1t, %s, %o, %m, %v {axis = 1 : i64, epsilon = 1.0e-3 : f32} : (tensor<1x8x5x5xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x5x5xf32>
  %max = edge.max %bn, %zero : (tensor<1x8x5x5xf32>, tensor<f32>) -> tensor<1x8x5x5xf32>
  %relu6 = edge.min %max, %six : (tensor<1x8x5x5xf32>, tensor<f32>) -> tensor<1x8x5x5xf32>
  %g = edge.constant {value = dense<0.0> : tensor<8x1x3x3xf32>, random} : tensor<8x1x3x3xf32>
  %gn = edge.transpose %g {permutation = array<i64: 0, 2, 3, 1>} : (tensor<8x1x3x3xf32>) -> tensor<8x3x3x1xf32>
  %r1 = edge.transpose %relu6 {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x8x5x5xf32>) -> tensor<1x5x5x8xf32>
  %c2 = edge.conv2d %r1, %gn {groups = 8 : i64, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x5x5x8xf32>, tensor<8x3x3x1xf32>) -> tensor<1x5x5x8xf32>
  %c2t = edge.transpose %c2 {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x5x5x8xf32>) -> tensor<1x8x5x5xf32>
  %sum = edge.add %c2t, %relu6 : (tensor<1x8x5x5xf32>, tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32>
  %rs = edge.relu %sum : (tensor<1x8x5x5xf32>) -> tensor<1x8x5x5xf32>
  %p1 = edge.transpose %rs {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x8x5x5xf32>) -> tensor<1x5x5x8xf32>
  %p = edge.max_pool2d %p1 {window = array<i64: 3, 3>, strides = array<i64: 2, 2>} : (tensor<1x5x5x8xf32>) -> tensor<1x2x2x8xf32>
  %pt = edge.transpose %p {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x2x2x8xf32>) -> tensor<1x8x2x2xf32>
  %flat = edge.reshape %pt : (tensor<1x8x2x2xf32>) -> tensor<1x32xf32>
  %act = edge.relu %flat : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %w = edge.constant {value = dense<0.0> : tensor<32x5xf32>, random} : tensor<32x5xf32>
  %b = edge.constant {value = dense<0.0> : tensor<5xf32>, random} : tensor<5xf32>
  %mm = edge.matmul %act, %w : (tensor<1x32xf32>, tensor<32x5xf32>) -> tensor<1x5xf32>
  %fc = edge.add %mm, %b : (tensor<1x5xf32>, tensor<5xf32>) -> tensor<1x5xf32>
  %r = edge.softmax %fc {axis = 1 : i64} : (tensor<1x5xf32>) -> tensor<1x5xf32>
  return %r : tensor<1x5xf32>
}

// Squeeze and excite with hard swish written out; two results.
func.func @squeeze_excite_net(%x: tensor<2x4x6x6xf32>) -> (tensor<2x4x6x6xf32>, tensor<2x4xf32>) {
  %three = edge.constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
  %six = edge.constant {value = dense<6.0> : tensor<f32>} : tensor<f32>
  %f = edge.constant {value = dense<0.0> : tensor<4x1x1x4xf32>, random} : tensor<4x1x1x4xf32>
  %g = edge.constant {value = dense<0.0> : tensor<4x1x1x4xf32>, random} : tensor<4x1x1x4xf32>
  %b = edge.constant {value = dense<0.0> : tensor<4x1x1xf32>, random} : tensor<4x1x1xf32>
  %xn = edge.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x4x6x6xf32>) -> tensor<2x6x6x4xf32>
  %c = edge.conv2d %xn, %f : (tensor<2x6x6x4xf32>, tensor<4x1x1x4xf32>) -> tensor<2x6x6x4xf32>
  %ct = edge.transpose %c {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x6x6x4xf32>) -> tensor<2x4x6x6xf32>
  %y = edge.add %ct, %b : (tensor<2x4x6x6xf32>, tensor<4x1x1xf32>) -> tensor<2x4x6x6xf32>
  %y3 = edge.add %y, %three : (tensor<2x4x6x6xf32>, tensor<f32>) -> tensor<2x4x6x6xf32>
  %gate = edge.clamp %y3 {min = 0.0 : f32, max = 6.0 : f32} : (tensor<2x4x6x6xf32>) -> tensor<2x4x6x6xf32>
  %product = edge.mul %y, %gate : (tensor<2x4x6x6xf32>, tensor<2x4x6x6xf32>) -> tensor<2x4x6x6xf32>
  %swish = edge.div %product, %six : (tensor<2x4x6x6xf32>, tensor<f32>) -> tensor<2x4x6x6xf32>
  %mean = edge.reduce_mean %swish {axes = array<i64: 2, 3>, keep_dims = true} : (tensor<2x4x6x6xf32>) -> tensor<2x4x1x1xf32>
  %meann = edge.transpose %mean {permutation = array<i64: 0, 2, 3, 1>} : (tensor<2x4x1x1xf32>) -> tensor<2x1x1x4xf32>
  %e = edge.conv2d %meann, %g : (tensor<2x1x1x4xf32>, tensor<4x1x1x4xf32>) -> tensor<2x1x1x4xf32>
  %et = edge.transpose %e {permutation = array<i64: 0, 3, 1, 2>} : (tensor<2x1x1x4xf32>) -> tensor<2x4x1x1xf32>
  %sig = edge.sigmoid %et : (tensor<2x4x1x1xf32>) -> tensor<2x4x1x1xf32>
  %scaled = edge.mul %swish, %sig : (tensor<2x4x6x6xf32>, tensor<2x4x1x1xf32>) -> tensor<2x4x6x6xf32>
  %max = edge.reduce_max %scaled {axes = array<i64: 2, 3>} : (tensor<2x4x6x6xf32>) -> tensor<2x4xf32>
  return %scaled, %max : tensor<2x4x6x6xf32>, tensor<2x4xf32>
}

// Two branches joined along the channels, a pad at the input, a channel shuffle.
func.func @concat_net(%x: tensor<1x2x5x5xf32>) -> tensor<1x12x5x5xf32> {
  %f = edge.constant {value = dense<0.0> : tensor<6x3x3x2xf32>, random} : tensor<6x3x3x2xf32>
  %g = edge.constant {value = dense<0.0> : tensor<6x1x1x2xf32>, random} : tensor<6x1x1x2xf32>
  %padded = edge.pad %x {low = array<i64: 0, 0, 1, 1>, high = array<i64: 0, 0, 1, 1>} : (tensor<1x2x5x5xf32>) -> tensor<1x2x7x7xf32>
  %a = edge.transpose %padded {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x7x7xf32>) -> tensor<1x7x7x2xf32>
  %ac = edge.conv2d %a, %f : (tensor<1x7x7x2xf32>, tensor<6x3x3x2xf32>) -> tensor<1x5x5x6xf32>
  %at = edge.transpose %ac {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x5x5x6xf32>) -> tensor<1x6x5x5xf32>
  %ar = edge.relu %at : (tensor<1x6x5x5xf32>) -> tensor<1x6x5x5xf32>
  %b = edge.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x2x5x5xf32>) -> tensor<1x5x5x2xf32>
  %bc = edge.conv2d %b, %g : (tensor<1x5x5x2xf32>, tensor<6x1x1x2xf32>) -> tensor<1x5x5x6xf32>
  %bt = edge.transpose %bc {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x5x5x6xf32>) -> tensor<1x6x5x5xf32>
  %joined = edge.concat %ar, %bt {axis = 1 : i64} : (tensor<1x6x5x5xf32>, tensor<1x6x5x5xf32>) -> tensor<1x12x5x5xf32>
  %split = edge.reshape %joined : (tensor<1x12x5x5xf32>) -> tensor<1x2x6x5x5xf32>
  %shuffled = edge.transpose %split {permutation = array<i64: 0, 2, 1, 3, 4>} : (tensor<1x2x6x5x5xf32>) -> tensor<1x6x2x5x5xf32>
  %merged = edge.reshape %shuffled : (tensor<1x6x2x5x5xf32>) -> tensor<1x12x5x5xf32>
  %h = edge.constant {value = dense<0.0> : tensor<12x3x3x6xf32>, random} : tensor<12x3x3x6xf32>
  %m = edge.transpose %merged {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x12x5x5xf32>) -> tensor<1x5x5x12xf32>
  %mc = edge.conv2d %m, %h {groups = 2 : i64, pads = array<i64: 2, 2, 2, 2>, dilations = array<i64: 2, 2>} : (tensor<1x5x5x12xf32>, tensor<12x3x3x6xf32>) -> tensor<1x5x5x12xf32>
  %r = edge.transpose %mc {permutation = array<i64: 0, 3, 1, 2>} : (tensor<1x5x5x12xf32>) -> tensor<1x12x5x5xf32>
  return %r : tensor<1x12x5x5xf32>
}

// One head of attention: transposes that stay.
func.func @attention(%x: tensor<1x6x8xf32>) -> tensor<1x6x8xf32> {
  %w = edge.constant {value = dense<0.0> : tensor<8x24xf32>, random} : tensor<8x24xf32>
  %scale = edge.constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %qkv = edge.matmul %x, %w : (tensor<1x6x8xf32>, tensor<8x24xf32>) -> tensor<1x6x24xf32>
  %split = edge.reshape %qkv : (tensor<1x6x24xf32>) -> tensor<1x6x3x2x4xf32>
  %heads = edge.transpose %split {permutation = array<i64: 2, 0, 3, 1, 4>} : (tensor<1x6x3x2x4xf32>) -> tensor<3x1x2x6x4xf32>
  %q5 = edge.slice %heads {offsets = array<i64: 0, 0, 0, 0, 0>, sizes = array<i64: 1, 1, 2, 6, 4>, strides = array<i64: 1, 1, 1, 1, 1>} : (tensor<3x1x2x6x4xf32>) -> tensor<1x1x2x6x4xf32>
  %k5 = edge.slice %heads {offsets = array<i64: 1, 0, 0, 0, 0>, sizes = array<i64: 1, 1, 2, 6, 4>, strides = array<i64: 1, 1, 1, 1, 1>} : (tensor<3x1x2x6x4xf32>) -> tensor<1x1x2x6x4xf32>
  %v5 = edge.slice %heads {offsets = array<i64: 2, 0, 0, 0, 0>, sizes = array<i64: 1, 1, 2, 6, 4>, strides = array<i64: 1, 1, 1, 1, 1>} : (tensor<3x1x2x6x4xf32>) -> tensor<1x1x2x6x4xf32>
  %q = edge.reshape %q5 : (tensor<1x1x2x6x4xf32>) -> tensor<1x2x6x4xf32>
  %k = edge.reshape %k5 : (tensor<1x1x2x6x4xf32>) -> tensor<1x2x6x4xf32>
  %v = edge.reshape %v5 : (tensor<1x1x2x6x4xf32>) -> tensor<1x2x6x4xf32>
  %kt = edge.transpose %k {permutation = array<i64: 0, 1, 3, 2>} : (tensor<1x2x6x4xf32>) -> tensor<1x2x4x6xf32>
  %s = edge.matmul %q, %kt : (tensor<1x2x6x4xf32>, tensor<1x2x4x6xf32>) -> tensor<1x2x6x6xf32>
  %ss = edge.mul %s, %scale : (tensor<1x2x6x6xf32>, tensor<f32>) -> tensor<1x2x6x6xf32>
  %p = edge.softmax %ss {axis = 3 : i64} : (tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %o = edge.matmul %p, %v : (tensor<1x2x6x6xf32>, tensor<1x2x6x4xf32>) -> tensor<1x2x6x4xf32>
  %ot = edge.transpose %o {permutation = array<i64: 0, 2, 1, 3>} : (tensor<1x2x6x4xf32>) -> tensor<1x6x2x4xf32>
  %r = edge.reshape %ot : (tensor<1x6x2x4xf32>) -> tensor<1x6x8xf32>
  %sum = edge.add %r, %x : (tensor<1x6x8xf32>, tensor<1x6x8xf32>) -> tensor<1x6x8xf32>
  return %sum : tensor<1x6x8xf32>
}
