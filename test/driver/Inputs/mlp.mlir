func.func @mlp(%image: tensor<2x8xf32> {edge.name = "image"}) -> (tensor<2x16xf32> {edge.name = "class"}) {
  %weights = edge.constant {value = dense<0.5> : tensor<16x8xf32>} : tensor<16x8xf32>
  %0 = edge.fully_connected %image, %weights : (tensor<2x8xf32>, tensor<16x8xf32>) -> tensor<2x16xf32>
  %1 = edge.relu %0 : (tensor<2x16xf32>) -> tensor<2x16xf32>
  return %1 : tensor<2x16xf32>
}
