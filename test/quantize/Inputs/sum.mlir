func.func @sum(%a: tensor<1x4xf32> {edge.name = "left"}, %b: tensor<1x4xf32> {edge.name = "right.1"}) -> (tensor<1x4xf32> {edge.name = "out"}) {
  %s = edge.add %a, %b : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %s : tensor<1x4xf32>
}
