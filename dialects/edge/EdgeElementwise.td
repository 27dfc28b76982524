//===- EdgeElementwise.td - unary and binary operators --------------------===//
#ifndef EDGE_ELEMENTWISE_TD
#define EDGE_ELEMENTWISE_TD
include "dialects/edge/EdgeBase.td"

def Edge_AbsOp : Edge_UnaryOp<"abs", "|x|">;
def Edge_NegOp : Edge_UnaryOp<"neg", "-x"> { let hasFolder = 1; }
def Edge_ExpOp : Edge_UnaryOp<"exp", "e^x">;
def Edge_LogOp : Edge_UnaryOp<"log", "ln(x)">;
def Edge_SqrtOp : Edge_UnaryOp<"sqrt", "sqrt(x)">;
def Edge_RsqrtOp : Edge_UnaryOp<"rsqrt", "1 / sqrt(x)">;
def Edge_ReciprocalOp : Edge_UnaryOp<"reciprocal", "1 / x">;
def Edge_FloorOp : Edge_UnaryOp<"floor", "floor(x)">;
def Edge_CeilOp : Edge_UnaryOp<"ceil", "ceil(x)">;
def Edge_RoundEvenOp : Edge_UnaryOp<"round_even", "x rounded to the nearest integer, ties to even">;
def Edge_SignOp : Edge_UnaryOp<"sign", "-1, 0 or 1 as x is below, equal to or above 0">;
def Edge_SigmoidOp : Edge_UnaryOp<"sigmoid", "1 / (1 + e^-x)">;
def Edge_TanhOp : Edge_UnaryOp<"tanh", "tanh(x)">;
def Edge_ErfOp : Edge_UnaryOp<"erf", "erf(x)">;
def Edge_ReluOp : Edge_UnaryOp<"relu", "max(x, 0)"> { let hasFolder = 1; }
def Edge_SiluOp : Edge_UnaryOp<"silu", "x * sigmoid(x)">;
def Edge_HardSwishOp : Edge_UnaryOp<"hard_swish", "x * min(max(x + 3, 0), 6) / 6">;
def Edge_SoftplusOp : Edge_UnaryOp<"softplus", "ln(1 + e^x)">;
def Edge_SinOp : Edge_UnaryOp<"sin", "sin(x)">;
def Edge_CosOp : Edge_UnaryOp<"cos", "cos(x)">;
def Edge_TanOp : Edge_UnaryOp<"tan", "tan(x)">;
def Edge_AsinOp : Edge_UnaryOp<"asin", "arcsin(x)">;
def Edge_AcosOp : Edge_UnaryOp<"acos", "arccos(x)">;
def Edge_AtanOp : Edge_UnaryOp<"atan", "arctan(x)">;
def Edge_SinhOp : Edge_UnaryOp<"sinh", "sinh(x)">;
def Edge_CoshOp : Edge_UnaryOp<"cosh", "cosh(x)">;
def Edge_AsinhOp : Edge_UnaryOp<"asinh", "arsinh(x)">;
def Edge_AcoshOp : Edge_UnaryOp<"acosh", "arcosh(x)">;
def Edge_AtanhOp : Edge_UnaryOp<"atanh", "artanh(x)">;
def Edge_NotOp : Edge_UnaryOp<"not", "the complement of every bit of x; of i1: logical not">;

/// An identity that is never folded: it asks for a buffer of its own, for
/// example one with a halo (see the schedule dialect).
def Edge_CopyOp : Edge_UnaryOp<"copy", "x">;

def Edge_GeluOp : Edge_UnaryOp<"gelu", "x * Phi(x), Phi the normal distribution"> {
  let arguments = (ins Edge_Tensor:$x,
    DefaultValuedAttr<ConfinedAttr<StrAttr, [AttrConstraint<CPred<"::llvm::is_contained({\"none\", \"tanh\"}, ::llvm::cast<::mlir::StringAttr>($_self).getValue())">, "C1 'none' or 'tanh'">]>, "\"none\"">:$approximate);
}
def Edge_ClampOp : Edge_UnaryOp<"clamp", "min(max(x, min), max)"> {
  let arguments = (ins Edge_Tensor:$x, F32Attr:$min, F32Attr:$max);
  let hasVerifier = 1;
  let hasFolder = 1;
}
def Edge_HardSigmoidOp : Edge_UnaryOp<"hard_sigmoid", "min(max(alpha * x + beta, 0), 1)"> {
  let arguments = (ins Edge_Tensor:$x, DefaultValuedAttr<F32Attr, "0.2f">:$alpha, DefaultValuedAttr<F32Attr, "0.5f">:$beta);
}
def Edge_LeakyReluOp : Edge_UnaryOp<"leaky_relu", "x for x >= 0, else alpha * x"> {
  let arguments = (ins Edge_Tensor:$x, DefaultValuedAttr<F32Attr, "0.01f">:$alpha);
}
def Edge_EluOp : Edge_UnaryOp<"elu", "x for x >= 0, else alpha * (e^x - 1)"> {
  let arguments = (ins Edge_Tensor:$x, DefaultValuedAttr<F32Attr, "1.0f">:$alpha);
}

def Edge_AddOp : Edge_BinaryOp<"add", "lhs + rhs", [Commutative]> { let hasFolder = 1; }
def Edge_SubOp : Edge_BinaryOp<"sub", "lhs - rhs"> { let hasFolder = 1; }
def Edge_MulOp : Edge_BinaryOp<"mul", "lhs * rhs", [Commutative]> { let hasFolder = 1; }
def Edge_DivOp : Edge_BinaryOp<"div", "lhs / rhs"> { let hasFolder = 1; }
def Edge_MaxOp : Edge_BinaryOp<"max", "max(lhs, rhs)", [Commutative]>;
def Edge_MinOp : Edge_BinaryOp<"min", "min(lhs, rhs)", [Commutative]>;
def Edge_PowOp : Edge_BinaryOp<"pow", "lhs to the power rhs">;

def Edge_ModOp : Edge_BinaryOp<"mod", "lhs - rhs * floor(lhs / rhs): the sign is rhs's">;
def Edge_RemOp : Edge_BinaryOp<"rem", "lhs - rhs * trunc(lhs / rhs): the sign is lhs's">;

// Bits of integers; of i1, logic.
def Edge_AndOp : Edge_BinaryOp<"and", "lhs & rhs", [Commutative]>;
def Edge_OrOp : Edge_BinaryOp<"or", "lhs | rhs", [Commutative]>;
def Edge_XorOp : Edge_BinaryOp<"xor", "lhs ^ rhs", [Commutative]>;
/// A count of at least the width shifts everything out. The right shift of a
/// signed number keeps its sign.
def Edge_ShiftLeftOp : Edge_BinaryOp<"shift_left", "lhs * 2^rhs">;
def Edge_ShiftRightOp : Edge_BinaryOp<"shift_right", "floor(lhs / 2^rhs)">;

def Edge_EqualOp : Edge_CompareOp<"equal", "lhs = rhs", [Commutative]>;
def Edge_LessOp : Edge_CompareOp<"less", "lhs < rhs">;
def Edge_LessEqualOp : Edge_CompareOp<"less_equal", "lhs <= rhs">;

def Edge_IsNanOp : Edge_TestOp<"is_nan", "x is not a number">;
def Edge_IsInfOp : Edge_TestOp<"is_inf", "x is infinite, of a sign that is asked for"> {
  let arguments = (ins Edge_Tensor:$x, DefaultValuedAttr<BoolAttr, "true">:$negative,
    DefaultValuedAttr<BoolAttr, "true">:$positive);
}

def Edge_SelectOp : Edge_InferredOp<"select", [Edge_Elementwise]> {
  let summary = "one of two values by a condition, elementwise with NumPy broadcasting";
  let description = [{
    `result[i] = condition[i] ? x[i] : y[i]` after all three were broadcast to one shape.

    | operand | shape | meaning |
    |---|---|---|
    | `condition` | broadcastable, i1 | |
    | `x`, `y` | broadcastable | the values |
    | `result` | the common shape, elements as `x` | |

    Errors: C1 the shapes are not broadcastable; C2 the element types of x and y differ; C3 the condition is not i1.

    Source: ONNX Where 16, TOSA SELECT 1.0. Example:
    `%r = edge.select %c, %x, %y : (tensor<4x1xi1>, tensor<8xf32>, tensor<f32>) -> tensor<4x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$condition, Edge_Tensor:$x, Edge_Tensor:$y);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$condition `,` $x `,` $y attr-dict `:` functional-type(operands, results)";
}

class Edge_ConvertOp<string mnemonic> : Edge_Op<mnemonic, [Edge_Elementwise]> {
  let arguments = (ins Edge_Tensor:$x);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def Edge_CastOp : Edge_ConvertOp<"cast"> {
  let summary = "convert between float and integer element types";
  let description = [{
    Float to integer truncates towards zero and saturates (NaN becomes 0); integer to float and to a narrower float
    rounds to nearest even; integer to integer keeps the low bits; to `i1` asks whether `x` is not 0.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, float or integer | the input |
    | `result` | as `x` | the same values in the result's element type |

    Errors: C1 the shapes differ; C2 an element type is quantized (use quantize or dequantize).

    Example: `%r = edge.cast %x : (tensor<4xf32>) -> tensor<4xi32>`
  }];
}
def Edge_BitcastOp : Edge_ConvertOp<"bitcast"> {
  let summary = "the same bits under another element type";
  let description = [{
    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, float or integer | the input |
    | `result` | as `x` | elements of the same width |

    Errors: C1 the shapes differ; C2 the element types differ in width, or one is quantized.

    Source: ONNX BitCast 26. Example: `%r = edge.bitcast %x : (tensor<4xf32>) -> tensor<4xi32>`
  }];
}
def Edge_QuantizeOp : Edge_ConvertOp<"quantize"> {
  let summary = "float to quantized";
  let description = [{
    `result = saturate(round_even(x / scale) + zero_point)`; scale and zero point stand in the result's type.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, float | the input |
    | `result` | as `x`, `!quant.uniform` | |

    Errors: C1 the shapes differ; C2 `x` is not float or `result` not quantized.

    Source: ONNX QuantizeLinear 21. Example:
    `%q = edge.quantize %x : (tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.5:3>>`
  }];
}
def Edge_DequantizeOp : Edge_ConvertOp<"dequantize"> {
  let summary = "quantized to float";
  let description = [{
    `result = (x - zero_point) * scale`; scale and zero point stand in the operand's type.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any, `!quant.uniform` | the input |
    | `result` | as `x`, float | |

    Errors: C1 the shapes differ; C2 `x` is not quantized or `result` not float.

    Source: ONNX DequantizeLinear 21. Example:
    `%r = edge.dequantize %q : (tensor<4x!quant.uniform<i8:f32, 0.5:3>>) -> tensor<4xf32>`
  }];
}
#endif
