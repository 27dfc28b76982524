//===- EdgeNormalize.td - rows brought to mean 0 and variance 1 ------------===//
//
// What layer normalisation does before scale and bias, as one operator: its
// statistics are of a row, which stays in the first-level cache meanwhile.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_NORMALIZE_TD
#define EDGE_NORMALIZE_TD
include "dialects/edge/EdgeBase.td"

def Edge_NormalizeOp : Edge_InferredOp<"normalize"> {
  let summary = "rows less their means, by their deviations";
  let description = [{
    `result = (x - m) / sqrt(v + epsilon)` along the last dimension, m the mean of the row and v the mean of `(x - m)^2`.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any of rank at least 1, of floats | |
    | `epsilon` | f32, not negative | what keeps the divisor from 0 |
    | `result` | as `x` | |

    Errors: C1 no dimension; C2 elements that are no floats; C3 `epsilon` is negative or no number.

    Source: ONNX LayerNormalization 17, without its scale and bias. Example:
    `%r = edge.normalize %x {epsilon = 1.0e-5 : f32} : (tensor<2x10xf32>) -> tensor<2x10xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, F32Attr:$epsilon);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def Edge_LayerNormOp : Edge_InferredOp<"layer_norm"> {
  let summary = "layer normalization along the last dimension, in a stated order of float32 operations";
  let description = [{
    `result[i] = fma((x[i] - m) * r, scale[i], bias[i])` for each row of n elements, every operation rounded to float32, with
    `m` the mean of the row, of a sum in float64, and `r = 1 / sqrt(s / n + epsilon)`. `s` is the sum of the squares of `d[i] = x[i] - m`:
    eight partial sums `p[j] = fma(d[i], d[i], p[j])`, i from the first to the last of all whole eights, j = i modulo 8; they are
    added by halves (`p[j] + p[j + 4]`, then two apart, then one), and then the rest of the row one by one, products rounded.
    The sum of `m` has the same order.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any of rank at least 1, f32 | |
    | `scale`, `bias` | [n], f32 | |
    | `epsilon` | f32, not negative | what keeps the divisor from 0 |
    | `result` | as `x` | |

    Errors: C1 no dimension, or elements other than f32; C2 scale or bias are not [n] of f32; C3 `epsilon` is negative or no number.

    Source: what ONNX Runtime 1.30 computes for LayerNormalization 17 on processors with AVX2, found by trying (rows of 8 to 768
    elements, every bit). Example:
    `%r = edge.layer_norm %x, %s, %b {epsilon = 1.0e-5 : f32} : (tensor<2x10xf32>, tensor<10xf32>, tensor<10xf32>) -> tensor<2x10xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor1D:$scale, Edge_Tensor1D:$bias, F32Attr:$epsilon);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif
