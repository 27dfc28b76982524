//===- CustomFunction.cpp - custom operators that are C functions ---------===//
//
//   custom operator "Median3" (x) -> y, with -custom-operator=Median3=median3
//     =>   %y = edge.custom "median3"(%x)
// The options are handed on as they stand in the file; nobody else knows what
// they say.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/CustomOperators.h"
#include "dialects/edge/Custom.h"

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;

void tflite::importCustomFunction(OperatorImport &n, llvm::StringRef symbol) {
  llvm::SmallVector<Value> operands;
  for (unsigned i = 0; i < n.inputCount(); ++i)
    if (n.hasInput(i))
      operands.push_back(n.operand(i));
  llvm::SmallVector<mlir::Type> types;
  for (unsigned i = 0; i < n.resultCount(); ++i) {
    auto type = tensorType(n.declared(i), n.builder.getContext(),
                           [&] { return n.error(); });
    if (mlir::failed(type))
      return;
    if (type->getNumElements() == 0) {
      n.error() << "result " << i << " of a custom operator needs a static "
                << "shape in the model, not " << shapeText(type->getShape());
      return;
    }
    types.push_back(*type);
  }
  if (types.empty())
    n.error() << "it has no results";
  if (n.failed())
    return;
  auto call = edge::CustomOp::create(n.builder, n.loc, types, symbol, operands,
                                     n.customOptions());
  for (auto [index, result] : llvm::enumerate(call.getResults()))
    n.set(index, result);
}
