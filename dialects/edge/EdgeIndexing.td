//===- EdgeIndexing.td - operators that read and write by index -----------===//
//
// Indices are values of the run: whatever they hold, no element outside of the
// operand is touched.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_INDEXING_TD
#define EDGE_INDEXING_TD
include "dialects/edge/EdgeBase.td"

//===-- reading ------------------------------------------------------------------===//

def Edge_GatherOp : Edge_InferredOp<"gather"> {
  let summary = "slices of a tensor, chosen by index along one dimension";
  let description = [{
    `result[a..., i..., b...] = x[a..., indices[i...], b...]`, a the dimensions before `axis` and b those after it. A
    negative index counts from the end; one that lies outside even so reads the nearest slice.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `indices` | any, integer | |
    | `axis` | in [0, rank of x) | the dimension that is indexed |
    | `result` | x's shape with the dimension `axis` replaced by indices' shape | |

    Errors: C1 axis outside [0, rank); C2 the indices are not integers.

    Source: ONNX Gather 13, TFLite GATHER, TOSA GATHER 1.0 (reshaped). Example:
    `%r = edge.gather %x, %i {axis = 0 : i64} : (tensor<10x4xf32>, tensor<2x3xi64>) -> tensor<2x3x4xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$indices, I64Attr:$axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $indices attr-dict `:` functional-type(operands, results)";
}

def Edge_GatherElementsOp : Edge_InferredOp<"gather_elements"> {
  let summary = "single elements, chosen by index along one dimension";
  let description = [{
    `result[p] = x[p with p[axis] replaced by indices[p]]`. A negative index counts from the end; one that lies outside
    even so reads the nearest element.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `indices` | x's rank, integer; at most x's size in every dimension but `axis` | |
    | `axis` | in [0, rank) | the dimension that is indexed |
    | `result` | as `indices` | |

    Errors: C1 axis outside [0, rank); C2 the indices are not integers; C3 ranks differ or a dimension of the indices is
    larger than x's.

    Source: ONNX GatherElements 13. Example:
    `%r = edge.gather_elements %x, %i {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>) -> tensor<3x2xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$indices, I64Attr:$axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $indices attr-dict `:` functional-type(operands, results)";
}

def Edge_GatherNdOp : Edge_InferredOp<"gather_nd"> {
  let summary = "slices of a tensor, chosen by index along several dimensions";
  let description = [{
    `result[b..., i..., s...] = x[b..., indices[b..., i..., 0], ..., indices[b..., i..., K-1], s...]`, b the first
    `batch_dims` dimensions and K the size of the indices' last one. A negative index counts from the end; one that lies
    outside even so reads the nearest slice.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | [B..., D0, ..., DK-1, S...] | |
    | `indices` | [B..., I..., K], integer | |
    | `batch_dims` | in [0, rank of indices) | leading dimensions that both share |
    | `result` | [B..., I..., S...] | |

    Errors: C1 batch_dims outside [0, rank of indices) or above x's rank; C2 the indices are not integers;
    C3 the batch dimensions differ; C4 K is not in [1, rank of x - batch_dims].

    Source: ONNX GatherND 13, TFLite GATHER_ND. Example:
    `%r = edge.gather_nd %x, %i : (tensor<3x4x5xf32>, tensor<7x2xi64>) -> tensor<7x5xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$indices, DefaultValuedAttr<I64Attr, "0">:$batch_dims);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $indices attr-dict `:` functional-type(operands, results)";
}

def Edge_ReverseSequenceOp : Edge_InferredOp<"reverse_sequence"> {
  let summary = "the first elements of each sequence of a batch in reverse order";
  let description = [{
    With n = `lengths[b]`, b the index along `batch_axis`: the first n slices along `time_axis` appear in reverse order, the
    others stay. Lengths outside [0, size of the time axis] count as the nearest of the two.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 2 | |
    | `lengths` | [size of the batch axis], integer | |
    | `batch_axis`, `time_axis` | different, in [0, rank) | |
    | `result` | as `x` | |

    Errors: C1 an axis outside [0, rank), or both are the same; C2 the lengths are not integers of shape [batch].

    Source: ONNX ReverseSequence 10, TFLite REVERSE_SEQUENCE. Example:
    `%r = edge.reverse_sequence %x, %n {batch_axis = 0 : i64, time_axis = 1 : i64} : (tensor<2x5x3xf32>, tensor<2xi64>) -> tensor<2x5x3xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$lengths, I64Attr:$batch_axis, I64Attr:$time_axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $lengths attr-dict `:` functional-type(operands, results)";
}

def Edge_TriluOp : Edge_InferredOp<"trilu"> {
  let summary = "the upper or lower triangle of matrices, zeros elsewhere";
  let description = [{
    In the last two dimensions, row i and column j: upper keeps the elements with `j - i >= diagonal`, lower those with
    `j - i <= diagonal`. All others become zero. Any value of `diagonal` has its meaning.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | [..., M, N] | |
    | `diagonal` | one integer | 0: the main diagonal; positive: above it |
    | `upper` | | |
    | `result` | as `x` | |

    Errors: C1 x has fewer than 2 dimensions; C2 the diagonal is not one integer.

    Source: ONNX Trilu 14. Example:
    `%r = edge.trilu %x, %k {upper = true} : (tensor<4x5xf32>, tensor<i64>) -> tensor<4x5xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$diagonal, BoolAttr:$upper);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $diagonal attr-dict `:` functional-type(operands, results)";
}

def Edge_OneHotOp : Edge_InferredOp<"one_hot"> {
  let summary = "one value at the index, another one everywhere else";
  let description = [{
    `result[a..., d, b...] = values[indices[a..., b...] == d ? 1 : 0]`, d the new dimension `axis` of size `depth`. A
    negative index counts from the end; one that lies outside even so sets nothing.

    | operand | shape | meaning |
    |---|---|---|
    | `indices` | any, integer | |
    | `values` | [2] | off, on |
    | `depth` | positive | |
    | `axis` | in [0, rank of indices] | where the new dimension is put |
    | `result` | indices' shape with `depth` inserted, elements as `values` | |

    Errors: C1 axis outside [0, rank of indices]; C2 the indices are not integers; C3 the values are not [2];
    C4 the depth is not positive.

    Source: ONNX OneHot 11, TFLite ONE_HOT. Example:
    `%r = edge.one_hot %i, %v {depth = 10 : i64, axis = 1 : i64} : (tensor<3xi64>, tensor<2xf32>) -> tensor<3x10xf32>`
  }];
  let arguments = (ins Edge_Tensor:$indices, Edge_Tensor:$values, I64Attr:$depth, I64Attr:$axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$indices `,` $values attr-dict `:` functional-type(operands, results)";
}

//===-- writing ------------------------------------------------------------------===//

def Edge_CombineAttr : I32EnumAttr<"Combine", "how an update joins what stands at its place", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"add", 1>, I32EnumAttrCase<"mul", 2>, I32EnumAttrCase<"min", 3>,
    I32EnumAttrCase<"max", 4>]> {
  let cppNamespace = "::edgec::edge";
}

def Edge_ScatterElementsOp : Edge_InferredOp<"scatter_elements"> {
  let summary = "a tensor with single elements replaced, by index along one dimension";
  let description = [{
    `result = x`, then for every position p of `updates` in row-major order: the element of the result at p, with p[axis]
    replaced by `indices[p]`, becomes `combine` of itself and `updates[p]`; none: `updates[p]`. A negative index counts from the
    end; an update whose index lies outside even so is left out.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, rank at least 1 | |
    | `indices` | x's rank, integer; at most x's size in every dimension but `axis` | |
    | `updates` | as `indices`, elements as `x` | |
    | `axis` | in [0, rank) | the dimension that is indexed |
    | `result` | as `x` | |

    Errors: C1 axis outside [0, rank); C2 the indices are not integers; C3 ranks differ or a dimension of the indices is
    larger than x's; C4 the updates have another shape than the indices or other elements than x.

    Source: ONNX ScatterElements 18. Example:
    `%r = edge.scatter_elements add %x, %i, %u {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$indices, Edge_Tensor:$updates, I64Attr:$axis, Edge_CombineAttr:$combine);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$combine $x `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)";
}

def Edge_ScatterNdOp : Edge_InferredOp<"scatter_nd"> {
  let summary = "a tensor with slices replaced, by index along its first dimensions";
  let description = [{
    `result = x`, then for every position i... of the indices without their last dimension, in row-major order: the slice
    `result[indices[i..., 0], ..., indices[i..., K-1], s...]` becomes `combine` of itself and `updates[i..., s...]`; none:
    the update. A negative index counts from the end; an update with an index that lies outside even so is left out.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | [D0, ..., DK-1, S...] | |
    | `indices` | [I..., K], integer | |
    | `updates` | [I..., S...], elements as `x` | |
    | `result` | as `x` | |

    Errors: C1 the indices have no dimension, or K is not in [1, rank of x]; C2 the indices are not integers; C3 the updates are
    not [I..., S...] or have other elements than x.

    Source: ONNX ScatterND 18, TFLite SCATTER_ND (x all zero, combine add). Example:
    `%r = edge.scatter_nd none %x, %i, %u : (tensor<4x5xf32>, tensor<2x1xi64>, tensor<2x5xf32>) -> tensor<4x5xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$indices, Edge_Tensor:$updates, Edge_CombineAttr:$combine);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$combine $x `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)";
}
#endif
