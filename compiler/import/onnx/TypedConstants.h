//===- TypedConstants.h - small constants that importers add ----*- C++ -*-===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_TYPEDCONSTANTS_H
#define EDGEC_COMPILER_IMPORT_ONNX_TYPEDCONSTANTS_H

#include "compiler/import/OpMaker.h"

namespace edgec::onnx {

/// An int64 constant of rank 1.
mlir::Value integerConstant(OpMaker &maker, llvm::ArrayRef<int64_t> numbers);

/// Numbers that every element type has, as a constant of rank 1.
mlir::Value typedConstant(OpMaker &maker, mlir::Type element,
                          llvm::ArrayRef<int64_t> numbers);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_TYPEDCONSTANTS_H
