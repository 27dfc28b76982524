//===- Window.cpp - maximum and mean over windows ------------------------===//
//
// Both pools visit the input elements under each window; they differ in what
// they do with them and in what the mean divides by.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "targets/evaluator/Operators.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

namespace {
/// The geometry of a pool along one dimension, height or width.
struct Window {
  int64_t inputSize, window, stride, dilation, padLow, padHigh;

  /// Positions of output `index`'s window, relative to the input.
  int64_t position(int64_t index, int64_t tap) const {
    return index * stride + tap * dilation - padLow;
  }
  bool inInput(int64_t position) const {
    return position >= 0 && position < inputSize;
  }
  bool inPadded(int64_t position) const {
    return position >= -padLow && position < inputSize + padHigh;
  }
};
} // namespace

/// Calls visit(y, x, insideInput) for the window positions of output (y, x)
/// that lie in the padded input.
static void forEachTap(const Window &rows, const Window &columns, int64_t y,
                       int64_t x,
                       llvm::function_ref<void(int64_t, int64_t, bool)> visit) {
  for (int64_t ky = 0; ky < rows.window; ++ky) {
    for (int64_t kx = 0; kx < columns.window; ++kx) {
      int64_t inputY = rows.position(y, ky), inputX = columns.position(x, kx);
      if (rows.inPadded(inputY) && columns.inPadded(inputX))
        visit(inputY, inputX, rows.inInput(inputY) && columns.inInput(inputX));
    }
  }
}

template <typename T>
static void maxPool(const HostTensor &input, const Window &rows,
                    const Window &columns, HostTensor &result) {
  auto strides = denseStrides(input.shape());
  int64_t i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    std::optional<T> largest;
    forEachTap(rows, columns, position[1], position[2],
               [&](int64_t y, int64_t x, bool inside) {
                 if (!inside)
                   return;
                 T value = input.values<T>()[linearise(
                     {position[0], y, x, position[3]}, strides)];
                 largest = largest ? std::max(*largest, value) : value;
               });
    result.values<T>()[i++] = *largest;
  });
}

static void averagePool(const HostTensor &input, const Window &rows,
                        const Window &columns, bool countPads,
                        HostTensor &result) {
  auto strides = denseStrides(input.shape());
  int64_t i = 0;
  forEachPosition(result.shape(), [&](ArrayRef<int64_t> position) {
    double sum = 0.0;
    int64_t count = 0;
    forEachTap(rows, columns, position[1], position[2],
               [&](int64_t y, int64_t x, bool inside) {
                 count += inside || countPads;
                 if (inside)
                   sum += input.reals[linearise(
                       {position[0], y, x, position[3]}, strides)];
               });
    result.reals[i++] = sum / double(count);
  });
}

template <typename Op>
static Window windowOf(Op op, int d, int64_t inputSize, int64_t dilation) {
  return {inputSize, op.getWindow()[d], op.getStrides()[d],
          dilation,  op.getPads()[d],   op.getPads()[d + 2]};
}

Result edgec::evaluator::evaluateWindow(Operation *op, Operands operands) {
  if (!isa<edge::MaxPool2DOp, edge::AvgPool2DOp>(op))
    return std::nullopt;
  const HostTensor &input = *operands[0];
  HostTensor result(resultType(op));
  if (auto pool = dyn_cast<edge::MaxPool2DOp>(op)) {
    Window rows = windowOf(pool, 0, input.shape()[1], pool.getDilations()[0]);
    Window columns =
        windowOf(pool, 1, input.shape()[2], pool.getDilations()[1]);
    // The order of quantized numbers is that of their stored values.
    if (input.isFloat())
      maxPool<double>(input, rows, columns, result);
    else if (input.elementType() == result.elementType())
      maxPool<int64_t>(input, rows, columns, result);
    else
      return undefinedOn(op, "differently quantized");
    return result;
  }
  if (!input.isFloat())
    return undefinedOn(op, "integer or quantized");
  auto pool = cast<edge::AvgPool2DOp>(op);
  averagePool(input,
              windowOf(pool, 0, input.shape()[1], pool.getDilations()[0]),
              windowOf(pool, 1, input.shape()[2], pool.getDilations()[1]),
              pool.getCountIncludePad(), result);
  return result;
}
