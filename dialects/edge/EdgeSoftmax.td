//===- EdgeSoftmax.td - softmax of bytes by a table --------------------*- tablegen -*-===//
//
// What ONNX Runtime computes where a softmax stands between two quantizations. TFLite's, in fixed point, is
// edge.integer_softmax.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_SOFTMAX_TD
#define EDGE_SOFTMAX_TD
include "dialects/edge/EdgeBase.td"

def Edge_LookupSoftmaxOp : Edge_InferredOp<"lookup_softmax"> {
  let summary = "softmax of 8-bit numbers along the last dimension, with exponentials from a table";
  let description = [{
    With `e[c] = exponentials[255 - max(x) + x[c]]`, in float32, every operation rounded:
    `result[c] = (e[c] * factor) / (((e[0] + e[1]) + e[2]) + ...)`, the sum from the first element to the last.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any of rank 1 and more, i8 or ui8 | |
    | `exponentials` | [256], f32 | that of the largest number of a row last |
    | `factor` | one element, f32 | what the results add up to, but for rounding |
    | `result` | as `x`, f32 | |

    Errors: C1 x is not of i8 or ui8, or has no dimension; C2 the exponentials are not [256] of f32; C3 the factor is not one
    number of f32.

    Source: ONNX Runtime's QLinearSoftmax 1 (onnxruntime/contrib_ops/cpu/quantization/qlinear_softmax.cc). Example:
    `%r = edge.lookup_softmax %x, %e, %f : (tensor<1x10xui8>, tensor<256xf32>, tensor<f32>) -> tensor<1x10xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor1D:$exponentials, Edge_Tensor:$factor);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}
#endif
