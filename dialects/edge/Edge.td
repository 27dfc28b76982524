//===- Edge.td - the operators of the graph ---------------------*- tablegen -*-===//
//
// Contraction, window, reduction, normalisation and shape operators. The
// elementwise ones are in EdgeElementwise.td. Why the dialect looks like this:
// docs/rationale/edge.md.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_TD
#define EDGE_TD

include "dialects/edge/EdgeBase.td"
include "dialects/edge/EdgeElementwise.td"

//===-- constants --------------------------------------------------------------===//

def Edge_ConstantOp : Edge_Op<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor known at compile time";
  let description = [{
    Large constants are `dense_resource` attributes over the mapped model file, so
    importing a model copies no weights.

    Example: `%c = edge.constant {value = dense<0.0> : tensor<8xf32>} : tensor<8xf32>`
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasFolder = 1;
}

//===-- contraction -------------------------------------------------------------===//

def Edge_Conv2DOp : Edge_InferredOp<"conv2d"> {
  let summary = "2-D convolution, dense, grouped or depthwise";
  let description = [{
    `result[n, y, x, o] = bias[o] + sum over ky, kx, i of
       input[n, y*sh + ky*dh - top, x*sw + kx*dw - left, (o / (O/groups)) * I + i] * filter[o, ky, kx, i]`,
    where input outside its bounds is zero. Depthwise is `groups = C`.

    | operand | shape | meaning |
    |---|---|---|
    | `input` | [N, H, W, C] | activations |
    | `filter` | [O, KH, KW, I], I = C / groups | weights |
    | `bias` | [O], optional | |
    | `strides`, `dilations` | [h, w], positive | in elements |
    | `pads` | [top, left, bottom, right], not negative | zeros around the input |
    | `result` | [N, (H + top + bottom - (KH-1)*dh - 1) / sh + 1, ..., O] | |

    Errors: C1 strides, dilations or pads have the wrong length or sign; C2 C is not groups * I;
    C3 O is not a multiple of groups; C4 the bias is not [O]; C5 the dilated filter is larger than the padded input;
    C6 the element types of input and filter differ (quantized types may).

    Source: ONNX Conv 22, TOSA CONV2D 1.0. Example:
    `%r = edge.conv2d %x, %f, %b {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x3xf32>, tensor<16x3x3x3xf32>, tensor<16xf32>) -> tensor<1x4x4x16xf32>`
  }];
  let arguments = (ins Edge_Tensor4D:$input, Edge_Tensor4D:$filter, Optional<Edge_Tensor1D>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs Edge_Tensor4D:$result);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// One filter per input channel and one input channel per filter.
    bool isDepthwise();
  }];
}

def Edge_MatMulOp : Edge_InferredOp<"matmul"> {
  let summary = "batched matrix product";
  let description = [{
    `result[..., m, n] = sum over k of lhs[..., m, k] * rhs[..., k, n]`; the leading (batch) dimensions broadcast as NumPy's.

    | operand | shape |
    |---|---|
    | `lhs` | [..., M, K] |
    | `rhs` | [..., K, N] |
    | `result` | [..., M, N] |

    Errors: C1 an operand has fewer than 2 dimensions; C2 the K dimensions differ; C3 the batch dimensions do not broadcast;
    C4 the element types differ (quantized types may).

    Source: ONNX MatMul 13 (1-dimensional operands are reshaped by the importer). Example:
    `%r = edge.matmul %a, %b : (tensor<2x4x8xf32>, tensor<8x3xf32>) -> tensor<2x4x3xf32>`
  }];
  let arguments = (ins Edge_Tensor:$lhs, Edge_Tensor:$rhs);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def Edge_FullyConnectedOp : Edge_InferredOp<"fully_connected"> {
  let summary = "matrix product with a weight matrix and a bias";
  let description = [{
    `result[..., n] = bias[n] + sum over k of input[..., k] * filter[n, k]`.

    | operand | shape |
    |---|---|
    | `input` | [..., K] |
    | `filter` | [N, K] |
    | `bias` | [N], optional |
    | `result` | [..., N] |

    Errors: C1 the filter is not [N, K] with the input's K; C2 the bias is not [N]; C3 the element types differ (quantized types may).

    Source: ONNX Gemm 13 with transB, TFLite FULLY_CONNECTED. Example:
    `%r = edge.fully_connected %x, %f, %b : (tensor<1x64xf32>, tensor<10x64xf32>, tensor<10xf32>) -> tensor<1x10xf32>`
  }];
  let arguments = (ins Edge_Tensor:$input, Edge_Tensor:$filter, Optional<Edge_Tensor1D>:$bias);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

//===-- windows -----------------------------------------------------------------===//

def Edge_MaxPool2DOp : Edge_InferredOp<"max_pool2d"> {
  let summary = "largest element of each window";
  let description = [{
    `result[n, y, x, c] = max over ky, kx of input[n, y*sh + ky*dh - top, x*sw + kx*dw - left, c]`, positions outside the input left out.

    | operand | shape | meaning |
    |---|---|---|
    | `input` | [N, H, W, C] | |
    | `window` | [h, w] | size of the window |
    | `strides`, `dilations` | [h, w] | |
    | `pads` | [top, left, bottom, right] | each smaller than the dilated window |

    Errors: C1 an attribute has the wrong length or sign; C2 the window is larger than the padded input; C3 a pad reaches a whole window (its result would be a maximum of nothing).

    Source: ONNX MaxPool 22, TOSA MAX_POOL2D 1.0. Ceil mode is expressed by larger bottom and right pads. Example:
    `%r = edge.max_pool2d %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32>`
  }];
  let arguments = (ins Edge_Tensor4D:$input, DenseI64ArrayAttr:$window,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations);
  let results = (outs Edge_Tensor4D:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Edge_AvgPool2DOp : Edge_InferredOp<"avg_pool2d"> {
  let summary = "mean of each window";
  let description = [{
    The sum of the input's elements in the window, divided by their number; with `count_include_pad`
    divided by the number of window positions that lie in the input or in the explicit `pads`.
    `overhang` = [bottom, right] are further positions past the pads (ceil mode) that are never counted.

    | operand | shape | meaning |
    |---|---|---|
    | `input` | [N, H, W, C] | |
    | `window`, `strides`, `dilations` | [h, w] | |
    | `pads` | [top, left, bottom, right] | |
    | `overhang` | [bottom, right] | 0 unless ceil mode |

    Errors: C1 an attribute has the wrong length or sign; C2 the window is larger than the padded input; C3 a pad reaches a whole window.

    Source: ONNX AveragePool 22, TOSA AVG_POOL2D 1.0. Example:
    `%r = edge.avg_pool2d %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32>`
  }];
  let arguments = (ins Edge_Tensor4D:$input, DenseI64ArrayAttr:$window,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0}">:$overhang,
    DefaultValuedAttr<BoolAttr, "false">:$count_include_pad,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations);
  let results = (outs Edge_Tensor4D:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

//===-- reduction and normalisation ----------------------------------------------===//

def Edge_ReduceSumOp : Edge_ReduceOp<"reduce_sum", "sum">;
def Edge_ReduceMeanOp : Edge_ReduceOp<"reduce_mean", "mean">;
def Edge_ReduceMaxOp : Edge_ReduceOp<"reduce_max", "largest">;
def Edge_ReduceMinOp : Edge_ReduceOp<"reduce_min", "smallest">;
def Edge_ReduceProdOp : Edge_ReduceOp<"reduce_prod", "product">;

def Edge_SoftmaxOp : Edge_InferredOp<"softmax"> {
  let summary = "exponentials normalised to sum 1 along one dimension";
  let description = [{
    `result = e^(x - m) / sum(e^(x - m))` along `axis`, m the largest x there (so that no exponential overflows).

    Errors: C1 axis outside [0, rank).

    Source: ONNX Softmax 13. Example: `%r = edge.softmax %x {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, I64Attr:$axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
}

def Edge_BatchNormOp : Edge_InferredOp<"batch_norm"> {
  let summary = "per-channel normalisation with stored statistics";
  let description = [{
    `result = (x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + offset[c]`, c the index along `axis`.
    The graph stage folds it into a neighbouring convolution or turns it into mul and add.

    Errors: C1 axis outside [0, rank); C2 a parameter is not [C].

    Source: ONNX BatchNormalization 15 (inference). Example:
    `%r = edge.batch_norm %x, %s, %o, %m, %v {axis = 3 : i64, epsilon = 1.0e-5 : f32} : (tensor<1x4x4x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x4x4x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor1D:$scale, Edge_Tensor1D:$offset, Edge_Tensor1D:$mean,
    Edge_Tensor1D:$variance, F32Attr:$epsilon, I64Attr:$axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $scale `,` $offset `,` $mean `,` $variance attr-dict `:` functional-type(operands, results)";
}

//===-- shape --------------------------------------------------------------------===//

def Edge_ReshapeOp : Edge_Op<"reshape"> {
  let summary = "the same elements in row-major order under another shape";
  let description = [{
    A view: it moves no data.

    Errors: C1 the element counts differ; C2 the element types differ.

    Example: `%r = edge.reshape %x : (tensor<1x1x1x64xf32>) -> tensor<1x64xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Edge_TransposeOp : Edge_InferredOp<"transpose"> {
  let summary = "permute the dimensions";
  let description = [{
    `result[i0, i1, ...] = x[...]` where result dimension d is x's dimension `permutation[d]`.

    Errors: C1 `permutation` is not a permutation of [0, rank).

    Source: ONNX Transpose 13, TOSA TRANSPOSE 1.0. Example:
    `%r = edge.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Edge_ConcatOp : Edge_InferredOp<"concat"> {
  let summary = "join tensors along one dimension";
  let description = [{
    Errors: C1 axis outside [0, rank); C2 the inputs differ in rank or in another dimension; C3 the element types differ (quantized types may).

    Source: ONNX Concat 13. Example:
    `%r = edge.concat %a, %b {axis = 3 : i64} : (tensor<1x4x4x8xf32>, tensor<1x4x4x16xf32>) -> tensor<1x4x4x24xf32>`
  }];
  let arguments = (ins Variadic<Edge_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Edge_SliceOp : Edge_InferredOp<"slice"> {
  let summary = "a strided box out of a tensor";
  let description = [{
    `result[i] = x[offsets + i * strides]` in every dimension, `result` of shape `sizes`. Strides may be negative.

    Errors: C1 an attribute's length is not the rank, a size is not positive or a stride is 0; C2 an element lies outside x.

    Source: ONNX Slice 13. Example:
    `%r = edge.slice %x {offsets = array<i64: 0, 2>, sizes = array<i64: 1, 3>, strides = array<i64: 1, 2>} : (tensor<1x10xf32>) -> tensor<1x3xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$sizes, DenseI64ArrayAttr:$strides);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Edge_PadOp : Edge_InferredOp<"pad"> {
  let summary = "surround a tensor with a constant";
  let description = [{
    Errors: C1 `low` or `high` has not the rank's length or a negative element.

    Source: ONNX Pad 21 (constant mode). Example:
    `%r = edge.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 2>, value = 0.0 : f32} : (tensor<1x4xf32>) -> tensor<1x7xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, DefaultValuedAttr<F32Attr, "0.0f">:$value);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Edge_BroadcastOp : Edge_Op<"broadcast"> {
  let summary = "repeat a tensor to a larger shape as NumPy broadcasts";
  let description = [{
    Errors: C1 x's shape does not broadcast to the result's; C2 the element types differ.

    Source: ONNX Expand 13. Example: `%r = edge.broadcast %x : (tensor<8xf32>) -> tensor<1x4x4x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}
#endif
