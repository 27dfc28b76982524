//===- EdgeInteger.td - arithmetic of quantized models -----------------*- tablegen -*-===//
//
// What a quantized operator computes, spelled out on the integers that are stored: products with zero points summed up in 32
// bits, the fixed-point rescaling of such sums, tables. Additions, bounds and conversions between them are the ordinary
// elementwise operators. docs/rationale/edge.md says why there are no quantized twins of the others.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_INTEGER_TD
#define EDGE_INTEGER_TD
include "dialects/edge/EdgeBase.td"

def Edge_IntegerConv2DOp : Edge_InferredOp<"integer_conv2d"> {
  let summary = "2D convolution of narrow integers with groups, summed up in 32 bits";
  let description = [{
    `result[n,y,x,o] = bias[o] + sum over ky, kx, i of (input[n, y*s0 + ky*d0 - p0, x*s1 + kx*d1 - p1, g*I + i] - input_zero_point)
    * (filter[o,ky,kx,i] - filter_zero_point)` with g the group of o, modulo 2^32. Positions outside of the input have the value
    `pad_value`, which is the zero point unless that was folded into the bias.

    | operand | shape | meaning |
    |---|---|---|
    | `input` | [N, H, W, C], i8, ui8 or i16 | |
    | `filter` | [O, KH, KW, C / groups], i8, ui8 or i16 | |
    | `bias` | [O], i32, optional | |
    | `strides`, `dilations` | two numbers | along H and W |
    | `pads` | top, left, bottom, right | |
    | `input_zero_point`, `filter_zero_point` | | what stands for the real number 0 |
    | `pad_value` | of the input's type | |
    | `result` | [N, OH, OW, O], i32 | |

    Errors: C1 a stride, dilation or group count below 1, a negative pad or a list of the wrong length; C2 the filter does not
    fit the input's channels and the groups; C3 the window is larger than the padded input; C4 the bias is not [O] of i32; C5
    the elements of input or filter are not i8, ui8 or i16; C6 a zero point or the pad value is not of its tensor's type.

    Source: TFLite CONV_2D 3, DEPTHWISE_CONV_2D 3 and FULLY_CONNECTED 4 (8 bits), TOSA CONV2D 1.0, ONNX ConvInteger 10. Example:
    `%r = edge.integer_conv2d %x, %f, %b {pads = array<i64: 1, 1, 1, 1>, input_zero_point = 3 : i64, pad_value = 3 : i64} : (tensor<1x8x8x4xi8>, tensor<16x3x3x4xi8>, tensor<16xi32>) -> tensor<1x8x8x16xi32>`
  }];
  let arguments = (ins Edge_Tensor4D:$input, Edge_Tensor4D:$filter, Optional<Edge_Tensor1D>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides, DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations, DefaultValuedAttr<I64Attr, "1">:$groups,
    DefaultValuedAttr<I64Attr, "0">:$input_zero_point, DefaultValuedAttr<I64Attr, "0">:$filter_zero_point,
    DefaultValuedAttr<I64Attr, "0">:$pad_value);
  let results = (outs Edge_Tensor4D:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// One filter per channel.
    bool isDepthwise() {
      return getGroups() > 1 && int64_t(getGroups()) == getInput().getType().getShape()[3] && getFilter().getType().getShape()[0] == getInput().getType().getShape()[3];
    }
  }];
}

def Edge_RoundingAttr : I32EnumAttr<"Rounding", "how a product is shifted right", [
    I32EnumAttrCase<"double_rounding", 0, "double">, I32EnumAttrCase<"single_rounding", 1, "single">]> {
  let cppNamespace = "::edgec::edge";
}

def Edge_RescaleOp : Edge_InferredOp<"rescale", [Edge_Elementwise]> {
  let summary = "multiply by a fixed-point number below one, with NumPy broadcasting";
  let description = [{
    `x * multiplier / 2^(31 + shift)`, rounded to a whole number after the operands were broadcast to one shape:

    | rounding | result |
    |---|---|
    | `double` | `h = floor((x * multiplier + 2^30) / 2^31)`, then `h / 2^shift` to nearest, halves away from zero |
    | `single` | `floor((x * multiplier + 2^(30 + shift)) / 2^(31 + shift))` |

    Products are exact (64 bits); the result has its low 32 bits. Larger factors are had by edge.shift_left before.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | broadcastable, i32 | |
    | `multiplier` | broadcastable, i32 | in units of 2^-31 |
    | `shift` | broadcastable, i32 | what is outside of [0, 31] counts modulo 32 |
    | `result` | the common shape, i32 | |

    Errors: C1 the shapes are not broadcastable; C2 the elements are not i32.

    Source: TFLite's MultiplyByQuantizedMultiplier (tensorflow/lite/kernels/internal/common.h) with and without
    TFLITE_SINGLE_ROUNDING, TOSA RESCALE 1.0. Example:
    `%r = edge.rescale double %x, %m, %s : (tensor<1x4x4x8xi32>, tensor<8xi32>, tensor<8xi32>) -> tensor<1x4x4x8xi32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$multiplier, Edge_Tensor:$shift, Edge_RoundingAttr:$rounding);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$rounding $x `,` $multiplier `,` $shift attr-dict `:` functional-type(operands, results)";
}

def Edge_RequantizeOp : Edge_Op<"requantize", [Edge_Elementwise]> {
  let summary = "scale by a float and round to a narrow integer, halves to even";
  let description = [{
    `result = min(max(round_even(x * factor) + zero_point, low), high)`, in float32: an integer `x` is converted (to nearest
    even), and the product is rounded to float32 before it is rounded to a whole number. Without a factor, `x` itself is
    rounded. A NaN gives `low`.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, i32 or f32 | sums of products, or a real number in units of the result's scale |
    | `factor` | broadcasts to `x`, f32, optional | scale of x / scale of the result |
    | `low`, `high`, `zero_point` | | numbers of the result's type |
    | `result` | as `x`; i8, ui8, i16 or ui16 | |

    Errors: C1 the factor does not broadcast to x or is not f32; C2 x is not of i32 or f32; C3 the result is not of i8, ui8,
    i16 or ui16, or has another shape; C4 low, high or the zero point is no number of the result's type, or low is above high.

    Source: ONNX QLinearConv 10, QuantizeLinear 21; ONNX Runtime's MlasRequantizeOutput. Example:
    `%r = edge.requantize %x, %f {low = 0 : i64, high = 255 : i64, zero_point = 3 : i64} : (tensor<1x4x4x8xi32>, tensor<8xf32>) -> tensor<1x4x4x8xui8>`
  }];
  let arguments = (ins Edge_Tensor:$x, Optional<Edge_Tensor>:$factor, I64Attr:$low, I64Attr:$high,
    DefaultValuedAttr<I64Attr, "0">:$zero_point);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Edge_LookupOp : Edge_InferredOp<"lookup"> {
  let summary = "a function of 8-bit numbers by its table";
  let description = [{
    `result[i] = table[x[i] - smallest]` with the smallest number of x's type: -128 or 0.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, i8 or ui8 | |
    | `table` | [256] | |
    | `result` | as `x`, elements as the table's | |

    Errors: C1 x is not of i8 or ui8; C2 the table is not [256].

    Source: TFLite LOGISTIC, TANH (8 bits), TOSA TABLE 1.0. Example:
    `%r = edge.lookup %x, %t : (tensor<1x10xi8>, tensor<256xi8>) -> tensor<1x10xi8>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor1D:$table);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $table attr-dict `:` functional-type(operands, results)";
}

def Edge_IntegerSoftmaxOp : Edge_InferredOp<"integer_softmax"> {
  let summary = "softmax of 8-bit numbers along the last dimension, in fixed point";
  let description = [{
    With `e[c] = exponentials[max(x) - x[c]]` (31 fraction bits), all divisions rounded to nearest, halves away from zero:
    `sum` is the sum of `e[c] / 2^12`; with `z` its leading zeros, `d = (sum * 2^z - 2^31)` and `r` the number
    1 / (1 + d / 2^31) in 31 fraction bits, by three steps of Newton's iteration from 48/17 - 32/17 * (1 + d / 2^31) / 2;
    `result[c] = smallest + (e[c] * r / 2^31) / 2^(12 - z + 31 - bits)`, that exponent kept in [0, 31], at most the largest number of the result's type, whose
    width is `bits`.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any of rank 1 and more, i8 or ui8 | |
    | `exponentials` | [256], i32 | e^0 first |
    | `result` | as `x`, or another integer of 8 or 16 bits | |

    Errors: C1 x is not of i8 or ui8, or has no dimension; C2 the exponentials are not [256] of i32.

    Source: TFLite SOFTMAX 2, reference_ops::Softmax (tensorflow/lite/kernels/internal/reference/softmax.h) and gemmlowp's
    one_over_one_plus_x_for_x_in_0_1 (fixedpoint.h). Example:
    `%r = edge.integer_softmax %x, %e : (tensor<1x10xi8>, tensor<256xi32>) -> tensor<1x10xi8>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor1D:$exponentials);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $exponentials attr-dict `:` functional-type(operands, results)";
}
#endif
