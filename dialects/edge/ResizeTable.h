//===- ResizeTable.h - the weights of a resize ------------------*- C++ -*-===//
//
// Resizing is edge.resample along each dimension with a table of neighbours and
// weights. These functions make the table at compile time, for the importers;
// `edge.resize_table` is the same at run time, for scales that are an input of
// the model. The formulas stand in the documentation of that operator.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_RESIZETABLE_H
#define EDGEC_DIALECTS_EDGE_RESIZETABLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <vector>

namespace edgec::edge {

/// How values between elements follow from the elements; the names are those of
/// the attributes of edge.resize_table.
struct Interpolation {
  llvm::StringRef mode = "linear";
  llvm::StringRef rounding = "round_prefer_floor";
  double cubicCoefficient = -0.75;
  bool excludeOutside = false;
  bool antialias = false;
};

/// One dimension of a resize.
struct ResizedDimension {
  int64_t input, output;
  double scale;
  double roiStart = 0, roiEnd = 1;
  float extrapolation = 0;
};

/// Rows of `columns` floats, one row per output element.
struct ResampleTable {
  int64_t columns = 0;
  std::vector<float> elements;
};

/// Where each output element lies in the input.
std::vector<double> resizePositions(const ResizedDimension &dimension,
                                    llvm::StringRef coordinates);

/// The table for any positions; `scale` matters to `antialias` only.
ResampleTable interpolationTable(llvm::ArrayRef<double> positions,
                                 int64_t input, double scale,
                                 const Interpolation &how);

/// Both, and the extrapolation of tf_crop_and_resize.
ResampleTable resizeTable(const ResizedDimension &dimension,
                          llvm::StringRef coordinates,
                          const Interpolation &how);

/// Weights per row that no scale from output / input on exceeds.
int64_t mostTaps(int64_t input, int64_t output, llvm::StringRef mode,
                 bool antialias);

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_RESIZETABLE_H
