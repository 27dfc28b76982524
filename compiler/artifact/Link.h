//===- Link.h - LLD as a library -------------------------------*- C++ -*-===//
//
// Joins object files into a shared object or a relocatable one. No system
// linker, C library or sysroot is needed, also when cross-compiling.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ARTIFACT_LINK_H
#define EDGEC_COMPILER_ARTIFACT_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace edgec {

/// Links `objects` into the shared object `output`, in which `edge_model` is
/// another name of `edge_model_NAME`. Undefined symbols are errors. `buildId`
/// is a string of hexadecimal digits.
llvm::Error linkShared(llvm::ArrayRef<std::string> objects,
                       llvm::StringRef modelName, llvm::StringRef buildId,
                       llvm::StringRef output);

/// Merges `objects` into the relocatable object `output`.
llvm::Error linkRelocatable(llvm::ArrayRef<std::string> objects,
                            llvm::StringRef output);

} // namespace edgec

#endif // EDGEC_COMPILER_ARTIFACT_LINK_H
