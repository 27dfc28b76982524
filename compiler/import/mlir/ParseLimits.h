//===- ParseLimits.h - what MLIR's parser may be asked to read --*- C++ -*-===//
//
// MLIR's parser, printer and verifier recurse into regions, types, attributes
// and locations; a file of a million brackets would end the process. These
// checks come before and between them.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_PARSELIMITS_H
#define EDGEC_COMPILER_IMPORT_MLIR_PARSELIMITS_H

#include "mlir/IR/Operation.h"

namespace edgec {

/// Brackets inside brackets that a text may have; models have a dozen.
constexpr unsigned maxTextNesting = 256;
/// Regions inside regions that a module may have.
constexpr unsigned maxRegionNesting = 64;

/// The line (from 1 on) where a text exceeds the limit, or 0.
unsigned findDeepNesting(llvm::StringRef text);

/// An operation that lies too deep, or null; itself without recursion.
mlir::Operation *findDeepOperation(mlir::Operation *root);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MLIR_PARSELIMITS_H
