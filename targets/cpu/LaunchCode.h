//===- LaunchCode.h - functions by which a program makes its calls --------===//
//
// Every call of a program goes through one of three functions, which ask the
// context (runtime/include/edge/model.h and edge/section.h) for help:
//
//   launch       (context, index, task, args, extent, handover): runs a task by
//                the context's parallel_for, or by itself
//   section call (context, team, numbers, task, args, row): the team makes it,
//                or, without one, it is launched
//   run section  (context, section, inputs, outputs, arena): by the context's
//                run_section, or by itself
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_LAUNCHCODE_H
#define EDGEC_TARGETS_CPU_LAUNCHCODE_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace edgec {

/// Writes a model's launch functions, each when it is asked for first.
class LaunchCode {
public:
  /// At the end of `module`; names end in `model`'s.
  LaunchCode(mlir::ModuleOp module, llvm::StringRef model);

  mlir::LLVM::LLVMFuncOp launch();
  /// `numbers` is the call's index in the program and, from bit 32 on, in its
  /// section; `row` is its edge_section_call.
  mlir::LLVM::LLVMFuncOp sectionCall();
  mlir::LLVM::LLVMFuncOp runSection();

private:
  mlir::ImplicitLocOpBuilder b;
  std::string model;
  mlir::LLVM::LLVMPointerType pointer;
  /// The functions, and that which is being written.
  mlir::LLVM::LLVMFuncOp launchFunction, callFunction, runFunction, current;

  enum ContextField : int32_t {
    parallelForField = 3,
    profileField = 4,
    handoverField = 7,
    runSectionField = 8
  };

  mlir::Value constant(int64_t value, unsigned bits = 64);
  /// Begins the function `name`_model; returns its arguments.
  mlir::ValueRange begin(llvm::StringRef name,
                         llvm::ArrayRef<mlir::Type> arguments);
  mlir::Type contextType();
  mlir::Value loadContext(mlir::Value context, ContextField field);
  /// Loads `type` from `bytes` behind `base`.
  mlir::Value loadAt(mlir::Value base, int32_t bytes, mlir::Type type);
  mlir::Value isSet(mlir::Value address);
  void callPointer(mlir::Value callee, llvm::ArrayRef<mlir::Value> operands);
  void profile(mlir::Value context, mlir::Value callback, mlir::Value index,
               int32_t phase);
  /// The two ways after a condition; the builder goes into the first.
  struct Ways {
    mlir::Block *yes, *no;
  };
  Ways branch(mlir::Value condition);
  /// Returns, and goes on writing in `next`.
  void returnAndGoOn(mlir::Block *next);
};

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_LAUNCHCODE_H
