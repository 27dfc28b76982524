// Values with ranges get pairs, their readers' weights become integers.
// RUN: edge-opt %s -edge-quantize | FileCheck %s

// Data from -1 to 1: a scale of 2/255 and the zero point that is exactly 0.
// Filters are symmetric with a scale per channel, biases in the scale of sums.
// CHECK-LABEL: func @convolution
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x2x1xf32> {edge.name = "x"})
// CHECK-DAG: %[[Q:.*]] = edge.quantize %[[X]] {edge.by_reciprocal} : {{.*}} -> tensor<1x2x2x1x!quant.uniform<i8:f32, 0.0078431377187371254:-1>>
// CHECK-DAG: %[[D:.*]] = edge.dequantize %[[Q]]
// CHECK-DAG: %[[F:.*]] = edge.constant {value = dense<{{.*}}127{{.*}}-127{{.*}}> : tensor<2x1x1x1xi8>}
// CHECK-DAG: %[[FB:.*]] = edge.bitcast %[[F]] : {{.*}} -> tensor<2x1x1x1x!quant.uniform<i8<-127:127>:f32:0, {0.0078740157186985015,0.0039370078593492508}>>
// CHECK-DAG: %[[W:.*]] = edge.dequantize %[[FB]]
// CHECK-DAG: %[[B:.*]] = edge.constant {value = dense<[16192, -32385]> : tensor<2xi32>}
// CHECK-DAG: %[[BB:.*]] = edge.bitcast %[[B]] : {{.*}} -> tensor<2x!quant.uniform<i32:f32:0, {{.*}}>>
// CHECK-DAG: %[[V:.*]] = edge.dequantize %[[BB]]
// CHECK: %[[C:.*]] = edge.conv2d %[[D]], %[[W]], %[[V]]
// CHECK: return %[[C]]
func.func @convolution(%x: tensor<1x2x2x1xf32> {edge.name = "x", edge.range = array<f64: -1.0, 1.0>}) -> tensor<1x2x2x2xf32> {
  %f = edge.constant {value = dense<[[[[1.0]]], [[[-0.5]]]]> : tensor<2x1x1x1xf32>} : tensor<2x1x1x1xf32>
  %b = edge.constant {value = dense<[1.0, -1.0]> : tensor<2xf32>} : tensor<2xf32>
  %c = edge.conv2d %x, %f, %b : (tensor<1x2x2x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %c : tensor<1x2x2x2xf32>
}

// All readers, the function's return among them, read the rounded value; a
// range that does not reach zero is widened to it.
// CHECK-LABEL: func @readers
// CHECK: %[[R:.*]] = edge.relu
// CHECK-NOT: edge.range
// CHECK: %[[Q:.*]] = edge.quantize %[[R]] {edge.by_reciprocal} : {{.*}}!quant.uniform<i8:f32, 0.023529412224888802:-128>
// CHECK: %[[D:.*]] = edge.dequantize %[[Q]]
// CHECK: %[[N:.*]] = edge.neg %[[D]]
// CHECK: return %[[D]], %[[N]]
func.func @readers(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %r = edge.relu %x {edge.range = array<f64: 3.0, 6.0>} : (tensor<4xf32>) -> tensor<4xf32>
  %n = edge.neg %r : (tensor<4xf32>) -> tensor<4xf32>
  return %r, %n : tensor<4xf32>, tensor<4xf32>
}

// A layer that is kept, and one whose data are floats, keep their weights.
// CHECK-LABEL: func @kept
// CHECK: %[[D:.*]] = edge.dequantize
// CHECK: %[[F:.*]] = edge.constant {{.*}}tensor<1x2xf32>
// CHECK: edge.fully_connected %[[D]], %[[F]]
// CHECK-NOT: edge.keep_float
// CHECK: edge.fully_connected %{{.*}}, %[[F]]
// CHECK: return
func.func @kept(%x: tensor<1x2xf32> {edge.range = array<f64: 0.0, 1.0>}, %y: tensor<1x2xf32>) -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %f = edge.constant {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : tensor<1x2xf32>
  %a = edge.fully_connected %x, %f {edge.keep_float} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  %b = edge.fully_connected %y, %f : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x1xf32>
  return %a, %b : tensor<1x1xf32>, tensor<1x1xf32>
}

// A channel of zeros is its bias alone: a scale that tells it in 20 bits.
// CHECK-LABEL: func @zeros
// CHECK-DAG: edge.constant {value = dense<0> : tensor<1x1xi8>}
// CHECK-DAG: edge.constant {value = dense<1048576> : tensor<1xi32>}
// CHECK: return
func.func @zeros(%x: tensor<1x1xf32> {edge.range = array<f64: 0.0, 1.0>}) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<0.0> : tensor<1x1xf32>} : tensor<1x1xf32>
  %b = edge.constant {value = dense<0.25> : tensor<1xf32>} : tensor<1xf32>
  %a = edge.fully_connected %x, %f, %b : (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %a : tensor<1x1xf32>
}

// Nothing but zeros came up: any scale will do.
// CHECK-LABEL: func @point
// CHECK: edge.quantize {{.*}}!quant.uniform<i8:f32, 1.000000e+00:-128>
func.func @point(%x: tensor<2xf32> {edge.range = array<f64: 0.0, 0.0>}) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// A third number asks for 16 bits: symmetric, up to that number.
// CHECK-LABEL: func @short
// CHECK: edge.quantize {{.*}}!quant.uniform<i16<-1000:1000>:f32, 0.0020000000949949026>
// CHECK: edge.bitcast {{.*}}!quant.uniform<i8<-127:127>:f32:0, {0.0078740157186985015}>
// CHECK: return
func.func @short(%x: tensor<1x1xf32> {edge.range = array<f64: -2.0, 1.0, 1000.0>}) -> tensor<1x1xf32> {
  %f = edge.constant {value = dense<1.0> : tensor<1x1xf32>} : tensor<1x1xf32>
  %a = edge.fully_connected %x, %f : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %a : tensor<1x1xf32>
}
