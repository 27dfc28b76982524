//===- Evaluator.h - what edge operators mean ------------------*- C++ -*-===//
//
// Runs a module of edge operators in plain loops, in double precision. It is
// the project's definition of right: every kernel of every target is compared
// with it, so it shares no code with them and prefers to be read over being
// fast. It looks through schedule.kernel regions, and so runs a module before
// and after the graph, fuse and schedule stages.
//
//     %r = edge.relu %x        r[i] = max(x[i], 0), with double r and x
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_EVALUATOR_EVALUATOR_H
#define EDGEC_TARGETS_EVALUATOR_EVALUATOR_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "targets/evaluator/HostTensor.h"

namespace edgec::evaluator {

/// The results of `function` for `inputs`, one per argument and of its type.
/// Fails with a diagnostic at the operator that has no meaning here.
mlir::FailureOr<std::vector<HostTensor>>
evaluate(mlir::func::FuncOp function, llvm::ArrayRef<HostTensor> inputs);

/// The same for the one public function of `module`.
mlir::FailureOr<std::vector<HostTensor>>
evaluate(mlir::ModuleOp module, llvm::ArrayRef<HostTensor> inputs);

/// The results of one operator or kernel for its operands.
mlir::FailureOr<std::vector<HostTensor>>
evaluate(mlir::Operation &op, llvm::ArrayRef<const HostTensor *> operands);

/// The one public function of `module`, or a diagnostic.
mlir::FailureOr<mlir::func::FuncOp> findModel(mlir::ModuleOp module);

} // namespace edgec::evaluator

#endif // EDGEC_TARGETS_EVALUATOR_EVALUATOR_H
