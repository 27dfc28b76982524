//===- Variants.cpp - one model for several sizes -------------------------===//
//
// See Variants.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Variants.h"
#include "compiler/import/Elements.h"
#include "compiler/import/ShapeRanges.h"
#include "dialects/edge/Edge.h"
#include "dialects/edge/Variant.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace edgec;
using mlir::failure;
using mlir::LogicalResult;
using mlir::RankedTensorType;
using mlir::success;

static mlir::func::FuncOp publicFunction(mlir::ModuleOp module) {
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (function.isPublic() && !function->hasAttr(edge::variantAttrName))
      return function;
  return nullptr;
}

int64_t edgec::constantBytes(mlir::ModuleOp model) {
  int64_t bytes = 0;
  model.walk([&](edge::ConstantOp constant) {
    auto resource =
        mlir::dyn_cast<mlir::DenseResourceElementsAttr>(constant.getValue());
    if (resource && resource.getRawHandle().getBlob())
      bytes += resource.getRawHandle().getBlob()->getData().size();
  });
  return bytes;
}

/// Whether the run's buffers for `model` are enough for `variant`.
static LogicalResult
checkTensors(mlir::func::FuncOp model, mlir::TypeRange types,
             mlir::TypeRange variantTypes, llvm::StringRef kind,
             llvm::function_ref<mlir::StringAttr(unsigned)> nameOf,
             llvm::ArrayRef<InputShape> sizes) {
  if (types.size() != variantTypes.size()) {
    return model.emitError("with ")
           << describeShapes(sizes) << " the model has " << variantTypes.size()
           << " " << kind << "s instead of " << types.size()
           << "; leave these sizes out of the ranges";
  }
  for (unsigned i = 0; i < types.size(); ++i) {
    auto largest = mlir::cast<RankedTensorType>(types[i]),
         other = mlir::cast<RankedTensorType>(variantTypes[i]);
    if (largest.getElementType() == other.getElementType() &&
        largest.getRank() == other.getRank() &&
        other.getNumElements() <= largest.getNumElements())
      continue;
    return model.emitError("with ")
           << describeShapes(sizes) << " " << kind << " '"
           << (nameOf(i) ? nameOf(i).getValue() : "?") << "' is " << other
           << ", which its buffer for the largest sizes, " << largest
           << ", does not hold; leave these sizes out of the ranges";
  }
  return success();
}

LogicalResult edgec::addVariant(mlir::ModuleOp model, mlir::ModuleOp variant,
                                size_t number,
                                llvm::ArrayRef<InputShape> sizes) {
  mlir::func::FuncOp largest = publicFunction(model),
                     other = publicFunction(variant);
  auto argumentName = [&](unsigned i) {
    return largest.getArgAttrOfType<mlir::StringAttr>(i, "edge.name");
  };
  auto resultName = [&](unsigned i) {
    return largest.getResultAttrOfType<mlir::StringAttr>(i, "edge.name");
  };
  if (failed(checkTensors(largest, largest.getArgumentTypes(),
                          other.getArgumentTypes(), "input", argumentName,
                          sizes)) ||
      failed(checkTensors(largest, largest.getResultTypes(),
                          other.getResultTypes(), "output", resultName, sizes)))
    return failure();
  // A model's name is a C identifier, so that one with a dot is no other's.
  for (mlir::Operation &op : *variant.getBody()) {
    auto symbol = mlir::dyn_cast<mlir::SymbolOpInterface>(op);
    if (!symbol)
      continue;
    std::string name = symbol.getName().str() + "." + std::to_string(number);
    while (model.lookupSymbol(name))
      name += "_";
    auto attribute = mlir::StringAttr::get(op.getContext(), name);
    if (failed(
            mlir::SymbolTable::replaceAllSymbolUses(&op, attribute, variant)))
      return failure();
    symbol.setName(attribute);
  }
  // After that, for its own old name is the model's.
  other->setAttr(edge::variantAttrName,
                 mlir::FlatSymbolRefAttr::get(largest.getSymNameAttr()));
  model.getBody()->getOperations().splice(model.getBody()->end(),
                                          variant.getBody()->getOperations());
  return success();
}
