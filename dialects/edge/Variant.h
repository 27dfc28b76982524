//===- Variant.h - functions that are one model ----------------*- C++ -*-===//
//
// A model whose sizes a run chooses is several public functions, one for each
// combination of sizes; all but that of the largest sizes are its variants.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_VARIANT_H
#define EDGEC_DIALECTS_EDGE_VARIANT_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace edgec::edge {

/// On a public function: the symbol of the function of the largest sizes.
inline constexpr llvm::StringLiteral variantAttrName("edge.variant_of");

/// The model that `function` is a variant of, or null.
inline mlir::FlatSymbolRefAttr variantOf(mlir::Operation *function) {
  return function->getAttrOfType<mlir::FlatSymbolRefAttr>(variantAttrName);
}

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_VARIANT_H
