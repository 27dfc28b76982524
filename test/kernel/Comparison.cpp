//===- Comparison.cpp - how far a result may be off ----------------------===//
//
// Two measures, both needed: the norm of the whole difference, which the
// project promises, and each element's, because a wrong corner hardly shows in
// a norm.
//
//===----------------------------------------------------------------------===//
#include "test/kernel/Comparison.h"
#include "test/kernel/Cases.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;

/// The position of element `index`, for messages.
static std::string positionOf(Shape shape, int64_t index) {
  llvm::SmallVector<int64_t> position(shape.size());
  for (int64_t d = int64_t(shape.size()) - 1; d >= 0; --d) {
    position[d] = index % shape[d];
    index /= shape[d];
  }
  return "[" +
         llvm::join(llvm::map_range(
                        position, [](int64_t p) { return std::to_string(p); }),
                    ", ") +
         "]";
}

/// Integers are equal or wrong.
static std::optional<std::string>
findIntegerMismatch(const HostTensor &expected, const HostTensor &actual) {
  for (int64_t i = 0; i < expected.size(); ++i) {
    if (expected.integers[i] != actual.integers[i]) {
      return "element " + positionOf(expected.shape(), i) + " is " +
             std::to_string(actual.integers[i]) + " instead of " +
             std::to_string(expected.integers[i]);
    }
  }
  return std::nullopt;
}

std::optional<std::string>
edgec::test::findMismatch(const HostTensor &expected, const HostTensor &actual,
                          const Tolerance &tolerance) {
  if (!expected.isFloat())
    return findIntegerMismatch(expected, actual);
  std::string message;
  llvm::raw_string_ostream stream(message);
  double largest = 0.0;
  for (double value : expected.reals)
    if (std::isfinite(float(value)))
      largest = std::max(largest, std::abs(value));

  double difference2 = 0.0, expected2 = 0.0;
  int64_t wrong = 0, firstWrong = -1;
  for (int64_t i = 0; i < expected.size(); ++i) {
    double want = expected.reals[i], have = actual.reals[i];
    bool fine;
    if (!std::isfinite(float(want)) || !std::isfinite(have)) {
      fine = std::isnan(want) ? std::isnan(have) : float(want) == have;
    } else {
      difference2 += (have - want) * (have - want);
      expected2 += want * want;
      fine = std::abs(have - want) <=
             tolerance.elementRelative * std::abs(want) +
                 tolerance.elementOfLargest * largest + 0x1p-126;
    }
    if (!fine && wrong++ == 0)
      firstWrong = i;
  }
  double relativeL2 = expected2 > 0.0 ? std::sqrt(difference2 / expected2)
                                      : std::sqrt(difference2);
  if (wrong == 0 && relativeL2 <= tolerance.relativeL2 + 0x1p-126)
    return std::nullopt;
  stream << "relative L2 error " << llvm::format("%.3g", relativeL2)
         << " (at most " << llvm::format("%.3g", tolerance.relativeL2) << "), "
         << wrong << " of " << expected.size() << " elements of "
         << text(expected.shape()) << " wrong";
  if (wrong)
    stream << ", the first at " << positionOf(expected.shape(), firstWrong)
           << ": " << llvm::format("%.9g", actual.reals[firstWrong])
           << " instead of "
           << llvm::format("%.9g", expected.reals[firstWrong]);
  return message;
}
