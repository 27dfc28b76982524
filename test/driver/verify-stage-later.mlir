// The contracts of the stages after the graph.
// RUN: split-file %s %t
// RUN: edge-opt %t/fuse.mlir -edge-verify-stage=stage=fuse -verify-diagnostics
// RUN: edge-opt %t/schedule.mlir -edge-verify-stage=stage=schedule -verify-diagnostics
// RUN: edge-opt %t/kernel.mlir -edge-verify-stage=stage=kernel -verify-diagnostics
// RUN: edge-opt %t/memory.mlir -edge-verify-stage=stage=memory -verify-diagnostics
// RUN: edge-opt %t/code.mlir -edge-verify-stage=stage=code -verify-diagnostics
// RUN: not edge-opt %t/code.mlir -edge-verify-stage=stage=lunch 2>&1 | FileCheck %s
// CHECK: there is no stage 'lunch'

//--- fuse.mlir
func.func @f(%x: tensor<4xf32> {edge.name = "x"}) -> (tensor<4xf32> {edge.name = "y"}) {
  // expected-error@+1 {{F1: 'edge.relu' is not a kernel, a branch, a loop, a constant or a reshape}}
  %0 = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
//--- schedule.mlir
// expected-error@+1 {{S1: the module has no schedule.machine}}
module {
  func.func @f(%x: tensor<4xf32> {edge.name = "x"}) -> (tensor<4xf32> {edge.name = "y"}) {
    // expected-error@+1 {{S2: the kernel has no layouts}}
    %0 = schedule.kernel "relu" (%x) : (tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%a: tensor<4xf32>):
      %1 = edge.relu %a : (tensor<4xf32>) -> tensor<4xf32>
      schedule.yield %1 : tensor<4xf32>
    }
    // expected-error@+1 {{S3: what it shows does not lie in one place}}
    %2 = edge.concat %0, %x {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
    return %0 : tensor<4xf32>
  }
}
//--- kernel.mlir
func.func private @short(%x: memref<4xf32>, %begin: index, %end: index) {
  return
}
func.func @f(%x: tensor<4xf32> {edge.name = "x"}) -> (tensor<4xf32> {edge.name = "y"}) {
  // expected-error@+1 {{K1: 'edge.relu' is not a launch, a job, a branch, a loop, a constant or a view}}
  %0 = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error@+1 {{K2: 'short' does not take these buffers and a range}}
  %1 = rt.launch @short(%0) {extent = 1 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64, layouts = [#schedule.memory<shape = [4], offsets = [0]>]} : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
//--- memory.mlir
// expected-error@+1 {{M1: there are 0 programs instead of one}}
module {
  // expected-error@+1 {{M1: a function outside of the program is left}}
  func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}
//--- code.mlir
// expected-error@+1 {{C1: 'func.func' is not of the LLVM dialect}}
func.func private @k(%x: memref<4xf32>)
