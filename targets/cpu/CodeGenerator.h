//===- CodeGenerator.h - from the LLVM dialect to object code --*- C++ -*-===//
//
// Translates the module that the code stage leaves, optimizes it and emits
// machine code into memory. Every kernel is an object file of its own, so that
// kernels compile in parallel and the bytes do not depend on how many threads
// there were; the linker puts them together.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_CODEGENERATOR_H
#define EDGEC_TARGETS_CPU_CODEGENERATOR_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <string>
#include <vector>

namespace edgec {

/// A relocatable ELF file in memory.
struct ObjectFile {
  std::string name;
  llvm::SmallVector<char, 0> bytes;
};

struct CodeOptions {
  /// 0: as many as the processor has.
  unsigned threads = 0;
  /// Called with objects done and all objects, from one thread at a time.
  std::function<void(unsigned, unsigned)> onProgress;
};

/// Compiles the module for its `schedule.machine`. Fails if LLVM rejects the
/// code, or if the code calls a function that no artifact brings along.
llvm::Expected<std::vector<ObjectFile>>
generateObjects(mlir::ModuleOp module, const CodeOptions &options);

enum class CodeText { LLVM, Assembly };

/// The whole module as text: optimized LLVM IR, or assembly.
llvm::Expected<std::string> generateText(mlir::ModuleOp module, CodeText kind);

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_CODEGENERATOR_H
