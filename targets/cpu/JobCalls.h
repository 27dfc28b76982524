//===- JobCalls.h - a model's calls to accelerators ------------*- C++ -*-===//
//
// Writes into an entry function what it asks of the context's device services
// (edge_context::submit and wait in runtime/include/edge/model.h). An error
// ends the run: the function returns the service's status.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_JOBCALLS_H
#define EDGEC_TARGETS_CPU_JOBCALLS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace edgec {

class JobCalls {
public:
  /// Writes the check that the context has both services, without which the
  /// function returns EDGE_ERROR_DEVICE. Leaves the builder behind it.
  JobCalls(mlir::ImplicitLocOpBuilder &builder, mlir::LLVM::LLVMFuncOp entry);

  /// context->submit(context, job, buffers); `buffers` is an array of pointers.
  void submit(int64_t job, mlir::Value buffers);
  /// context->wait(context, job)
  void wait(int64_t job);

private:
  mlir::ImplicitLocOpBuilder &b;
  mlir::LLVM::LLVMFuncOp entry;
  mlir::LLVM::LLVMPointerType pointer;
  mlir::Value context, submitService, waitService;
  /// Returns its argument.
  mlir::Block *failed;

  mlir::Value number(int64_t value);
  mlir::Value isSet(mlir::Value address);
  /// The address of a service of the context, or null.
  mlir::Value load(size_t offsetBytes);
  void call(mlir::Value service, mlir::ValueRange operands);
  void goOnIf(mlir::Value condition, mlir::Value otherwise);
};

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_JOBCALLS_H
