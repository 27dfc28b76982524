//===- EdgeSpatial.td - operators that read images between their pixels ----===//
//
// Interpolation along one dimension from a table, and sampling at positions
// that are values of the run. Whatever those hold, no element outside of the
// operand is touched.
//
//===----------------------------------------------------------------------===//
#ifndef EDGE_SPATIAL_TD
#define EDGE_SPATIAL_TD
include "dialects/edge/EdgeBase.td"

class Edge_OneOf<list<string> names>
    : ConfinedAttr<StrAttr, [AttrConstraint<CPred<"::llvm::is_contained({\"" # !interleave(names, "\", \"")
        # "\"}, ::llvm::cast<::mlir::StringAttr>($_self).getValue())">, "one of " # !interleave(names, ", ")>]>;
def Edge_Interpolation : Edge_OneOf<["nearest", "linear", "cubic"]>;

def Edge_ResampleOp : Edge_InferredOp<"resample"> {
  let summary = "weighted sums of neighbours along one dimension, from a table";
  let description = [{
    With a table of two or more columns, `table[o] = {first, offset, w0, w1, ...}`:
    `result[..., o, ...] = offset + sum over t of wt * x[..., first + t, ...]`. With a table of one column, `first` alone:
    `result[..., o, ...] = x[..., first, ...]`, for any element type (a copy). `first` is a whole number stored as a
    float; at run time it is brought into [0, size - taps]. Where the elements are integers, so are offset and weights
    (a fraction is cut off), and sums are modulo 2^32 or 2^64.

    Resizing of every kind is one such operator per dimension (ResizeTable.h and `edge.resize_table` make the tables), and
    so is padding by reflection, by repetition of the edge, and by wrapping around.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | any | |
    | `table` | [O, 1] or [O, 2 + T], f32 | first element, offset, T weights |
    | `axis` | in [0, rank) | |
    | `result` | x's with O along `axis` | |

    Errors: C1 axis outside [0, rank); C2 the table is not f32 of 2 dimensions with 1 or at least 3 columns, T at most the
    size of the dimension; C3 the dimension has more than 2^24 elements (f32 could not count them); C4 weights with
    elements that are neither floats nor i32 or i64.

    Source: ONNX Resize 19, Pad 21, TFLite RESIZE_BILINEAR 3. Example:
    `%r = edge.resample %x, %t {axis = 1 : i64} : (tensor<1x4x4x8xf32>, tensor<8x4xf32>) -> tensor<1x8x4x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$table, I64Attr:$axis);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $table attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// 0: a copy of single elements
    int64_t getTaps();
  }];
}

def Edge_ResizeTableOp : Edge_InferredOp<"resize_table"> {
  let summary = "the table of a resize whose scale is known at run time only";
  let description = [{
    The rows of `edge.resample` for result elements o in [0, output_size) of a dimension of `input_size` elements, scaled by
    `scale` = s. Where o lies in the input, by `coordinates` (with L = s * input_size, the unrounded output size):

    | `coordinates` | position |
    |---|---|
    | half_pixel | (o + 0.5) / s - 0.5 |
    | half_pixel_symmetric | that + (input_size / 2) * (1 - output_size / L) |
    | pytorch_half_pixel | that of half_pixel, -0.5 when L = 1 |
    | tf_half_pixel_for_nn | (o + 0.5) / s |
    | asymmetric | o / s |
    | align_corners | o * (input_size - 1) / (L - 1), 0 when L = 1 |
    | tf_crop_and_resize | (roi0 + o * (roi1 - roi0) / (L - 1)) * (input_size - 1), the middle of both when L = 1 |

    and from the position its neighbours' weights: `nearest` takes one by `rounding`; `linear` the two around it; `cubic` the
    four by Keys' polynomial with `cubic_coefficient`. `antialias` widens these by 1 / s where s < 1. Neighbours outside
    take the value of the border, or none with `exclude_outside`. With tf_crop_and_resize, positions outside of the
    input give `extrapolation`.

    | operand | shape | meaning |
    |---|---|---|
    | `scale` | 1 element, f32 | at least output_size / input_size, below (output_size + 1) / input_size |
    | `roi` | [2], f32 | start and end, read by tf_crop_and_resize only |
    | `result` | [output_size, 1 or 2 + T] | T: the most that any such scale needs |

    Errors: C1 a size is not in [1, 2^24]; C2 an operand has another shape or element type.

    Source: ONNX Resize 19. Example:
    `%r = edge.resize_table %s, %roi {input_size = 4 : i64, output_size = 8 : i64, mode = "linear"} : (tensor<1xf32>, tensor<2xf32>) -> tensor<8x4xf32>`
  }];
  let arguments = (ins Edge_Tensor:$scale, Edge_Tensor1D:$roi, I64Attr:$input_size, I64Attr:$output_size,
    Edge_Interpolation:$mode,
    DefaultValuedAttr<Edge_OneOf<["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "tf_half_pixel_for_nn", "asymmetric", "align_corners", "tf_crop_and_resize"]>, "\"half_pixel\"">:$coordinates,
    DefaultValuedAttr<Edge_OneOf<["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]>, "\"round_prefer_floor\"">:$rounding,
    DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coefficient,
    DefaultValuedAttr<BoolAttr, "false">:$exclude_outside,
    DefaultValuedAttr<BoolAttr, "false">:$antialias,
    DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$scale `,` $roi attr-dict `:` functional-type(operands, results)";
}

def Edge_SampleOp : Edge_InferredOp<"sample"> {
  let summary = "an image's values at given positions";
  let description = [{
    `result[n, p, c]` = the value of x[n, ..., c] at the position `positions[n, p]`, whose numbers count elements, the last
    spatial dimension first: (x, y) or (x, y, z). `nearest` rounds them (ties to even), `linear` and `cubic` weigh the 2 or 4 neighbours in each dimension.

    `padding` says what lies outside: `zeros`; `border` the nearest element; `reflection` the image mirrored, at the
    centres of its outermost elements with `align_corners`, else at their outer edges. For `border` and `reflection` a
    position outside is itself brought inside first. A position that is not a number counts as far outside.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | [N, S1, ..., Sk, C], k in [1, 3], float | |
    | `positions` | [N, P, k], f32 | |
    | `result` | [N, P, C] | |

    Errors: C1 the ranks are not as in the table; C2 the batch or k differs; C3 the element types are not floats;
    C4 a spatial dimension has more than 2^24 elements.

    Source: ONNX GridSample 22 (behind its affine map to elements), DeformConv 22. Example:
    `%r = edge.sample %x, %p {mode = "linear"} : (tensor<1x4x4x8xf32>, tensor<1x10x2xf32>) -> tensor<1x10x8xf32>`
  }];
  let arguments = (ins Edge_Tensor:$x, Edge_Tensor:$positions, Edge_Interpolation:$mode,
    DefaultValuedAttr<Edge_OneOf<["zeros", "border", "reflection"]>, "\"zeros\"">:$padding,
    DefaultValuedAttr<BoolAttr, "false">:$align_corners,
    DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coefficient);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$x `,` $positions attr-dict `:` functional-type(operands, results)";
}

def Edge_RoiAlignOp : Edge_InferredOp<"roi_align"> {
  let summary = "each region of interest resized to a small grid";
  let description = [{
    Region r is `rois[r] * spatial_scale` = (x1, y1, x2, y2) of image `batch[r]`, with `half_pixel` less 0.5, without it at
    least 1 wide and high. It is cut into OH * OW bins; in each bin `sampling_ratio` points per dimension (0: as many as
    elements, rounded up) are interpolated linearly. `average` is their mean; `max` the largest of their weighted
    neighbours. A point more than one element outside of the image counts as 0; others are brought inside. A `batch`
    outside of x is brought to the nearest one. A bin has at most as many points per dimension as x has elements.

    | operand | shape | meaning |
    |---|---|---|
    | `x` | [N, H, W, C], float | |
    | `rois` | [R, 4], f32 | |
    | `batch` | [R], integer | image of each region |
    | `output_size` | [OH, OW], positive | |
    | `result` | [R, OH, OW, C] | |

    Errors: C1 an attribute has the wrong length or sign; C2 the shapes or element types are not as in the table.

    Source: ONNX RoiAlign 22. Example:
    `%r = edge.roi_align %x, %rois, %batch {output_size = array<i64: 2, 2>, mode = "average"} : (tensor<1x8x8x4xf32>, tensor<3x4xf32>, tensor<3xi64>) -> tensor<3x2x2x4xf32>`
  }];
  let arguments = (ins Edge_Tensor4D:$x, Edge_Tensor:$rois, Edge_Tensor1D:$batch, DenseI64ArrayAttr:$output_size,
    DefaultValuedAttr<Edge_OneOf<["average", "max"]>, "\"average\"">:$mode,
    DefaultValuedAttr<I64Attr, "0">:$sampling_ratio,
    DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale,
    DefaultValuedAttr<BoolAttr, "true">:$half_pixel);
  let results = (outs Edge_Tensor4D:$result);
  let assemblyFormat = "$x `,` $rois `,` $batch attr-dict `:` functional-type(operands, results)";
}

def Edge_ArgMaxPoolOp : Edge_InferredOp<"arg_max_pool"> {
  let summary = "where the largest element of each window lies";
  let description = [{
    `result[n, y..., c] = sum over d of position[d] * index_strides[d]` for the element of the window that is largest, the
    first of equal ones; positions outside the input are left out. A window's NaN is not chosen unless it is its first element.

    | operand | shape | meaning |
    |---|---|---|
    | `input` | [N, S1, ..., Sk, C] | |
    | `window`, `strides`, `dilations` | k numbers | |
    | `pads` | 2k numbers, first those before | each smaller than the dilated window |
    | `index_strides` | k numbers | e.g. [W, 1] for a row-major index into [H, W] |
    | `result` | [N, O1, ..., Ok, C], i64 | |

    Errors: C1 an attribute has the wrong length or sign; C2 the window is larger than the padded input; C3 a pad reaches a whole window.

    Source: ONNX MaxPool 22 (second output). Example:
    `%r = edge.arg_max_pool %x {window = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, index_strides = array<i64: 8, 1>} : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xi64>`
  }];
  let arguments = (ins Edge_Tensor:$input, DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$index_strides);
  let results = (outs Edge_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}
#endif
