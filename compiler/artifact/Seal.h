//===- Seal.h - a sum over a shared object ---------------------*- C++ -*-===//
//
// Ends a shared object with the edge_seal of runtime/include/edge/model.h, so
// that the runtime refuses a damaged file instead of running it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ARTIFACT_SEAL_H
#define EDGEC_COMPILER_ARTIFACT_SEAL_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace edgec {

/// Seals the 64-bit ELF file at `path`. The object `weights` of `weightsBytes`
/// is left out of the sum.
llvm::Error sealShared(llvm::StringRef path, llvm::StringRef weights,
                       uint64_t weightsBytes);

} // namespace edgec

#endif // EDGEC_COMPILER_ARTIFACT_SEAL_H
