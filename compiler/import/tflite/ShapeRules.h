//===- ShapeRules.h - what shape operators do to a shape --------*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_SHAPERULES_H
#define EDGEC_COMPILER_IMPORT_TFLITE_SHAPERULES_H

#include "compiler/import/tflite/OperatorImport.h"

namespace edgec::tflite {

using Shape = llvm::SmallVector<int64_t>;

/// The shape that the file declares of a result, if it cannot change.
std::optional<Shape> staticResultShape(OperatorImport &n, unsigned result);

/// The axes of a reduction, operand 1, ascending; one that is named twice
/// counts once, as in TFLite's kernels. None after an error.
std::optional<Shape> reducedAxes(OperatorImport &n);

/// Height and width of a resized image, operand 1; none after an error.
std::optional<Shape> resizedSize(OperatorImport &n);

/// SLICE of constant size at a place, operand 1, that is known at run time.
void importComputedSlice(OperatorImport &n, llvm::ArrayRef<int64_t> sizes);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_SHAPERULES_H
