// The only layer lies in a loop's body.
func.func @only(%x: tensor<4x16xf32> {edge.name = "x"}) -> (tensor<4x16xf32> {edge.name = "y"}) {
  %l = edge.loop @body(%x) slices() captures() {trips = 2 : i64} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %l : tensor<4x16xf32>
}

func.func private @body(%i: tensor<i64>, %state: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %f = edge.constant {value = dense<0.0625> : tensor<16x16xf32>} : tensor<16x16xf32>
  %r = edge.fully_connected %state, %f : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32>
  return %r : tensor<4x16xf32>
}
