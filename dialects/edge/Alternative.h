//===- Alternative.h - one model made in several ways ----------*- C++ -*-===//
//
// A model can lie in an artifact more than once: with and without accelerators,
// or in several precisions. All have the same interface; a run chooses. In the
// IR each but the model itself is a public function that names it and the way
// in which it was made.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_DIALECTS_EDGE_ALTERNATIVE_H
#define EDGEC_DIALECTS_EDGE_ALTERNATIVE_H

#include "dialects/edge/Variant.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"

namespace edgec::edge {

/// On a public function: the symbol of the model, and what sets this function
/// apart from it ("cpu").
inline constexpr llvm::StringLiteral alternativeAttrName("edge.alternative_of"),
    alternativeNameAttrName("edge.alternative");

/// The model that `function` is an alternative of, or null.
inline mlir::FlatSymbolRefAttr alternativeOf(mlir::Operation *function) {
  return function->getAttrOfType<mlir::FlatSymbolRefAttr>(alternativeAttrName);
}

/// The model's main function, of which `function` is a variant or alternative;
/// null if it is that function.
inline mlir::FlatSymbolRefAttr otherOf(mlir::Operation *function) {
  mlir::FlatSymbolRefAttr variant = variantOf(function);
  return variant ? variant : alternativeOf(function);
}

/// Which alternative it is, or null.
inline mlir::StringAttr alternativeName(mlir::Operation *function) {
  return function->getAttrOfType<mlir::StringAttr>(alternativeNameAttrName);
}

} // namespace edgec::edge

#endif // EDGEC_DIALECTS_EDGE_ALTERNATIVE_H
