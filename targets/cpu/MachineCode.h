//===- MachineCode.h - from LLVM IR to an object's bytes -------*- C++ -*-===//
//
// LLVM's code generation, with one pass left out on some machines.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_MACHINECODE_H
#define EDGEC_TARGETS_CPU_MACHINECODE_H

#include "dialects/schedule/Schedule.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

namespace llvm {
class Module;
} // namespace llvm

namespace edgec {

/// Whether instructions stay in the order in which kernels are written.
///
/// LLVM's scheduler moves loads away from their uses, as if each multiply-add
/// waited for them in program order. Where 24 of 32 registers hold sums, what
/// it moves is spilled. Cores that reorder by themselves need none of that.
bool keepsWrittenOrder(schedule::MachineAttr machine);

/// Writes assembly or an object file; an error if the target has neither.
llvm::Error emitMachineCode(llvm::Module &module,
                            llvm::TargetMachine &targetMachine,
                            schedule::MachineAttr machine,
                            llvm::raw_pwrite_stream &stream,
                            llvm::CodeGenFileType kind);

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_MACHINECODE_H
