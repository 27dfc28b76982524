// Two ways to scale an image; an input says which one.
func.func @branches(%x: tensor<1x32x32x8xi8> {edge.name = "x"}, %first: tensor<i1> {edge.name = "first"}) -> (tensor<1x32x32x8xi8> {edge.name = "y"}) {
  %r = edge.if %first then @up(%x) else @down(%x) : (tensor<i1>, tensor<1x32x32x8xi8>, tensor<1x32x32x8xi8>) -> tensor<1x32x32x8xi8>
  return %r : tensor<1x32x32x8xi8>
}
func.func private @up(%x: tensor<1x32x32x8xi8>) -> tensor<1x32x32x8xi8> {
  %zero = edge.constant {value = dense<5> : tensor<i32>} : tensor<i32>
  %left = edge.constant {value = dense<20> : tensor<i32>} : tensor<i32>
  %m = edge.constant {value = dense<1623821475> : tensor<i32>} : tensor<i32>
  %s = edge.constant {value = dense<17> : tensor<i32>} : tensor<i32>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %0 = edge.cast %x : (tensor<1x32x32x8xi8>) -> tensor<1x32x32x8xi32>
  %1 = edge.sub %0, %zero : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %2 = edge.shift_left %1, %left : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %3 = edge.rescale double %2, %m, %s : (tensor<1x32x32x8xi32>, tensor<i32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %4 = edge.max %3, %low : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %5 = edge.min %4, %high : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %6 = edge.cast %5 : (tensor<1x32x32x8xi32>) -> tensor<1x32x32x8xi8>
  return %6 : tensor<1x32x32x8xi8>
}
func.func private @down(%x: tensor<1x32x32x8xi8>) -> tensor<1x32x32x8xi8> {
  %zero = edge.constant {value = dense<5> : tensor<i32>} : tensor<i32>
  %left = edge.constant {value = dense<20> : tensor<i32>} : tensor<i32>
  %m = edge.constant {value = dense<1073741824> : tensor<i32>} : tensor<i32>
  %s = edge.constant {value = dense<17> : tensor<i32>} : tensor<i32>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %0 = edge.cast %x : (tensor<1x32x32x8xi8>) -> tensor<1x32x32x8xi32>
  %1 = edge.sub %0, %zero : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %2 = edge.shift_left %1, %left : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %3 = edge.rescale double %2, %m, %s : (tensor<1x32x32x8xi32>, tensor<i32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %4 = edge.max %3, %low : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %5 = edge.min %4, %high : (tensor<1x32x32x8xi32>, tensor<i32>) -> tensor<1x32x32x8xi32>
  %6 = edge.cast %5 : (tensor<1x32x32x8xi32>) -> tensor<1x32x32x8xi8>
  return %6 : tensor<1x32x32x8xi8>
}
