//===- Passes.td - the memory stage ---------------------------*- tablegen -*-===//
//
// Gives every tensor of the launched kernels a static address.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_MEMORY_PASSES
#define EDGEC_PASSES_MEMORY_PASSES

include "mlir/Pass/PassBase.td"

def PlanMemory : Pass<"edge-plan-memory", "::mlir::ModuleOp"> {
  let summary = "give every tensor a static address and list the calls";
  let description = [{
    All results of launches share one arena: a buffer lives from the launch that
    writes it to the last that reads it, and buffers that do not live at the same
    time may share bytes. A kernel that can work in place takes over an operand
    that dies there. Reshapes are views. The model's inputs are read and its
    outputs written where the caller has them. If another order of the launches
    needs less memory, they are reordered.

    Weights are laid out in the order of their first use; equal ones once. All
    offsets are multiples of 64 bytes.

    Needs: the kernel stage's contract (`rt.launch`, `edge.reshape`,
    `rt.get_weights`; every output written by a launch of its own).
    Leaves: the public function as an `rt.program` of `rt.call`; `rt.weights`
    with offsets, sorted by them.

    Example:
    ```mlir
    func.func @f(%x: tensor<8xf32> {edge.name = "x"}) -> (tensor<8xf32> {edge.name = "y"}) {
      %0 = rt.launch @kernel_0(%x) ... : (tensor<8xf32>) -> tensor<8xf32>
      %1 = rt.launch @kernel_1(%0) ... : (tensor<8xf32>) -> tensor<8xf32>
      return %1 : tensor<8xf32>
    }
    ```
    becomes
    ```mlir
    rt.program @f attributes {arena_bytes = 64 : i64, ...} {
      rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<arena, 0>] ...
      rt.call @kernel_1 [#rt.address<arena, 0>, #rt.address<output, 0>] ...
    }
    ```
  }];
  let dependentDialects = ["::edgec::rt::RtDialect"];
  let statistics = [
    Statistic<"numInPlace", "in-place", "results that took over an operand's buffer">,
    Statistic<"arenaBytes", "arena-bytes", "size of the arena">,
    Statistic<"weightsBytes", "weights-bytes", "size of the weights">
  ];
}

def PrintMemoryPlan : Pass<"edge-print-memory-plan", "::mlir::ModuleOp"> {
  let summary = "print the memory plan of the model as a table";
  let description = [{
    Prints, to standard output, each launch in the order in which it would run,
    with the offset, size and last reader of the buffers that it writes. Changes
    nothing. Needs what `edge-plan-memory` needs.
  }];
}

#endif // EDGEC_PASSES_MEMORY_PASSES
