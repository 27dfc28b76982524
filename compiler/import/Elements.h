//===- Elements.h - shapes and constants of a model file --------*- C++ -*-===//
//
// What every front door needs to turn bytes of the mapped model into the value
// of an edge.constant without copying them.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ELEMENTS_H
#define EDGEC_COMPILER_IMPORT_ELEMENTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <memory>
#include <optional>
#include <string>

namespace edgec {

/// The product of the dimensions; none if one is negative or it passes 2^40.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape);

/// "1x3x224x224", as users write shapes; "scalar" without dimensions.
std::string shapeText(llvm::ArrayRef<int64_t> shape);

/// Dense below 1 KB, else a resource called `name` that keeps `owner` alive.
/// `bytes` are little-endian, row-major, of exactly the type's size; they need
/// not be aligned.
mlir::ElementsAttr makeElements(mlir::RankedTensorType type,
                                llvm::StringRef bytes,
                                std::shared_ptr<const void> owner,
                                llvm::StringRef name);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_ELEMENTS_H
