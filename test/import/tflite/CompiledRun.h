//===- CompiledRun.h - what the compiled model computes ---------*- C++ -*-===//
#ifndef EDGEC_TEST_IMPORT_TFLITE_COMPILEDRUN_H
#define EDGEC_TEST_IMPORT_TFLITE_COMPILEDRUN_H

#include "mlir/IR/BuiltinOps.h"
#include "targets/evaluator/HostTensor.h"

namespace edgec::test {

/// Compiles the module for this computer, runs it on one thread, on two and in
/// the order that hides the least, and expects the evaluator's outputs.
void expectCompiled(mlir::ModuleOp module,
                    llvm::ArrayRef<evaluator::HostTensor> inputs,
                    llvm::ArrayRef<evaluator::HostTensor> expected);

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_TFLITE_COMPILEDRUN_H
