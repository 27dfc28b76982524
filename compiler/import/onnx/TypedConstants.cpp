//===- TypedConstants.cpp - small constants that importers add ------------===//
#include "compiler/import/onnx/TypedConstants.h"

using namespace edgec;
using mlir::Value;

Value onnx::integerConstant(OpMaker &maker, llvm::ArrayRef<int64_t> numbers) {
  return typedConstant(maker, maker.builder.getI64Type(), numbers);
}

Value onnx::typedConstant(OpMaker &maker, mlir::Type element,
                          llvm::ArrayRef<int64_t> numbers) {
  llvm::SmallVector<mlir::Attribute> values;
  for (int64_t number : numbers) {
    if (llvm::isa<mlir::FloatType>(element))
      values.push_back(maker.builder.getFloatAttr(element, double(number)));
    else
      values.push_back(maker.builder.getIntegerAttr(element, number));
  }
  auto type = mlir::RankedTensorType::get({int64_t(numbers.size())}, element);
  return edge::ConstantOp::create(maker.builder, maker.loc, type,
                                  mlir::DenseElementsAttr::get(type, values));
}
