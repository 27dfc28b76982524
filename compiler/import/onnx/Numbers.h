//===- Numbers.h - constants we compute with at import ----------*- C++ -*-===//
//
// Exporters write shapes as little programs (Shape, Gather, Concat, Cast, ...).
// They are evaluated while importing, on these values: the elements of a small
// constant as integers or as doubles, whichever its type calls for.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_NUMBERS_H
#define EDGEC_COMPILER_IMPORT_ONNX_NUMBERS_H

#include "compiler/import/onnx/Constant.h"

namespace edgec::onnx {

struct Numbers {
  DataType type = DataType::Int64;
  llvm::SmallVector<int64_t, 4> shape;
  /// The elements; `reals` for floats, else `integers`.
  std::vector<int64_t> integers;
  std::vector<double> reals;

  bool isReal() const {
    return type == DataType::Float || type == DataType::Double ||
           type == DataType::Float16 || type == DataType::BFloat16;
  }
  size_t size() const { return isReal() ? reals.size() : integers.size(); }

  /// None for strings, 8-bit floats and more than `maxNumbers` elements.
  static std::optional<Numbers> from(const Constant &constant);
  /// Integers wrap to the width of `type`, reals round to it.
  Constant toConstant() const;

  /// As numpy.astype: reals truncate towards zero, out-of-range ones saturate.
  Numbers cast(DataType to) const;
  /// The elements at these positions, in a new shape.
  Numbers gather(llvm::ArrayRef<int64_t> positions,
                 llvm::ArrayRef<int64_t> newShape) const;

  static constexpr int64_t maxNumbers = 1 << 16;
};

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_NUMBERS_H
