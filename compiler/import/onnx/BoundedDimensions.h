//===- BoundedDimensions.h - sizes that only a run knows --------*- C++ -*-===//
//
// NonZero and its like find as many elements as there are. Their results have
// the shape of the most that can be found, and a scalar says how many of them
// count. Such a value may go through operators that treat that dimension
// independently, up to the model's outputs:
//
//   NonZero -> 2x6, 4 of 6 in dimension 1 -> Transpose -> 6x2, 4 of 6 in 0
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_BOUNDEDDIMENSIONS_H
#define EDGEC_COMPILER_IMPORT_ONNX_BOUNDEDDIMENSIONS_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// Reports an operand with such a dimension where the operator cannot take it.
/// To be called before the node is imported.
bool checkBounds(NodeImport &n);

/// Hands the operands' dimensions on to the results, or reports why that cannot
/// be. To be called after the node was imported.
void carryBounds(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_BOUNDEDDIMENSIONS_H
