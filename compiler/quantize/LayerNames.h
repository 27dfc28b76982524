//===- LayerNames.h - how users call layers and tensors --------*- C++ -*-===//
//
// By the names of the model's nodes, which operations carry as locations, and
// by those of its inputs. What has none is called by its operator and a number.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_LAYERNAMES_H
#define EDGEC_COMPILER_QUANTIZE_LAYERNAMES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"

namespace edgec {

/// The model and the branches and bodies that it runs.
llvm::SmallVector<mlir::func::FuncOp> functionsOf(mlir::func::FuncOp model);

class LayerNames {
public:
  explicit LayerNames(mlir::func::FuncOp model);

  /// The name of an operation, or of an argument or result.
  std::string of(mlir::Operation *op) const;
  std::string of(mlir::Value value) const;

  /// The operations that were made of the node `name`, in their order.
  llvm::ArrayRef<mlir::Operation *> operations(llvm::StringRef name) const;
  /// The input called `name`, or null.
  mlir::Value input(llvm::StringRef name) const;

  /// The name that is spelled most like `name`; empty if none comes near.
  std::string nearest(llvm::StringRef name) const;

private:
  // its accessors are not const
  mutable mlir::func::FuncOp model;
  llvm::DenseMap<mlir::Operation *, std::string> numbered;
  llvm::StringMap<llvm::SmallVector<mlir::Operation *>> known;
};

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_LAYERNAMES_H
