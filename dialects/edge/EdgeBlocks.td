//===- EdgeBlocks.td - products with weights in blocks --------*- tablegen -*-===//
//
// Weights of few bits whose scales change along the sums, not only from channel
// to channel.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_BLOCKS_TD
#define EDGE_BLOCKS_TD
include "dialects/edge/EdgeBase.td"

def Edge_BlockProductOp : Edge_InferredOp<"block_product"> {
  let summary = "rows of a matrix with weights of i8, a scale for each block of a channel's sum";
  let description = [{
    `result[..., n] = sum over b of scales[b, n] * (sum over k in block b of x[..., k] * filter[n, k])`. The blocks are the K
    elements in order, K / B in each.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | [..., K], f32 | |
    | `filter` | [N, K], i8 | stand for themselves |
    | `scales` | [B, N], f32 | B divides K |
    | `result` | [..., N], f32 | |

    Errors: C1 x has no dimension, or the filter is not [N, K]; C2 the scales are not [B, N] with B a divisor of K; C3 the
    elements are not f32, i8 and f32.

    Source: ONNX DequantizeLinear 21 (block_size) before MatMul 13; MatMulNBits 1 of com.microsoft. Example:
    `%r = edge.block_product %x, %f, %s : (tensor<2x64xf32>, tensor<8x64xi8>, tensor<2x8xf32>) -> tensor<2x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$filter, Edge_Tensor:$scales);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// Elements of a block.
    int64_t blockSize() {
      return getFilter().getType().getDimSize(1) / getScales().getType().getDimSize(0);
    }
  }];
}
#endif
