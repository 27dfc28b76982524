//===- Resize.h - resizing as resampling along each dimension ---*- C++ -*-===//
//
// For every front door: what a resize with scales and positions known at
// compile time becomes, and what stays for the run when they are inputs of the
// model.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_RESIZE_H
#define EDGEC_COMPILER_IMPORT_RESIZE_H

#include "compiler/import/OpMaker.h"
#include "dialects/edge/ResizeTable.h"

namespace edgec {

/// One dimension of a resize, by name or by value.
struct ResizedAxis {
  int64_t axis = 0, output = 0;
  /// The factor; `runtimeScale`, of one element, goes before it.
  double scale = 1;
  mlir::Value runtimeScale;
  /// The region of tf_crop_and_resize; `runtimeRoi`, of two elements, goes
  /// before it.
  double roiStart = 0, roiEnd = 1;
  mlir::Value runtimeRoi;
};

/// Coordinates and interpolation, by the names of edge.resize_table.
struct ResizeForm {
  llvm::StringRef coordinates = "half_pixel";
  edge::Interpolation interpolation;
  float extrapolation = 0;
};

/// The axes one after the other, those that shrink first.
mlir::Value resize(OpMaker &m, mlir::Value x, llvm::ArrayRef<ResizedAxis> axes,
                   const ResizeForm &form);

/// `x` resampled along one dimension by a table that is known now.
mlir::Value resample(OpMaker &m, mlir::Value x, int64_t axis,
                     const edge::ResampleTable &table);

/// Element `indices[o]` for each o along one dimension, of any element type.
mlir::Value pick(OpMaker &m, mlir::Value x, int64_t axis,
                 llvm::ArrayRef<int64_t> indices);

/// A float32 constant.
mlir::Value floats(OpMaker &m, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<float> elements);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_RESIZE_H
