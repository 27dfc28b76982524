// Two layers and an exit: with a confident result the model ends, else two more layers follow. Where the classifier would stand, an input says
// how confident it is.
func.func @early_exit(%x: tensor<1x16x16x32xi8> {edge.name = "x"}, %confident: tensor<i1> {edge.name = "confident"}) -> (tensor<1x16x16x32xi8> {edge.name = "y"}) {
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
  %r = edge.if %confident then @exit(%5) else @deeper(%5) : (tensor<i1>, tensor<1x16x16x32xi8>, tensor<1x16x16x32xi8>) -> tensor<1x16x16x32xi8>
  return %r : tensor<1x16x16x32xi8>
}
func.func private @exit(%x: tensor<1x16x16x32xi8>) -> tensor<1x16x16x32xi8> {
  %0 = edge.max %x, %x : (tensor<1x16x16x32xi8>, tensor<1x16x16x32xi8>) -> tensor<1x16x16x32xi8>
  return %0 : tensor<1x16x16x32xi8>
}
func.func private @deeper(%x: tensor<1x16x16x32xi8>) -> tensor<1x16x16x32xi8> {
  %0 = edge.constant {value = dense<-5> : tensor<32x3x3x32xi8>} : tensor<32x3x3x32xi8>
  %m = edge.constant {value = dense<1212345678> : tensor<i32>} : tensor<i32>
  %s = edge.constant {value = dense<9> : tensor<i32>} : tensor<i32>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %1 = edge.integer_conv2d %x, %0 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x16x16x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x16x16x32xi32>
  %2 = edge.rescale double %1, %m, %s : (tensor<1x16x16x32xi32>, tensor<i32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %3 = edge.max %2, %low : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %4 = edge.min %3, %high : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %5 = edge.cast %4 : (tensor<1x16x16x32xi32>) -> tensor<1x16x16x32xi8>
  %6 = edge.integer_conv2d %5, %0 {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x16x16x32xi8>, tensor<32x3x3x32xi8>) -> tensor<1x16x16x32xi32>
  %7 = edge.rescale double %6, %m, %s : (tensor<1x16x16x32xi32>, tensor<i32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %8 = edge.max %7, %low : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %9 = edge.min %8, %high : (tensor<1x16x16x32xi32>, tensor<i32>) -> tensor<1x16x16x32xi32>
  %10 = edge.cast %9 : (tensor<1x16x16x32xi32>) -> tensor<1x16x16x32xi8>
  return %10 : tensor<1x16x16x32xi8>
}
