//===- CompiledRun.cpp - what the compiled model computes -----------------===//
//
// The importer's tests say what the evaluator makes of a model. That the code
// makes the same of it closes the way from the file to the processor.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/CompiledRun.h"
#include "test/kernel/Comparison.h"
#include "test/kernel/Execution.h"
#include <gtest/gtest.h>

using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;

void edgec::test::expectCompiled(mlir::ModuleOp module,
                                 llvm::ArrayRef<HostTensor> inputs,
                                 llvm::ArrayRef<HostTensor> expected) {
  Target target = hostTargets().back();
  TemporaryFolder folder;
  std::string path = folder.file("model.so");
  if (llvm::Error error = compileFor(target, module, path)) {
    ADD_FAILURE() << llvm::toString(std::move(error));
    return;
  }
  llvm::SmallVector<mlir::RankedTensorType> types;
  for (const HostTensor &output : expected)
    types.push_back(output.type);
  for (const Runner &runner : target.runners) {
    auto outputs = runArtifact(runner, path, inputs, types);
    if (!outputs) {
      ADD_FAILURE() << runner.name << ": "
                    << llvm::toString(outputs.takeError());
      continue;
    }
    for (size_t i = 0; i < expected.size(); ++i)
      if (auto mismatch = findMismatch(expected[i], (*outputs)[i], Tolerance()))
        ADD_FAILURE() << runner.name << ", output " << i << ": " << *mismatch;
  }
}
