//===- Rt.h - the rt dialect -----------------------------------*- C++ -*-===//
//
// The host program of an artifact: kernel launches, weights and static
// addresses. See Rt.td and docs/rationale/rt.md.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_RT_RT_H
#define EDGEC_DIALECTS_RT_RT_H

#include "dialects/schedule/Schedule.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace edgec::rt {
/// Marks the declaration of a C function of the user's (unit).
constexpr llvm::StringLiteral customFunctionAttrName = "rt.custom_function";
} // namespace edgec::rt

#include "dialects/rt/RtDialect.h.inc"
#include "dialects/rt/RtEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/rt/RtAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/rt/Rt.h.inc"

namespace edgec::rt {
/// The symbol of the model's own program, of which `program` may be a variant
/// or an alternative.
inline llvm::StringRef modelOf(ProgramOp program) {
  if (std::optional<llvm::StringRef> variant = program.getVariantOf())
    return *variant;
  return program.getAlternativeOf().value_or(program.getSymName());
}
} // namespace edgec::rt

#endif // EDGEC_DIALECTS_RT_RT_H
