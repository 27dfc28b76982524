//===- GenericBuilder.h - writes one edge.generic ---------------*- C++ -*-===//
//
// For conversions to the operator that says everything else: operands are added
// as they are found, also while a region is copied.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_GENERICBUILDER_H
#define EDGEC_COMPILER_IMPORT_MLIR_GENERICBUILDER_H

#include "compiler/import/mlir/StructuredOperators.h"
#include "dialects/edge/Generic.h"
#include "mlir/IR/IRMapping.h"

namespace edgec::structured {

class GenericBuilder {
public:
  /// The region's arguments are the loops' indices at first.
  GenericBuilder(Conversion &c, llvm::ArrayRef<int64_t> sizes);
  ~GenericBuilder();

  /// An input that is read at the map's place; the element.
  mlir::Value addInput(mlir::Value tensor, mlir::AffineMap map);
  /// An input that tensor.extract reads.
  mlir::Value addWhole(mlir::Value tensor);
  /// A value from outside of the region, in the region; null after an error.
  mlir::Value capture(mlir::Value value);

  /// Copies a region's block to the builder's place, linalg.index replaced.
  /// False after an error at the operation that has no counterpart.
  bool cloneBody(mlir::Block &source, mlir::IRMapping &mapping,
                 llvm::SmallVectorImpl<mlir::Value> &yielded);

  /// Makes the operator before the conversion's operation.
  Converted finish(llvm::ArrayRef<mlir::RankedTensorType> types,
                   llvm::ArrayRef<mlir::AffineMap> resultMaps,
                   mlir::ValueRange inits, llvm::ArrayRef<mlir::Value> yielded);

  /// The region's block; write into it from its end.
  std::unique_ptr<mlir::Block> body;

private:
  bool cloneOperation(mlir::Operation &op, mlir::IRMapping &mapping);
  mlir::Value cast(mlir::Value value, mlir::Type type);

  Conversion &c;
  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<mlir::Value> inputs;
  llvm::SmallVector<mlir::AffineMap> maps;
};

} // namespace edgec::structured

#endif // EDGEC_COMPILER_IMPORT_MLIR_GENERICBUILDER_H
