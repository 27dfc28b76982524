// Activations written as several operators become one.
// RUN: edge-opt %s -edge-recognize-activations -canonicalize | FileCheck %s

// CHECK-LABEL: func @relu6
// CHECK: edge.clamp %{{.*}} {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
// CHECK-NEXT: return
func.func @relu6(%x: tensor<4xf32>) -> tensor<4xf32> {
  %six = edge.constant {value = dense<6.0> : tensor<f32>} : tensor<f32>
  %relu = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  %r = edge.min %relu, %six : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @relu_as_max
// CHECK: edge.relu
// CHECK-NEXT: return
func.func @relu_as_max(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = edge.constant {value = dense<0.0> : tensor<4xf32>} : tensor<4xf32>
  %r = edge.max %zero, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @silu
// CHECK: edge.silu
// CHECK-NEXT: return
func.func @silu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = edge.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %r = edge.mul %s, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @hard_swish_product_first
// CHECK: edge.hard_swish
// CHECK-NEXT: return
func.func @hard_swish_product_first(%x: tensor<4xf32>) -> tensor<4xf32> {
  %three = edge.constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
  %six = edge.constant {value = dense<6.0> : tensor<f32>} : tensor<f32>
  %sum = edge.add %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %gate = edge.clamp %sum {min = 0.0 : f32, max = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %product = edge.mul %x, %gate : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %r = edge.div %product, %six : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @hard_swish_gate_first
// CHECK: edge.hard_swish
// CHECK-NEXT: return
func.func @hard_swish_gate_first(%x: tensor<4xf32>) -> tensor<4xf32> {
  %three = edge.constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
  %sixth = edge.constant {value = dense<0.166666672> : tensor<f32>} : tensor<f32>
  %sum = edge.add %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %clamped = edge.clamp %sum {min = 0.0 : f32, max = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %gate = edge.mul %clamped, %sixth : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %r = edge.mul %x, %gate : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @hard_sigmoid
// CHECK: edge.hard_sigmoid %{{.*}} {alpha = 0.166666672 : f32} :
// CHECK-NEXT: return
func.func @hard_sigmoid(%x: tensor<4xf32>) -> tensor<4xf32> {
  %three = edge.constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
  %six = edge.constant {value = dense<6.0> : tensor<f32>} : tensor<f32>
  %sum = edge.add %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %clamped = edge.clamp %sum {min = 0.0 : f32, max = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  %r = edge.div %clamped, %six : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @gelu_erf
// CHECK: edge.gelu %{{[^{]*}} :
// CHECK-NEXT: return
func.func @gelu_erf(%x: tensor<4xf32>) -> tensor<4xf32> {
  %root = edge.constant {value = dense<1.41421354> : tensor<f32>} : tensor<f32>
  %one = edge.constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %half = edge.constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %scaled = edge.div %x, %root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %erf = edge.erf %scaled : (tensor<4xf32>) -> tensor<4xf32>
  %sum = edge.add %erf, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %product = edge.mul %x, %sum : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %r = edge.mul %product, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @gelu_tanh
// CHECK: edge.gelu %{{.*}} {approximate = "tanh"}
// CHECK-NEXT: return
func.func @gelu_tanh(%x: tensor<4xf32>) -> tensor<4xf32> {
  %three = edge.constant {value = dense<3.0> : tensor<f32>} : tensor<f32>
  %small = edge.constant {value = dense<0.044715> : tensor<f32>} : tensor<f32>
  %factor = edge.constant {value = dense<0.797884583> : tensor<f32>} : tensor<f32>
  %one = edge.constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %half = edge.constant {value = dense<0.5> : tensor<f32>} : tensor<f32>
  %cube = edge.pow %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %cubic = edge.mul %cube, %small : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %inner = edge.add %x, %cubic : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %scaled = edge.mul %inner, %factor : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %tanh = edge.tanh %scaled : (tensor<4xf32>) -> tensor<4xf32>
  %gate = edge.add %tanh, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %halved = edge.mul %x, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %r = edge.mul %halved, %gate : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @leaky_relu
// CHECK: edge.leaky_relu %{{.*}} {alpha = 1.000000e-01 : f32}
func.func @leaky_relu(%x: tensor<4xf32>) -> tensor<4xf32> {
  %tenth = edge.constant {value = dense<0.1> : tensor<f32>} : tensor<f32>
  %scaled = edge.mul %x, %tenth : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %r = edge.max %x, %scaled : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @sigmoid
// CHECK: edge.sigmoid
// CHECK-NEXT: return
func.func @sigmoid(%x: tensor<4xf32>) -> tensor<4xf32> {
  %one = edge.constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %minus = edge.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  %exp = edge.exp %minus : (tensor<4xf32>) -> tensor<4xf32>
  %sum = edge.add %exp, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %r = edge.div %one, %sum : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @softplus
// CHECK: edge.softplus
// CHECK-NEXT: return
func.func @softplus(%x: tensor<4xf32>) -> tensor<4xf32> {
  %one = edge.constant {value = dense<1.0> : tensor<f32>} : tensor<f32>
  %exp = edge.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %sum = edge.add %exp, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %r = edge.log %sum : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func @powers
// CHECK: edge.mul %[[X:.*]], %[[X]] :
// CHECK: edge.rsqrt
func.func @powers(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %two = edge.constant {value = dense<2.0> : tensor<f32>} : tensor<f32>
  %one = edge.constant {value = dense<1.0> : tensor<4xf32>} : tensor<4xf32>
  %square = edge.pow %x, %two : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %root = edge.sqrt %x : (tensor<4xf32>) -> tensor<4xf32>
  %r = edge.div %one, %root : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %square, %r : tensor<4xf32>, tensor<4xf32>
}

// The gate looks at something else.
// CHECK-LABEL: func @not_silu
// CHECK: edge.sigmoid
// CHECK: edge.mul
func.func @not_silu(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %s = edge.sigmoid %y : (tensor<4xf32>) -> tensor<4xf32>
  %r = edge.mul %s, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
