// A model with parallel branches, whose threads wait only for what each call
// depends on, gives the same bits with any number of threads, whichever calls
// are shared, with a profile (which turns sections off) and without.
// RUN: rm -rf %t && mkdir -p %t/one
// RUN: edgec %s -o %t/m.so
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -output-dir=%t/one
// RUN: edge-eval %s -input=0=%S/Inputs/digit_0.in.npy -output-dir=%t
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -expect=0=%t/output_0.npy -rtol=1e-4 -atol=1e-5
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -threads=2 -handover=0 -benchmark=50 -expect=0=%t/one/output_0.npy -rtol=0 -atol=0
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -threads=3 -handover=0 -expect=0=%t/one/output_0.npy -rtol=0 -atol=0
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -threads=4 -handover=400 -expect=0=%t/one/output_0.npy -rtol=0 -atol=0
// RUN: edge-run %t/m.so -input=0=%S/Inputs/digit_0.in.npy -threads=2 -handover=0 -profile -expect=0=%t/one/output_0.npy -rtol=0 -atol=0

// The branches wait for their common operand, not for each other.
// RUN: edgec %s -emit=llvm -o - | FileCheck %s
// CHECK-DAG: define hidden void @edge_section_{{.*}}(
// CHECK-DAG: define hidden void @edge_run_section_

func.func @branches(%image: tensor<1x1x8x8xf32> {edge.name = "image"}) -> (tensor<64x192xf32> {edge.name = "y"}) {
  %column = edge.reshape %image : (tensor<1x1x8x8xf32>) -> tensor<64x1xf32>
  %row = edge.reshape %image : (tensor<1x1x8x8xf32>) -> tensor<1x64xf32>
  %outer = edge.mul %column, %row : (tensor<64x1xf32>, tensor<1x64xf32>) -> tensor<64x64xf32>
  %x = edge.tanh %outer : (tensor<64x64xf32>) -> tensor<64x64xf32>
  %a = edge.matmul %x, %x : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %b = edge.matmul %outer, %x : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %a1 = edge.sigmoid %a : (tensor<64x64xf32>) -> tensor<64x64xf32>
  %b1 = edge.tanh %b : (tensor<64x64xf32>) -> tensor<64x64xf32>
  %c = edge.matmul %a1, %x : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %d = edge.matmul %b1, %a : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %e = edge.matmul %c, %b1 : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %y = edge.concat %c, %d, %e {axis = 1 : i64} : (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x192xf32>
  return %y : tensor<64x192xf32>
}
