//===- Passes.td - the fuse stage -----------------------------*- tablegen -*-===//
//
// Cuts the graph into kernels.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_FUSE_PASSES
#define EDGEC_PASSES_FUSE_PASSES

include "mlir/Pass/PassBase.td"

def FormNormalizations : Pass<"edge-form-normalizations", "::mlir::func::FuncOp"> {
  let summary = "layer normalisation's means and products become edge.normalize";
  let description = [{
    `(x - mean(x)) * rsqrt(mean((x - mean(x))^2) + epsilon)`, both means along the last dimension, which stays, of f32. A scale and
    a bias behind it join its kernel as any epilogue does. Where somebody else reads the statistics too, they stay beside it.

    Needs: the quantize stage's contract.
    Leaves: the same values.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numFormed", "formed", "normalisations that are one operator">];
}

def ScaleFilters : Pass<"edge-scale-filters", "::mlir::func::FuncOp"> {
  let summary = "multiply filters by what the run multiplies the channels of their input by";
  let description = [{
    A 1x1 convolution of the product of a tensor and a number per channel (squeeze-and-excite) becomes a `matmul` of the tensor
    by the filters times these numbers, where that multiplies at most half as much: with twice as many positions as output
    channels. Only f32, one image, without strides, pads or groups; a bias becomes an `edge.add`.

    Needs: the quantize stage's contract.
    Leaves: the same operators, and fewer passes over large tensors.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numScaled", "scaled", "convolutions whose filters are scaled">];
}

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
