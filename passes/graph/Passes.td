//===- Passes.td - the graph stage ----------------------------*- tablegen -*-===//
//
// Rewrites the imported graph into the one that is worth scheduling: constants
// folded, activations recognized, NHWC throughout, scale and bias inside the
// contractions. What the stage as a whole leaves: edge operators only; no
// batch_norm; no operator with only constant operands that could be folded;
// transposes only where data really changes its order.
//
// Their order: fuse-quantization, widen-elements, fold-constants, simplify-operators, recognize-activations,
// fold-batch-norm, sink-reshapes, cancel-transposes, sink-reshapes,
// fold-constants, fold-pads, simplify-operators, fold-scale-and-bias; with
// canonicalize and cse in between. compiler/Pipeline.cpp has the reasons.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_PASSES
#define EDGEC_PASSES_GRAPH_PASSES

include "mlir/Pass/PassBase.td"

class GraphPass<string name, string summary_> : Pass<name, "::mlir::func::FuncOp"> {
  let summary = summary_;
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
}

def FuseQuantization : GraphPass<"edge-fuse-quantization", "compute between quantize/dequantize pairs on integers"> {
  let description = [{
    | between dequantize and quantize | becomes |
    |---|---|
    | reshape, transpose, slice, gather, concat of one type, max_pool2d, pad, ... | the same on integers; a pair of one type vanishes |
    | conv2d, fully_connected, matmul, with bias and relu or clamp | `integer_conv2d` (of two values: `matmul` of whole numbers in f32 while sums are below 2^24, else int16), `requantize` |
    | avg_pool2d, reduce_mean, reduce_sum | sums of integers, `requantize` |
    | functions of one 8-bit number, other than sums and products with constants | `lookup` |
    | softmax of bytes, with `reference=onnxruntime` | `lookup_softmax`, `requantize` |
    | layer normalization, with `reference=onnxruntime` | `layer_norm` |
    | all others | float operators between `cast` and `requantize` |

    Sums of integers are exact where float sums would be rounded; everything else is as ONNX defines it, to the bit, or where
    `reference` is `onnxruntime` as that computes it. An
    operator that stays float though an operand or the result is quantized is told in a remark of the category "quantize".
    A producer of pairs writes `edge.dequantize (edge.quantize %x)` around operators, and weights as
    `edge.dequantize (edge.bitcast %constant)`; scales and zero points stand in the `!quant.uniform` types between.

    Needs: edge operators; before edge-fold-constants or after. Leaves: no quantize, dequantize or quantized type.

    Example: `edge.quantize (edge.sigmoid (edge.dequantize %q))` becomes `edge.lookup %q, %table`.
  }];
  let options = [Option<"reference", "reference", "::edgec::QdqReference", "::edgec::QdqReference::onnx",
    "whose results operators between pairs give",
    [{::llvm::cl::values(clEnumValN(::edgec::QdqReference::onnx, "onnx", "as ONNX defines them"),
                         clEnumValN(::edgec::QdqReference::onnxRuntime, "onnxruntime", "as ONNX Runtime computes them"))}]>];
  let statistics = [
    Statistic<"numMoved", "moved", "operators that move integers instead of floats">,
    Statistic<"numFused", "fused", "operators that became sums of integers">,
    Statistic<"numTables", "tables", "functions that became tables">
  ];
}

def FoldConstants : GraphPass<"edge-fold-constants", "compute operators on constants"> {
  let description = [{
    Elementwise operators (f32), cast, reshape, transpose, broadcast, concat, slice
    and pad (any element type of whole bytes) whose operands are all constants become
    constants. Folding that would enlarge what is stored by more than 64 KB is
    left alone. Large results are written once, into a resource.

    Needs: edge operators. Leaves: the same, with fewer of them.

    Example: `edge.neg` of `dense<2.0>` becomes `edge.constant {value = dense<-2.0>}`.
  }];
  let statistics = [Statistic<"numFolded", "folded", "operators computed at compile time">];
}

def WidenElements : GraphPass<"edge-widen-elements", "compute products and exponentials of narrow types in wider ones"> {
  let description = [{
    - a contraction, `softmax` or `batch_norm` of f16 or bf16 is computed in f32, with `cast` around it;
    - a contraction of integers whose result has another type is computed in the result's.

    Needs: edge operators.
    Leaves: the same; no contraction, softmax or batch_norm of f16 or bf16.

    Example: `edge.softmax %x : f16` becomes `edge.cast (edge.softmax (edge.cast %x))` in f32.
  }];
  let statistics = [Statistic<"numWidened", "widened", "operators computed in a wider type">];
}

def SimplifyOperators : GraphPass<"edge-simplify-operators", "replace operators by cheaper ones of the same meaning"> {
  let description = [{
    - `matmul` by a constant matrix becomes `fully_connected` (the matrix is transposed here, once);
    - a pooling whose one window covers its input becomes `reduce_mean` or `reduce_max` over dimensions 1 and 2;
    - a pooling with windows of one element at every position vanishes;
    - a reduction over dimensions of size 1 (not `reduce_sum` etc. of more) becomes `reshape`;
    - a binary operator's operand loses its `broadcast`, which the operator does itself.

    Needs: edge operators; constants folded, so that weights are constants.
    Leaves: the same.
  }];
  let statistics = [Statistic<"numSimplified", "simplified", "operators replaced">];
}

def RecognizeActivations : GraphPass<"edge-recognize-activations", "find activations that were written as several operators"> {
  let description = [{
    | found | becomes |
    |---|---|
    | max(x, a), min(x, b), relu, clamp, nested | one `clamp`, or `relu` for [0, inf) |
    | x * sigmoid(x) | `silu` |
    | clamp(x + 3, 0, 6) / 6 and the like | `hard_sigmoid` |
    | x * hard_sigmoid(x) with alpha 1/6, beta 1/2; x * clamp(x + 3, 0, 6) / 6 | `hard_swish` |
    | 0.5 * x * (1 + erf(x / sqrt(2))) | `gelu` |
    | 0.5 * x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3))) | `gelu` with approximate = "tanh" |
    | max(x, a * x), 0 < a < 1 | `leaky_relu` |
    | 1 / (1 + exp(-x)) | `sigmoid` |
    | log(1 + exp(x)) | `softplus` |
    | pow(x, 2), pow(x, 1/2), 1 / x, 1 / sqrt(x) | `mul`, `sqrt`, `reciprocal`, `rsqrt` |

    Factors may come in any order and grouping. Needs and leaves: edge operators.
  }];
  let statistics = [Statistic<"numRecognized", "recognized", "activations found">];
}

def FoldBatchNorm : GraphPass<"edge-fold-batch-norm", "write batch normalisation as mul and add"> {
  let description = [{
    `batch_norm(x)` becomes `x * s + t` with `s = scale / sqrt(variance + epsilon)` and `t = offset - mean * s`,
    computed here when the parameters are constants. `edge-fold-scale-and-bias` then moves both into the weights.

    Needs: edge operators. Leaves: no `edge.batch_norm`.
  }];
  let statistics = [Statistic<"numFolded", "folded", "batch normalisations replaced">];
}

def SinkReshapes : GraphPass<"edge-sink-reshapes", "move reshapes below elementwise operators"> {
  let description = [{
    `relu(reshape(x))` becomes `reshape(relu(x))`, so that the elementwise operator meets the operator that
    produces x and can join its kernel. Binary operators move along with a splat constant or with an operand
    reshaped in the same way.

    Needs and leaves: edge operators.
  }];
  let statistics = [Statistic<"numSunk", "sunk", "elementwise operators that passed a reshape">];
}

def CancelTransposes : GraphPass<"edge-cancel-transposes", "move transposes until they meet and vanish"> {
  let description = [{
    An imported NCHW model has a pair of transposes around every convolution and pooling. Each transpose sinks
    through elementwise operators, concat, pad, slice, broadcast, reductions, softmax, batch_norm and reshapes that
    keep its dimensions apart, until it meets its inverse; constants on the way are transposed instead. A transpose
    that meets a flattening in front of `fully_connected` moves into the weights' columns. What moves only dimensions
    of size 1 becomes a reshape.

    Needs: edge operators, constants folded. Leaves: edge operators; transposes only where data must be moved.

    Example:
    ```mlir
    %a = edge.transpose %x {permutation = array<i64: 0, 3, 1, 2>} : ...
    %b = edge.relu %a : ...
    %c = edge.transpose %b {permutation = array<i64: 0, 2, 3, 1>} : ...
    ```
    becomes `%c = edge.relu %x`.
  }];
  let statistics = [
    Statistic<"numSunk", "sunk", "operators that a transpose passed">,
    Statistic<"numLeft", "left", "transposes that remain">
  ];
}

def FoldPads : GraphPass<"edge-fold-pads", "move edge.pad into the pads of convolutions and poolings"> {
  let description = [{
    Into `conv2d` when the padding is zero; into `max_pool2d` when it cannot win (minus infinity, or zero around
    values that are not negative); into `avg_pool2d` when it is zero and counted; into `integer_conv2d` when it is its pad value.

    Needs: NHWC edge operators. Leaves: the same.
  }];
  let statistics = [Statistic<"numFolded", "folded", "pads moved into a window">];
}

def FoldZeroPoints : GraphPass<"edge-fold-zero-points", "move the input's zero point of integer convolutions into the bias"> {
  let description = [{
    `integer_conv2d` with a constant filter, and a constant bias or none, takes its input's zero point times the sums of its
    filters into the bias. The pad value stays.

    Needs: NHWC edge operators, constants folded. Leaves: the same.
  }];
  let statistics = [Statistic<"numFolded", "folded", "zero points moved into a bias">];
}

def ShrinkChannels : GraphPass<"edge-shrink-channels", "drop channels that make no difference"> {
  let description = [{
    Channels that are constant for every input (zero weights, or bounds that cut off all there is) and channels that are
    multiplied by zeros only are dropped from a value, from the filters and constants of the operators around it, and from
    all values that share its channels through elementwise operators, pools, means over pixels and depthwise convolutions, and so
    are all but one of the channels that are computed with equal constants. What a constant channel
    added to the sums of an `integer_conv2d` goes into the bias, and the factors of equal channels are added where the sums fit: results keep their bits.

    `conv2d` and `fully_connected` only lose terms that are zero: channels that are zero everywhere, and finite ones that zeros multiply.
    Finite are floats that constants and integers bound; with `assume-finite` all of them are.

    Values whose channels anything but these three with a constant filter looks at keep them.

    Needs: NHWC edge operators, constants folded. Leaves: the same.
  }];
  let options = [
    Option<"assumeFinite", "assume-finite", "bool", "false", "no run has a float that is infinite or NaN">
  ];
  let statistics = [
    Statistic<"numDropped", "dropped", "channels dropped">,
    Statistic<"numMerged", "merged", "channels merged into equal ones">
  ];
}

def FoldKnownValues : GraphPass<"edge-fold-known-values", "make constants of operands that no input changes"> {
  let description = [{
    An operand of an elementwise operator whose every channel has one possible number (a branch whose weights are all zero)
    becomes a constant of those numbers. Zeros that are added go with the addition; of floats the sign of a zero may change.

    Needs: NHWC edge operators, constants folded. Leaves: the same, and what computed the operand without readers.

    Example: `edge.add %x, (edge.conv2d %y, %zeros)` becomes `%x`, where %y is finite.
  }];
  let options = [
    Option<"assumeFinite", "assume-finite", "bool", "false", "no run has a float that is infinite or NaN">
  ];
  let statistics = [Statistic<"numFolded", "folded", "operands that became constants">];
}

def CropFilters : GraphPass<"edge-crop-filters", "drop rows and columns of taps that are zero"> {
  let description = [{
    Rows and columns at the border of a convolution's filter that are zero in all of its channels are dropped, and the pads with
    them; where there are none, the input is sliced. Depthwise and grouped convolutions, too. Of floats that needs a finite input.

    Needs: NHWC edge operators, constants folded. Leaves: the same.

    Example: a 3x3 convolution with pads of 1 whose filter is zero but for the middle becomes a 1x1 convolution without pads.
  }];
  let options = [
    Option<"assumeFinite", "assume-finite", "bool", "false", "no run has a float that is infinite or NaN">
  ];
  let statistics = [Statistic<"numCropped", "cropped", "convolutions with smaller filters">];
}

def SplitProducts : GraphPass<"edge-split-products", "compute layers without their blocks of zeros"> {
  let description = [{
    A convolution (without groups) or fully connected layer whose blocks of outputs have factors for some of the inputs only
    becomes a concatenation of smaller ones on slices of its input, or a grouped convolution, where the cost falls by a quarter and more
    (`BlockPattern.cpp`). Elementwise operators with constants behind it are computed in each part. Of floats an
    input is left out only where it is finite.

    Needs: NHWC edge operators, constants folded, channels shrunk. Leaves: the same.

    Example: a fully connected layer of 64 to 64 channels whose matrix has zeros but for two blocks of 32 x 32 becomes two of 32 to
    32 channels.
  }];
  let options = [
    Option<"assumeFinite", "assume-finite", "bool", "false", "no run has a float that is infinite or NaN">
  ];
  let statistics = [Statistic<"numSplit", "split", "layers without blocks of zeros">];
}

def AbsorbShuffles : GraphPass<"edge-absorb-shuffles", "write and read channels in an order that needs no shuffle"> {
  let description = [{
    A channel shuffle (the channels cut into groups by a reshape, transposed, joined) moves every element and computes
    nothing. Convolutions absorb it: as an order of the filters of those that write the channels, and as an order of the
    filters' inputs of those that read them. Elementwise operators, pools and depthwise convolutions between hand the order on
    (`ChannelOrder.h`). A group of a grouped convolution keeps its channels together. What remains of concatenations,
    slices and shuffles of a network's branches is per reader one concatenation of runs of neighbouring channels.

    Nothing is done where that would move more vectors than before, as with shuffles between two grouped convolutions,
    whose groups are cut into runs of few channels.

    Sums over channels are added up in another order: floats round differently, integers do not.

    Needs: NHWC edge operators, constants folded. Leaves: the same.

    Example:
    ```mlir
    %g = edge.reshape %x : (tensor<1x8x8x6xf32>) -> tensor<1x8x8x2x3xf32>
    %t = edge.transpose %g {permutation = array<i64: 0, 1, 2, 4, 3>} : ...
    %s = edge.reshape %t : (tensor<1x8x8x3x2xf32>) -> tensor<1x8x8x6xf32>
    %r = edge.conv2d %s, %filter : ...
    ```
    becomes, with the input channels of the filter in the order 0, 2, 4, 1, 3, 5
    ```mlir
    %r = edge.conv2d %x, %filter : ...
    ```
  }];
  let statistics = [Statistic<"numNetworks", "networks", "groups of values whose channels have another order">];
}

def FoldScaleAndBias : GraphPass<"edge-fold-scale-and-bias", "move per-channel mul and add into weights and bias"> {
  let description = [{
    `conv2d` or `fully_connected` followed by mul, div, add or sub with a constant per output channel takes the
    factor into its weights and bias, and the addend into its bias, if nothing else reads the product.

    Needs: NHWC edge operators, constants folded. Leaves: the same; the weights were copied at most once.
  }];
  let statistics = [
    Statistic<"numScales", "scales", "factors moved into weights">,
    Statistic<"numBiases", "biases", "addends moved into biases">
  ];
}

def ShareConstants : Pass<"edge-share-constants", "::mlir::ModuleOp"> {
  let summary = "give equal constants of a model's variants one attribute";
  let description = [{
    A model whose sizes a run chooses is one function per combination of sizes (`edge.variant_of`), imported and folded
    each by itself. Large constants of equal type and bytes become the same attribute, so that they are packed and
    stored once. Modules without variants stay as they are.

    Needs: edge operators, constants folded. Leaves: the same.
  }];
  let statistics = [Statistic<"numShared", "shared", "constants that became another one">];
}

#endif
