//===- Evaluation.h - shape arithmetic on constants -------------*- C++ -*-===//
//
// The pieces that evaluations of several operators share. The evaluations
// themselves are declared beside the operator table.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_EVALUATION_H
#define EDGEC_COMPILER_IMPORT_ONNX_EVALUATION_H

#include "compiler/import/onnx/Operators.h"

namespace edgec::onnx {

/// The operand if it is a constant to compute with: integers, or few reals.
std::optional<Numbers> smallNumbers(NodeImport &n, unsigned index);

/// The positions that a box of this shape and these strides visits, in order.
llvm::SmallVector<int64_t> walk(llvm::ArrayRef<int64_t> shape,
                                llvm::ArrayRef<int64_t> strides,
                                int64_t offset);

/// Repeats to a shape that the numbers' own broadcasts to.
Numbers expand(const Numbers &numbers, llvm::ArrayRef<int64_t> shape);

/// Both operands in their common shape; none if there is none, if it is large
/// or if only one of them is real.
std::optional<std::pair<Numbers, Numbers>> broadcastPair(const Numbers &lhs,
                                                         const Numbers &rhs);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_EVALUATION_H
