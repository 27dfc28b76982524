//===- WinogradTransform.cpp - F(2x2,3x3) and F(4x4,3x3) ------------------===//
//
// With points 0, +-a, +-b and infinity the maps of one dimension are
//   filter  [1/(ab)^2, 0, 0],  [1, +-a, a^2] / (2 a^2 (a^2 - b^2)),
//           [1, +-b, b^2] / (2 b^2 (b^2 - a^2)),  [0, 0, 1]
//   input   [(ab)^2, 0, -(a^2 + b^2), 0, 1, 0],  [0, +-(-a b^2), -b^2, +-a, 1,
//   0],
//           [0, +-(-a^2 b), -a^2, +-b, 1, 0],  [0, (ab)^2, 0, -(a^2 + b^2), 0,
//           1]
//   output  [1, 1, 1, 1, 1, 0],  [0, a, -a, b, -b, 0],
//           [0, a^2, a^2, b^2, b^2, 0],  [0, a^3, -a^3, b^3, -b^3, 1]
// after Cook and Toom; Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks" (2016), use them for networks. Lines of +-points share their
// even and odd halves. On integers a = 1 and b = 2, and each point's filter is
// multiplied by what makes it whole.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/WinogradTransform.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// The points of m = 4; near * far is 1.
static constexpr double nearPoint = 2.0 / 3.0, farPoint = 3.0 / 2.0;
static constexpr double near2 = nearPoint * nearPoint,
                        far2 = farPoint * farPoint;
/// The far point in units of the near one.
static constexpr double farUnits = farPoint / nearPoint;

namespace {
/// Arithmetic on vectors of one width, of floats or (for m = 2) integers.
struct Line {
  KernelBuilder &k;
  int64_t lanes;

  static bool isInteger(Value x) {
    return getElementTypeOrSelf(x.getType()).isInteger();
  }

  Value add(Value x, Value y) const {
    if (isInteger(x))
      return arith::AddIOp::create(k.b, k.loc, x, y);
    return arith::AddFOp::create(k.b, k.loc, x, y);
  }
  Value subtract(Value x, Value y) const {
    if (isInteger(x))
      return arith::SubIOp::create(k.b, k.loc, x, y);
    return arith::SubFOp::create(k.b, k.loc, x, y);
  }
  /// x * 2^count, of integers
  Value shift(Value x, int64_t count) const {
    Type element = getElementTypeOrSelf(x.getType());
    Value counts = k.splat(k.b.getIntegerAttr(element, count), lanes);
    return arith::ShLIOp::create(k.b, k.loc, x, counts);
  }
  Value times(double factor, Value x) const {
    return arith::MulFOp::create(k.b, k.loc, k.splat(float(factor), lanes), x);
  }
  /// factor * x + y
  Value fma(double factor, Value x, Value y) const {
    return k.fma(k.splat(float(factor), lanes), x, y);
  }
};
} // namespace

static Line lineOf(KernelBuilder &k, ArrayRef<Value> vectors) {
  return {k, cast<VectorType>(vectors.front().getType()).getDimSize(0)};
}

//===-- filters ----------------------------------------------------------===//

/// One line of three taps, `step` apart, at all points.
static void constantLine(int64_t outputs, const double *taps, int64_t step,
                         double *values, int64_t valueStep) {
  double first = taps[0], middle = taps[step], last = taps[2 * step];
  auto pair = [&](int64_t at, double point, double scale) {
    double even = (first + point * point * last) / scale;
    double odd = point * middle / scale;
    values[at * valueStep] = even + odd;
    values[(at + 1) * valueStep] = even - odd;
  };
  values[0] = first;
  if (outputs == 2) {
    pair(1, 1.0, 2.0);
  } else {
    pair(1, nearPoint, 2.0 * near2 * (near2 - far2));
    pair(3, farPoint, 2.0 * far2 * (far2 - near2));
  }
  values[(outputs + 1) * valueStep] = last;
}

/// The same of whole numbers. Each point has a scale of its own, which the
/// outputs' map makes up for: 2 for m = 2 everywhere; for m = 4 what makes the
/// maps of the textbooks' points whole (1/4, 1/6, 1/24) and their outputs
/// cheap.
static void wholeFilterLine(int64_t outputs, const int64_t *taps, int64_t step,
                            int64_t *values, int64_t valueStep) {
  int64_t first = taps[0], middle = taps[step], last = taps[2 * step];
  auto set = [&](std::initializer_list<int64_t> numbers) {
    for (auto [at, number] : llvm::enumerate(numbers))
      values[int64_t(at) * valueStep] = number;
  };
  if (outputs == 2) {
    set({2 * first, first + middle + last, first - middle + last, 2 * last});
    return;
  }
  int64_t near = first + last, far = first + 4 * last;
  set({6 * first, -near - middle, -near + middle, far + 2 * middle,
       far - 2 * middle, 8 * last});
}

void WinogradTransform::filter(const int64_t *taps, int64_t *values) const {
  int64_t columns[6 * 3];
  for (int64_t x = 0; x < 3; ++x)
    wholeFilterLine(outputs, taps + x, 3, columns + x, 3);
  for (int64_t y = 0; y < points(); ++y)
    wholeFilterLine(outputs, columns + 3 * y, 1, values + y * points(), 1);
}

void WinogradTransform::filter(const double *taps, double *values) const {
  double columns[6 * 3];
  for (int64_t x = 0; x < 3; ++x)
    constantLine(outputs, taps + x, 3, columns + x, 3);
  for (int64_t y = 0; y < points(); ++y)
    constantLine(outputs, columns + 3 * y, 1, values + y * points(), 1);
}

WinogradTransform::Vectors
WinogradTransform::filterLine(KernelBuilder &k, ArrayRef<Value> taps) const {
  Line line = lineOf(k, taps);
  Vectors values = {taps[0]};
  auto pair = [&](double point, double scale) {
    Value even = line.fma(point * point / scale, taps[2],
                          line.times(1.0 / scale, taps[0]));
    values.push_back(line.fma(point / scale, taps[1], even));
    values.push_back(line.fma(-point / scale, taps[1], even));
  };
  if (outputs == 2) {
    pair(1.0, 2.0);
  } else {
    pair(nearPoint, 2.0 * near2 * (near2 - far2));
    pair(farPoint, 2.0 * far2 * (far2 - near2));
  }
  values.push_back(taps[2]);
  return values;
}

void WinogradTransform::filter(KernelBuilder &k, Read read, Take take) const {
  both(k, 3, read, &WinogradTransform::filterLine, take);
}

//===-- bare filters -----------------------------------------------------===//

double WinogradTransform::tapScale(int64_t tap) const {
  constexpr double scales[] = {1.0, nearPoint, near2};
  return outputs == 2 ? 1.0 : scales[tap];
}

double WinogradTransform::inputScale(int64_t point) const {
  if (outputs == 2)
    return point == 0 || point == 3 ? 1.0 : 0.5;
  constexpr double near = 1.0 / (2.0 * near2 * (near2 - far2)),
                   far = 1.0 / (2.0 * far2 * (far2 - near2));
  constexpr double scales[] = {1.0, near, near, far, far, 1.0 / near2};
  return scales[point];
}

WinogradTransform::Vectors
WinogradTransform::bareFilters(KernelBuilder &k, ArrayRef<Value> taps) const {
  Line line = lineOf(k, taps);
  Value even = line.add(taps[0], taps[2]);
  Vectors values = {taps[0], line.add(even, taps[1]),
                    line.subtract(even, taps[1])};
  if (outputs == 4) {
    Value farEven = line.fma(farUnits * farUnits, taps[2], taps[0]);
    values.push_back(line.fma(farUnits, taps[1], farEven));
    values.push_back(line.fma(-farUnits, taps[1], farEven));
  }
  values.push_back(taps[2]);
  return values;
}

Value WinogradTransform::bareFilter(KernelBuilder &k, int64_t point,
                                    ArrayRef<Value> taps) const {
  // What is computed for other points is dropped as unused.
  return bareFilters(k, taps)[point];
}

//===-- inputs and outputs -----------------------------------------------===//

WinogradTransform::Vectors
WinogradTransform::inputLine(KernelBuilder &k, ArrayRef<Value> d) const {
  Line line = lineOf(k, d);
  if (outputs == 2)
    return {line.subtract(d[0], d[2]), line.add(d[2], d[1]),
            line.subtract(d[2], d[1]), line.subtract(d[3], d[1])};
  if (Line::isInteger(d[0])) {
    Value even = line.subtract(d[4], line.shift(d[2], 2)),
          odd = line.subtract(d[3], line.shift(d[1], 2)),
          farEven = line.subtract(d[4], d[2]),
          farOdd = line.shift(line.subtract(d[3], d[1]), 1);
    return {line.add(line.shift(line.subtract(d[0], d[2]), 2), farEven),
            line.add(even, odd),
            line.subtract(even, odd),
            line.add(farEven, farOdd),
            line.subtract(farEven, farOdd),
            line.subtract(line.subtract(d[5], d[3]), line.shift(farOdd, 1))};
  }
  auto pair = [&](double point, double other, Vectors &values) {
    Value even = line.fma(-other * other, d[2], d[4]);
    Value odd = line.fma(-other, d[1], line.times(point, d[3]));
    values.push_back(line.add(even, odd));
    values.push_back(line.subtract(even, odd));
  };
  Vectors values;
  values.push_back(line.fma(-(near2 + far2), d[2], line.add(d[0], d[4])));
  pair(nearPoint, farPoint, values);
  pair(farPoint, nearPoint, values);
  values.push_back(line.fma(-(near2 + far2), d[3], line.add(d[1], d[5])));
  return values;
}

WinogradTransform::Vectors
WinogradTransform::outputLine(KernelBuilder &k, ArrayRef<Value> m) const {
  Line line = lineOf(k, m);
  Value even = line.add(m[1], m[2]), odd = line.subtract(m[1], m[2]);
  if (outputs == 2)
    return {line.add(m[0], even), line.add(odd, m[3])};
  Value farEven = line.add(m[3], m[4]), farOdd = line.subtract(m[3], m[4]);
  if (Line::isInteger(m[0])) {
    Value near = line.shift(odd, 2), last = line.add(m[5], line.shift(m[5], 1));
    return {line.add(line.add(m[0], farEven), line.shift(even, 2)),
            line.add(near, line.shift(farOdd, 1)),
            line.shift(line.add(even, farEven), 2),
            line.add(line.add(near, line.shift(farOdd, 3)), last)};
  }
  Value cubic = line.fma(farPoint * far2, farOdd, m[5]);
  return {line.add(m[0], line.add(even, farEven)),
          line.fma(nearPoint, odd, line.times(farPoint, farOdd)),
          line.fma(near2, even, line.times(far2, farEven)),
          line.fma(nearPoint * near2, odd, cubic)};
}

Value WinogradTransform::wholeOutput(KernelBuilder &k, Value x) const {
  int64_t lanes = cast<VectorType>(x.getType()).getDimSize(0);
  auto number = [&](int32_t value) {
    return k.splat(k.b.getI32IntegerAttr(value), lanes);
  };
  // 1 / 9 modulo 2^32: what is left is 64 times as large.
  constexpr int32_t ninth = 954437177;
  static_assert(uint32_t(ninth) * 9u == 1);
  if (outputs == 4)
    x = arith::MulIOp::create(k.b, k.loc, x, number(ninth));
  return arith::ShRSIOp::create(k.b, k.loc, x, number(outputs == 2 ? 2 : 6));
}

/// `line` along the columns of a square of `size`, then along the rows of what
/// comes out.
void WinogradTransform::both(KernelBuilder &k, int64_t size, Read read,
                             Map line, Take take) const {
  SmallVector<Vectors> columns;
  for (int64_t x = 0; x < size; ++x) {
    Vectors column;
    for (int64_t y = 0; y < size; ++y)
      column.push_back(read(y, x));
    columns.push_back((this->*line)(k, column));
  }
  for (size_t y = 0; y < columns.front().size(); ++y) {
    Vectors row;
    for (const Vectors &column : columns)
      row.push_back(column[y]);
    take(int64_t(y), (this->*line)(k, row));
  }
}

void WinogradTransform::input(KernelBuilder &k, Read read, Take take) const {
  both(k, points(), read, &WinogradTransform::inputLine, take);
}

void WinogradTransform::output(KernelBuilder &k, Read read, Take take) const {
  both(k, points(), read, &WinogradTransform::outputLine, take);
}
