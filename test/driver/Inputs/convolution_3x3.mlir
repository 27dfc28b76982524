func.func @main(%x: tensor<1x28x28x64xf32>) -> tensor<1x28x28x64xf32> {
  %filter = edge.constant {value = dense<0.5> : tensor<64x3x3x64xf32>} : tensor<64x3x3x64xf32>
  %0 = edge.conv2d %x, %filter {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x28x28x64xf32>, tensor<64x3x3x64xf32>) -> tensor<1x28x28x64xf32> loc("blur")
  return %0 : tensor<1x28x28x64xf32>
}
