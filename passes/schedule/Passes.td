//===- Passes.td - the schedule stage -------------------------*- tablegen -*-===//
//
// Decides how each kernel of the fused graph runs on the module's machine:
// where tensors lie in memory and which loop structure each kernel gets.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_PASSES
#define EDGEC_PASSES_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"

def AssignLayouts : Pass<"edge-assign-layouts", "::mlir::func::FuncOp"> {
  let summary = "give every kernel's result a place in its buffer, with a halo for padded convolutions";
  let description = [{
    A convolution with pads reads zeros around its input. Instead of copying
    the input into a larger buffer, the kernel that produces it writes into that
    larger buffer at once (its *halo*), so the convolution needs no border
    code. The halo is the largest that any reader asks for: the pads at the top
    and left, and at the bottom and right what the strided window really reaches.

    A value that cannot have a halo because the outside sees its buffer (a
    function argument or result, a constant, a value viewed through
    `edge.reshape`) is copied once by an `edge.copy` kernel for its padded readers.
    Function results are each made the result of a distinct kernel (perhaps seen
    through reshapes): an argument, a constant or a value returned twice is copied.

    Needs: the fuse stage's contract (every operator but `edge.constant` and
    `edge.reshape` lies in a `schedule.kernel`).
    Leaves: every `schedule.kernel` has `layouts`, one `#schedule.memory` per
    result; a convolution's input lies in a buffer whose halo covers its pads;
    results of the function and values that are viewed by `edge.reshape` are
    dense; each result of the function is written by a kernel of its own.

    Example:
    ```mlir
    %a = schedule.kernel "relu" (%x) ... -> tensor<1x8x8x4xf32>
    %r = schedule.kernel "conv2d_3x3" (%a, %f) ... {pads = [1, 1, 1, 1]}
    ```
    becomes
    ```mlir
    %a = schedule.kernel "relu" (%x)
        {layouts = [#schedule.memory<shape = [1, 10, 10, 4], offsets = [0, 1, 1, 0]>]} ...
    ```
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect", "::edgec::schedule::ScheduleDialect"];
  let statistics = [
    Statistic<"numHalos", "halos", "kernel results that were given a halo">,
    Statistic<"numCopies", "copies", "copy kernels inserted">
  ];
}

def ChooseTiles : Pass<"edge-choose-tiles", "::mlir::ModuleOp"> {
  let summary = "give every kernel its loop structure";
  let description = [{
    Asks each kernel's emitter, which enumerates register tiles and takes the
    one that the cost model (`CostModel.cpp`) predicts to be fastest on the
    module's `schedule.machine`. Kernels that have a `tiling` keep it. 3x3
    convolutions may get Winograd's method, as the option says; by default the
    filters that it stores larger may add a tenth to the weights
    (`GrowthBudget.cpp`).

    Needs: `schedule.machine`; the layouts of edge-assign-layouts.
    Leaves: a `tiling` on every kernel that some emitter can write.

    Example:
    ```mlir
    %r = schedule.kernel "conv2d_1x1" (%x, %f) ...
    ```
    becomes
    ```mlir
    %r = schedule.kernel "conv2d_1x1" (%x, %f) {tiling = #schedule.tiling<lanes = 16, rows = 1, columns = 14, vectors = 2, ...>} ...
    ```
  }];
  let dependentDialects = ["::edgec::schedule::ScheduleDialect"];
  let options = [
    Option<"winograd", "winograd", "::edgec::schedule::WinogradChoice", "::edgec::schedule::WinogradChoice::automatic",
           "where 3x3 convolutions use Winograd's method",
           [{::llvm::cl::values(
             clEnumValN(::edgec::schedule::WinogradChoice::automatic, "auto", "in tiles of 2x2 outputs where it saves most time per byte, within a tenth of the weights"),
             clEnumValN(::edgec::schedule::WinogradChoice::on, "on", "where it is predicted to be faster"),
             clEnumValN(::edgec::schedule::WinogradChoice::off, "off", "nowhere"),
             clEnumValN(::edgec::schedule::WinogradChoice::tile2, "2", "wherever it suits, in tiles of 2x2 outputs"),
             clEnumValN(::edgec::schedule::WinogradChoice::tile4, "4", "wherever it suits, in tiles of 4x4 outputs"))}]>
  ];
}

#endif
