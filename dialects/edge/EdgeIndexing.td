//===- EdgeIndexing.td - operators that read and write by index -----------===//
//
// Indices are values of the run: whatever they hold, no element outside of the
// operand is touched.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_INDEXING_TD
#define EDGE_INDEXING_TD
include "dialects/edge/EdgeBase.td"

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
#endif
