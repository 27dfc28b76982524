//===- Rt.td - the host program --------------------------------*- tablegen -*-===//
//
// What the artifact does when it runs: a static list of kernel calls over one
// arena. Reasons: docs/rationale/rt.md.
//
//===----------------------------------------------------------------------===//
#ifndef RT_TD
#define RT_TD

include "dialects/rt/RtBase.td"

def Rt_WeightsOp : Rt_Op<"weights", [Symbol]> {
  let summary = "one packed constant of the artifact";
  let description = [{
    Once memory is planned, `offset` says where it lies in the artifact's weights (bytes, 64-byte aligned).

    Example: `rt.weights @weights_0 {value = dense<0.0> : tensor<64xf32>}`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ElementsAttr:$value, OptionalAttr<I64Attr>:$offset);
  let assemblyFormat = "$sym_name attr-dict";
}

def Rt_GetWeightsOp : Rt_Op<"get_weights", [Pure]> {
  let summary = "a packed constant as a tensor";
  let arguments = (ins FlatSymbolRefAttr:$weights);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$weights attr-dict `:` type($result)";
}

def Rt_LaunchOp : Rt_Op<"launch", [Pure]> {
  let summary = "run a kernel on tensors";
  let description = [{
    The kernel's parameters are the flat buffers of the operands, then of the results, then its range.

    | attribute | meaning |
    |---|---|
    | `kernel` | the function |
    | `extent` | the kernel's whole range is [0, extent) |
    | `kernel_name`, `layers` | for reports: what it is, and the model's nodes it computes |
    | `flops`, `bytes` | work and least memory traffic of the whole kernel |
    | `layouts` | per result: where it lies in its buffer; a dense one covers its buffer (`#schedule.memory`) |
    | `in_place` | operands whose buffer the first result may take over, if they die here |
    | `cycles` | predicted by the cost model |
    | `integer` | the operations that `flops` counts are on integers |
    | `constants` | values of the parameters that the kernel has behind its range |
    | `columns` | the range goes over the results' columns: a part of it reads whole operands and writes a strip of each row |

    Errors: C1 there is not one `#schedule.memory` per result; C2 `in_place` names an operand that does not exist.

    Example: `%r = rt.launch @kernel_0(%x) {extent = 8 : i64, kernel_name = "relu", layers = "a;b", flops = 0 : i64, bytes = 64 : i64, layouts = [#schedule.memory<shape = [8], offsets = [0]>]} : (tensor<8xf32>) -> tensor<8xf32>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyRankedTensor>:$inputs, I64Attr:$extent, StrAttr:$kernel_name,
    StrAttr:$layers, I64Attr:$flops, I64Attr:$bytes, ArrayAttr:$layouts, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$in_place,
    DefaultValuedAttr<I64Attr, "0">:$cycles, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$constants, UnitAttr:$integer,
    UnitAttr:$columns);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = "$kernel `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
  let hasVerifier = 1;
}

def Rt_CustomCallOp : Rt_Op<"custom_call", [AttrSizedOperandSegments]> {
  let summary = "call the user's C function on a kernel's buffers";
  let description = [{
    Stands in the kernel of an `edge.custom`. The function is an `edge_custom_function` of `runtime/include/edge/model.h`;
    the tensor types say what it is told of each buffer.

    Errors: C1 there is not one tensor type per buffer.

    Example: `rt.custom_call "median3"(%x, %r) {input_types = [tensor<8xf32>], output_types = [tensor<8xf32>], operandSegmentSizes = array<i32: 1, 1>} : memref<8xf32>, memref<8xf32>`
  }];
  let arguments = (ins StrAttr:$symbol, Variadic<AnyMemRef>:$inputs, Variadic<AnyMemRef>:$outputs, TypeArrayAttr:$input_types,
    TypeArrayAttr:$output_types, DefaultValuedAttr<StrAttr, "\"\"">:$options);
  let assemblyFormat = "$symbol `(` operands `)` attr-dict `:` type(operands)";
  let hasVerifier = 1;
}

def Rt_ProgramOp : Rt_Op<"program", [Symbol, NoTerminator, SingleBlock]> {
  let summary = "the model's host program after memory planning";
  let description = [{
    | attribute | unit | meaning |
    |---|---|---|
    | `arena_bytes`, `weights_bytes` | byte | sizes of the two regions |
    | `input_names`, `output_names` | | the model's interface |
    | `input_types`, `output_types` | | tensor types, dense row-major |
    | `output_sizes` | | empty, or per output: the index of the output that holds its actual size, and along which dimension; -1, -1: none |
    | `variant_of` | | the program of which this is the same model with smaller sizes; its arena and its buffers are enough for this one |
    | `alternative_of`, `alternative` | | the program of which this is the same model made in another way, with the same interface, and the name of that way |

    Errors: C1 `output_sizes` is not empty and has not two numbers per output, or one of them lies outside; C2 the program is
    `variant_of` itself; C3 it is `alternative_of` itself, or has only one of `alternative_of` and `alternative`, or is both
    a variant and an alternative.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$arena_bytes, I64Attr:$weights_bytes,
    StrArrayAttr:$input_names, TypeArrayAttr:$input_types, StrArrayAttr:$output_names, TypeArrayAttr:$output_types,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$output_sizes, OptionalAttr<FlatSymbolRefAttr>:$variant_of,
    OptionalAttr<FlatSymbolRefAttr>:$alternative_of, OptionalAttr<StrAttr>:$alternative);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Rt_CallOp : Rt_Op<"call", [ParentOneOf<["ProgramOp", "SectionOp", "IfOp", "LoopOp"]>]> {
  let summary = "run a kernel on static addresses";
  let description = [{
    Calls run in order; each kernel's parameters are `addresses`, then its range, then `constants`.
    `handover` is the longest time, in nanoseconds, that threads may need to hand a call over so that it pays to share this
    one among them; 0: it stays on the thread that runs the program. In an `rt.section`, `after` has the numbers of earlier
    calls of the section that must be over before this one begins, latest first.

    Example: `rt.call @kernel_0 [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "relu", layers = "a", flops = 0 : i64, bytes = 64 : i64}`
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, TypedArrayAttrBase<Rt_AddressAttr, "addresses">:$addresses, I64Attr:$extent,
    StrAttr:$kernel_name, StrAttr:$layers, I64Attr:$flops, I64Attr:$bytes, DefaultValuedAttr<I64Attr, "0">:$cycles,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$constants, UnitAttr:$integer,
    UnitAttr:$columns, DefaultValuedAttr<ConfinedAttr<I64Attr, [IntNonNegative]>, "0">:$handover,
    DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$after);
  let assemblyFormat = "$kernel $addresses attr-dict";
}

def Rt_SectionOp : Rt_Op<"section", [ParentOneOf<["ProgramOp", "IfOp", "LoopOp"]>, NoTerminator, SingleBlock, NoRegionArguments]> {
  let summary = "calls that several threads make, each waiting for what it needs";
  let description = [{
    A straight run of calls. The calls are numbered from 0. Those that a call does not name in `after`, itself or by way of
    those that it names, touch no bytes that it writes and write none that it touches.

    Errors: C1 it holds something else than `rt.call`; C2 the numbers of a call's `after` do not fall, or are not those of
    earlier calls.

    Example: `rt.section { rt.call ... rt.call @kernel_1 [...] {after = array<i64: 0>, ...} }`
  }];
  let regions = (region SizedRegion<1>:$calls);
  let assemblyFormat = "$calls attr-dict";
  let hasVerifier = 1;
}

def Rt_IfOp : Rt_Op<"if", [ParentOneOf<["ProgramOp", "IfOp", "LoopOp"]>, NoTerminator, SingleBlock, NoRegionArguments]> {
  let summary = "run one of two lists of calls";
  let description = [{
    The first list if the byte at `condition` is not 0, else the second.

    Example: `rt.if <input, 0> { rt.call ... } else { rt.call ... }`
  }];
  let arguments = (ins Rt_AddressAttr:$condition);
  let regions = (region SizedRegion<1>:$then_calls, SizedRegion<1>:$else_calls);
  let assemblyFormat = "$condition $then_calls `else` $else_calls attr-dict";
}

def Rt_LoopOp : Rt_Op<"loop", [ParentOneOf<["ProgramOp", "IfOp", "LoopOp"]>, NoTerminator, SingleBlock, NoRegionArguments]> {
  let summary = "run a list of calls again and again";
  let description = [{
    | attribute | meaning |
    |---|---|
    | `counter` | the iteration's number, an i64 that the loop writes before each iteration |
    | `trips` | the most iterations, if that is known at compile time |
    | `count` | an i64, read before the loop: the most iterations |
    | `begins` | a byte, read before the loop: 0 for no iteration at all |
    | `goes_on` | a byte, read after each iteration: 0 for no further one |

    Example: `rt.loop counter <arena, 64> attributes {trips = 3 : i64} { rt.call ... }`
  }];
  let arguments = (ins Rt_AddressAttr:$counter, OptionalAttr<I64Attr>:$trips, OptionalAttr<Rt_AddressAttr>:$count,
    OptionalAttr<Rt_AddressAttr>:$begins, OptionalAttr<Rt_AddressAttr>:$goes_on);
  let regions = (region SizedRegion<1>:$calls);
  let assemblyFormat = "`counter` $counter attr-dict-with-keyword $calls";
}

def Rt_CopyOp : Rt_Op<"copy", [ParentOneOf<["ProgramOp", "IfOp", "LoopOp"]>]> {
  let summary = "copy bytes from one buffer to another";
  let description = [{
    In a loop the source and the target may be rows: `source_step` and `target_step` bytes further in each iteration of
    the innermost one. The two do not overlap.

    Example: `rt.copy <input, 0> <arena, 64> {bytes = 8 : i64, source_step = 8 : i64}`
  }];
  let arguments = (ins Rt_AddressAttr:$source, Rt_AddressAttr:$target, I64Attr:$bytes,
    DefaultValuedAttr<I64Attr, "0">:$source_step, DefaultValuedAttr<I64Attr, "0">:$target_step);
  let assemblyFormat = "$source $target attr-dict";
}

def Rt_ZeroOp : Rt_Op<"zero", [ParentOneOf<["ProgramOp", "IfOp", "LoopOp"]>]> {
  let summary = "fill a buffer with zeros";
  let description = [{
    Example: `rt.zero <output, 0> {bytes = 24 : i64}`
  }];
  let arguments = (ins Rt_AddressAttr:$target, I64Attr:$bytes);
  let assemblyFormat = "$target attr-dict";
}
#endif
