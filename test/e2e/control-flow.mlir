// Branches and loops, one in the other, give what the evaluator gives; the
// states, the stacked rows and the captured values are those of the source.
// RUN: rm -rf %t && mkdir -p %t
// RUN: edge-eval %s -input=0=%S/Inputs/digit_0.in.npy -output-dir=%t
// RUN: edgec %s -o %t/m.so
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -expect=0=%t/output_0.npy -expect=1=%t/output_1.npy -expect=2=%t/output_2.npy -expect=3=%t/output_3.npy
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -threads=2 -profile | FileCheck %s --check-prefix=PROFILE
// PROFILE: add

func.func @control(%image: tensor<1x1x8x8xf32> {edge.name = "image"})
    -> (tensor<8xf32> {edge.name = "sum"}, tensor<8x8xf32> {edge.name = "sums"}, tensor<8xf32> {edge.name = "short"},
        tensor<8xf32> {edge.name = "swapped"}) {
  %x = edge.reshape %image : (tensor<1x1x8x8xf32>) -> tensor<8x8xf32>
  %zero = edge.constant {value = dense<0.0> : tensor<8xf32>} : tensor<8xf32>
  %weights = edge.constant {value = dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>} : tensor<8xf32>
  %e = edge.exp %weights : (tensor<8xf32>) -> tensor<8xf32>
  %first = edge.slice %x {offsets = array<i64: 1, 0>, sizes = array<i64: 1, 8>, strides = array<i64: 1, 1>} : (tensor<8x8xf32>) -> tensor<1x8xf32>
  %scale = edge.sigmoid %first : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %r:2 = edge.loop @outer(%zero) slices(%x) captures(%scale) {trips = 8 : i64}
    : (tensor<8xf32>, tensor<8x8xf32>, tensor<1x8xf32>) -> (tensor<8xf32>, tensor<8x8xf32>)
  // Two states that change places three times.
  %three = edge.constant {value = dense<3> : tensor<i64>} : tensor<i64>
  %s:2 = edge.loop @swap count %three (%r#0, %zero) slices() captures() : (tensor<i64>, tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  return %r#0, %r#1, %s#0, %s#1 : tensor<8xf32>, tensor<8x8xf32>, tensor<8xf32>, tensor<8xf32>
}

func.func private @outer(%i: tensor<i64>, %sum: tensor<8xf32>, %row: tensor<8xf32>, %scale: tensor<1x8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %yes = edge.constant {value = dense<true> : tensor<i1>} : tensor<i1>
  %no = edge.constant {value = dense<false> : tensor<i1>} : tensor<i1>
  %s = edge.reshape %scale : (tensor<1x8xf32>) -> tensor<8xf32>
  %a = edge.if %yes then @scaled(%row, %s) else @plain(%row) : (tensor<i1>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %b = edge.if %no then @scaled(%row, %s) else @plain(%a) : (tensor<i1>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %next = edge.loop @inner while %yes (%sum) slices() captures(%b) {trips = 2 : i64} : (tensor<i1>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %next, %next : tensor<8xf32>, tensor<8xf32>
}

func.func private @inner(%i: tensor<i64>, %sum: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<8xf32> {
  %r = edge.add %sum, %b : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

func.func private @scaled(%row: tensor<8xf32>, %s: tensor<8xf32>) -> tensor<8xf32> {
  %r = edge.mul %row, %s : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

func.func private @plain(%row: tensor<8xf32>) -> tensor<8xf32> {
  return %row : tensor<8xf32>
}

func.func private @swap(%i: tensor<i64>, %a: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  return %b, %a : tensor<8xf32>, tensor<8xf32>
}
