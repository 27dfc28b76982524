//===- EdgeGeneric.cpp - what a generic operator must satisfy -------------===//
//
// The verifier is what makes generic kernels safe: every access is shown to lie
// in its tensor by interval arithmetic over the loops, so that no kernel needs
// to check an address at run time. The labels are those of EdgeGeneric.td.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Generic.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec::edge;

#define GET_OP_CLASSES
#include "dialects/edge/EdgeGeneric.cpp.inc"

namespace {
/// All values of an affine expression, bounds included.
struct Interval {
  int64_t low, high;
};
} // namespace

static bool hasOverflowed(int64_t a, int64_t b, bool isProduct,
                          int64_t &result) {
  return isProduct ? llvm::MulOverflow(a, b, result)
                   : llvm::AddOverflow(a, b, result);
}

static std::optional<Interval> combine(Interval a, Interval b, bool isProduct) {
  SmallVector<int64_t, 4> corners(4);
  if (hasOverflowed(a.low, b.low, isProduct, corners[0]) ||
      hasOverflowed(a.low, b.high, isProduct, corners[1]) ||
      hasOverflowed(a.high, b.low, isProduct, corners[2]) ||
      hasOverflowed(a.high, b.high, isProduct, corners[3]))
    return std::nullopt;
  return Interval{*llvm::min_element(corners), *llvm::max_element(corners)};
}

/// None where the numbers overflow or a divisor is not a positive constant.
static std::optional<Interval> rangeOf(AffineExpr expr,
                                       ArrayRef<int64_t> sizes) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return Interval{constant.getValue(), constant.getValue()};
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return Interval{0, sizes[dim.getPosition()] - 1};
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return std::nullopt;
  auto lhs = rangeOf(binary.getLHS(), sizes);
  auto rhs = rangeOf(binary.getRHS(), sizes);
  if (!lhs || !rhs)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::Add)
    return combine(*lhs, *rhs, /*isProduct=*/false);
  if (expr.getKind() == AffineExprKind::Mul)
    return combine(*lhs, *rhs, /*isProduct=*/true);
  int64_t divisor = rhs->low;
  if (divisor != rhs->high || divisor < 1)
    return std::nullopt;
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return Interval{llvm::divideFloorSigned(lhs->low, divisor),
                    llvm::divideFloorSigned(lhs->high, divisor)};
  if (expr.getKind() == AffineExprKind::CeilDiv)
    return Interval{llvm::divideCeilSigned(lhs->low, divisor),
                    llvm::divideCeilSigned(lhs->high, divisor)};
  bool isWithin = lhs->low >= 0 && lhs->high < divisor;
  return isWithin ? *lhs : Interval{0, divisor - 1};
}

static ArrayRef<int64_t> shapeOf(Type type) {
  return cast<RankedTensorType>(type).getShape();
}

static Type elementOf(Type type) {
  return cast<RankedTensorType>(type).getElementType();
}

SmallVector<unsigned> GenericOp::getReductionLoops() {
  SmallVector<unsigned> loops;
  for (unsigned loop = 0; loop < getSizes().size(); ++loop)
    if (!getResultMap(0).isFunctionOfDim(loop))
      loops.push_back(loop);
  return loops;
}

static LogicalResult verifyLoops(GenericOp op) {
  int64_t points = 1;
  for (int64_t size : op.getSizes()) {
    if (size < 1 || llvm::MulOverflow(points, size, points))
      return op.emitOpError("C1: the loops' sizes must be positive and their "
                            "product a 64-bit number");
  }
  return success();
}

static LogicalResult verifyMaps(GenericOp op) {
  SmallVector<Type> types(op.getInputs().getTypes());
  llvm::append_range(types, op.getResultTypes());
  if (op.getMaps().size() != types.size() || op.getNumResults() == 0)
    return op.emitOpError("C2: needs one map per input and result, and a "
                          "result");
  for (auto [index, type] : llvm::enumerate(types)) {
    AffineMap map = op.getInputMap(index);
    bool isWhole = index < op.getInputs().size() && op.readsWhole(index);
    if (map.getNumDims() != op.getSizes().size() || map.getNumSymbols() ||
        (!isWhole && map.getNumResults() != shapeOf(type).size())) {
      return op.emitOpError("C2: map ")
             << op.getMaps()[index] << " does not lead from "
             << op.getSizes().size() << " loops to " << type;
    }
  }
  return success();
}

static LogicalResult verifyResultMaps(GenericOp op) {
  SmallVector<bool> first;
  for (OpResult result : op->getResults()) {
    AffineMap map = op.getResultMap(result.getResultNumber());
    SmallVector<bool> named(op.getSizes().size(), false);
    for (auto [expr, size] :
         llvm::zip_equal(map.getResults(), shapeOf(result.getType()))) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim || named[dim.getPosition()] ||
          op.getSizes()[dim.getPosition()] != size) {
        return op.emitOpError("C3: map ")
               << AffineMapAttr::get(map) << " does not write each element of "
               << result.getType() << " by a loop of its own";
      }
      named[dim.getPosition()] = true;
    }
    if (result.getResultNumber() == 0)
      first = named;
    if (first != named)
      return op.emitOpError("C3: the results are not written by the same "
                            "loops");
  }
  return success();
}

static LogicalResult verifyAccesses(GenericOp op) {
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    if (op.readsWhole(index))
      continue;
    AffineMap map = op.getInputMap(index);
    for (auto [expr, size] :
         llvm::zip_equal(map.getResults(), shapeOf(input.getType()))) {
      std::optional<Interval> range = rangeOf(expr, op.getSizes());
      if (!range || range->low < 0 || range->high >= size) {
        return op.emitOpError("C4: map ")
               << op.getMaps()[index] << " leaves its tensor "
               << input.getType();
      }
    }
  }
  return success();
}

static LogicalResult verifyInits(GenericOp op) {
  if (op.getInits().empty() || op.getInits().getTypes() == op.getResultTypes())
    return success();
  return op.emitOpError("C5: the inits must be none or one per result and of "
                        "its type");
}

/// Before the maps are looked at, for those depend on it.
static LogicalResult verifyArguments(GenericOp op) {
  auto mismatch = [&] {
    return op.emitOpError("C6: the region must take one index per loop, an "
                          "element or the whole of each input and an element "
                          "per init");
  };
  Block &body = op.getBody().front();
  size_t loops = op.getSizes().size(), inputs = op.getInputs().size();
  if (body.getNumArguments() != loops + inputs + op.getInits().size())
    return mismatch();
  for (size_t loop = 0; loop < loops; ++loop)
    if (!op.getIndexArgument(loop).getType().isIndex())
      return mismatch();
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    Type type = op.getInputArgument(index).getType();
    if (type != input.getType() && type != elementOf(input.getType()))
      return mismatch();
  }
  for (auto [index, init] : llvm::enumerate(op.getInits()))
    if (op.getInitArgument(index).getType() != elementOf(init.getType()))
      return mismatch();
  return success();
}

static bool isScalar(Type type) { return type.isIntOrIndexOrFloat(); }

static LogicalResult verifyRegion(GenericOp op) {
  for (Operation &inner : op.getBody().front().without_terminator()) {
    StringRef dialect = inner.getName().getDialectNamespace();
    bool isExtract = inner.getName().getStringRef() == "tensor.extract";
    bool isScalarOp = (dialect == "arith" || dialect == "math") &&
                      llvm::all_of(inner.getOperandTypes(), isScalar);
    if ((!isExtract && !isScalarOp) || inner.getNumRegions() ||
        !llvm::all_of(inner.getResultTypes(), isScalar) ||
        !isMemoryEffectFree(&inner))
      return inner.emitOpError("C7: is not a scalar operation without side "
                               "effects");
  }
  Operation *yield = op.getBody().front().getTerminator();
  if (yield->getNumOperands() != op.getNumResults())
    return op.emitOpError("C6: the region must yield one element per result");
  for (auto [value, type] :
       llvm::zip_equal(yield->getOperandTypes(), op.getResultTypes())) {
    if (value != elementOf(type))
      return op.emitOpError("C6: the region yields ")
             << value << " for a result of type " << type;
  }
  return success();
}

LogicalResult GenericOp::verify() {
  return success(
      succeeded(verifyLoops(*this)) && succeeded(verifyArguments(*this)) &&
      succeeded(verifyMaps(*this)) && succeeded(verifyResultMaps(*this)) &&
      succeeded(verifyAccesses(*this)) && succeeded(verifyInits(*this)) &&
      succeeded(verifyRegion(*this)));
}
