//===- Npu.h - the npu dialect ----------------------------------*- C++ -*-===//
//
// The commands of the NPU, one operation each. See Npu.td and
// docs/rationale/npu.md.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_NPU_NPU_H
#define EDGEC_DIALECTS_NPU_NPU_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/npu/NpuDialect.h.inc"
#include "dialects/npu/NpuEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/npu/NpuAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/npu/Npu.h.inc"

namespace edgec::npu {
/// Bytes of one element; of none, 0.
int64_t bytesOf(Element element);
/// How many sources a micro-operation reads.
unsigned sourceCount(MicroOp op);
/// Sources below this are registers, from it on parameters.
constexpr unsigned parameterSource = 16, parameterLimit = 16;
} // namespace edgec::npu

#endif // EDGEC_DIALECTS_NPU_NPU_H
