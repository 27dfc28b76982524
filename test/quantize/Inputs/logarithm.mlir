func.func @logarithm(%x: tensor<1x8xf32> {edge.name = "x"}) -> (tensor<1x2xf32> {edge.name = "out"}, tensor<1x2xf32> {edge.name = "other"}) {
  %f = edge.constant {value = dense<0.5> : tensor<2x8xf32>} : tensor<2x8xf32>
  %r = edge.relu %x : (tensor<1x8xf32>) -> tensor<1x8xf32> loc("rectified")
  %l = edge.log %r : (tensor<1x8xf32>) -> tensor<1x8xf32> loc("log")
  %d = edge.fully_connected %l, %f : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32> loc("behind")
  %e = edge.fully_connected %r, %f : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32> loc("beside")
  return %d, %e : tensor<1x2xf32>, tensor<1x2xf32>
}
