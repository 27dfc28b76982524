//===- WeightsObject.h - the weights as an ELF object ----------*- C++ -*-===//
//
// Weights never pass through LLVM: hundreds of megabytes as LLVM constants
// would cost several times their size in memory. This writer streams them from
// where they lie (the mapped model, or the packed copies) into an ELF object
// with one section and one hidden symbol, which the linker joins with the code.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ARTIFACT_WEIGHTSOBJECT_H
#define EDGEC_COMPILER_ARTIFACT_WEIGHTSOBJECT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"
#include "llvm/Support/raw_ostream.h"

namespace edgec {

/// One constant and its place in the weights.
struct PlacedConstant {
  int64_t offset;
  mlir::ElementsAttr value;
};

/// The constants of a planned module in the order of their offsets. Fails with
/// a diagnostic at a constant whose bytes cannot be had.
mlir::FailureOr<std::vector<PlacedConstant>>
placedConstants(mlir::ModuleOp module);

/// Calls `consume` with the bytes of `value` in order, in pieces. Fails if the
/// attribute's kind or element type is not one whose bytes are stored as they
/// are written.
llvm::Error
forEachPiece(mlir::ElementsAttr value,
             llvm::function_ref<void(llvm::ArrayRef<char>)> consume);

/// Writes a relocatable ELF file whose machine, class and flags are those of
/// `code`, with section `.rodata.edge_weights` of `sizeBytes` and the hidden
/// symbol `symbol` at its start.
llvm::Error writeWeightsObject(llvm::raw_ostream &stream,
                               llvm::MemoryBufferRef code,
                               llvm::StringRef symbol, uint64_t sizeBytes,
                               llvm::ArrayRef<PlacedConstant> constants);

} // namespace edgec

#endif // EDGEC_COMPILER_ARTIFACT_WEIGHTSOBJECT_H
