//===- Place.td - which processor computes what ----------------*- tablegen -*-===//
//
// The accelerators of a module and the parts of the graph that run on them. Reasons: docs/rationale/place.md.
//
//===----------------------------------------------------------------------===//
#ifndef PLACE_TD
#define PLACE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Place_Dialect : Dialect {
  let name = "place";
  let cppNamespace = "::edgec::place";
  let summary = "accelerators and the parts of the graph that run on them";
  let description = [{
    A module that is compiled for a processor with accelerators has `place.devices`, an array of `#place.device`. A
    `place.region` holds the kernels that one of them computes in one go; what lies in no region runs on the processor.
  }];
  let useDefaultAttributePrinterParser = 1;
}

def Place_DeviceAttr : AttrDef<Place_Dialect, "Device"> {
  let mnemonic = "device";
  let summary = "one accelerator";
  let description = [{
    | parameter | meaning |
    |---|---|
    | `kind` | the backend that compiles for it |
    | `name` | its description's name |
    | `format` | version of its programs |
    | `parameters` | what the runtime's driver is told of it |

    Example: `#place.device<kind = "npu", name = "npu-256">`
  }];
  let parameters = (ins StringRefParameter<>:$kind, StringRefParameter<>:$name, DefaultValuedParameter<"int64_t", "0">:$format,
    OptionalArrayRefParameter<"int64_t">:$parameters);
  let assemblyFormat = [{
    `<` `kind` `=` $kind `,` `name` `=` $name (`,` `format` `=` $format^)? (`,` `parameters` `=` `[` $parameters^ `]`)? `>`
  }];
}

class Place_Op<string mnemonic, list<Trait> traits = []> : Op<Place_Dialect, mnemonic, traits>;

def Place_RegionOp : Place_Op<"region", [Pure, IsolatedFromAbove, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "kernels that an accelerator computes in one submission";
  let description = [{
    The block's arguments stand for the operands. The body holds `schedule.kernel`, `edge.reshape` and `edge.constant`
    operations. Operands and results are dense tensors.

    | attribute | meaning |
    |---|---|
    | `device` | index into the module's `place.devices` |

    Errors: C1 block arguments and operands differ in number or type; C2 yielded values and results differ in number or
    type; C3 the module has no such device; C4 the body holds another operation.

    Example:
    ```mlir
    %r = place.region 0 (%x) : (tensor<4xi8>) -> tensor<4xi8> {
    ^bb0(%a: tensor<4xi8>):
      %0 = schedule.kernel "relu" (%a) : (tensor<4xi8>) -> tensor<4xi8> { ... }
      place.yield %0 : tensor<4xi8>
    }
    ```
  }];
  let arguments = (ins I64Attr:$device, Variadic<AnyRankedTensor>:$inputs);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$device `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs) $body";
  let hasVerifier = 1;
}

def Place_YieldOp : Place_Op<"yield", [Pure, Terminator, ParentOneOf<["RegionOp"]>]> {
  let summary = "the results of a region";
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

def Place_ProgramOp : Place_Op<"program", [Symbol]> {
  let summary = "an accelerator's program in words of 32 bits";
  let description = [{
    For backends that need no dialect of their own. The words mean what the backend says.

    Example: `place.program @dsp_0 {code = array<i32: 1, 2, 3>}`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseI32ArrayAttr:$code);
  let assemblyFormat = "$sym_name attr-dict";
}
#endif
