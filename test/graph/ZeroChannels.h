//===- ZeroChannels.h - which channels of a filter are zero ----*- C++ -*-===//
#ifndef EDGEC_TEST_GRAPH_ZEROCHANNELS_H
#define EDGEC_TEST_GRAPH_ZEROCHANNELS_H

#include "mlir/IR/BuiltinTypes.h"

namespace edgec {

/// The zeros of a random filter [outputs, ..., inputs]: a third of the outputs
/// and a quarter of the inputs. `isOneOf(n)` is true once in n times.
class ZeroChannels {
public:
  ZeroChannels(llvm::ArrayRef<int64_t> shape,
               llvm::function_ref<bool(int64_t)> isOneOf)
      : inputs(shape.back()),
        perOutput(mlir::ShapedType::getNumElements(shape) / shape.front()) {
    for (int64_t i = 0; i < shape.front(); ++i)
      isZeroOutput.push_back(isOneOf(3));
    for (int64_t i = 0; i < inputs; ++i)
      isZeroInput.push_back(isOneOf(4));
  }

  /// Whether the filter's element of that number is zero.
  bool hold(int64_t element) const {
    return isZeroOutput[element / perOutput] || isZeroInput[element % inputs];
  }

private:
  int64_t inputs, perOutput;
  llvm::SmallVector<bool> isZeroOutput, isZeroInput;
};

} // namespace edgec

#endif // EDGEC_TEST_GRAPH_ZEROCHANNELS_H
