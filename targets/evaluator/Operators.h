//===- Operators.h - the families of operators -----------------*- C++ -*-===//
//
// One function per family computes the value of one operator; each lives in a
// file of its own. A family that does not know an operator returns
// std::nullopt, and one that knows it but not its element types fails with a
// diagnostic.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_EVALUATOR_OPERATORS_H
#define EDGEC_TARGETS_EVALUATOR_OPERATORS_H

#include "mlir/IR/Operation.h"
#include "targets/evaluator/HostTensor.h"
#include <optional>

namespace edgec::evaluator {

using Operands = llvm::ArrayRef<const HostTensor *>;
using Result = std::optional<mlir::FailureOr<HostTensor>>;
/// of families whose operators have several results
using Results = std::optional<mlir::FailureOr<std::vector<HostTensor>>>;

Result evaluateUnary(mlir::Operation *op, Operands operands);
Result evaluateBinary(mlir::Operation *op, Operands operands);
Result evaluateLogic(mlir::Operation *op, Operands operands);
Result evaluateConversion(mlir::Operation *op, Operands operands);
Result evaluateContraction(mlir::Operation *op, Operands operands);
Result evaluateWindow(mlir::Operation *op, Operands operands);
Result evaluateReduction(mlir::Operation *op, Operands operands);
Result evaluateNormalisation(mlir::Operation *op, Operands operands);
Result evaluateDynamic(mlir::Operation *op, Operands operands);
Result evaluateMove(mlir::Operation *op, Operands operands);
Result evaluateSpatial(mlir::Operation *op, Operands operands);
Result evaluateInteger(mlir::Operation *op, Operands operands);
Result evaluateRegions(mlir::Operation *op, Operands operands);
Results evaluateControl(mlir::Operation *op, Operands operands);
Results evaluateIndexing(mlir::Operation *op, Operands operands);
Results evaluateRecurrent(mlir::Operation *op, Operands operands);
Results evaluateSelection(mlir::Operation *op, Operands operands);
Results evaluateGeneric(mlir::Operation *op, Operands operands);

/// The type of the operator's only result.
mlir::RankedTensorType resultType(mlir::Operation *op);

/// An error for an operator that has no meaning on its element types.
mlir::LogicalResult undefinedOn(mlir::Operation *op, llvm::StringRef elements);

/// `x` rounded to the nearest whole number, ties to even.
double roundEven(double x);

/// Row-major strides, in elements, of a dense tensor of this shape.
llvm::SmallVector<int64_t> denseStrides(llvm::ArrayRef<int64_t> shape);

/// Strides with which a tensor of shape `from` is read at the positions of the
/// shape `to` that it broadcasts to: 0 where it repeats.
llvm::SmallVector<int64_t> broadcastStrides(llvm::ArrayRef<int64_t> from,
                                            llvm::ArrayRef<int64_t> to);

/// Calls `body` for every position of `shape` in row-major order.
void forEachPosition(
    llvm::ArrayRef<int64_t> shape,
    llvm::function_ref<void(llvm::ArrayRef<int64_t> position)> body);

/// The sum of position[d] * strides[d].
int64_t linearise(llvm::ArrayRef<int64_t> position,
                  llvm::ArrayRef<int64_t> strides);

} // namespace edgec::evaluator

#endif // EDGEC_TARGETS_EVALUATOR_OPERATORS_H
