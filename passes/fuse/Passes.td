//===- Passes.td - the fuse stage -----------------------------*- tablegen -*-===//
//
// Cuts the graph into kernels.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_FUSE_PASSES
#define EDGEC_PASSES_FUSE_PASSES

include "mlir/Pass/PassBase.td"

def FormKernels : Pass<"edge-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "group operators into kernels: an anchor and its elementwise epilogue";
  let description = [{
    Every operator except `edge.constant` and `edge.reshape` (a view) ends up in a `schedule.kernel`. A kernel is an
    anchor (convolution, matrix product, pooling, reduction, softmax or a data movement) with the elementwise operators that follow it,
    or elementwise operators alone. The epilogue grows as long as one value leaves the kernel: it may branch inside
    (`x * f(x)`) and take other operands that broadcast to the anchor's result (a residual, per-channel constants).
    Data movements (transpose, concat, slice, pad, broadcast) and unknown operators take no epilogue.

    A kernel stands where its last operator stood, so that all its operands are known there. Constants that are one
    number repeated are cloned into the region for the epilogue; all other constants are operands. The kernel's location is the fusion
    of its operators' locations.

    Needs: the graph stage's contract.
    Leaves: functions of `schedule.kernel`, `edge.constant`, `edge.reshape` and `func.return`; each kernel has one
    result, its anchor (if any) is the first operator that is not a constant, no operator in a region
    is a reshape, and every epilogue operand has the anchor's result shape or broadcasts to it.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect", "::edgec::schedule::ScheduleDialect"];
  let statistics = [
    Statistic<"numKernels", "kernels", "kernels formed">,
    Statistic<"numFused", "fused", "operators that joined another one's kernel">
  ];
}

#endif
