// One layer, three times over.
func.func @loop(%x: tensor<1x16x16x32xi8> {edge.name = "x"}) -> (tensor<1x16x16x32xi8> {edge.name = "y"}) {
  %n = edge.constant {value = dense<3> : tensor<i64>} : tensor<i64>
  %r = edge.loop @body count %n (%x) slices() captures() {trips = 3 : i64} : (tensor<i64>, tensor<1x16x16x32xi8>) -> tensor<1x16x16x32xi8>
  return %r : tensor<1x16x16x32xi8>
}
func.func private @body(%i: tensor<i64>, %x: tensor<1x16x16x32xi8>) -> tensor<1x16x16x32xi8> {
  %0 = edge.constant {value = dense<3> : tensor<32x3x3x32xi8>} : tensor<32x3x3x32xi8>
  %m = edge.constant {value = dense<1312345678> : tensor<i32>} : tensor<i32>
  %s = edge.constant {value = dense<8> : tensor<i32>} : tensor<i32>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %1 = edge.integer_conv2d %x, %0 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x16x16x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x16x16x32xi32>
  %2 = edge.rescale double %1, %m, %s : (tensor<1x16x16x32xi32>, tensor<i32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %3 = edge.max %2, %low : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %4 = edge.min %3, %high : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %5 = edge.cast %4 : (tensor<1x16x16x32xi32>) -> tensor<1x16x16x32xi8>
  return %5 : tensor<1x16x16x32xi8>
}
