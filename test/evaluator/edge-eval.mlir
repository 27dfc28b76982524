// The evaluator's tool reads and writes the same files as edge-run, and agrees
// with the compiled model before and after the stages it can run.

// RUN: edge-eval %s -input=0=%S/../e2e/Inputs/digit_0.in.npy -output-dir=%t
// RUN: edgec %s -o %t.so
// RUN: edge-run %t.so -input=0=%S/../e2e/Inputs/digit_0.in.npy -expect=0=%t/output_0.npy -rtol=1e-6 -atol=1e-6

// RUN: edgec %s -emit=mlir -stop-after=schedule -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// CHECK: schedule.kernel
// RUN: edge-eval %t.mlir -input=image=%S/../e2e/Inputs/digit_0.in.npy -output-dir=%t.after
// RUN: edge-run %t.so -input=0=%S/../e2e/Inputs/digit_0.in.npy -expect=0=%t.after/output_0.npy -rtol=1e-6 -atol=1e-6

// RUN: not edge-eval %s 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: edge-eval: input 0 is missing; give -input=0=FILE.npy
// RUN: not edge-eval %s -input=picture=x.npy 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: edge-eval: the model has no input 'picture'
// RUN: not edge-eval %s -input=0=%S/../e2e/Inputs/digit_0.out.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: must have the shape (1, 1, 8, 8)

func.func @model(%image: tensor<1x1x8x8xf32> {edge.name = "image"}) -> (tensor<1x4x4x2xf32> {edge.name = "result"}) {
  %filter = edge.constant {value = dense<0.125> : tensor<2x3x3x1xf32>} : tensor<2x3x3x1xf32>
  %bias = edge.constant {value = dense<[-1.0, 0.5]> : tensor<2xf32>} : tensor<2xf32>
  %pixels = edge.reshape %image : (tensor<1x1x8x8xf32>) -> tensor<1x8x8x1xf32>
  %sums = edge.conv2d %pixels, %filter, %bias {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x1xf32>, tensor<2x3x3x1xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  %result = edge.gelu %sums : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %result : tensor<1x4x4x2xf32>
}
