//===- Selection.cpp - operators that search, sort and count -------------===//
//
// Every tensor is taken apart into lines along the operator's axis; sorting is
// the library's.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;

namespace {
/// A tensor seen as [outer, size, inner] around one of its dimensions.
struct Lines {
  Lines(ArrayRef<int64_t> shape, int64_t axis) : size(shape[axis]) {
    for (int64_t d : shape.take_front(axis))
      outer *= d;
    for (int64_t d : shape.drop_front(axis + 1))
      inner *= d;
  }
  int64_t count() const { return outer * inner; }
  /// The i-th element of a line.
  int64_t element(int64_t line, int64_t i) const {
    return (line / inner * size + i) * inner + line % inner;
  }
  int64_t outer = 1, size, inner = 1;
};
} // namespace

/// A NaN is larger than every number and equal to itself.
static int compareElements(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return int(std::isnan(a)) - int(std::isnan(b));
  return (a > b) - (a < b);
}

static int compareElements(const HostTensor &x, int64_t a, int64_t b) {
  if (x.isFloat())
    return compareElements(x.reals[a], x.reals[b]);
  int64_t left = x.integers[a], right = x.integers[b];
  if (x.elementType().isUnsignedInteger(64))
    return (uint64_t(left) > uint64_t(right)) -
           (uint64_t(left) < uint64_t(right));
  return (left > right) - (left < right);
}

static void copyElement(const HostTensor &source, int64_t from,
                        HostTensor &target, int64_t to) {
  if (source.isFloat())
    target.reals[to] = source.reals[from];
  else
    target.integers[to] = source.integers[from];
}

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static HostTensor scalar(Value result, int64_t number) {
  HostTensor tensor(typeOf(result));
  tensor.integers[0] = number;
  return tensor;
}

//===-- along one dimension
//-----------------------------------------------===//

/// Whether `candidate` is closer to what is looked for than `best`.
static bool isBetter(const HostTensor &x, int64_t candidate, int64_t best,
                     bool largest) {
  if (x.isFloat()) {
    bool isNaN = std::isnan(x.reals[candidate]),
         bestIsNaN = std::isnan(x.reals[best]);
    if (isNaN || bestIsNaN)
      return isNaN && !bestIsNaN;
  }
  int order = compareElements(x, candidate, best);
  return largest ? order > 0 : order < 0;
}

template <typename Op>
static HostTensor findExtreme(Op op, const HostTensor &x, bool largest) {
  HostTensor result(resultType(op));
  Lines lines(x.shape(), op.getAxis());
  for (int64_t line = 0; line < lines.count(); ++line) {
    int64_t best = 0;
    for (int64_t i = 1; i < lines.size; ++i) {
      int64_t candidate = lines.element(line, i),
              known = lines.element(line, best);
      if (isBetter(x, candidate, known, largest) ||
          (op.getSelectLast() && !isBetter(x, known, candidate, largest)))
        best = i;
    }
    result.integers[line] = best;
  }
  return result;
}

static std::vector<HostTensor> topK(edge::TopKOp op, const HostTensor &x) {
  HostTensor values(typeOf(op.getValues())), indices(typeOf(op.getIndices()));
  int64_t axis = op.getAxis();
  Lines from(x.shape(), axis), to(values.shape(), axis);
  std::vector<int64_t> order(from.size);
  for (int64_t line = 0; line < from.count(); ++line) {
    std::iota(order.begin(), order.end(), 0);
    llvm::sort(order, [&](int64_t a, int64_t b) {
      int compared =
          compareElements(x, from.element(line, a), from.element(line, b));
      if (compared == 0)
        return a < b;
      return op.getLargest() ? compared > 0 : compared < 0;
    });
    for (int64_t i = 0; i < to.size; ++i) {
      copyElement(x, from.element(line, order[i]), values, to.element(line, i));
      indices.integers[to.element(line, i)] = order[i];
    }
  }
  std::vector<HostTensor> results;
  results.push_back(std::move(values));
  results.push_back(std::move(indices));
  return results;
}

static int64_t cumulateAxis(edge::CumulateOp op, Operands operands) {
  if (op.getAxis())
    return *op.getAxis();
  int64_t rank = operands[0]->shape().size(), axis = operands[1]->integers[0];
  return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank - 1);
}

static HostTensor cumulate(edge::CumulateOp op, Operands operands) {
  const HostTensor &x = *operands[0];
  HostTensor result(resultType(op));
  Lines lines(x.shape(), cumulateAxis(op, operands));
  bool isSum = op.getKind() == edge::Accumulate::sum;
  for (int64_t line = 0; line < lines.count(); ++line) {
    double real = isSum ? 0 : 1;
    uint64_t integer = isSum ? 0 : 1;
    for (int64_t step = 0; step < lines.size; ++step) {
      int64_t i =
          lines.element(line, op.getReverse() ? lines.size - 1 - step : step);
      auto store = [&] {
        if (x.isFloat())
          result.reals[i] = real;
        else
          result.integers[i] = wrapTo(x.elementType(), int64_t(integer));
      };
      if (op.getExclusive())
        store();
      if (x.isFloat())
        real = isSum ? real + x.reals[i] : real * x.reals[i];
      else
        integer = isSum ? integer + uint64_t(x.integers[i])
                        : integer * uint64_t(x.integers[i]);
      if (!op.getExclusive())
        store();
    }
  }
  return result;
}

static HostTensor determinant(edge::DetOp op, const HostTensor &x) {
  HostTensor result(resultType(op));
  int64_t n = x.shape().back();
  for (int64_t matrix = 0; matrix < result.size(); ++matrix) {
    std::vector<double> a(x.reals.begin() + matrix * n * n,
                          x.reals.begin() + (matrix + 1) * n * n);
    double det = 1;
    for (int64_t k = 0; k < n && det != 0; ++k) {
      int64_t pivot = k;
      for (int64_t row = k + 1; row < n; ++row)
        if (std::abs(a[row * n + k]) > std::abs(a[pivot * n + k]))
          pivot = row;
      for (int64_t column = 0; column < n && pivot != k; ++column)
        std::swap(a[k * n + column], a[pivot * n + column]);
      det *= pivot == k ? a[k * n + k] : -a[k * n + k];
      for (int64_t row = k + 1; row < n && det != 0; ++row) {
        double factor = a[row * n + k] / a[k * n + k];
        for (int64_t column = k; column < n; ++column)
          a[row * n + column] -= factor * a[k * n + column];
      }
    }
    result.reals[matrix] = det;
  }
  return result;
}

//===-- as many as there are
//----------------------------------------------===//

static std::vector<HostTensor> nonZero(edge::NonZeroOp op,
                                       const HostTensor &x) {
  HostTensor positions(typeOf(op.getPositions()));
  int64_t bound = x.size(), count = 0, i = 0;
  forEachPosition(x.shape(), [&](ArrayRef<int64_t> position) {
    bool isZero = x.isFloat() ? x.reals[i] == 0 : x.integers[i] == 0;
    ++i;
    if (isZero)
      return;
    for (auto [d, index] : llvm::enumerate(position))
      positions.integers[int64_t(d) * bound + count] = index;
    ++count;
  });
  std::vector<HostTensor> results;
  results.push_back(std::move(positions));
  results.push_back(scalar(op.getCount(), count));
  return results;
}

static std::vector<HostTensor> compress(edge::CompressOp op,
                                        const HostTensor &x,
                                        const HostTensor &condition) {
  HostTensor selected(typeOf(op.getSelected()));
  Lines from(x.shape(), op.getAxis()), to(selected.shape(), op.getAxis());
  int64_t count = 0;
  for (int64_t i = 0; i < condition.size(); ++i) {
    if (condition.integers[i] == 0)
      continue;
    for (int64_t line = 0; line < from.count(); ++line)
      copyElement(x, from.element(line, i), selected, to.element(line, count));
    ++count;
  }
  std::vector<HostTensor> results;
  results.push_back(std::move(selected));
  results.push_back(scalar(op.getCount(), count));
  return results;
}

static std::vector<HostTensor> unique(edge::UniqueOp op, const HostTensor &x) {
  Lines lines(x.shape(), op.getAxis());
  auto compare = [&](int64_t a, int64_t b) {
    int order = 0;
    for (int64_t line = 0; line < lines.count() && order == 0; ++line)
      order =
          compareElements(x, lines.element(line, a), lines.element(line, b));
    return order;
  };
  std::vector<int64_t> order(lines.size);
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    int order = compare(a, b);
    return order == 0 ? a < b : order < 0;
  });
  /// Equal slices, in the order of their indices.
  std::vector<std::vector<int64_t>> groups;
  for (int64_t i : order) {
    if (groups.empty() || compare(groups.back().front(), i) != 0)
      groups.emplace_back();
    groups.back().push_back(i);
  }
  if (!op.getSorted()) {
    llvm::sort(groups, [](const auto &a, const auto &b) {
      return a.front() < b.front();
    });
  }
  HostTensor values(typeOf(op.getValues())), first(typeOf(op.getFirst())),
      inverse(typeOf(op.getInverse())), counts(typeOf(op.getCounts()));
  for (auto [number, group] : llvm::enumerate(groups)) {
    for (int64_t line = 0; line < lines.count(); ++line)
      copyElement(x, lines.element(line, group.front()), values,
                  lines.element(line, int64_t(number)));
    first.integers[number] = group.front();
    counts.integers[number] = int64_t(group.size());
    for (int64_t i : group)
      inverse.integers[i] = int64_t(number);
  }
  std::vector<HostTensor> results;
  results.push_back(std::move(values));
  results.push_back(std::move(first));
  results.push_back(std::move(inverse));
  results.push_back(std::move(counts));
  results.push_back(scalar(op.getCount(), int64_t(groups.size())));
  return results;
}

namespace {
struct Box {
  double top, left, bottom, right;
};
} // namespace

static Box boxOf(const double *numbers, bool center) {
  if (center)
    return {numbers[1] - numbers[3] / 2, numbers[0] - numbers[2] / 2,
            numbers[1] + numbers[3] / 2, numbers[0] + numbers[2] / 2};
  return {std::min(numbers[0], numbers[2]), std::min(numbers[1], numbers[3]),
          std::max(numbers[0], numbers[2]), std::max(numbers[1], numbers[3])};
}

static double overlap(const Box &a, const Box &b) {
  double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  double shared = std::max(height, 0.0) * std::max(width, 0.0);
  double all = (a.bottom - a.top) * (a.right - a.left) +
               (b.bottom - b.top) * (b.right - b.left) - shared;
  return all > 0 ? shared / all : 0;
}

/// The selected boxes of one batch and class.
static std::vector<int64_t> suppress(edge::NonMaxSuppressionOp op,
                                     ArrayRef<double> boxes,
                                     ArrayRef<double> scores, int64_t most,
                                     double iou, double least) {
  std::vector<int64_t> order, kept;
  for (int64_t i = 0; i < int64_t(scores.size()); ++i)
    if (scores[i] > least)
      order.push_back(i);
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return scores[a] == scores[b] ? a < b : scores[a] > scores[b];
  });
  for (int64_t i : order) {
    if (int64_t(kept.size()) >= most)
      break;
    Box box = boxOf(boxes.data() + 4 * i, op.getCenter());
    if (llvm::none_of(kept, [&](int64_t other) {
          return overlap(boxOf(boxes.data() + 4 * other, op.getCenter()), box) >
                 iou;
        }))
      kept.push_back(i);
  }
  return kept;
}

static std::vector<HostTensor> nonMaxSuppression(edge::NonMaxSuppressionOp op,
                                                 Operands operands) {
  const HostTensor &boxes = *operands[0], &scores = *operands[1];
  HostTensor selected(typeOf(op.getSelected()));
  int64_t most = std::min<int64_t>(operands[2]->integers[0], op.getBound());
  int64_t classes = scores.shape()[1], size = scores.shape()[2], count = 0;
  for (int64_t b = 0; b < scores.shape()[0]; ++b) {
    for (int64_t c = 0; c < classes; ++c) {
      for (int64_t i : suppress(
               op, ArrayRef(boxes.reals).slice(b * size * 4, size * 4),
               ArrayRef(scores.reals).slice((b * classes + c) * size, size),
               most, operands[3]->reals[0], operands[4]->reals[0])) {
        int64_t *row = selected.integers.data() + 3 * count++;
        row[0] = b;
        row[1] = c;
        row[2] = i;
      }
    }
  }
  std::vector<HostTensor> results;
  results.push_back(std::move(selected));
  results.push_back(scalar(op.getCount(), count));
  return results;
}

Results edgec::evaluator::evaluateSelection(Operation *op, Operands operands) {
  auto one = [](HostTensor tensor) -> Results {
    std::vector<HostTensor> results;
    results.push_back(std::move(tensor));
    return results;
  };
  auto x = [&]() -> const HostTensor & { return *operands[0]; };
  return llvm::TypeSwitch<Operation *, Results>(op)
      .Case([&](edge::ArgMaxOp op) {
        return one(findExtreme(op, x(), /*largest=*/true));
      })
      .Case([&](edge::ArgMinOp op) {
        return one(findExtreme(op, x(), /*largest=*/false));
      })
      .Case([&](edge::TopKOp op) { return topK(op, x()); })
      .Case([&](edge::CumulateOp op) { return one(cumulate(op, operands)); })
      .Case([&](edge::DetOp op) { return one(determinant(op, x())); })
      .Case([&](edge::NonZeroOp op) { return nonZero(op, x()); })
      .Case(
          [&](edge::CompressOp op) { return compress(op, x(), *operands[1]); })
      .Case([&](edge::UniqueOp op) { return unique(op, x()); })
      .Case([&](edge::NonMaxSuppressionOp op) {
        return nonMaxSuppression(op, operands);
      })
      .Default(Results());
}
