//===- Place.h - the place dialect -----------------------------*- C++ -*-===//
//
// Which processor computes what: the accelerators of a module, and regions of
// kernels that run on one of them. See Place.td and docs/rationale/place.md.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_PLACE_PLACE_H
#define EDGEC_DIALECTS_PLACE_PLACE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace edgec::place {
/// The module's accelerators: an array of #place.device.
constexpr llvm::StringLiteral devicesAttrName = "place.devices";
} // namespace edgec::place

#include "dialects/place/PlaceDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/place/PlaceAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/place/Place.h.inc"

namespace edgec::place {
/// The accelerators of the module around `op`; empty if it has none.
llvm::SmallVector<DeviceAttr> devicesOf(mlir::Operation *op);
} // namespace edgec::place

#endif // EDGEC_DIALECTS_PLACE_PLACE_H
