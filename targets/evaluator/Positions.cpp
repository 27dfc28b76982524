//===- Positions.cpp - walking over tensors -------------------------------===//
//
// Positions, strides, broadcasting and rounding: what several families share.
//
//===----------------------------------------------------------------------===//
#include "mlir/IR/Diagnostics.h"
#include "targets/evaluator/Operators.h"
#include <cmath>

using namespace mlir;
using namespace edgec::evaluator;

RankedTensorType edgec::evaluator::resultType(Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType());
}

LogicalResult edgec::evaluator::undefinedOn(Operation *op, StringRef elements) {
  return op->emitError("'")
         << op->getName() << "' has no meaning on " << elements << " elements";
}

double edgec::evaluator::roundEven(double x) {
  // Unlike std::nearbyint it does not depend on the rounding mode.
  return std::isinf(x) ? x : x - std::remainder(x, 1.0);
}

SmallVector<int64_t> edgec::evaluator::denseStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = int64_t(shape.size()) - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

SmallVector<int64_t> edgec::evaluator::broadcastStrides(ArrayRef<int64_t> from,
                                                        ArrayRef<int64_t> to) {
  SmallVector<int64_t> own = denseStrides(from), strides(to.size(), 0);
  size_t missing = to.size() - from.size();
  for (size_t d = 0; d < from.size(); ++d)
    if (from[d] != 1)
      strides[missing + d] = own[d];
  return strides;
}

void edgec::evaluator::forEachPosition(
    ArrayRef<int64_t> shape,
    llvm::function_ref<void(ArrayRef<int64_t> position)> body) {
  if (llvm::is_contained(shape, 0))
    return;
  SmallVector<int64_t> position(shape.size(), 0);
  for (;;) {
    body(position);
    size_t d = shape.size();
    while (d > 0 && ++position[d - 1] == shape[d - 1])
      position[--d] = 0;
    if (d == 0)
      return;
  }
}

int64_t edgec::evaluator::linearise(ArrayRef<int64_t> position,
                                    ArrayRef<int64_t> strides) {
  int64_t index = 0;
  for (size_t d = 0; d < position.size(); ++d)
    index += position[d] * strides[d];
  return index;
}
