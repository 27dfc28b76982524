// A quantized addition with a scale for each channel, and a branch of floats that no DSP computes.
func.func @sum(%a: tensor<1x16x16x8xi8> {edge.name = "a"}, %b: tensor<1x16x16x8xi8> {edge.name = "b"}, %f: tensor<1x16x16x8xf32> {edge.name = "f"}) -> (tensor<1x16x16x8xi8> {edge.name = "sum"}, tensor<1x16x16x8xf32> {edge.name = "g"}) {
  %zero = edge.constant {value = dense<5> : tensor<i32>} : tensor<i32>
  %left = edge.constant {value = dense<20> : tensor<i32>} : tensor<i32>
  %m = edge.constant {value = dense<1623821475> : tensor<i32>} : tensor<i32>
  %n = edge.constant {value = dense<[1073741824, 1100000000, 1200000000, 1300000000, 1400000000, 1500000000, 1600000000, 1700000000]> : tensor<8xi32>} : tensor<8xi32>
  %s = edge.constant {value = dense<2> : tensor<i32>} : tensor<i32>
  %out = edge.constant {value = dense<17> : tensor<i32>} : tensor<i32>
  %low = edge.constant {value = dense<-128> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<127> : tensor<i32>} : tensor<i32>
  %0 = edge.cast %a : (tensor<1x16x16x8xi8>) -> tensor<1x16x16x8xi32>
  %1 = edge.sub %0, %zero : (tensor<1x16x16x8xi32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %2 = edge.shift_left %1, %left : (tensor<1x16x16x8xi32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %3 = edge.rescale double %2, %m, %s : (tensor<1x16x16x8xi32>, tensor<i32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %4 = edge.cast %b : (tensor<1x16x16x8xi8>) -> tensor<1x16x16x8xi32>
  %5 = edge.shift_left %4, %left : (tensor<1x16x16x8xi32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %6 = edge.rescale double %5, %n, %s : (tensor<1x16x16x8xi32>, tensor<8xi32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %7 = edge.add %3, %6 : (tensor<1x16x16x8xi32>, tensor<1x16x16x8xi32>) -> tensor<1x16x16x8xi32>
  %8 = edge.rescale single %7, %m, %out : (tensor<1x16x16x8xi32>, tensor<i32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %9 = edge.max %8, %low : (tensor<1x16x16x8xi32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %10 = edge.min %9, %high : (tensor<1x16x16x8xi32>, tensor<i32>) -> tensor<1x16x16x8xi32>
  %11 = edge.cast %10 : (tensor<1x16x16x8xi32>) -> tensor<1x16x16x8xi8>
  %12 = edge.tanh %f : (tensor<1x16x16x8xf32>) -> tensor<1x16x16x8xf32>
  return %11, %12 : tensor<1x16x16x8xi8>, tensor<1x16x16x8xf32>
}
