//===- EdgeDynamic.td - operators with offsets of the run -----*- tablegen -*-===//
//
// Where elements come from is a value of the run, how many is not: results have
// static shapes. Whatever the values hold, no element outside of the operand is
// touched.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_DYNAMIC_TD
#define EDGE_DYNAMIC_TD
include "dialects/edge/EdgeBase.td"

def Edge_DynamicSliceOp : Edge_Op<"dynamic_slice", [AttrSizedOperandSegments]> {
  let summary = "a strided box out of a tensor, at a place that the run decides";
  let description = [{
    `result[i] = x[clamp(start + i * step)]` in every dimension that `axes` names, `result[i] = x[i]` in the others. A
    negative start counts from the end; starts and positions are clamped to [0, size). Where two axes are the same, the
    last counts.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any | |
    | `starts` | [n], i32 or i64 | |
    | `axes` | [n], i32 or i64; optional | dimensions, negative ones from the end; one outside names none. Without it [0, n) |
    | `steps` | [n], i32 or i64; optional | 1 without it |
    | `result` | x's rank | |

    Errors: C1 starts, axes or steps are not [n] of i32 or i64, n at most x's rank; C2 the result has not x's rank and
    element type.

    Source: ONNX Slice 13 with operands of the run. Example:
    `%r = edge.dynamic_slice %x from %s : (tensor<5x4xf32>, tensor<1xi64>) -> tensor<2x4xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$starts, Optional<Edge_Tensor>:$axes, Optional<Edge_Tensor>:$steps);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = [{
    $x `from` $starts (`along` $axes^)? (`by` $steps^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Edge_PadMode : I32EnumAttr<"PadMode", "what surrounds a tensor", [
    I32EnumAttrCase<"constant", 0>, I32EnumAttrCase<"edge", 1>, I32EnumAttrCase<"reflect", 2>, I32EnumAttrCase<"wrap", 3>]> {
  let cppNamespace = "::edgec::edge";
}

def Edge_DynamicPadOp : Edge_Op<"dynamic_pad", [AttrSizedOperandSegments]> {
  let summary = "surround a tensor with as much as the run decides";
  let description = [{
    `result[i] = x[i - low]` in every dimension that `axes` names (`low` is pads[k] for axes[k]), `result[i] = x[i]` in
    the others. Where that lies outside of x, `mode` decides:

    | mode | |
    |---|---|
    | `constant` | `value`, or 0 without it |
    | `edge` | the nearest element |
    | `reflect` | the element mirrored at the first or last one, again and again |
    | `wrap` | the element that x repeated without end has there |

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any | |
    | `pads` | [2 n], i32 or i64 | first those before, then those after; the latter follow from the result's shape |
    | `value` | one element of x's type; optional | |
    | `axes` | [n], i32 or i64; optional | as of edge.dynamic_slice |
    | `result` | x's rank | |

    Errors: C1 pads are not [2 n] or axes not [n] of i32 or i64, n at most x's rank; C2 the result has not x's rank and
    element type; C3 the value is not one element of x's type.

    Source: ONNX Pad 25. Example:
    `%r = edge.dynamic_pad %x by %p {mode = 2 : i32} : (tensor<4xf32>, tensor<2xi64>) -> tensor<7xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$pads, Optional<Edge_Tensor>:$value, Optional<Edge_Tensor>:$axes,
    DefaultValuedAttr<Edge_PadMode, "::edgec::edge::PadMode::constant">:$mode);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = [{
    $x `by` $pads (`with` $value^)? (`along` $axes^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}
#endif
