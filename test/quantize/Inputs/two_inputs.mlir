func.func @two_inputs(%a: tensor<1x4xf32> {edge.name = "left"}, %b: tensor<1x4xf32> {edge.name = "right.1"}) -> (tensor<1x2xf32> {edge.name = "out"}) {
  %f = edge.constant {value = dense<[[1.0, -2.0, 0.5, 0.25], [0.125, 1.0, -1.0, 2.0]]> : tensor<2x4xf32>} : tensor<2x4xf32>
  %s = edge.add %a, %b : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32> loc("sum")
  %r = edge.relu %s : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("rectified")
  %d = edge.fully_connected %r, %f : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32> loc("dense")
  return %d : tensor<1x2xf32>
}
