//===- Calibrator.cpp - from a tensor's values to its range ---------------===//
//
// Candidates are ranges of whole histogram bins that keep 0. Exact zeros, which
// rectifiers make in plenty, are represented exactly in each of them and stay
// out of every measure.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/Calibrator.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <limits>
#include <optional>

using namespace edgec;

static constexpr int64_t levels = 256;

//===-- names
//--------------------------------------------------------------===//

static constexpr std::pair<llvm::StringLiteral, Calibrator::Kind> kindNames[] =
    {
        {"minmax", Calibrator::Kind::minmax},
        {"average", Calibrator::Kind::average},
        {"percentile", Calibrator::Kind::percentile},
        {"entropy", Calibrator::Kind::entropy},
        {"mse", Calibrator::Kind::mse},
};

llvm::Expected<Calibrator> Calibrator::parse(llvm::StringRef text) {
  auto [name, argument] = text.split(':');
  for (const auto &[known, kind] : kindNames) {
    if (name != known)
      continue;
    Calibrator calibrator;
    calibrator.kind = kind;
    if (argument.empty() && !text.contains(':'))
      return calibrator;
    if (kind != Kind::percentile || argument.getAsDouble(calibrator.percent) ||
        !(calibrator.percent > 50 && calibrator.percent <= 100)) {
      return llvm::createStringError(
          "'" + text +
          "': only percentile takes a number, above 50 and at "
          "most 100, as in percentile:99.9");
    }
    return calibrator;
  }
  return llvm::createStringError(
      "unknown calibrator '" + text +
      "', expected minmax, average, percentile, entropy or mse");
}

std::string Calibrator::text() const {
  for (const auto &[name, known] : kindNames) {
    if (known != kind)
      continue;
    if (kind != Kind::percentile || percent == Calibrator().percent)
      return name.str();
    std::string number = std::to_string(percent);
    number.erase(number.find_last_not_of('0') + 1);
    return name.str() + ":" + number;
  }
  llvm_unreachable("all kinds have names");
}

llvm::ArrayRef<Calibrator> edgec::allCalibrators() {
  static const Calibrator all[] = {{Calibrator::Kind::minmax},
                                   {Calibrator::Kind::average},
                                   {Calibrator::Kind::percentile},
                                   {Calibrator::Kind::entropy},
                                   {Calibrator::Kind::mse}};
  return all;
}

//===-- percentile
//---------------------------------------------------------===//

/// Cuts (100 - percent) / 2 percent of the values off on each side, zeros
/// counted.
static NumberRange percentileRange(const TensorStatistics &statistics,
                                   double percent) {
  llvm::ArrayRef<int64_t> bins = statistics.histogram();
  double all = double(statistics.zeros());
  for (int64_t count : bins)
    all += double(count);
  double cut = all * (100 - percent) / 200;
  NumberRange range = statistics.extremes();
  double below = 0, above = 0;
  double width = statistics.binWidth();
  // Zeros end each side: beyond them nothing has to be cut.
  for (int64_t i = 0; i < int64_t(bins.size()); ++i) {
    below += double(bins[i]);
    if (below > cut || statistics.center(i) >= 0)
      break;
    range.low = std::min(0.0, statistics.center(i) + width / 2);
  }
  for (int64_t i = int64_t(bins.size()) - 1; i >= 0; --i) {
    above += double(bins[i]);
    if (above > cut || statistics.center(i) <= 0)
      break;
    range.high = std::max(0.0, statistics.center(i) - width / 2);
  }
  return range;
}

//===-- mean squared error
//-------------------------------------------------===//

namespace {
/// Sums over the bins below an index: of counts, of values and of their
/// squares.
class Moments {
public:
  explicit Moments(const TensorStatistics &statistics)
      : counts(1), sums(1), squares(1) {
    for (auto [i, count] : llvm::enumerate(statistics.histogram())) {
      double x = statistics.center(int64_t(i)), n = double(count);
      counts.push_back(counts.back() + n);
      sums.push_back(sums.back() + n * x);
      squares.push_back(squares.back() + n * x * x);
    }
  }
  double count(int64_t begin, int64_t end) const {
    return counts[end] - counts[begin];
  }
  /// Sum of (x - point)^2 over the bins.
  double squaredDistance(int64_t begin, int64_t end, double point) const {
    double n = count(begin, end), sum = sums[end] - sums[begin];
    double square = squares[end] - squares[begin];
    return std::max(0.0, square - 2 * point * sum + n * point * point);
  }

private:
  std::vector<double> counts, sums, squares;
};
} // namespace

/// Values inside are off by up to half a step, evenly spread; those outside by
/// their distance from the end.
static NumberRange leastErrorRange(const TensorStatistics &statistics) {
  constexpr int64_t steps = 128;
  constexpr int64_t bins = TensorStatistics::binCount;
  Moments moments(statistics);
  NumberRange full = statistics.extremes().withZero();
  NumberRange best = full;
  double bestError = std::numeric_limits<double>::infinity();
  double width = statistics.binWidth();
  auto binOf = [&](double x) {
    double bin = (x - statistics.extremes().low) / width;
    return std::clamp<int64_t>(std::llround(bin), 0, bins);
  };
  for (int64_t i = 1; i <= steps; ++i) {
    for (int64_t j = 1; j <= steps; ++j) {
      NumberRange range{full.low * double(i) / steps,
                        full.high * double(j) / steps};
      int64_t begin = binOf(range.low), end = binOf(range.high);
      double step = (range.high - range.low) / (levels - 1);
      double error = moments.squaredDistance(0, begin, range.low) +
                     moments.count(begin, end) * step * step / 12 +
                     moments.squaredDistance(end, bins, range.high);
      if (error < bestError) {
        bestError = error;
        best = range;
      }
    }
  }
  return best;
}

//===-- entropy
//------------------------------------------------------------===//

/// The Kullback-Leibler divergence of the values' distribution, what lies
/// outside of [begin, end) added to the ends, from what the levels tell of it:
/// of each level the sum alone, spread over those of its bins that are not
/// empty. As in "8-bit inference with TensorRT" (S. Migacz, GTC 2017), here
/// with 256 levels over a range that need not be symmetric.
static std::optional<double> divergence(llvm::ArrayRef<int64_t> bins,
                                        int64_t begin, int64_t end) {
  std::vector<double> p(bins.begin() + begin, bins.begin() + end);
  std::vector<double> q(p.size());
  double total = 0, kept = 0;
  for (auto [i, count] : llvm::enumerate(bins)) {
    total += double(count);
    if (int64_t(i) < begin)
      p.front() += double(count);
    else if (int64_t(i) >= end)
      p.back() += double(count);
    else
      kept += double(count);
  }
  if (kept == 0)
    return std::nullopt;
  auto size = int64_t(p.size());
  for (int64_t level = 0; level < levels; ++level) {
    int64_t first = level * size / levels, last = (level + 1) * size / levels;
    double sum = 0;
    int64_t filled = 0;
    for (int64_t i = first; i < last; ++i) {
      sum += double(bins[begin + i]);
      filled += p[i] > 0;
    }
    for (int64_t i = first; i < last; ++i)
      q[i] = p[i] > 0 ? sum / double(filled) : 0;
  }
  // Where only what was cut off lies, the levels tell nothing: a small share
  // instead of none keeps the logarithm finite.
  constexpr double least = 1e-9;
  double result = 0;
  for (auto [pi, qi] : llvm::zip_equal(p, q)) {
    double share = pi / total;
    if (share > 0)
      result += share * std::log(share / std::max(qi / kept, least));
  }
  return result;
}

static NumberRange leastDivergenceRange(const TensorStatistics &statistics) {
  llvm::ArrayRef<int64_t> bins = statistics.histogram();
  NumberRange full = statistics.extremes();
  double width = statistics.binWidth();
  auto size = int64_t(bins.size());
  // Bins below zero shrink with those above, in the same proportion.
  int64_t zero = std::clamp<int64_t>(std::llround(-full.low / width), 0, size);
  NumberRange best = full;
  double least = std::numeric_limits<double>::infinity();
  for (int64_t kept = levels; kept <= size; kept += 8) {
    int64_t begin = zero - zero * kept / size;
    auto found = divergence(bins, begin, begin + kept);
    if (found && *found < least) {
      least = *found;
      best = {full.low + double(begin) * width,
              full.low + double(begin + kept) * width};
    }
  }
  return best;
}

//===-- choice
//-------------------------------------------------------------===//

NumberRange edgec::calibrate(const TensorStatistics &statistics,
                             const Calibrator &calibrator) {
  NumberRange full = statistics.extremes();
  bool isPoint = full.low == full.high || statistics.histogram().empty();
  if (calibrator.kind == Calibrator::Kind::average)
    return statistics.meanExtremes().withZero();
  if (calibrator.kind == Calibrator::Kind::minmax || isPoint)
    return full.withZero();
  if (calibrator.kind == Calibrator::Kind::percentile)
    return percentileRange(statistics, calibrator.percent).withZero();
  if (calibrator.kind == Calibrator::Kind::entropy)
    return leastDivergenceRange(statistics).withZero();
  return leastErrorRange(statistics).withZero();
}
