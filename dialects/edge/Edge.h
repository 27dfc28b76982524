//===- Edge.h - the edge dialect -------------------------------*- C++ -*-===//
//
// The graph of a trained network: what is computed, on values of static shape.
// See Edge.td for the operators and docs/rationale/edge.md for the reasons.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_EDGE_H
#define EDGEC_DIALECTS_EDGE_EDGE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace edgec::edge {

/// Each result element depends only on the operands' elements at the same
/// (broadcast) position.
template <typename ConcreteType>
class ElementwiseTrait
    : public mlir::OpTrait::TraitBase<ConcreteType, ElementwiseTrait> {};

/// Same shapes; element types equal unless one of them is quantized or both
/// are integers (an integer operator chooses its result's width).
bool isCompatibleResult(mlir::TypeRange inferred, mlir::TypeRange actual);

/// The shape to which both broadcast as NumPy's rules say, or failure.
mlir::FailureOr<llvm::SmallVector<int64_t>>
broadcastShapes(llvm::ArrayRef<int64_t> lhs, llvm::ArrayRef<int64_t> rhs);

/// Appends the tensor type of this shape and element; an error when a dimension
/// is not positive or the tensor too large to address.
mlir::LogicalResult inferTensor(std::optional<mlir::Location> loc,
                                llvm::ArrayRef<int64_t> shape,
                                mlir::Type element,
                                llvm::SmallVectorImpl<mlir::Type> &results);

/// Result types of the operators that share one shape rule; errors carry the
/// labels of the operators' documentation.
mlir::LogicalResult inferBroadcast(std::optional<mlir::Location> loc,
                                   mlir::Type lhs, mlir::Type rhs,
                                   llvm::SmallVectorImpl<mlir::Type> &results);
mlir::LogicalResult inferComparison(std::optional<mlir::Location> loc,
                                    mlir::Type lhs, mlir::Type rhs,
                                    llvm::SmallVectorImpl<mlir::Type> &results);
mlir::LogicalResult inferTest(std::optional<mlir::Location> loc,
                              mlir::Type input,
                              llvm::SmallVectorImpl<mlir::Type> &results);
mlir::LogicalResult inferReduce(std::optional<mlir::Location> loc,
                                mlir::Type input, llvm::ArrayRef<int64_t> axes,
                                bool keepDims,
                                llvm::SmallVectorImpl<mlir::Type> &results);

} // namespace edgec::edge

#include "dialects/edge/EdgeDialect.h.inc"
#define GET_OP_CLASSES
#include "dialects/edge/Edge.h.inc"

#endif // EDGEC_DIALECTS_EDGE_EDGE_H
