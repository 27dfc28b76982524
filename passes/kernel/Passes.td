//===- Passes.td - the kernel stage ----------------------------*- tablegen -*-===//
#ifndef EDGEC_PASSES_KERNEL_PASSES_TD
#define EDGEC_PASSES_KERNEL_PASSES_TD

include "mlir/Pass/PassBase.td"

def EmitKernels : Pass<"edge-emit-kernels", "::mlir::ModuleOp"> {
  let summary = "turn schedule.kernel regions into functions on flat buffers";
  let description = [{
    Needs: every operator of the model lies in a `schedule.kernel`, is an `edge.constant` or an `edge.reshape`; the module
    has a `schedule.machine`. Kernels without `tiling` get the emitter's own choice.

    Kernels that read row by row what another one computes for them alone (a depthwise convolution, a pool, a product by small
    weights behind a convolution; the three products and softmax of an attention, per head) become one kernel, which computes
    them in turns on windows of rows (`RowChain.cpp`), when the tensor between them is large and less memory is needed.

    Leaves: one private function per distinct kernel (equal regions, layouts and tilings share one), `rt.launch` where the
    kernels were, and one `rt.weights` per distinct constant, in the order in which its kernel reads it.

    ```mlir
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %r = schedule.kernel "relu" (%x) : (tensor<4xf32>) -> tensor<4xf32> { ... }
      return %r : tensor<4xf32>
    }
    // becomes
    func.func private @kernel_0(%x: memref<4xf32>, %r: memref<4xf32>, %begin: index, %end: index) { ... }
    func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      %r = rt.launch @kernel_0(%x) {extent = 1 : i64, ...} : (tensor<4xf32>) -> tensor<4xf32>
      return %r : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect", "::edgec::rt::RtDialect"];
  let statistics = [Statistic<"numKernels", "num-kernels", "kernel functions written">,
    Statistic<"numShared", "num-shared", "launches that share another's function">,
    Statistic<"numChains", "num-chains", "kernels that became one, counted once for all in a chain">];
  let options = [Option<"chainBytes", "chain-bytes", "int64_t", "-1",
    "least size of a tensor for which the kernels at its ends become one; negative: one and a half second-level caches">,
    Option<"panelBytes", "panel-bytes", "int64_t", "-1",
    "the same where they do so for a panel of channels by itself; negative: the first-level cache, or nowhere if chain-bytes is given">];
}

def MergeKernels : Pass<"edge-merge-kernels", "::mlir::ModuleOp"> {
  let summary = "give kernels that differ in constants only one function";
  let description = [{
    A model whose sizes a run chooses (`edge.variant_of`) has a function per size for most of its kernels. Those that are
    equal but for constants become one with parameters behind its range, if they are more than `most-alike`; launches say
    the parameters' values in `constants`. A few functions stay as they are, because a loop of constant length is faster.
    Modules without variants are left alone.

    Needs: kernels as private functions on flat buffers, canonical. Leaves: the same.

    ```mlir
    func.func private @kernel_0(%x: memref<8xf32>, ...) { scf.for %i = %c0 to %c8 step %c1 { ... } return }
    func.func private @kernel_1(%x: memref<4xf32>, ...) { scf.for %i = %c0 to %c4 step %c1 { ... } return }
    // becomes
    func.func private @kernel_0(%x: memref<8xf32>, ..., %p: index) { scf.for %i = %c0 to %p step %c1 { ... } return }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
  let options = [Option<"mostAlike", "most-alike", "int64_t", "8", "functions that may be alike before they become one">];
  let statistics = [Statistic<"numMerged", "num-merged", "functions that became another one">];
}
#endif
