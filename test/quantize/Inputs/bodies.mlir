// One layer for everybody to read, one in a branch of it, one in a loop's body.
func.func @bodies(%x: tensor<4x16xf32> {edge.name = "x"})
    -> (tensor<4x16xf32> {edge.name = "branch"}, tensor<4x16xf32> {edge.name = "loop"}) {
  %w = edge.constant {value = dense<[[0.5, -0.25, 0.125, 0.75, -1.0, 0.375, 0.0625, -0.5, 0.25, 0.875, -0.125, 0.625, 0.1875, -0.75, 1.0, -0.3125]]> : tensor<1x16xf32>} : tensor<1x16xf32>
  %f = edge.broadcast %w : (tensor<1x16xf32>) -> tensor<16x16xf32>
  %a = edge.fully_connected %x, %f : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32> loc("outside")
  %s = edge.reduce_sum %x {axes = array<i64: 0, 1>} : (tensor<4x16xf32>) -> tensor<f32>
  %zero = edge.constant {value = dense<0.0> : tensor<f32>} : tensor<f32>
  %c = edge.less %s, %zero : (tensor<f32>, tensor<f32>) -> tensor<i1>
  %b = edge.if %c then @layer(%a) else @plain(%a) : (tensor<i1>, tensor<4x16xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  %l = edge.loop @body(%a) slices() captures() {trips = 2 : i64} : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %b, %l : tensor<4x16xf32>, tensor<4x16xf32>
}

func.func private @layer(%a: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %f = edge.constant {value = dense<0.375> : tensor<16x16xf32>} : tensor<16x16xf32>
  %r = edge.fully_connected %a, %f : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32> loc("in_branch")
  return %r : tensor<4x16xf32>
}

func.func private @plain(%a: tensor<4x16xf32>) -> tensor<4x16xf32> {
  return %a : tensor<4x16xf32>
}

func.func private @body(%i: tensor<i64>, %state: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %f = edge.constant {value = dense<0.0625> : tensor<16x16xf32>} : tensor<16x16xf32>
  %r = edge.fully_connected %state, %f : (tensor<4x16xf32>, tensor<16x16xf32>) -> tensor<4x16xf32> loc("in_loop")
  return %r : tensor<4x16xf32>
}
