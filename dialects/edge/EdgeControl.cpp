//===- EdgeControl.cpp - operators that decide what runs ------------------===//
//
// The signatures of branches and bodies, and that no function leads back to
// itself: what a run calls is then a finite list.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Control.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeControl.cpp.inc"

static SmallVector<FlatSymbolRefAttr> calledSymbols(Operation *op) {
  if (auto branch = dyn_cast<IfOp>(op)) {
    if (branch.getThenBranch() == branch.getElseBranch())
      return {branch.getThenBranchAttr()};
    return {branch.getThenBranchAttr(), branch.getElseBranchAttr()};
  }
  return {cast<LoopOp>(op).getBodyAttr()};
}

SmallVector<func::FuncOp> edgec::edge::calledFunctions(Operation *op) {
  SmallVector<func::FuncOp> functions;
  for (FlatSymbolRefAttr symbol : calledSymbols(op))
    functions.push_back(
        SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(op, symbol));
  return functions;
}

static bool isOne(Type type, unsigned width) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() == 1 &&
         tensor.getElementType().isSignlessInteger(width);
}

/// C1, and C3 by a walk over everything that the function may call.
static LogicalResult verifyCallee(Operation *op, FlatSymbolRefAttr symbol,
                                  TypeRange arguments, TypeRange results,
                                  SymbolTableCollection &symbols) {
  auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(op, symbol);
  if (!callee || callee.isExternal() || !callee.getBody().hasOneBlock())
    return op->emitOpError("C1: ")
           << symbol << " is no function with a body of one block";
  if (TypeRange(callee.getArgumentTypes()) != arguments ||
      TypeRange(callee.getResultTypes()) != results) {
    return op->emitOpError("C1: ")
           << symbol << " is of type " << callee.getFunctionType()
           << " and should be of type "
           << FunctionType::get(op->getContext(), arguments, results);
  }
  Operation *around = op->getParentOfType<func::FuncOp>();
  llvm::SmallPtrSet<Operation *, 8> seen = {callee};
  SmallVector<func::FuncOp> waiting = {callee};
  while (!waiting.empty()) {
    func::FuncOp function = waiting.pop_back_val();
    if (function == around)
      return op->emitOpError("C3: ")
             << symbol << " leads back to the function around the operator";
    function.walk([&](Operation *inner) {
      if (!isControl(inner))
        return;
      for (FlatSymbolRefAttr next : calledSymbols(inner)) {
        auto called =
            symbols.lookupNearestSymbolFrom<func::FuncOp>(inner, next);
        if (called && seen.insert(called).second)
          waiting.push_back(called);
      }
    });
  }
  return success();
}

LogicalResult IfOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!isOne(getCondition().getType(), 1))
    return emitOpError("C2: the condition must be one i1, found ")
           << getCondition().getType();
  if (failed(verifyCallee(*this, getThenBranchAttr(),
                          getThenOperands().getTypes(), getResultTypes(),
                          symbols)))
    return failure();
  return verifyCallee(*this, getElseBranchAttr(), getElseOperands().getTypes(),
                      getResultTypes(), symbols);
}

static RankedTensorType rowOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return RankedTensorType::get(tensor.getShape().drop_front(),
                               tensor.getElementType());
}

LogicalResult LoopOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (getCount() && !isOne(getCount().getType(), 64))
    return emitOpError("C2: the count must be one i64, found ")
           << getCount().getType();
  if (getCondition() && !isOne(getCondition().getType(), 1))
    return emitOpError("C2: the condition must be one i1, found ")
           << getCondition().getType();
  if (getTrips() && static_cast<int64_t>(*getTrips()) < 0)
    return emitOpError("C4: trips must not be negative");
  if (getNumResults() < stateCount())
    return emitOpError("C1: there are fewer results than states");
  auto isStacked = [&](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return getTrips() && tensor.getRank() > 0 &&
           tensor.getDimSize(0) == static_cast<int64_t>(*getTrips());
  };
  if (!llvm::all_of(getSliced().getTypes(), isStacked) ||
      !llvm::all_of(stacked().getTypes(), isStacked))
    return emitOpError("C4: sliced operands and stacked results need 'trips' "
                       "as their first dimension");
  Builder builder(getContext());
  SmallVector<Type> arguments = {
      RankedTensorType::get({}, builder.getI64Type())};
  llvm::append_range(arguments, getInitial().getTypes());
  for (Type type : getSliced().getTypes())
    arguments.push_back(rowOf(type));
  llvm::append_range(arguments, getCaptures().getTypes());
  SmallVector<Type> results;
  if (getHasCondition())
    results.push_back(RankedTensorType::get({}, builder.getI1Type()));
  llvm::append_range(results, getInitial().getTypes());
  for (Type type : stacked().getTypes())
    results.push_back(rowOf(type));
  if (getResults().take_front(stateCount()).getTypes() !=
      getInitial().getTypes())
    return emitOpError("C1: the states' types change");
  return verifyCallee(*this, getBodyAttr(), arguments, results, symbols);
}
