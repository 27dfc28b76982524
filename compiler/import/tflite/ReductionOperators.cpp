//===- ReductionOperators.cpp - MEAN, SUM, REDUCE_MAX, ... ----------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"

using namespace edgec;
using namespace edgec::tflite;
using schema::Builtin;

std::optional<Shape> tflite::reducedAxes(OperatorImport &n) {
  auto axes = n.integers(1, "axes");
  if (!axes)
    return std::nullopt;
  Shape sorted;
  for (int64_t axis : *axes)
    sorted.push_back(n.normalizeAxis(axis, n.rank(0)));
  llvm::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (n.failed())
    return std::nullopt;
  return sorted;
}

template <typename OpT> static void importReduction(OperatorImport &n) {
  auto axes = reducedAxes(n);
  if (!axes)
    return;
  bool keep = n.options<schema::ReducerOptions>().keep_dims();
  if (axes->empty()) {
    n.set(0, n.make<edge::CopyOp>({n.operand(0)}));
    return;
  }
  n.set(0, n.make<OpT>({n.operand(0)},
                       {n.attr("axes", *axes), n.attr("keep_dims", keep)}));
}

llvm::ArrayRef<Operator> tflite::reductionOperators() {
  static constexpr Operator rows[] = {
      {Builtin::MEAN, 3, 2, 2, importReduction<edge::ReduceMeanOp>},
      {Builtin::SUM, 2, 2, 2, importReduction<edge::ReduceSumOp>,
       types::numbers},
      {Builtin::REDUCE_PROD, 2, 2, 2, importReduction<edge::ReduceProdOp>,
       types::numbers},
      {Builtin::REDUCE_MAX, 3, 2, 2, importReduction<edge::ReduceMaxOp>,
       types::numbers},
      {Builtin::REDUCE_MIN, 3, 2, 2, importReduction<edge::ReduceMinOp>,
       types::numbers},
      {Builtin::REDUCE_ANY, 1, 2, 2, importReduction<edge::ReduceMaxOp>,
       types::bools},
      {Builtin::REDUCE_ALL, 1, 2, 2, importReduction<edge::ReduceMinOp>,
       types::bools},
  };
  return rows;
}
