//===- EdgeControl.td - operators that decide what runs -------*- tablegen -*-===//
//
// Branches and bodies are private functions of the module, so that every pass
// over functions works on them too; what they read from around them they take
// as arguments.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_CONTROL_TD
#define EDGE_CONTROL_TD
include "dialects/edge/EdgeBase.td"
include "mlir/IR/SymbolInterfaces.td"

def Edge_IfOp : Edge_Op<"if", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the results of one of two functions";
  let description = [{
    `results = condition ? then_branch(then_operands) : else_branch(else_operands)`. Only the branch that is taken runs.

    | operand | shape | meaning |
    |---|---|---|
    | `condition` | one element, i1 | |
    | `then_operands`, `else_operands` | | the arguments of the branches |
    | `results` | | of the same types in both branches |

    Errors: C1 a branch is no function of the module, or not of these arguments and results; C2 the condition is not one
    i1; C3 a branch leads back to the function around the operator.

    Source: ONNX If 24, TFLite IF. Example:
    `%r = edge.if %c then @a(%x) else @b() : (tensor<i1>, tensor<4xf32>) -> tensor<4xf32>`
  }];
  let arguments = (ins Edge_Tensor:$condition, Variadic<Edge_Tensor>:$then_operands, Variadic<Edge_Tensor>:$else_operands,
    FlatSymbolRefAttr:$then_branch, FlatSymbolRefAttr:$else_branch);
  let results = (outs Variadic<Edge_Tensor>:$results);
  let assemblyFormat = [{
    $condition `then` $then_branch `(` $then_operands `)` `else` $else_branch `(` $else_operands `)` attr-dict `:`
    functional-type(operands, results)
  }];
}

def Edge_LoopOp : Edge_Op<"loop", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a function that is run again and again on its own results";
  let description = [{
    ```
    states = initial; goes_on = condition (true without it)
    for i = 0; i < count and i < trips and goes_on; i += 1:
      (goes_on, states, rows...) = body(i, states, sliced[i], captures)
      stacked[i] = rows
    ```
    with `goes_on` left out unless `has_condition`. Rows of `stacked` beyond the last iteration are zero.

    | operand | shape | meaning |
    |---|---|---|
    | `count` | one element, i64; optional | the most iterations |
    | `condition` | one element, i1; optional | whether to begin |
    | `initial` | | the states before the first iteration |
    | `sliced` | [trips, ...] | what the body gets one row of per iteration |
    | `captures` | | what the body gets in every iteration |
    | `trips` | not negative; optional | the most iterations, known at compile time |
    | `results` | | the states after the last iteration, then one [trips, ...] per further result of the body |

    The body's arguments are the iteration's number (tensor<i64>), the states, the rows of `sliced` without their first
    dimension, and the captures; its results are goes_on (tensor<i1>) if `has_condition`, the states and the rows.

    Errors: C1 the body is no function of the module, or not of these arguments and results; C2 count or condition is not
    one i64 or one i1; C3 the body leads back to the function around the operator; C4 there are sliced operands or
    stacked results without trips, or their first dimension is not `trips`.

    Source: ONNX Loop 24 and Scan 24, TFLite WHILE. Example:
    `%r:2 = edge.loop @body(%s) slices(%x) captures() {trips = 3 : i64} : (tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>)`
  }];
  let arguments = (ins FlatSymbolRefAttr:$body, Optional<Edge_Tensor>:$count, Optional<Edge_Tensor>:$condition,
    Variadic<Edge_Tensor>:$initial, Variadic<Edge_Tensor>:$sliced, Variadic<Edge_Tensor>:$captures,
    OptionalAttr<I64Attr>:$trips, DefaultValuedAttr<BoolAttr, "false">:$has_condition);
  let results = (outs Variadic<Edge_Tensor>:$results);
  let assemblyFormat = [{
    $body (`count` $count^)? (`while` $condition^)? `(` $initial `)` `slices` `(` $sliced `)` `captures` `(` $captures `)`
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    unsigned stateCount() { return getInitial().size(); }
    /// The results that collect one row per iteration.
    ::mlir::ResultRange stacked() { return getResults().drop_front(stateCount()); }
  }];
}
#endif
