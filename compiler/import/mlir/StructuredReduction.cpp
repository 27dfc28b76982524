//===- StructuredReduction.cpp - sums, products, extremes in linalg -------===//
//
// One input, read in a straight way, combined over some of its dimensions:
//
//   linalg.reduce { arith.addf } ins(%x) dimensions = [1]  =>  edge.reduce_sum
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/StructuredOperators.h"

using namespace edgec;
using namespace edgec::structured;
using mlir::Value;

static Value makeReduction(OpMaker &make, llvm::StringRef combiner, Value input,
                           llvm::ArrayRef<int64_t> axes) {
  mlir::NamedAttribute attribute = make.attr("axes", axes);
  if (combiner == "arith.addf")
    return make.make<edge::ReduceSumOp>({input}, {attribute});
  if (combiner == "arith.mulf")
    return make.make<edge::ReduceProdOp>({input}, {attribute});
  if (combiner == "arith.maximumf")
    return make.make<edge::ReduceMaxOp>({input}, {attribute});
  return make.make<edge::ReduceMinOp>({input}, {attribute});
}

Value structured::convertReduction(Conversion &c, mlir::linalg::LinalgOp op) {
  std::optional<Combiner> combiner = findCombiner(op);
  if (!combiner || op.getNumDpsInputs() != 1 || !isFloat32(op))
    return nullptr;
  mlir::OpOperand *operand = op.getDpsInputOperand(0);
  if (combiner->element != op.getMatchingBlockArgument(operand))
    return nullptr;
  auto loops = plainLoops(op.getMatchingIndexingMap(operand));
  auto out = plainLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  if (!loops || !out || loops->size() != op.getNumLoops())
    return nullptr;
  llvm::SmallVector<int64_t> axes;
  llvm::SmallVector<Loops> kept;
  for (auto [axis, loop] : llvm::enumerate(*loops)) {
    if (llvm::is_contained(*out, loop))
      kept.push_back({loop});
    else
      axes.push_back(axis);
  }
  if (axes.empty())
    return nullptr;
  Value result = makeReduction(c, combiner->name, operand->get(), axes);
  if (!result)
    return nullptr;
  result = scatterLoops(c, result, kept, *out, op.getStaticLoopRanges());
  return addInit(c, op, combiner->name, result);
}
