//===- Passes.td - the code stage for CPUs ---------------------*- tablegen -*-===//
//
// From kernels and the host program to the LLVM dialect. The kernels' lowering
// itself is made of upstream passes (buildCpuLowering in Lowering.h).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_PASSES
#define EDGEC_TARGETS_CPU_PASSES

include "mlir/Pass/PassBase.td"

def MarkKernelArguments : Pass<"edge-mark-kernel-arguments", "::mlir::ModuleOp"> {
  let summary = "tell LLVM which buffers of a kernel never overlap";
  let description = [{
    The memory plan knows every address a kernel is called with. A buffer that no
    call lets overlap with another one becomes `llvm.noalias`; a buffer that one
    call gives both as operand and as result (in place) stays unmarked.

    Needs: the memory stage's contract (an `rt.program`, kernels as `func.func`
    on flat memrefs).

    Example:
    ```mlir
    func.func private @kernel_0(%x: memref<8xf32>, %r: memref<8xf32>, ...)
    ```
    becomes
    ```mlir
    func.func private @kernel_0(%x: memref<8xf32> {llvm.noalias},
                                %r: memref<8xf32> {llvm.noalias}, ...)
    ```
  }];
}

def FormSections : Pass<"edge-form-sections", "::mlir::ModuleOp"> {
  let summary = "find which calls must wait for which, and put straight runs of them together";
  let description = [{
    A maximal run of `rt.call`s without a branch, loop, copy or job between them becomes an `rt.section`. A call comes
    `after` the latest earlier ones that write to bytes that it touches or touch bytes that it writes; the arena's
    places are used again and again, so that is more than who reads whose results. Bytes are whole buffers; what a
    kernel may write is read from its body.

    Needs: the memory stage's contract (an `rt.program`, kernels as `func.func` on flat memrefs).

    Example:
    ```mlir
    rt.call @a [#rt.address<input, 0>, #rt.address<arena, 0>]
    rt.call @b [#rt.address<arena, 0>, #rt.address<output, 0>]
    ```
    becomes
    ```mlir
    rt.section {
      rt.call @a [#rt.address<input, 0>, #rt.address<arena, 0>]
      rt.call @b [#rt.address<arena, 0>, #rt.address<output, 0>] {after = array<i64: 0>}
    }
    ```
  }];
  let dependentDialects = ["::edgec::rt::RtDialect"];
}

def ShareKernels : Pass<"edge-share-kernels", "::mlir::ModuleOp"> {
  let summary = "decide which kernels threads share, for each cost of a handover";
  let description = [{
    Sets `handover` of each `rt.call`: 0 for those that are too short in any
    case, else the longest handover with which sharing it pays. What a call costs
    alone and shared, and what it costs that bytes cross from core to core
    because one call is shared and the other is not, is added up for the whole
    program and minimized exactly (`passes/place/MinCut.h`), for one length of a
    handover after the other. Results do not depend on it.

    Needs: `schedule.machine` on the module; the memory stage's contract (an
    `rt.program`, kernels as `func.func` on flat memrefs).
  }];
  let options = [
    Option<"parallelCycles", "parallel-cycles", "int64_t", "3000",
           "least work, in predicted cycles, for which a call is shared at all; 0: every one is">
  ];
}

def LowerCustomCalls : Pass<"edge-lower-custom-calls", "::mlir::ModuleOp"> {
  let summary = "turn rt.custom_call into calls of C functions";
  let description = [{
    Each call gets a constant `edge_custom_info` (`runtime/include/edge/model.h`) and two arrays of addresses on the
    stack. The functions are declared, not defined: the linker finds them.

    Needs: kernels as `func.func` on flat memrefs. Leaves: no `rt.custom_call`.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
}

def LowerProgram : Pass<"edge-lower-program", "::mlir::ModuleOp"> {
  let summary = "turn the host program into the artifact's entry and descriptor";
  let description = [{
    Gives each kernel a task `(ptr args, i64 begin, i64 end)` that loads its
    buffers' addresses, makes the entry function that launches the tasks in order
    (through the context's `parallel_for` and `profile` where there are any), and
    builds the descriptor of `runtime/include/edge/model.h` as constants. The one
    visible symbol is `edge_model_NAME`; the weights stay outside as the hidden
    symbol `edge_weights_NAME`, which `compiler/artifact` defines.

    Needs: `schedule.machine` on the module; an `rt.program`; kernels as
    `llvm.func` with pointers and a range of two i64; `rt.weights` with offsets.
    Leaves: the LLVM dialect, and `rt.weights` for the artifact's writer.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::edgec::rt::RtDialect"];
}

#endif // EDGEC_TARGETS_CPU_PASSES
