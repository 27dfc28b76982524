//===- ByteWeights.h - bytes among the artifact's weights ------*- C++ -*-===//
#ifndef EDGEC_PASSES_PLACE_BYTEWEIGHTS_H
#define EDGEC_PASSES_PLACE_BYTEWEIGHTS_H

#include "dialects/rt/Rt.h"
#include "mlir/IR/Builders.h"

namespace edgec {

/// Adds an rt.weights called `symbol` that holds `bytes` at the end of the
/// module, and reads it where `builder` stands.
mlir::Value makeByteWeights(mlir::OpBuilder &builder, mlir::ModuleOp module,
                            mlir::Location loc, llvm::StringRef symbol,
                            llvm::ArrayRef<char> bytes);

} // namespace edgec

#endif // EDGEC_PASSES_PLACE_BYTEWEIGHTS_H
