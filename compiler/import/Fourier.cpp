//===- Fourier.cpp - Fourier transforms from matrix products --------------===//
//
//   X[k] = sum over t of x[t] e^(-2 pi i k t / N)
//
// With N = A * B, t = B a + b, k = c + A d it splits into transforms of length
// A, a multiplication, and transforms of length B:
//
//   X[c + A d] = sum over b of e^(-2 pi i b d / B) e^(-2 pi i b c / N)
//                  sum over a of x[B a + b] e^(-2 pi i a c / A)
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Fourier.h"
#include <cmath>

using namespace edgec;
using llvm::ArrayRef;
using mlir::Value;

/// A matrix with more elements is split if its length can be.
static constexpr int64_t splitElements = int64_t(1) << 20;

/// e^(2 pi i turns / of), from an angle within one turn so that it stays exact.
static std::pair<double, double> onCircle(int64_t turns, int64_t of) {
  constexpr double pi = 3.14159265358979323846;
  double angle = 2 * pi * double(turns % of) / double(of);
  return {std::cos(angle), std::sin(angle)};
}

std::vector<float> FourierMatrix::elements() const {
  std::vector<float> result(rows() * columns());
  size_t inputParts = realInput ? 1 : 2, outputParts = realOutput ? 1 : 2;
  for (int64_t k = 0; k < outputs; ++k) {
    for (int64_t t = 0; t < inputs; ++t) {
      auto [cosine, sine] = onCircle(k * t, length);
      double scale = inverse ? 1.0 / double(length) : 1.0;
      // The mirrored half gives the same real part once more.
      if (halfSpectrum && t > 0 && 2 * t != length)
        scale *= 2;
      if (!inverse)
        sine = -sine;
      // (x + i y) (cosine + i sine)
      const double parts[2][2] = {{cosine, -sine}, {sine, cosine}};
      for (size_t to = 0; to < outputParts; ++to) {
        for (size_t from = 0; from < inputParts; ++from) {
          size_t row = k * outputParts + to, column = t * inputParts + from;
          result[row * columns() + column] =
              static_cast<float>(scale * parts[to][from]);
        }
      }
    }
  }
  return result;
}

static ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// Elements [0, size) of a dimension.
static Value firstOf(OpMaker &m, Value value, int64_t dimension, int64_t from,
                     int64_t size) {
  if (!value)
    return nullptr;
  llvm::SmallVector<int64_t> offsets(shapeOf(value).size(), 0),
      sizes(shapeOf(value)), strides(sizes.size(), 1);
  if (sizes[dimension] == size)
    return value;
  offsets[dimension] = from;
  sizes[dimension] = size;
  return m.make<edge::SliceOp>({value}, {m.attr("offsets", offsets),
                                         m.attr("sizes", sizes),
                                         m.attr("strides", strides)});
}

//===-- long transforms --------------------------------------------------===//

namespace {
/// Real and imaginary parts, [R, N] each; the imaginary one may be null: zero.
struct Parts {
  Value real, imaginary;
};
} // namespace

/// The divisor of `length` nearest to its square root from below.
static int64_t balancedDivisor(int64_t length) {
  int64_t best = 1;
  for (int64_t d = 2; d * d <= length; ++d)
    if (length % d == 0)
      best = d;
  return best;
}

/// x * (cosines + i sines), all of x's shape but for the leading dimension.
static Parts multiply(OpMaker &m, Parts x, Value cosines, Value sines) {
  Parts result{m.make<edge::MulOp>({x.real, cosines}),
               m.make<edge::MulOp>({x.real, sines})};
  if (!x.imaginary)
    return result;
  Value negative = m.make<edge::MulOp>({x.imaginary, sines});
  Value positive = m.make<edge::MulOp>({x.imaginary, cosines});
  return {m.make<edge::SubOp>({result.real, negative}),
          m.make<edge::AddOp>({result.imaginary, positive})};
}

static Parts transpose(OpMaker &m, Parts x, ArrayRef<int64_t> from,
                       ArrayRef<int64_t> to) {
  auto one = [&](Value part) -> Value {
    if (!part)
      return nullptr;
    return m.reshape(m.transpose(m.reshape(part, from), {0, 2, 1}), to);
  };
  return {one(x.real), one(x.imaginary)};
}

/// The products with cos and +-sin matrices; without the division by N.
static Parts transformDirectly(OpMaker &m, Parts x, int64_t length,
                               bool inverse) {
  std::vector<float> cosines(length * length), sines(length * length);
  for (int64_t k = 0; k < length; ++k) {
    for (int64_t t = 0; t < length; ++t) {
      auto [cosine, sine] = onCircle(k * t, length);
      cosines[k * length + t] = static_cast<float>(cosine);
      sines[k * length + t] = static_cast<float>(inverse ? sine : -sine);
    }
  }
  Value byCosine = m.constantOf(cosines, {length, length}),
        bySine = m.constantOf(sines, {length, length});
  auto product = [&](Value part, Value matrix) {
    return m.make<edge::FullyConnectedOp>({part, matrix});
  };
  Parts result{product(x.real, byCosine), product(x.real, bySine)};
  if (!x.imaginary)
    return result;
  return {
      m.make<edge::SubOp>({result.real, product(x.imaginary, bySine)}),
      m.make<edge::AddOp>({result.imaginary, product(x.imaginary, byCosine)})};
}

static Parts transformLong(OpMaker &m, Parts x, int64_t count, int64_t length,
                           bool inverse) {
  constexpr int64_t shortLength = 64;
  int64_t a = balancedDivisor(length), b = length / a;
  if (length <= shortLength || a == 1) {
    if (length * length > maxFourierElements) {
      m.error() << "a Fourier transform whose length has the prime factor "
                << length << " is not supported; use a length without prime "
                << "factors above " << std::sqrt(double(maxFourierElements));
      return {};
    }
    return transformDirectly(m, x, length, inverse);
  }
  x = transpose(m, x, {count, a, b}, {count * b, a});
  x = transformLong(m, x, count * b, a, inverse);
  std::vector<float> cosines, sines;
  for (int64_t t = 0; t < b; ++t) {
    for (int64_t k = 0; k < a; ++k) {
      auto [cosine, sine] = onCircle(t * k, length);
      cosines.push_back(static_cast<float>(cosine));
      sines.push_back(static_cast<float>(inverse ? sine : -sine));
    }
  }
  if (!x.real)
    return {};
  Parts rows{m.reshape(x.real, {count, b, a}),
             m.reshape(x.imaginary, {count, b, a})};
  rows = multiply(m, rows, m.constantOf(cosines, {b, a}),
                  m.constantOf(sines, {b, a}));
  rows = transpose(m, rows, {count, b, a}, {count * a, b});
  rows = transformLong(m, rows, count * a, b, inverse);
  return transpose(m, rows, {count, a, b}, {count, length});
}

/// x is [R, n, parts]; the result [R, outputs, parts].
static Value transformInParts(OpMaker &m, Value x,
                              const FourierMatrix &matrix) {
  int64_t count = shapeOf(x)[0], length = matrix.length;
  if (matrix.inputs < length) {
    x = m.make<edge::PadOp>({x},
                            {m.attr("low", {0, 0, 0}),
                             m.attr("high", {0, length - matrix.inputs, 0})});
  }
  auto part = [&](int64_t number) {
    return m.reshape(firstOf(m, x, 2, number, 1), {count, length});
  };
  Parts parts{part(0), matrix.realInput ? Value() : part(1)};
  parts = transformLong(m, parts, count, length, matrix.inverse);
  llvm::SmallVector<Value> joined;
  for (Value part : {parts.real, parts.imaginary}) {
    part = firstOf(m, part, 1, 0, matrix.outputs);
    if (matrix.inverse)
      part = m.make<edge::MulOp>({part, m.splat(1.0F / float(length))});
    joined.push_back(m.reshape(part, {count, matrix.outputs, 1}));
  }
  return m.make<edge::ConcatOp>(joined, {m.attr("axis", int64_t(2))});
}

//===-- any transform ----------------------------------------------------===//

/// x is [R, n, parts]; the result [R, outputs, parts].
static Value transformRows(OpMaker &m, Value x, const FourierMatrix &matrix) {
  int64_t count = shapeOf(x)[0];
  bool isLarge = matrix.rows() > splitElements / matrix.columns();
  if (isLarge && !matrix.halfSpectrum)
    return transformInParts(m, x, matrix);
  if (matrix.rows() > maxFourierElements / matrix.columns()) {
    m.error() << "a Fourier transform of length " << matrix.length
              << " from half a spectrum is too large; transform the whole "
                 "spectrum instead";
    return nullptr;
  }
  Value filter =
      m.constantOf(matrix.elements(), {matrix.rows(), matrix.columns()});
  Value product = m.make<edge::FullyConnectedOp>(
      {m.reshape(x, {count, matrix.columns()}), filter});
  return m.reshape(product, {count, matrix.outputs, matrix.realOutput ? 1 : 2});
}

Value edgec::makeFourierTransform(OpMaker &m, Value x,
                                  const FourierTransform &transform) {
  if (!x)
    return nullptr;
  int64_t rank = shapeOf(x).size(), axis = transform.axis,
          length = transform.length;
  if (length < 1 || length > maxFourierLength) {
    m.error() << "a Fourier transform of length " << length
              << " is not supported; it should be from 1 to "
              << maxFourierLength;
    return nullptr;
  }
  FourierMatrix matrix;
  matrix.length = length;
  matrix.inverse = transform.inverse;
  matrix.realInput = shapeOf(x).back() == 1;
  matrix.halfSpectrum = transform.inverse && transform.onesided;
  matrix.realOutput = matrix.halfSpectrum;
  int64_t half = length / 2 + 1;
  matrix.inputs =
      std::min(shapeOf(x)[axis], matrix.halfSpectrum ? half : length);
  matrix.outputs = transform.onesided && !transform.inverse ? half : length;
  x = firstOf(m, x, axis, 0, matrix.inputs);
  // The axis goes before the parts, all others into one dimension.
  llvm::SmallVector<int64_t> order, inverseOrder(rank), outer;
  for (int64_t d = 0; d < rank - 1; ++d)
    if (d != axis)
      order.push_back(d);
  order.append({axis, rank - 1});
  for (int64_t d = 0; d < rank; ++d)
    inverseOrder[order[d]] = d;
  x = m.transpose(x, order);
  if (!x)
    return nullptr;
  outer.assign(shapeOf(x).begin(), shapeOf(x).end() - 2);
  int64_t count = 1;
  for (int64_t size : outer)
    count *= size;
  x = m.reshape(x, {count, matrix.inputs, matrix.realInput ? 1 : 2});
  Value result = transformRows(m, x, matrix);
  outer.append({matrix.outputs, matrix.realOutput ? 1 : 2});
  return m.transpose(m.reshape(result, outer), inverseOrder);
}
