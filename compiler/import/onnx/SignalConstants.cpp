//===- SignalConstants.cpp - windows and mel weights ----------------------===//
//
// Tensors that signal processing multiplies with, computed from a few numbers:
// at import, or, where these are values of the run, by the operators of
// float64.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include <cmath>
#include <numeric>

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

static constexpr double pi = 3.14159265358979323846;

/// No result has more elements.
static constexpr int64_t mostElements = int64_t(1) << 24;

/// A number that has to be known at import.
static std::optional<int64_t> wholeNumber(NodeImport &n, unsigned input,
                                          StringRef meaning) {
  std::optional<double> number = n.scalar(input, meaning);
  if (!number)
    return std::nullopt;
  if (*number < -0x1p53 || *number > 0x1p53 || *number != std::trunc(*number)) {
    n.error() << "the " << meaning << " should be a whole number, not "
              << *number;
    return std::nullopt;
  }
  return static_cast<int64_t>(*number);
}

/// The type that the result has, or none after an error.
static std::optional<DataType> outputType(NodeImport &n) {
  auto type = static_cast<DataType>(
      n.integer("output_datatype", static_cast<int64_t>(DataType::Float)));
  if (type == DataType::Float || type == DataType::Double ||
      isIntegerType(type))
    return type;
  n.error() << "a result of type " << dataTypeName(type)
            << " is not supported; make it float and cast it";
  return std::nullopt;
}

//===-- windows ----------------------------------------------------------===//

/// The number of elements: the one input, or what the result is declared with.
static std::optional<int64_t> windowSize(NodeImport &n) {
  if (!n.constant(0)) {
    auto shape = n.declaredShape(0);
    if (shape && shape->size() == 1)
      return (*shape)[0];
  }
  return wholeNumber(n, 0, "size");
}

/// Sums of cosines: weights[j] * cos(2 pi j i / N).
static void importCosineWindow(NodeImport &n, ArrayRef<double> weights) {
  bool periodic = n.flag("periodic", true);
  auto type = outputType(n);
  auto size = type ? windowSize(n) : std::nullopt;
  if (!size)
    return;
  if (*size < 1 || *size > mostElements) {
    n.error() << "a window of " << *size << " elements is not supported; it "
              << "should have from 1 to " << mostElements;
    return;
  }
  Numbers window;
  window.type = DataType::Double;
  window.shape = {*size};
  // A symmetric window of one element is its first element.
  double period = double(periodic ? *size : std::max<int64_t>(*size - 1, 1));
  for (int64_t i = 0; i < *size; ++i) {
    double sum = 0;
    for (auto [j, weight] : llvm::enumerate(weights))
      sum += weight * std::cos(2 * pi * double(j) * double(i) / period);
    window.reals.push_back(sum);
  }
  n.set(0, window.cast(*type));
}

static void importHann(NodeImport &n) { importCosineWindow(n, {0.5, -0.5}); }

static void importHamming(NodeImport &n) {
  importCosineWindow(n, {25.0 / 46.0, -21.0 / 46.0});
}

static void importBlackman(NodeImport &n) {
  importCosineWindow(n, {0.42, -0.5, 0.08});
}

/// A constant list of float64.
static Value realConstant(NodeImport &n, ArrayRef<double> elements) {
  auto type = mlir::RankedTensorType::get({int64_t(elements.size())},
                                          n.builder.getF64Type());
  return edge::ConstantOp::create(n.builder, n.loc, type,
                                  mlir::DenseElementsAttr::get(type, elements));
}

//===-- mel weights ------------------------------------------------------===//

namespace {
struct MelScale {
  int64_t bands, length;
  double sampleRate, lowest, highest;

  /// The bins of the spectrum where band i begins (i), has its peak (i + 1) and
  /// ends (i + 2); rounding as the specification says.
  std::vector<double> bins() const;
  /// Row-major [length / 2 + 1, bands]: a triangle for each band.
  std::vector<double> weights() const;
};
} // namespace

std::vector<double> MelScale::bins() const {
  auto toMel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  double low = toMel(lowest), step = (toMel(highest) - low) / double(bands + 2);
  std::vector<double> result;
  for (int64_t i = 0; i < bands + 2; ++i) {
    double hertz = 700 * (std::pow(10.0, (low + double(i) * step) / 2595) - 1);
    result.push_back(std::floor(double(length + 1) * hertz / sampleRate));
  }
  return result;
}

std::vector<double> MelScale::weights() const {
  int64_t rows = length / 2 + 1;
  std::vector<double> edges = bins(), result(rows * bands, 0.0);
  for (int64_t band = 0; band < bands; ++band) {
    double begin = edges[band], peak = edges[band + 1], end = edges[band + 2];
    for (int64_t row = 0; row < rows; ++row) {
      double bin = double(row), &weight = result[row * bands + band];
      if (bin == peak)
        weight = 1;
      else if (bin >= begin && bin < peak)
        weight = (bin - begin) / (peak - begin);
      else if (bin > peak && bin < end)
        weight = (end - bin) / (end - peak);
    }
  }
  return result;
}

/// floor((length + 1) f / sampleRate) for the frequencies f of the bands'
/// edges, from values of the run: [bands + 2] of float64.
static Value makeMelBins(NodeImport &n, int64_t bands) {
  auto number = [&](unsigned input) {
    Value value = n.reshape(n.operand(input), {});
    return n.cast(value, n.builder.getF64Type());
  };
  Value length = number(1), rate = number(2);
  auto constant = [&](double value) { return n.scalarLike(length, value); };
  auto times = [&](Value x, double factor) {
    return n.make<edge::MulOp>({x, constant(factor)});
  };
  auto plus = [&](Value x, double addend) {
    return n.make<edge::AddOp>({x, constant(addend)});
  };
  // 2595 log10 x and its inverse, in natural logarithms.
  double scale = 2595 / std::log(10.0);
  auto toMel = [&](unsigned input) {
    Value ratio = plus(times(number(input), 1.0 / 700), 1);
    return times(n.make<edge::LogOp>({ratio}), scale);
  };
  Value low = toMel(3);
  Value range = n.make<edge::SubOp>({toMel(4), low});
  std::vector<double> fractions;
  fractions.reserve(bands + 2);
  for (int64_t i = 0; i < bands + 2; ++i)
    fractions.push_back(double(i) / double(bands + 2));
  Value steps = n.make<edge::MulOp>({realConstant(n, fractions), range});
  Value mel = times(n.make<edge::AddOp>({steps, low}), 1 / scale);
  Value hertz = times(plus(n.make<edge::ExpOp>({mel}), -1), 700);
  Value bins = n.make<edge::MulOp>({hertz, plus(length, 1)});
  return n.make<edge::FloorOp>({n.make<edge::DivOp>({bins, rate})});
}

/// As MelScale::weights, from values of the run.
static Value makeMelWeights(NodeImport &n, int64_t rows, int64_t bands) {
  Value edges = makeMelBins(n, bands);
  auto edge = [&](int64_t first) {
    return n.make<edge::SliceOp>({edges},
                                 {n.attr("offsets", ArrayRef<int64_t>{first}),
                                  n.attr("sizes", ArrayRef<int64_t>{bands}),
                                  n.attr("strides", ArrayRef<int64_t>{1})});
  };
  Value begin = edge(0), peak = edge(1), end = edge(2);
  std::vector<double> numbers(rows);
  std::iota(numbers.begin(), numbers.end(), 0.0);
  Value bin = n.reshape(realConstant(n, numbers), {rows, 1});
  auto ratio = [&](Value a, Value b, Value c, Value d) {
    return n.make<edge::DivOp>(
        {n.make<edge::SubOp>({a, b}), n.make<edge::SubOp>({c, d})});
  };
  Value rising = ratio(bin, begin, peak, begin),
        falling = ratio(end, bin, end, peak);
  auto both = [&](Value a, Value b) { return n.make<edge::AndOp>({a, b}); };
  Value isRising = both(n.make<edge::LessEqualOp>({begin, bin}),
                        n.make<edge::LessOp>({bin, peak}));
  Value isFalling =
      both(n.make<edge::LessOp>({peak, bin}), n.make<edge::LessOp>({bin, end}));
  Value isPeak = n.make<edge::EqualOp>({bin, peak});
  Value zero = n.scalarLike(edges, 0), one = n.scalarLike(edges, 1);
  Value weights = n.make<edge::SelectOp>({isFalling, falling, zero});
  weights = n.make<edge::SelectOp>({isRising, rising, weights});
  return n.make<edge::SelectOp>({isPeak, one, weights});
}

/// Whether the inputs are values of the run while the result's shape, which two
/// of them decide, is declared.
static bool importRunTimeMelWeights(NodeImport &n, DataType type) {
  bool isConstant = true;
  for (unsigned i = 0; i < 5; ++i)
    isConstant &= n.constant(i) != nullptr;
  auto shape = n.declaredShape(0);
  if (isConstant || !shape || shape->size() != 2 || (*shape)[0] < 1 ||
      (*shape)[1] < 1 || (*shape)[0] > mostElements / (*shape)[1])
    return false;
  Value weights = makeMelWeights(n, (*shape)[0], (*shape)[1]);
  n.set(0, n.cast(weights, elementType(type, n.builder.getContext())));
  return true;
}

static void importMelWeightMatrix(NodeImport &n) {
  auto type = outputType(n);
  if (!type || importRunTimeMelWeights(n, *type))
    return;
  auto bands = wholeNumber(n, 0, "num_mel_bins"),
       length = wholeNumber(n, 1, "dft_length");
  auto rate = n.scalar(2, "sample_rate"),
       lowest = n.scalar(3, "lower_edge_hertz"),
       highest = n.scalar(4, "upper_edge_hertz");
  if (!bands || !length || !rate || !lowest || !highest)
    return;
  if (*bands < 1 || *length < 1 || !(*rate > 0) || !(*lowest >= 0) ||
      !(*highest >= *lowest) || *bands > mostElements ||
      *length / 2 + 1 > mostElements / *bands) {
    n.error() << *bands << " bands from " << *lowest << " to " << *highest
              << " Hz at a sample rate of " << *rate << " Hz and a dft_length "
              << "of " << *length << " are not supported; all should be "
              << "positive, the edges in order, the matrix of at most "
              << mostElements << " elements";
    return;
  }
  Numbers result;
  result.type = DataType::Double;
  result.shape = {*length / 2 + 1, *bands};
  result.reals = MelScale{*bands, *length, *rate, *lowest, *highest}.weights();
  n.set(0, result.cast(*type));
}

llvm::ArrayRef<Operator> onnx::signalConstantOperators() {
  static constexpr Operator rows[] = {
      {"HannWindow", 17, 1, 1, importHann, nullptr, types::numbers,
       "constant or declared size"},
      {"HammingWindow", 17, 1, 1, importHamming, nullptr, types::numbers,
       "constant or declared size"},
      {"BlackmanWindow", 17, 1, 1, importBlackman, nullptr, types::numbers,
       "constant or declared size"},
      {"MelWeightMatrix", 17, 5, 5, importMelWeightMatrix, nullptr,
       types::numbers, "constant inputs or a declared shape"},
  };
  return rows;
}
