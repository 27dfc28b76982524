//===- FrontierPlot.h - error over time and size, drawn --------*- C++ -*-===//
//
// The combinations of layers that a choice went through, as an SVG picture: the
// error of the outputs over the predicted time, and over the size of the
// weights.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_FRONTIERPLOT_H
#define EDGEC_COMPILER_QUANTIZE_FRONTIERPLOT_H

#include "compiler/quantize/QuantizationReport.h"

namespace edgec {

std::string drawFrontier(llvm::ArrayRef<FrontierPoint> frontier);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_FRONTIERPLOT_H
