//===- RtJobs.td - work for accelerators -----------------------*- tablegen -*-===//
//
// Submitting a program to an accelerator and waiting for it, first on tensors and, once memory is planned, on addresses.
//
//===----------------------------------------------------------------------===//
#ifndef RT_JOBS_TD
#define RT_JOBS_TD
include "dialects/rt/RtBase.td"

def Rt_SubmitOp : Rt_Op<"submit", [Pure, AttrSizedOperandSegments]> {
  let summary = "start an accelerator's program on tensors";
  let description = [{
    The results are being written until an `rt.wait` of them; nothing else may read them.

    | operand, attribute | meaning |
    |---|---|
    | `commands` | the encoded program; absent until it is encoded |
    | `constants` | the program's buffer 0 |
    | `inputs` | its buffers from 2 on, dense |
    | `program` | the symbol of the program |
    | `device` | index into the module's `place.devices` |
    | `name`, `layers` | for reports: what it is, and the model's nodes it computes |
    | `nanoseconds`, `nanojoules`, `macs` | predicted by the backend, the launch included |
    | `scratch` (result) | the program's buffer 1: memory that it needs while it runs |
    | `outputs` (results) | its last buffers, dense |

    Example: `%s, %r = rt.submit @npu_0 constants(%c : tensor<64xi8>) (%x) {device = 0 : i64, name = "npu_0", layers = "a;b"} : (tensor<8xi8>) -> (tensor<0xi8>, tensor<8xi8>)`
  }];
  let arguments = (ins Optional<AnyRankedTensor>:$commands, Optional<AnyRankedTensor>:$constants, Variadic<AnyRankedTensor>:$inputs,
    FlatSymbolRefAttr:$program, I64Attr:$device, StrAttr:$name, StrAttr:$layers, DefaultValuedAttr<I64Attr, "0">:$nanoseconds,
    DefaultValuedAttr<I64Attr, "0">:$nanojoules, DefaultValuedAttr<I64Attr, "0">:$macs);
  let results = (outs AnyRankedTensor:$scratch, Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = [{
    $program (`commands` `(` $commands^ `:` type($commands) `)`)? (`constants` `(` $constants^ `:` type($constants) `)`)?
    `(` $inputs `)` attr-dict `:` functional-type($inputs, results)
  }];
}

def Rt_WaitOp : Rt_Op<"wait", [Pure, AttrSizedOperandSegments,
    RangedTypesMatchWith<"the results have the types of what is waited for", "outputs", "started", "$_self">]> {
  let summary = "wait until an accelerator is done";
  let description = [{
    | operand | meaning |
    |---|---|
    | `started` | the outputs of one `rt.submit`; the results are these tensors, complete |
    | `held` | what the program uses until then: its scratch memory and its inputs |

    Errors: C1 the started tensors are not the outputs of one rt.submit.

    Example: `%d = rt.wait(%r : tensor<8xi8>) holding(%s, %x : tensor<0xi8>, tensor<8xi8>) -> tensor<8xi8>`
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$started, Variadic<AnyRankedTensor>:$held);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = "`(` $started `:` type($started) `)` `holding` `(` $held `:` type($held) `)` attr-dict `->` type($outputs)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// What is waited for.
    SubmitOp getSubmit() { return getStarted().front().getDefiningOp<SubmitOp>(); }
  }];
}

def Rt_SubmitJobOp : Rt_Op<"submit_job", [ParentOneOf<["ProgramOp", "IfOp", "LoopOp"]>]> {
  let summary = "start an accelerator's program on static addresses";
  let description = [{
    Its buffers are `addresses` of `sizes` bytes: constants, scratch memory, inputs, then `outputs` outputs. A buffer of 0
    bytes has any address.

    Errors: C1 there is not one size per address; C2 there are more outputs than buffers behind the first two.

    Example: `rt.submit_job 0 <weights, 0> [#rt.address<weights, 64>, #rt.address<arena, 0>, #rt.address<input, 0>, #rt.address<output, 0>] {command_bytes = 64 : i64, sizes = array<i64: 64, 0, 8, 8>, outputs = 1 : i64, device = 0 : i64, name = "npu_0", layers = "a"}`
  }];
  let arguments = (ins I64Attr:$job, Rt_AddressAttr:$commands, TypedArrayAttrBase<Rt_AddressAttr, "addresses">:$addresses,
    I64Attr:$command_bytes, DenseI64ArrayAttr:$sizes, I64Attr:$outputs, I64Attr:$device, StrAttr:$name, StrAttr:$layers,
    DefaultValuedAttr<I64Attr, "0">:$nanoseconds, DefaultValuedAttr<I64Attr, "0">:$nanojoules,
    DefaultValuedAttr<I64Attr, "0">:$macs);
  let assemblyFormat = "$job $commands $addresses attr-dict";
  let hasVerifier = 1;
}

def Rt_WaitJobOp : Rt_Op<"wait_job", [ParentOneOf<["ProgramOp", "IfOp", "LoopOp"]>]> {
  let summary = "wait for a job that was submitted";
  let description = [{
    Example: `rt.wait_job 0`
  }];
  let arguments = (ins I64Attr:$job);
  let assemblyFormat = "$job attr-dict";
}
#endif
