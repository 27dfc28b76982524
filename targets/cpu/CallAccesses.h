//===- CallAccesses.h - the bytes that a call touches -----------*- C++ -*-===//
//
// A call's buffers as ranges of the program's memories, and which of them its
// kernel may write. While kernels are func.func on flat memrefs.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_CALLACCESSES_H
#define EDGEC_TARGETS_CPU_CALLACCESSES_H

#include "dialects/rt/Rt.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec {

/// Bytes of the buffer behind a kernel parameter; INT64_MAX if its type does
/// not say.
int64_t bufferBytes(mlir::Type type);

/// One buffer of a call: [begin, end) of a memory. A model's input or output is
/// a memory of its own.
struct Access {
  rt::Space space;
  /// Which input or output; 0 for the arena and the weights.
  int64_t number;
  int64_t begin, end;
  bool writes;
};

/// Finds the accesses of calls; looks at each kernel once.
class CallAccesses {
public:
  explicit CallAccesses(mlir::SymbolTable &symbols) : symbols(symbols) {}

  /// The accesses of `call`, one per buffer, in order.
  llvm::SmallVector<Access> of(rt::CallOp call);

private:
  mlir::SymbolTable &symbols;
  llvm::DenseMap<mlir::Value, bool> writes;

  bool mayWrite(mlir::BlockArgument buffer);
};

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_CALLACCESSES_H
