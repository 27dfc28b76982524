//===- QdqReference.h - what operators between pairs compute ---*- C++ -*-===//
#ifndef EDGEC_PASSES_GRAPH_QDQREFERENCE_H
#define EDGEC_PASSES_GRAPH_QDQREFERENCE_H

namespace edgec {

/// Whose results a float operator between a dequantization and a quantization
/// gives, where they are not the same.
enum class QdqReference {
  /// What ONNX defines: the operator on the real numbers, then the rounding.
  onnx,
  /// What ONNX Runtime's kernels of bytes compute in its place.
  onnxRuntime
};

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_QDQREFERENCE_H
