//===- Passes.td - the schedule stage -------------------------*- tablegen -*-===//
//
// Decides how each kernel of the fused graph runs on the module's machine:
// where tensors lie in memory and which loop structure each kernel gets.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_SCHEDULE_PASSES
#define EDGEC_PASSES_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"

def FormViews : Pass<"edge-form-views", "::mlir::func::FuncOp"> {
  let summary = "let concatenations and slices be places in memory instead of copies";
  let description = [{
    The operands of a concatenation are written beside each other into one buffer, which then is its result; a slice
    without steps is read where it lies. Such operators leave their kernels and move nothing any more. That they can is a
    question of the whole array that comes up when values lie beside each other (`SharedBuffers.h`): no two kernels may
    write the same element, and whoever reads or writes a part of it must take parts (`KernelEmitter::takesParts`).
    What the outside sees (a result of the function, an operand of a branch or of an accelerator's job) must be all of its
    array, and dense. Zeros around an image lie around the whole array; what is read with a halo reaches from border to
    border.

    An operand that cannot lie in the result's buffer (an argument, a constant, a value that lies in another buffer or
    elsewhere in this one) is copied there; neighbours of that kind by one kernel. Where nothing can, or copies would
    be many for few bytes, the concatenation keeps its kernel.

    A reshaped value may lie beside others too, as long as it is one run of elements.

    Needs: the fuse stage's contract.
    Leaves: `edge.concat` and `edge.slice` (without steps) outside of kernels, for which edge-assign-layouts finds a place.

    Example:
    ```mlir
    %a = schedule.kernel "conv2d_1x1" (%x, %f) ... -> tensor<1x8x8x16xf32>
    %b = schedule.kernel "conv2d_3x3" (%x, %g) ... -> tensor<1x8x8x16xf32>
    %c = schedule.kernel "concat" (%a, %b) ... -> tensor<1x8x8x32xf32>
    ```
    becomes
    ```mlir
    %a = schedule.kernel "conv2d_1x1" (%x, %f) ... -> tensor<1x8x8x16xf32>
    %b = schedule.kernel "conv2d_3x3" (%x, %g) ... -> tensor<1x8x8x16xf32>
    %c = edge.concat %a, %b {axis = 3 : i64} : ... -> tensor<1x8x8x32xf32>
    ```
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect", "::edgec::schedule::ScheduleDialect"];
  let statistics = [
    Statistic<"numConcats", "concats", "concatenations that became views">,
    Statistic<"numSlices", "slices", "slices that became views">,
    Statistic<"numCopies", "copies", "kernels that copy operands of concatenations">
  ];
}

def AssignLayouts : Pass<"edge-assign-layouts", "::mlir::func::FuncOp"> {
  let summary = "give every kernel's result a place in its buffer, with a halo for padded convolutions";
  let description = [{
    A convolution with pads reads zeros around its input. Instead of copying
    the input into a larger buffer, the kernel that produces it writes into that
    larger buffer at once (its *halo*), so the convolution needs no border
    code. The halo is the largest that any reader asks for: the pads at the top
    and left, and at the bottom and right what the strided window really reaches.

    Pixels that lie a multiple of 512 bytes apart begin in eight of a cache's 64
    sets or fewer, and of pixels an even number of lines apart one line of channels
    is in half of its banks. Where a depthwise convolution reads or writes such
    pixels, in the second case of 768 bytes at least, they lie a line further
    apart, if nothing but kernels that go by strides sees the value. So do pixels that
    another convolution reads every multiple of 2048 bytes: those of a register tile
    would share two sets.

    What an `edge.concat` outside of kernels joins is written beside each other
    into one buffer; each kernel writes its share of the halo.

    A value that cannot have a halo because the outside sees its buffer (a
    function argument or result, a constant, a value viewed through an
    `edge.reshape` that does not only regroup channels) is copied once by an `edge.copy` kernel for its padded readers.
    Function results are each made the result of a distinct kernel (perhaps seen
    through reshapes): an argument, a constant or a value returned twice is copied.

    Needs: the fuse stage's contract (every operator but `edge.constant` and
    `edge.reshape` lies in a `schedule.kernel`), and views that can lie
    somewhere (edge-form-views).
    Leaves: every `schedule.kernel` has `layouts`, one `#schedule.memory` per
    result; a convolution's input lies in a buffer whose halo covers its pads;
    the parts of each `edge.concat` outside of kernels lie beside each other;
    results of the function are dense, and values that are viewed by
    `edge.reshape` one run of elements, or pixels whose channels it regroups; each result of the function is written
    by kernels of its own.

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
    Statistic<"numApart", "apart", "kernel results with room between their pixels">,
    Statistic<"numCopies", "copies", "copy kernels inserted">
  ];
}

def ChooseTiles : Pass<"edge-choose-tiles", "::mlir::ModuleOp"> {
  let summary = "give every kernel its loop structure";
  let description = [{
    Asks each kernel's emitter, which enumerates register tiles and takes the
    one that the cost model (`CostModel.cpp`) predicts to be fastest on the
    module's `schedule.machine`. Kernels that have a `tiling` keep it. 3x3
    convolutions may get Winograd's method, products by constant matrices
    Strassen's, as the options say; by default what these store larger may add
    a tenth to the weights (`GrowthBudget.cpp`).

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
             clEnumValN(::edgec::schedule::WinogradChoice::tile4, "4", "wherever it suits, in tiles of 4x4 outputs"),
             clEnumValN(::edgec::schedule::WinogradChoice::tile2InRun, "2-in-run", "as 2, with filters transformed in each run"),
             clEnumValN(::edgec::schedule::WinogradChoice::tile4InRun, "4-in-run", "as 4, with filters transformed in each run"))}]>,
    Option<"strassen", "strassen", "::edgec::schedule::StrassenChoice", "::edgec::schedule::StrassenChoice::off",
           "where products by constant matrices use Strassen's method",
           [{::llvm::cl::values(
             clEnumValN(::edgec::schedule::StrassenChoice::automatic, "auto", "where it saves most time per byte, within a tenth of the weights"),
             clEnumValN(::edgec::schedule::StrassenChoice::on, "on", "where it is predicted to be faster"),
             clEnumValN(::edgec::schedule::StrassenChoice::off, "off", "nowhere"),
             clEnumValN(::edgec::schedule::StrassenChoice::always, "always", "wherever it suits"))}]>
  ];
}

#endif
