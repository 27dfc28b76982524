//===- EdgeSelection.td - operators that search, sort and count -----------===//
//
// Each works on slices along one dimension, or on the elements in row-major
// order. Some find fewer elements than there could be: their result has room
// for all, and one more result says how many there are.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_SELECTION_TD
#define EDGE_SELECTION_TD
include "dialects/edge/EdgeBase.td"

//===-- along one dimension --------------------------------------------------------===//

class Edge_ArgOp<string mnemonic, string which> : Edge_InferredOp<mnemonic> {
  let summary = "index of the " # which # " element along one dimension";
  let description = "The index of the " # which # [{ element along `axis`; among equal ones the first, or the last with `select_last`. A NaN
    counts as the one that is looked for.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `axis` | in [0, rank) | the dimension that vanishes |
    | `result` | x's shape without `axis`, i64 or another integer | |

    Errors: C1 axis outside [0, rank).

    Source: ONNX ArgMax and ArgMin 13, TFLite ARG_MAX and ARG_MIN, TOSA ARGMAX 1.0. Example:
    `%r = edge.}] # mnemonic # [{ %x {axis = 1 : i64} : (tensor<2x10xf32>) -> tensor<2xi64>`
  }];
  let arguments = (ins Edge_Tensor:$x, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "false">:$select_last);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}
def Edge_ArgMaxOp : Edge_ArgOp<"arg_max", "largest">;
def Edge_ArgMinOp : Edge_ArgOp<"arg_min", "smallest">;

def Edge_TopKOp : Edge_InferredOp<"top_k"> {
  let summary = "the k largest or smallest elements along one dimension, with their indices";
  let description = [{
    The first `k` elements along `axis` after a stable sort, descending (`largest`) or ascending: of equal elements the one
    with the lower index comes first. A NaN counts as larger than every number.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `k` | in [1, size of the axis] | |
    | `axis` | in [0, rank) | |
    | `values` | x's shape with `k` in the dimension `axis` | |
    | `indices` | the same, i64 or another integer | where they were along the axis |

    Errors: C1 axis outside [0, rank); C2 k outside [1, size of the axis].

    Source: ONNX TopK 11, TFLite TOPK_V2. Example:
    `%v, %i = edge.top_k %x {k = 3 : i64, axis = 1 : i64, largest = true} : (tensor<2x10xf32>) -> (tensor<2x3xf32>, tensor<2x3xi64>)`
  }];
  let arguments = (ins Edge_Tensor:$x, I64Attr:$k, I64Attr:$axis, BoolAttr:$largest);
  let results = (outs Edge_Tensor:$values, Edge_Tensor:$indices);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def Edge_AccumulateAttr : I32EnumAttr<"Accumulate", "what runs along a dimension", [
    I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"product", 1>]> {
  let cppNamespace = "::edgec::edge";
}

def Edge_CumulateOp : Edge_InferredOp<"cumulate"> {
  let summary = "running sum or product along one dimension";
  let description = [{
    `result[.., i, ..]` is the sum (product) of `x[.., j, ..]` over j <= i; `exclusive`: over j < i, so that the first is 0 (1);
    `reverse`: over j >= i (j > i). Integers wrap at their width.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `axis` | in [0, rank) | the dimension, where it is known |
    | `run_time_axis` | one integer, optional | negative: from the end; outside even so: the nearest dimension |
    | `result` | as `x` | |

    Errors: C1 x has no dimension or axis outside [0, rank); C2 not one of axis and run_time_axis is given, or the latter is not
    one integer.

    Source: ONNX CumSum 14 and CumProd 26, TFLite CUMSUM. Example:
    `%r = edge.cumulate sum %x {axis = 1 : i64, exclusive = true} : (tensor<2x10xf32>) -> tensor<2x10xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Optional<Edge_Tensor>:$run_time_axis, OptionalAttr<I64Attr>:$axis,
    Edge_AccumulateAttr:$kind, DefaultValuedAttr<BoolAttr, "false">:$exclusive, DefaultValuedAttr<BoolAttr, "false">:$reverse);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$kind $x (`along` $run_time_axis^)? attr-dict `:` functional-type(operands, results)";
}

def Edge_DetOp : Edge_InferredOp<"det"> {
  let summary = "determinants of square matrices";
  let description = [{
    `result[b...]` is the determinant of the matrix `x[b..., :, :]`, by elimination with row pivots.

    | operand | shape |
    |---|---|
    | `x` | [B..., N, N], float |
    | `result` | [B...] |

    Errors: C1 x is not of shape [B..., N, N]; C2 the elements are not floats.

    Source: ONNX Det 22. Example: `%r = edge.det %x : (tensor<5x3x3xf32>) -> tensor<5xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

//===-- as many as there are ---------------------------------------------------------===//

def Edge_NonZeroOp : Edge_InferredOp<"non_zero"> {
  let summary = "positions of the elements that are not zero";
  let description = [{
    `positions[d, i]` is the index in dimension d of the i-th element, in row-major order, that is not zero; a NaN is not.
    There are `count` of them; what lies behind is zero.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `positions` | [rank, number of elements], i64 | |
    | `count` | [], i64 | the actual size of the positions' dimension 1 |

    Errors: C1 x has no dimension.

    Source: ONNX NonZero 13, TFLite WHERE (transposed). Example:
    `%p, %n = edge.non_zero %x : (tensor<2x3xf32>) -> (tensor<2x6xi64>, tensor<i64>)`
  }];
  let arguments = (ins Edge_Tensor:$x);
  let results = (outs Edge_Tensor:$positions, Edge_Tensor:$count);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def Edge_CompressOp : Edge_InferredOp<"compress"> {
  let summary = "the slices along one dimension whose condition holds";
  let description = [{
    The slices of `x` along `axis` whose element of `condition` is not zero, in order. There are `count` of them; what lies
    behind is zero.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `condition` | [at most the size of the axis], integer | slices behind its end are left out |
    | `axis` | in [0, rank) | |
    | `selected` | x's shape with the condition's size in the dimension `axis` | |
    | `count` | [], i64 | the actual size of the selected's dimension `axis` |

    Errors: C1 axis outside [0, rank); C2 the condition is not of integers and one dimension, at most as long as the axis.

    Source: ONNX Compress 11. Example:
    `%s, %n = edge.compress %x, %c {axis = 1 : i64} : (tensor<2x5xf32>, tensor<5xi1>) -> (tensor<2x5xf32>, tensor<i64>)`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$condition, I64Attr:$axis);
  let results = (outs Edge_Tensor:$selected, Edge_Tensor:$count);
  let assemblyFormat = "$x `,` $condition attr-dict `:` functional-type(operands, results)";
}

def Edge_UniqueOp : Edge_InferredOp<"unique"> {
  let summary = "the different slices along one dimension";
  let description = [{
    The different slices of `x` along `axis`, compared element by element: `sorted` ascending, or in the order in which they
    first appear. There are `count` of them; in the first three results what lies behind is zero. A NaN equals itself
    and is larger than every number.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `axis` | in [0, rank) | |
    | `values` | as `x` | the slices |
    | `first` | [size of the axis], i64 | where each of them first appears in x |
    | `inverse` | [size of the axis], i64 | for each slice of x, its number among the values |
    | `counts` | [size of the axis], i64 | how often each of them appears |
    | `count` | [], i64 | the actual size of the values' dimension `axis`, of first and of counts |

    Errors: C1 axis outside [0, rank).

    Source: ONNX Unique 11, TFLite UNIQUE (sorted = false). Example:
    `%v, %f, %i, %c, %n = edge.unique %x {axis = 0 : i64, sorted = true} : (tensor<6xf32>) -> (tensor<6xf32>, tensor<6xi64>, tensor<6xi64>, tensor<6xi64>, tensor<i64>)`
  }];
  let arguments = (ins Edge_Tensor:$x, I64Attr:$axis, BoolAttr:$sorted);
  let results = (outs Edge_Tensor:$values, Edge_Tensor:$first, Edge_Tensor:$inverse, Edge_Tensor:$counts, Edge_Tensor:$count);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def Edge_NonMaxSuppressionOp : Edge_InferredOp<"non_max_suppression"> {
  let summary = "boxes with good scores that do not overlap better ones";
  let description = [{
    For each batch b and class c: boxes whose score is above `score_threshold`, in the order of falling scores (equal ones: the
    lower index first), are selected unless their overlap (intersection over union) with one already selected is above
    `iou_threshold`, until `max_boxes` are. `selected` lists [b, c, index of the box], in the order of b, c, selection. There
    are `count` rows; what lies behind is zero. Without areas both, two boxes do not overlap.

    | operand | shape | meaning |
    |---|---|---|
    | `boxes` | [B, N, 4], float | two opposite corners [y1, x1, y2, x2], or with `center` [x, y, width, height] |
    | `scores` | [B, C, N], elements as the boxes' | |
    | `max_boxes` | one integer | per batch and class; what is below 0 counts as 0 |
    | `iou_threshold`, `score_threshold` | one float each, elements as the boxes' | |
    | `bound` | in [1, N] | at most so many are selected per batch and class, whatever max_boxes says |
    | `selected` | [B * C * bound, 3], i64 | |
    | `count` | [], i64 | the actual size of the selected's dimension 0 |

    Errors: C1 the boxes are not [B, N, 4] or the scores not [B, C, N]; C2 the elements are not floats, or differ; C3 max_boxes is
    not one integer, or a threshold not one number of the boxes' type; C4 bound outside [1, N].

    Source: ONNX NonMaxSuppression 11, TFLite NON_MAX_SUPPRESSION_V4. Example:
    `%s, %n = edge.non_max_suppression %b, %c, %m, %i, %t {center = false, bound = 3 : i64} : (tensor<1x6x4xf32>, tensor<1x1x6xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<3x3xi64>, tensor<i64>)`
  }];
  let arguments = (ins Edge_Tensor:$boxes, Edge_Tensor:$scores, Edge_Tensor:$max_boxes, Edge_Tensor:$iou_threshold,
    Edge_Tensor:$score_threshold, BoolAttr:$center, I64Attr:$bound);
  let results = (outs Edge_Tensor:$selected, Edge_Tensor:$count);
  let assemblyFormat = "$boxes `,` $scores `,` $max_boxes `,` $iou_threshold `,` $score_threshold attr-dict `:` functional-type(operands, results)";
}
#endif
