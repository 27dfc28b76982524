// Control flow of scf and TOSA becomes edge operators that name functions.
// RUN: edgec %s -emit=mlir -stop-after=import -o - | FileCheck %s

// CHECK-LABEL: func.func @outline_control
func.func @model(%x: tensor<4xf32>, %n: tensor<1xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %one = arith.constant 1.0 : f32
  %v = tensor.extract %n[%c0] : tensor<1xf32>
  %p = arith.cmpf ogt, %v, %one : f32
  // Scalars cross as tensors; a constant is copied instead.
  // CHECK: %[[IF:.*]] = edge.if %{{.*}} then @[[THEN:.*]](%{{.*}}, %{{.*}}) else @[[ELSE:.*]](%{{.*}}) : (tensor<i1>, tensor<f32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %a = scf.if %p -> tensor<4xf32> {
    %s = tensor.splat %v : tensor<4xf32>
    %0 = arith.addf %x, %s : tensor<4xf32>
    scf.yield %0 : tensor<4xf32>
  } else {
    %s = tensor.splat %one : tensor<4xf32>
    %0 = arith.subf %x, %s : tensor<4xf32>
    scf.yield %0 : tensor<4xf32>
  }
  // CHECK: %[[FOR:.*]]:2 = edge.loop @[[FOR_BODY:.*]] count %{{.*}}(%[[IF]], %{{.*}}) slices() captures(%{{.*}})
  %b:2 = scf.for %i = %c1 to %c9 step %c1 iter_args(%s = %a, %t = %v) -> (tensor<4xf32>, f32) {
    %j = arith.index_cast %i : index to i32
    %f = arith.sitofp %j : i32 to f32
    %u = arith.addf %t, %f : f32
    %k = tensor.splat %u : tensor<4xf32>
    %0 = arith.addf %s, %k : tensor<4xf32>
    %1 = arith.mulf %0, %x : tensor<4xf32>
    scf.yield %1, %u : tensor<4xf32>, f32
  }
  // CHECK: edge.loop @[[WHILE_BODY:.*]] while %{{.*}}(%[[FOR]]#0) slices() captures()
  %c = tosa.while_loop (%s = %b#0) : (tensor<4xf32>) -> tensor<4xf32> {
    %0 = tosa.reduce_max %s {axis = 0 : i32} : (tensor<4xf32>) -> tensor<1xf32>
    %1 = "tosa.const"() <{values = dense<100.0> : tensor<1xf32>}> : () -> tensor<1xf32>
    %2 = tosa.greater %1, %0 : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xi1>
    %h = tosa.const_shape {values = dense<> : tensor<0xindex>} : () -> !tosa.shape<0>
    %3 = tosa.reshape %2, %h : (tensor<1xi1>, !tosa.shape<0>) -> tensor<i1>
    tosa.yield %3 : tensor<i1>
  } do {
  ^bb0(%s: tensor<4xf32>):
    %0 = tosa.exp %s : (tensor<4xf32>) -> tensor<4xf32>
    tosa.yield %0 : tensor<4xf32>
  }
  return %a, %b#0, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK: func.func private @[[THEN]](%{{.*}}: tensor<f32>, %{{.*}}: tensor<4xf32>) -> tensor<4xf32>
// CHECK: func.func private @[[ELSE]](%{{.*}}: tensor<4xf32>) -> tensor<4xf32>
// CHECK: func.func private @[[FOR_BODY]](%{{.*}}: tensor<i64>, %{{.*}}: tensor<4xf32>, %{{.*}}: tensor<f32>, %{{.*}}: tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>)
// CHECK: func.func private @[[WHILE_BODY]](%{{.*}}: tensor<i64>, %{{.*}}: tensor<4xf32>) -> (tensor<i1>, tensor<4xf32>)
