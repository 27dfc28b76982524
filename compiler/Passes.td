//===- Passes.td - the pipeline's own passes -------------------*- tablegen -*-===//
#ifndef EDGEC_COMPILER_PASSES
#define EDGEC_COMPILER_PASSES

include "mlir/Pass/PassBase.td"

def VerifyStage : Pass<"edge-verify-stage", "::mlir::ModuleOp"> {
  let summary = "check that the module keeps a stage's contract";
  let description = [{
    Each stage of the pipeline closes with this check, so that a fault shows
    where it arises and not three stages later. It runs the operations' own
    verifiers first; release builds run them here and not after each pass.

    | stage | label | what holds |
    |---|---|---|
    | import | I1 | one public function of one block, besides its variants (`edge.variant_of`) and alternatives (`edge.alternative_of`) |
    | | I2 | its body holds edge operators on static ranked tensors |
    | | I3 | every argument and result has an `edge.name` |
    | graph | G1 | no `edge.batch_norm` |
    | quantize | Q1 | no `edge.quantize`, no `edge.dequantize` |
    | fuse | F1 | the body holds `schedule.kernel`, `edge.constant`, `edge.reshape` |
    | place | F1 | ... or `place.region` |
    | offload | F1 | ... or `rt.submit`, `rt.wait`, `rt.get_weights`; no `place.region` |
    | schedule | S1 | the module has a `schedule.machine` |
    | | S2 | every kernel has its layouts |
    | | S3 | what an `edge.concat`, `edge.slice` or `edge.reshape` outside of kernels shows lies in one place |
    | kernel | K1 | the body holds `rt.launch`, `rt.submit`, `rt.wait`, `rt.get_weights`, views |
    | | K2 | a launched kernel takes one flat memref per operand and result, then its range as two indices |
    | memory | M1 | one `rt.program`, besides its variants and alternatives, and no public function |
    | | M2 | arena and weights addresses are multiples of 64 within their region, inputs and outputs exist |
    | | M3 | called kernels take one flat memref per address, then their range |
    | code | C1 | the LLVM dialect, and `rt.weights` with their offsets |

    The stages up to fuse also keep I1 and I3.
  }];
  let options = [Option<"stage", "stage", "std::string", "", "the stage's name">];
}

#endif // EDGEC_COMPILER_PASSES
