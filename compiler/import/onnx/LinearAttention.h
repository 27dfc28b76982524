//===- LinearAttention.h - layers that carry a small state ------*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_LINEARATTENTION_H
#define EDGEC_COMPILER_IMPORT_ONNX_LINEARATTENTION_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// Each step is about ten operators of the graph.
constexpr int64_t maxLinearAttentionSteps = 256;

void importLinearAttention(NodeImport &n);
void importCausalConvWithState(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_LINEARATTENTION_H
