//===- Einsum.h - sums of products by index letters -------------*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_EINSUM_H
#define EDGEC_COMPILER_IMPORT_ONNX_EINSUM_H

#include "compiler/import/onnx/NodeImport.h"

namespace edgec::onnx {

/// One operand's or the result's indices; a label stands for one dimension.
using Labels = llvm::SmallVector<int, 6>;

struct Equation {
  std::vector<Labels> operands;
  Labels result;
};

/// Reads "bij, bjk -> bik" for operands of these ranks. Letters are their own
/// labels, the dimensions of an ellipsis have labels of 256 and more, counted
/// from the last. None after an error.
std::optional<Equation> parseEquation(NodeImport &n, llvm::StringRef text,
                                      llvm::ArrayRef<int64_t> ranks);

void importEinsum(NodeImport &n);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_EINSUM_H
