//===- WriteProgram.h - commands as npu operations --------------*- C++ -*-===//
//
// Makes the npu.program of a list of commands.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_WRITEPROGRAM_H
#define EDGEC_TARGETS_NPU_WRITEPROGRAM_H

#include "mlir/IR/Builders.h"
#include "targets/npu/Command.h"
#include "targets/npu/NpuMachine.h"

namespace edgec::npu {

/// Writes the program at the builder's place. `layers` gives the locations of
/// the layers that commands work for.
ProgramOp writeProgram(mlir::OpBuilder &builder, mlir::Location location,
                       llvm::StringRef symbol, const NpuMachine &machine,
                       llvm::ArrayRef<int64_t> bufferSizes, int64_t outputs,
                       llvm::ArrayRef<Command> commands,
                       llvm::ArrayRef<mlir::Location> layers);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_WRITEPROGRAM_H
