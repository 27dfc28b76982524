//===- ByteWeights.cpp - bytes among the artifact's weights ---------------===//
//
// Programs and constants of accelerators are bytes to everybody else. They go
// the way of packed weights: a resource that LLVM never sees.
//
//===----------------------------------------------------------------------===//
#include "passes/place/ByteWeights.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

Value edgec::makeByteWeights(OpBuilder &builder, ModuleOp module, Location loc,
                             llvm::StringRef symbol,
                             llvm::ArrayRef<char> bytes) {
  auto type = RankedTensorType::get({static_cast<int64_t>(bytes.size())},
                                    builder.getI8Type());
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      bytes, /*align=*/64, /*dataIsMutable=*/false);
  auto value = DenseResourceElementsAttr::get(type, symbol, std::move(blob));
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(module.getBody());
    rt::WeightsOp::create(builder, loc, builder.getStringAttr(symbol), value,
                          IntegerAttr());
  }
  return rt::GetWeightsOp::create(
      builder, loc, type, FlatSymbolRefAttr::get(builder.getContext(), symbol));
}
