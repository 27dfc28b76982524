//===- ShapeRules.h - what shape operators do to a shape --------*- C++ -*-===//
//
// The rules by which the operands and attributes of shape operators say where
// elements go, used by the importers (on tensors) and by the evaluation of
// shape arithmetic (on constants). Each gives none after an error.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_SHAPERULES_H
#define EDGEC_COMPILER_IMPORT_ONNX_SHAPERULES_H

#include "compiler/import/onnx/Operators.h"

namespace edgec::onnx {

using Shape = llvm::SmallVector<int64_t>;

struct Box {
  Shape offsets, sizes, strides;
};

struct Padding {
  Shape low, high;
  float value = 0;
};

/// Reshape, Squeeze and Unsqueeze: the shape of the result.
std::optional<Shape> reshapedShape(NodeImport &n);
std::optional<Shape> expandedShape(NodeImport &n);
Shape transposePermutation(NodeImport &n);
/// Slice; sizes may be 0.
std::optional<Box> readSlice(NodeImport &n);
/// Pad with constant pads, whatever its mode; they may be negative but leave
/// something.
std::optional<Padding> readPadding(NodeImport &n);
/// Pad in the modes reflect, edge and wrap.
void importPadByElements(NodeImport &n, llvm::StringRef mode);

//===-- importers with files of their own
//------------------------------------===//

void importSlice(NodeImport &n);
void importPad(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_SHAPERULES_H
