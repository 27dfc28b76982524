//===- BuildId.h - a name for exactly these bytes --------------*- C++ -*-===//
//
// Two artifacts with the same build id were made by the same compiler from the
// same program, weights and machine.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ARTIFACT_BUILDID_H
#define EDGEC_COMPILER_ARTIFACT_BUILDID_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace edgec {

/// Module attribute that holds the build id for the descriptor.
inline constexpr llvm::StringLiteral buildIdAttrName = "rt.build_id";

/// 40 hexadecimal digits of the hash of a module after memory planning: its
/// text, its machine, its weights and the compiler's version.
std::string computeBuildId(mlir::ModuleOp module);

} // namespace edgec

#endif // EDGEC_COMPILER_ARTIFACT_BUILDID_H
