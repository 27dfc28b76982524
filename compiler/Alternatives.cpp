//===- Alternatives.cpp - one model made in several ways ------------------===//
//
// See Alternatives.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/Alternatives.h"

#include "compiler/ExposeValues.h"
#include "compiler/import/Variants.h"
#include "dialects/edge/Alternative.h"
#include "dialects/place/Place.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringSet.h"

using namespace edgec;
using namespace mlir;

llvm::Error
edgec::checkAlternatives(llvm::ArrayRef<AlternativeRequest> requests,
                         bool isChanged) {
  llvm::StringSet<> labels = {cpuAlternative};
  for (const AlternativeRequest &request : requests) {
    if (request.label.empty())
      return llvm::createStringError(
          "an alternative needs a label: -alternative=LABEL=FILE");
    if (!labels.insert(request.label).second) {
      return llvm::createStringError("the label '" + request.label +
                                     "' of an alternative is taken; choose "
                                     "another");
    }
    if (request.path.empty() && !isChanged) {
      return llvm::createStringError(
          "-alternative=" + request.label +
          " keeps the model as it was before -quantize and -precision; without "
          "one of them it needs a file: -alternative=" +
          request.label + "=FILE");
    }
  }
  return llvm::Error::success();
}

/// Whether both have the same names and types, in order.
static LogicalResult
checkTensors(func::FuncOp other, StringRef kind, TypeRange types,
             TypeRange otherTypes,
             llvm::function_ref<StringAttr(unsigned)> nameOf,
             llvm::function_ref<StringAttr(unsigned)> otherNameOf) {
  if (types.size() != otherTypes.size()) {
    return other.emitError("an alternative must have the model's ")
           << kind << "s, which are " << types.size() << ", not "
           << otherTypes.size();
  }
  for (unsigned i = 0; i < types.size(); ++i) {
    if (types[i] == otherTypes[i] && nameOf(i) == otherNameOf(i))
      continue;
    return other.emitError("an alternative must have the model's ")
           << kind << "s: " << kind << " " << i << " is " << otherNameOf(i)
           << " of " << otherTypes[i] << ", in the model " << nameOf(i)
           << " of " << types[i];
  }
  return success();
}

static LogicalResult checkInterface(func::FuncOp model, func::FuncOp other) {
  auto argument = [](func::FuncOp function) {
    return [function](unsigned i) mutable {
      return function.getArgAttrOfType<StringAttr>(i, "edge.name");
    };
  };
  auto result = [](func::FuncOp function) {
    return [function](unsigned i) mutable {
      return function.getResultAttrOfType<StringAttr>(i, "edge.name");
    };
  };
  if (failed(checkTensors(other, "input", model.getArgumentTypes(),
                          other.getArgumentTypes(), argument(model),
                          argument(other))))
    return failure();
  return checkTensors(other, "output", model.getResultTypes(),
                      other.getResultTypes(), result(model), result(other));
}

static bool hasVariants(ModuleOp module) {
  return llvm::any_of(module.getOps<func::FuncOp>(), [](func::FuncOp function) {
    return bool(edge::variantOf(function));
  });
}

LogicalResult edgec::addAlternative(ModuleOp module, AlternativeModel other) {
  func::FuncOp model = modelFunction(module);
  if (hasVariants(module) || hasVariants(*other.module)) {
    return model.emitError("a model for a range of sizes has no room for the "
                           "alternative '")
           << other.label << "' yet; give one size for each input with -shape";
  }
  if (failed(checkInterface(model, modelFunction(*other.module))))
    return failure();
  size_t number = 1;
  for (auto function : module.getOps<func::FuncOp>())
    number += bool(edge::alternativeOf(function));
  if (failed(addVariant(module, *other.module, number, {})))
    return failure();
  for (auto function : module.getOps<func::FuncOp>()) {
    FlatSymbolRefAttr of = edge::variantOf(function);
    if (!of)
      continue;
    function->removeAttr(edge::variantAttrName);
    function->setAttr(edge::alternativeAttrName, of);
    function->setAttr(edge::alternativeNameAttrName,
                      StringAttr::get(module.getContext(), other.label));
  }
  return success();
}

/// Erases public functions and what only they call.
static void eraseFunctions(ModuleOp module,
                           llvm::function_ref<bool(func::FuncOp)> isErased) {
  for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
    if (function.isPublic() && isErased(function))
      function.erase();
  }
  bool changed = true;
  while (changed) {
    changed = false;
    for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
      if (function.isPublic() ||
          !SymbolTable::symbolKnownUseEmpty(function, module))
        continue;
      function.erase();
      changed = true;
    }
  }
}

LogicalResult edgec::addCpuAlternative(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  eraseFunctions(*copy, [](func::FuncOp function) {
    return bool(edge::alternativeOf(function));
  });
  return addAlternative(module, {cpuAlternative.str(), std::move(copy)});
}

void edgec::dropEqualCpuAlternative(ModuleOp module) {
  WalkResult regions =
      module.walk([](place::RegionOp) { return WalkResult::interrupt(); });
  if (regions.wasInterrupted())
    return;
  eraseFunctions(module, [](func::FuncOp function) {
    StringAttr name = edge::alternativeName(function);
    return name && name.getValue() == cpuAlternative;
  });
}
