func.func @branches(%x: tensor<4x8xf32>, %w: tensor<8x6xf32>) -> (tensor<4x6xf32>, tensor<4xf32>) {
  %product = edge.matmul %x, %w : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %positive = edge.relu %product : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %shares = edge.softmax %positive {axis = 1 : i64} : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %sum = edge.reduce_sum %positive {axes = array<i64: 1>} : (tensor<4x6xf32>) -> tensor<4xf32>
  return %shares, %sum : tensor<4x6xf32>, tensor<4xf32>
}
