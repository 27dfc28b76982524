func.func @large_weights(%x: tensor<2x2xf32> {edge.name = "x"}) -> (tensor<2x1xf32> {edge.name = "y"}) {
  %f = edge.constant {value = dense<[[1.0, 70000.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %y = edge.fully_connected %x, %f : (tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<2x1xf32> loc("large")
  return %y : tensor<2x1xf32>
}
