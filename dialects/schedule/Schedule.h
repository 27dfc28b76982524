//===- Schedule.h - the schedule dialect -----------------------*- C++ -*-===//
//
// Machines, tiles, memory layouts and kernels: how an edge graph runs. See
// Schedule.td and docs/rationale/schedule.md.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_SCHEDULE_SCHEDULE_H
#define EDGEC_DIALECTS_SCHEDULE_SCHEDULE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/schedule/ScheduleDialect.h.inc"
#include "dialects/schedule/ScheduleEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/schedule/ScheduleAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/schedule/Schedule.h.inc"

namespace edgec::schedule {
/// Module attribute that holds the #schedule.machine.
inline constexpr llvm::StringLiteral machineAttrName = "schedule.machine";
/// The module's machine; null when none is attached.
MachineAttr getMachine(mlir::Operation *op);
} // namespace edgec::schedule

#endif // EDGEC_DIALECTS_SCHEDULE_SCHEDULE_H
