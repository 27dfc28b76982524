// Kernels of a model's variants that differ in constants only become one
// function, which is told the constants.
// RUN: edge-opt %s -edge-merge-kernels=most-alike=1 -split-input-file | FileCheck %s
// RUN: edge-opt %s -edge-merge-kernels -split-input-file | FileCheck %s --check-prefix=FEW

// Loops, positions, divisors and truth values; constants that change alike are
// one parameter, and those that do not change stay.
// CHECK-LABEL: func private @kernel_0(
// CHECK-SAME: %[[X:[^:]*]]: memref<8xf32>, %[[R:[^:]*]]: memref<8xf32>, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index, %[[N:[^:]*]]: index, %[[BITS:[^:]*]]: index)
// CHECK-DAG: %[[I:.*]] = arith.index_cast %[[BITS]] : index to i32
// CHECK-DAG: %[[F:.*]] = arith.bitcast %[[I]] : i32 to f32
// CHECK-DAG: %[[V:.*]] = vector.broadcast %[[F]] : f32 to vector<2xf32>
// CHECK-DAG: %[[TWO:.*]] = arith.constant 2 : index
// CHECK: scf.for %[[K:.*]] = %{{.*}} to %[[N]] step %[[TWO]]
// CHECK: %[[L:.*]] = vector.load %[[X]][%[[K]]]
// CHECK: %[[M:.*]] = arith.mulf %[[L]], %[[V]]
// CHECK: vector.store %[[M]], %[[R]][%[[K]]]
// CHECK-NOT: func private @kernel_1(
// CHECK: rt.launch @kernel_0(%{{.*}}) {bytes = 0 : i64, constants = array<i64: 8, 1040187392>
// CHECK: rt.launch @kernel_0(%{{.*}}) {bytes = 0 : i64, constants = array<i64: 4, 1048576000>
// FEW: func private @kernel_1(
func.func private @kernel_0(%x: memref<8xf32>, %r: memref<8xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %n = arith.constant 8 : index
  %f = arith.constant dense<0.125> : vector<2xf32>
  scf.for %i = %c0 to %n step %c2 {
    %v = vector.load %x[%i] : memref<8xf32>, vector<2xf32>
    %m = arith.mulf %v, %f : vector<2xf32>
    vector.store %m, %r[%i] : memref<8xf32>, vector<2xf32>
  }
  return
}
func.func private @kernel_1(%x: memref<4xf32>, %r: memref<4xf32>, %begin: index, %end: index) {
  %f = arith.constant dense<0.25> : vector<2xf32>
  %n = arith.constant 4 : index
  %c2 = arith.constant 2 : index
  %c0 = arith.constant 0 : index
  scf.for %i = %c0 to %n step %c2 {
    %v = vector.load %x[%i] : memref<4xf32>, vector<2xf32>
    %m = arith.mulf %v, %f : vector<2xf32>
    vector.store %m, %r[%i] : memref<4xf32>, vector<2xf32>
  }
  return
}
func.func @m(%x: tensor<8xf32>) -> tensor<8xf32> {
  %r = rt.launch @kernel_0(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : (tensor<8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}
func.func @m.1(%x: tensor<4xf32>) -> tensor<4xf32> attributes {edge.variant_of = @m} {
  %r = rt.launch @kernel_1(%x) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [4], offsets = [0]>]} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// Not these: another operator, another attribute, an operator to which the
// buffer's length matters, a number that an address of 32 bits does not hold.
// CHECK-LABEL: func private @kernel_0(
// CHECK: func private @kernel_1(
// CHECK: func private @kernel_2(
// CHECK: func private @kernel_3(
// CHECK: func private @kernel_4(
// CHECK: func private @kernel_5(
// CHECK: func private @kernel_6(
// CHECK-NOT: constants
func.func private @kernel_0(%r: memref<8xf32>, %begin: index, %end: index) {
  %f = arith.constant dense<1.0> : vector<2xf32>
  %c0 = arith.constant 0 : index
  vector.store %f, %r[%c0] : memref<8xf32>, vector<2xf32>
  return
}
func.func private @kernel_1(%r: memref<8xf32>, %begin: index, %end: index) {
  %f = arith.constant dense<1.0> : vector<4xf32>
  %c0 = arith.constant 0 : index
  vector.store %f, %r[%c0] : memref<8xf32>, vector<4xf32>
  return
}
func.func private @kernel_2(%r: memref<8xf32>, %begin: index, %end: index) {
  %f = arith.constant dense<1.0> : vector<2xf32>
  %c0 = arith.constant 0 : index
  vector.store %f, %r[%c0] {nontemporal = true} : memref<8xf32>, vector<2xf32>
  return
}
func.func private @kernel_3(%r: memref<8xf32>, %begin: index, %end: index) {
  %f = arith.constant dense<1.0> : vector<2xf32>
  %c0 = arith.constant 0 : index
  vector.transfer_write %f, %r[%c0] : vector<2xf32>, memref<8xf32>
  return
}
func.func private @kernel_4(%r: memref<4xf32>, %begin: index, %end: index) {
  %f = arith.constant dense<1.0> : vector<2xf32>
  %c0 = arith.constant 0 : index
  vector.transfer_write %f, %r[%c0] : vector<2xf32>, memref<4xf32>
  return
}
func.func private @kernel_5(%r: memref<8xi64>, %begin: index, %end: index) {
  %f = arith.constant -1 : i64
  %c0 = arith.constant 0 : index
  memref.store %f, %r[%c0] : memref<8xi64>
  return
}
func.func private @kernel_6(%r: memref<8xi64>, %begin: index, %end: index) {
  %f = arith.constant 1 : i64
  %c0 = arith.constant 0 : index
  memref.store %f, %r[%c0] : memref<8xi64>
  return
}
func.func @m() -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<4xf32>, tensor<8xi64>, tensor<8xi64>) {
  %0 = rt.launch @kernel_0() {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : () -> tensor<8xf32>
  %1 = rt.launch @kernel_1() {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : () -> tensor<8xf32>
  %2 = rt.launch @kernel_2() {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : () -> tensor<8xf32>
  %3 = rt.launch @kernel_3() {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : () -> tensor<8xf32>
  %4 = rt.launch @kernel_4() {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [4], offsets = [0]>]} : () -> tensor<4xf32>
  %5 = rt.launch @kernel_5() {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : () -> tensor<8xi64>
  %6 = rt.launch @kernel_6() {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : () -> tensor<8xi64>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<4xf32>, tensor<8xi64>, tensor<8xi64>
}
func.func @m.1(%x: tensor<4xf32>) -> tensor<4xf32> attributes {edge.variant_of = @m} {
  return %x : tensor<4xf32>
}
