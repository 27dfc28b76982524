//===- QuantizedSoftmax.cpp - softmax as ONNX Runtime computes it ---------===//
//
//   quantize(softmax(dequantize(%q)))
// becomes
//   edge.requantize (edge.lookup_softmax %q, %exponentials, %factor)
//
// ONNX Runtime's optimizer makes its QLinearSoftmax of such a group
// (core/optimizer/qdq_transformer/selectors_actions). Its exponentials come
// from a table, and what results add up to is the whole part of 1 / scale: with
// a scale of 0.0038, 263 units instead of 263.16.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Softmax.h"
#include "passes/graph/QuantizedSums.h"
#include <cmath>

using namespace mlir;
using namespace edgec;

/// The permutation that exchanges an axis with the last one.
static SmallVector<int64_t> exchangeWithLast(int64_t rank, int64_t axis) {
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(permutation[axis], permutation.back());
  return permutation;
}

static Value makeTranspose(OpBuilder &builder, Location loc, Value x,
                           ArrayRef<int64_t> permutation) {
  if (llvm::is_sorted(permutation))
    return x;
  return edge::TransposeOp::create(builder, loc, x, permutation);
}

bool edgec::fuseSoftmax(edge::SoftmaxOp softmax) {
  std::optional<Stored> input = wholeBehind(softmax.getX());
  Reader reader = findReader(softmax.getResult());
  // ONNX Runtime leaves operators between different types as they are.
  if (!input || !reader.quantize ||
      storageOf(elementOf(reader.quantize)) != elementOf(input->integers) ||
      elementOf(input->integers).getIntOrFloatBitWidth() != 8)
    return false;
  OpBuilder builder(softmax);
  Location loc = softmax.getLoc();
  auto rank = int64_t(shapeOf(softmax.getX()).size());
  SmallVector<int64_t> permutation =
      exchangeWithLast(rank, int64_t(softmax.getAxis()));
  Value x = makeTranspose(builder, loc, input->integers, permutation);
  SmallVector<float> exponentials = edge::tabulateExponentials(
      getScales(input->element)->scale(), shapeOf(x).back());
  auto tableType = RankedTensorType::get({256}, builder.getF32Type());
  Value table = edge::ConstantOp::create(
      builder, loc, tableType,
      DenseElementsAttr::get(tableType, ArrayRef<float>(exponentials)));
  Value factor =
      makeFloats(builder, loc, std::floor(1.0F / reader.scales.scale()), {});
  auto type = cast<RankedTensorType>(x.getType());
  Value real = edge::LookupSoftmaxOp::create(
      builder, loc, type.clone(builder.getF32Type()), x, table, factor);
  Value stored = edge::RequantizeOp::create(
      builder, loc, type, real, /*factor=*/Value(), uint64_t(reader.low),
      uint64_t(reader.high), uint64_t(reader.scales.zeroPoint()));
  // The permutation is its own inverse.
  replaceStored(reader, makeTranspose(builder, loc, stored, permutation));
  softmax.erase();
  return true;
}
