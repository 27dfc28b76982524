//===- BlockedWeights.h - weights with scales per block ---------*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_BLOCKEDWEIGHTS_H
#define EDGEC_COMPILER_IMPORT_ONNX_BLOCKEDWEIGHTS_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// MatMulNBits of com.microsoft: x times the transpose of a matrix [N, K] of 4
/// or 8 bits, of which each block of K elements has a scale and a zero point.
void importMatMulNBits(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_BLOCKEDWEIGHTS_H
