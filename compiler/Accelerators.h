//===- Accelerators.h - the devices beside the processor -------*- C++ -*-===//
//
// From the names on a command line (`-target=aarch64,npu`) to the backends that
// compile for them and to the module's `place.devices`.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_ACCELERATORS_H
#define EDGEC_COMPILER_ACCELERATORS_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/place/Backend.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace edgec {

/// The kinds of accelerators that are built into this compiler.
place::BackendRegistry builtinBackends();

/// Makes a backend for each name: a kind ("npu"), one of its devices
/// ("npu-64"), or a description in a file of the user's ("board/my-npu.json",
/// whose "kind" says which backend reads it). The error names what exists.
llvm::Expected<place::Backends>
makeBackends(llvm::ArrayRef<std::string> names,
             const place::BackendRegistry &registry);

/// Loads the shared library at `path` and has it add its backends: it exports
///   extern "C" bool edgec_register_backends(edgec::place::BackendRegistry &,
///                                           unsigned interfaceVersion)
/// which returns false if it was made for another version. The library stays
/// loaded to the end of the process.
llvm::Error loadBackends(llvm::StringRef path,
                         place::BackendRegistry &registry);

/// Writes the devices into the module's `place.devices`.
void attachDevices(mlir::ModuleOp module, const place::Backends &backends);

} // namespace edgec

#endif // EDGEC_COMPILER_ACCELERATORS_H
