//===- EdgeProduct.td - products of two values of integers -------------*- tablegen -*-===//
//
// What EdgeInteger.td is for layers with weights: both factors are values of the run.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_PRODUCT_TD
#define EDGE_PRODUCT_TD
include "dialects/edge/EdgeBase.td"

def Edge_IntegerMatMulOp : Edge_InferredOp<"integer_matmul"> {
  let summary = "batched matrix product of bytes, summed up in 32 bits";
  let description = [{
    `result[..., m, n] = sum over k of (lhs[..., m, k] - lhs_zero_point) * (rhs[..., k, n] - rhs_zero_point)`, modulo 2^32; the
    leading (batch) dimensions broadcast as NumPy's.

    | operand | shape | meaning |
    |---|---|---|
    | `lhs` | [..., M, K], i8 or ui8 | |
    | `rhs` | [..., K, N], i8 or ui8 | |
    | `lhs_zero_point`, `rhs_zero_point` | | what stands for the real number 0 |
    | `result` | [..., M, N], i32 | |

    Errors: C1 an operand has fewer than 2 dimensions; C2 the K dimensions differ; C3 the batch dimensions do not broadcast; C4 the
    elements of an operand are not i8 or ui8; C5 a zero point is not of its operand's type.

    Source: ONNX MatMulInteger 10. Example:
    `%r = edge.integer_matmul %a, %b {lhs_zero_point = 3 : i64} : (tensor<2x4x8xui8>, tensor<8x3xi8>) -> tensor<2x4x3xi32>`
  }];
  let arguments = (ins Edge_Tensor:$lhs, Edge_Tensor:$rhs, DefaultValuedAttr<I64Attr, "0">:$lhs_zero_point,
    DefaultValuedAttr<I64Attr, "0">:$rhs_zero_point);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}
#endif
