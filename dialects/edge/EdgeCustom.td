//===- EdgeCustom.td - operators that are somebody else's code ------------===//
//
// What the compiler knows of such an operator is its types and a C function.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_CUSTOM_TD
#define EDGE_CUSTOM_TD
include "dialects/edge/EdgeBase.td"

def Edge_CustomOp : Edge_Op<"custom"> {
  let summary = "a call of the user's own C function";
  let description = [{
    The results are what the function `symbol` writes; it is an `edge_custom_function` of
    `runtime/include/edge/model.h`, computes the same from the same operands, and is linked with the artifact.

    | operand | shape | meaning |
    |---|---|---|
    | `inputs` | any | dense, row-major |
    | `symbol` | a C identifier | the function |
    | `options` | any bytes | handed to the function as they are |
    | `results` | as the model declares them | |

    Errors: C1 the symbol is no C identifier; C2 there is no result.

    Example:
    `%r = edge.custom "median3"(%x) {options = "{}"} : (tensor<1x8xf32>) -> tensor<1x8xf32>`
  }];
  let arguments = (ins StrAttr:$symbol, Variadic<Edge_Tensor>:$inputs, DefaultValuedAttr<StrAttr, "\"\"">:$options);
  let results = (outs Variadic<Edge_Tensor>:$outputs);
  let assemblyFormat = "$symbol `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
  let hasVerifier = 1;
}
#endif
