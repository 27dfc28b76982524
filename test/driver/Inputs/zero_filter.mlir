// The second of three filters is zero.
func.func @zero_filter(%x: tensor<1x2x2x2xi8>) -> tensor<1x2x2x2xi32> {
  %f = edge.constant {value = dense<[[[[1, 2]]], [[[0, 0]]], [[[5, 6]]]]> : tensor<3x1x1x2xi8>} : tensor<3x1x1x2xi8>
  %g = edge.constant {value = dense<[[[[1, 3, 4]]], [[[2, -2, 5]]]]> : tensor<2x1x1x3xi8>} : tensor<2x1x1x3xi8>
  %0 = edge.integer_conv2d %x, %f : (tensor<1x2x2x2xi8>, tensor<3x1x1x2xi8>) -> tensor<1x2x2x3xi32> loc("first")
  %1 = edge.cast %0 : (tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi8>
  %2 = edge.integer_conv2d %1, %g : (tensor<1x2x2x3xi8>, tensor<2x1x1x3xi8>) -> tensor<1x2x2x2xi32> loc("second")
  return %2 : tensor<1x2x2x2xi32>
}
