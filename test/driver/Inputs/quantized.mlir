func.func @quantized(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %positive = edge.relu %x : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = edge.quantize %x : (tensor<4x8xf32>) -> tensor<4x8x!quant.uniform<i8:f32, 0.5:3>>
  %b = edge.quantize %y : (tensor<4x8xf32>) -> tensor<4x8x!quant.uniform<i8:f32, 0.25:3>>
  %c = edge.dequantize %a : (tensor<4x8x!quant.uniform<i8:f32, 0.5:3>>) -> tensor<4x8xf32>
  %s = edge.max %b, %b : (tensor<4x8x!quant.uniform<i8:f32, 0.25:3>>, tensor<4x8x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<4x8x!quant.uniform<i8:f32, 0.25:3>>
  %d = edge.dequantize %s : (tensor<4x8x!quant.uniform<i8:f32, 0.25:3>>) -> tensor<4x8xf32>
  %e = edge.add %c, %positive : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %e, %d : tensor<4x8xf32>, tensor<4x8xf32>
}
