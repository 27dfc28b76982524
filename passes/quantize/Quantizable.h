//===- Quantizable.h - which values are worth to be integers ---*- C++ -*-===//
//
// Integers pay where a layer computes sums of products or sums, or where a
// feature map would be written to memory; everything between is computed in
// registers, as floats, whatever its operands are in memory. So a value is
// worth quantizing that such a layer reads:
//
//     %a = edge.conv2d ...
//     %r = edge.relu %a                 yes: the next convolution reads it
//     %b = edge.conv2d %r, %f           no: nobody but the output reads it
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_QUANTIZE_QUANTIZABLE_H
#define EDGEC_PASSES_QUANTIZE_QUANTIZABLE_H

#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec {

/// On an operator (or as an argument's attribute): the range of its values.
inline constexpr llvm::StringLiteral rangeAttrName("edge.range");
/// On a layer: its weights stay as they are.
inline constexpr llvm::StringLiteral keepFloatAttrName("edge.keep_float");

/// On a fully_connected layer: the run computes the scales of its data.
inline constexpr llvm::StringLiteral dynamicRangeAttrName("edge.dynamic_range");

/// On a layer, a type: f16, bf16, i8 or i4, in which its weights are kept.
inline constexpr llvm::StringLiteral
    narrowWeightsAttrName("edge.narrow_weights");

/// Beside it on a layer that can have it, with i4 or i8: how many weights of a
/// channel in a row share a scale.
inline constexpr llvm::StringLiteral weightBlockAttrName("edge.weight_block");

/// conv2d or fully_connected on f32 with constant weights: a layer as users
/// count them. Its data are operand 0. A product of two values is none: there
/// is no kernel for it on bytes that is faster than that on floats.
bool isQuantizableLayer(mlir::Operation *op);

/// A layer whose kernel can widen its weights in registers: not a depthwise
/// one, which has hardly any.
bool hasNarrowableWeights(mlir::Operation *op);

/// A layer of which the weights of a channel follow each other as the elements
/// of its data do, so that runs of them can have scales of their own: fully
/// connected ones and convolutions of single pixels.
bool hasWeightRows(mlir::Operation *op);

/// The operands that `op` passes on unchanged; none where it computes.
mlir::OperandRange movedOperands(mlir::Operation *op);

/// Values that move into each other unchanged (through reshapes, largest of
/// windows, joins, ...) and so share one range.
using ValueGroup = llvm::SmallVector<mlir::Value>;

/// The values of `model` that are worth to be integers when all layers without
/// edge.keep_float compute on integers, in the order in which they are defined.
/// All are tensors of f32, none is a constant.
std::vector<ValueGroup> findQuantizable(mlir::func::FuncOp model);

} // namespace edgec

#endif // EDGEC_PASSES_QUANTIZE_QUANTIZABLE_H
