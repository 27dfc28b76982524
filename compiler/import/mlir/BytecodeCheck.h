//===- BytecodeCheck.h - what MLIR's bytecode reader does not check -*- C++
//-*-//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_BYTECODECHECK_H
#define EDGEC_COMPILER_IMPORT_MLIR_BYTECODECHECK_H

#include "llvm/ADT/StringRef.h"

namespace edgec {

/// Whether the table of attributes and types of a file in bytecode has more
/// entries than it announces: MLIR 22's reader would write them behind the
/// table's memory. A file whose sections cannot be followed is left to the
/// reader, which reports that.
bool hasOverfullTable(llvm::StringRef bytecode);

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_MLIR_BYTECODECHECK_H
