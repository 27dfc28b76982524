//===- Passes.td - the quantize stage -------------------------*- tablegen -*-===//
//
// Turns values whose ranges calibration found into integers. What the stage leaves: edge operators only; no quantize,
// no dequantize. Models without ranges pass through unchanged.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_QUANTIZE_PASSES
#define EDGEC_PASSES_QUANTIZE_PASSES

include "mlir/Pass/PassBase.td"

def Quantize : Pass<"edge-quantize", "::mlir::func::FuncOp"> {
  let summary = "put quantize and dequantize around the values that have ranges";
  let description = [{
    Every operator or argument with `edge.range = array<f64: low, high>` gets a pair that rounds its result to 256 numbers
    between low and high (`i8`, one scale and zero point for the tensor); all its readers take the rounded one. With a third number n
    it is rounded to `i16` from -n to n, symmetric. A convolution or
    `fully_connected` whose data come from such a pair and whose weights are constants of f32 gets weights of `i8` (symmetric, a
    scale per output channel) and a bias of `i32` in the scale of its sums, unless it has `edge.keep_float`. Both attributes are
    gone afterwards.

    Errors: Q1 `edge.range` is not two finite numbers, the smaller first, or these and a whole number in [1, 32767].

    Needs: simplified edge operators of f32. Leaves: the same; `edge-fuse-quantization` makes integer operators of it.

    Example:
    ```mlir
    %r = edge.relu %s {edge.range = array<f64: 0.0, 6.0>} : (tensor<4xf32>) -> tensor<4xf32>
    ```
    becomes
    ```mlir
    %r = edge.relu %s : (tensor<4xf32>) -> tensor<4xf32>
    %q = edge.quantize %r : (tensor<4xf32>) -> tensor<4x!quant.uniform<i8:f32, 0.02352941:-128>>
    %d = edge.dequantize %q : (tensor<4x!quant.uniform<i8:f32, 0.02352941:-128>>) -> tensor<4xf32>
    ```
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [
    Statistic<"numValues", "values", "values rounded to integers">,
    Statistic<"numLayers", "layers", "operators with integer weights">
  ];
}

def QuantizeDynamically : Pass<"edge-quantize-dynamically", "::mlir::func::FuncOp"> {
  let summary = "multiply bytes whose scales the run computes";
  let description = [{
    A `fully_connected` layer with `edge.dynamic_range`, on f32 with constant weights, gets weights of `i8` (symmetric, a scale per
    output channel). Each row of its data is divided by its largest magnitude / 127, rounded to `i8`, and the sums of products
    multiplied by both scales. The attribute is gone afterwards, from other operators too.

    Needs: simplified edge operators of f32. Leaves: the same, with `edge.integer_conv2d`.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numLayers", "layers", "layers with integer weights">];
}

def NarrowWeights : Pass<"edge-narrow-weights", "::mlir::func::FuncOp"> {
  let summary = "keep the weights of layers in fewer bits, computed on floats";
  let description = [{
    A `conv2d` (not depthwise) or `fully_connected` with `edge.narrow_weights`, on f32 with constant weights, gets a filter of that
    type. f16 and bf16: the weights rounded. i8 and i4: whole numbers from -127 to 127, or from -7 to 7, as `i8`; the result is
    multiplied by a scale per output channel, the one with the least squared error, before the bias is added. With
    `edge.weight_block = n : i64` beside it each n weights of a channel have a scale of their own (`block_product`). The attributes
    are gone afterwards, from other operators too.

    Errors: W1 `edge.narrow_weights` is none of these types; W2 `edge.weight_block` is for i8 and i4, for layers without windows
    (fully connected, convolutions of single pixels with stride 1), and divides the weights of a channel.

    Needs: simplified edge operators of f32. Leaves: the same, with filters of f16, bf16 or i8.

    Example:
    ```mlir
    %r = edge.fully_connected %x, %f, %b {edge.narrow_weights = i8} : (tensor<1x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    ```
    becomes
    ```mlir
    %s = edge.fully_connected %x, %n : (tensor<1x4xf32>, tensor<2x4xi8>) -> tensor<1x2xf32>
    %t = edge.mul %s, %scales : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    %r = edge.add %t, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    ```
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numLayers", "layers", "layers with narrow weights">];
}

def LowerPrecision : Pass<"edge-lower-precision", "::mlir::func::FuncOp"> {
  let summary = "compute a model of f32 on floats of 16 bits";
  let description = [{
    | operators on f32 | become |
    |---|---|
    | conv2d, fully_connected, matmul | f16 or bf16, weights included; with bf16 the bias stays f32 |
    | what moves data, max_pool2d, gather from a constant | as their data are |
    | add, mul, relu, sigmoid, gelu and others whose results are hardly larger than what they read | as their data are |
    | reduce_mean, avg_pool2d, resample | as their data are; kernels sum up in f32 |
    | softmax and the sums before it, squares of which a mean is taken, exp, log, pow, sqrt, division by values, reduce_sum | stay |
    | elementwise operators that read what stays, up to a value that a layer reads | stay |
    | recurrent operators, control flow, custom and all others | stay |
    | operators with a finite constant beyond the type's largest number, or with none of its normal size | stay |

    Function arguments and results keep their types; casts stand where both meet. A value that several operators want as f32 gets a
    cast for each of them. The function gets `edge.arithmetic`, the type. A layer that stays is told in a remark of the category
    "precision".

    Needs: simplified edge operators. Leaves: the same.

    Example: `edge.relu (edge.fully_connected %x, %f)` becomes
    `edge.cast (edge.relu (edge.fully_connected (edge.cast %x), (edge.cast %f)))`.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let options = [Option<"precision", "precision", "::edgec::Precision", "::edgec::Precision::float32", "what f32 becomes",
    [{::llvm::cl::values(clEnumValN(::edgec::Precision::float32, "fp32", "nothing else"),
                         clEnumValN(::edgec::Precision::float16, "fp16", "f16"),
                         clEnumValN(::edgec::Precision::bfloat16, "bf16", "bf16"))}]>];
  let statistics = [Statistic<"numOperators", "operators", "operators on fewer bits">];
}

def NarrowProducts : Pass<"edge-narrow-products", "::mlir::func::FuncOp"> {
  let summary = "multiply bf16 where a model of bf16 does";
  let description = [{
    A `conv2d`, `fully_connected` or `matmul` of f32 whose input is a cast of bf16, whose weights are constants that bf16 holds (or
    a cast of bf16, too), and whose result goes to one cast to bf16 alone, is one of bf16 without casts. Only on machines that
    multiply bf16; a bias stays f32.

    Needs: simplified edge operators, constants folded. Leaves: the same.

    Example: `edge.cast (edge.fully_connected (edge.cast %x), %f)` becomes `edge.fully_connected %x, %n`.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numProducts", "products", "products of bf16">];
}

def MultiplyBytes : Pass<"edge-multiply-bytes", "::mlir::func::FuncOp"> {
  let summary = "multiply two values of bytes as bytes";
  let description = [{
    A `matmul` of f32 or i16 whose factors are casts of bytes less a zero point, moved by `transpose` and `reshape`, becomes
    `integer_matmul`: where the machine adds up products of bytes, sums of f32 are below 2^24 and there are four rows at least. A
    second factor that is constant stays as it is.

    Needs: fused integer operators, bytes of the sign that they will have. Leaves: the same.

    Example: see MultiplyBytes.cpp.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numProducts", "products", "products of bytes">];
}

def EqualizeLayers : Pass<"edge-equalize-layers", "::mlir::func::FuncOp"> {
  let summary = "balance the weights of channels between two layers";
  let description = [{
    Where a convolution or `fully_connected` alone reads the result of another, with at most rectifiers, poolings, pads of
    zeros and reshapes between them, each channel's largest weights on both sides become equal by a positive factor that
    moves from one to the other. What the function computes stays the same, but for rounding.

    Needs: simplified edge operators of f32, NHWC. Leaves: the same.

    Example: filters `[[4.0], [1.0]]` and `[[1.0, 1.0]]` of two layers become `[[2.0], [1.0]]` and `[[2.0, 1.0]]`.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numPairs", "pairs", "pairs of layers that were balanced">];
}

def SignBytes : Pass<"edge-sign-bytes", "::mlir::func::FuncOp"> {
  let summary = "make unsigned bytes between layers signed where the machine multiplies those";
  let description = [{
    Values of `ui8` that are written by `requantize` or a `lookup` of constants and read by `integer_conv2d`, `cast` or `lookup`
    become `i8`, 128 less: zero points, bounds, pad values and tables change, no result does. Values that are joined by
    `reshape`, `transpose`, `concat`, `slice` or `max_pool2d` change together or not at all. Arguments, results and what any other
    operator reads stay unsigned, as does everything where no `integer_conv2d` reads, on machines whose products of bytes take
    both signs or unsigned ones (`schedule.machine` of the module), and beside accelerators.

    Needs: fused integer operators. Leaves: the same; zero points in inputs of convolutions, which `edge-fold-zero-points` folds.

    Example: see SignBytes.cpp.
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [Statistic<"numMoved", "moved", "values that became signed">];
}

#endif
