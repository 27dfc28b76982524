//===- QuantizedRecurrent.cpp - LSTM and SVDF on stored integers ----------===//
//
// As TensorFlow Lite Micro's reference kernels compute (micro/kernels/
// lstm_eval.cc, svdf_common.cc):
//
//   gates = sigmoid or tanh (rescale (W x + b) + rescale (R h))
//   c' = rescale (f * c) + rescale (i * g)
//   h' = rescale (o * tanh(c')) + zero point
// with gates and cell in 16 bits: 12 after the point before the curves, 15
// behind them; every sum and product is kept in 16 bits. Filters of all gates
// are one, so a step has two products and not eight.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Quantization.h"
#include "compiler/import/tflite/Sequence.h"
#include "compiler/import/tflite/ShortCurves.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::SmallVector;
using mlir::Value;
using schema::Builtin;

static constexpr Bounds shortBounds{INT16_MIN, INT16_MAX};

static Value keepShort(OperatorImport &n, Value x) {
  return keepWithin(n, x, shortBounds);
}

/// Elements [first, first + size) of the last of two dimensions.
static Value columns(OperatorImport &n, Value x, int64_t first, int64_t size) {
  return x ? sliceAlong(n, x, 1, first, size) : Value();
}

//===-- LSTM --------------------------------------------------------------===//

namespace {
/// What an LSTM remembers is at these operands.
constexpr unsigned hiddenState = 18, cellState = 19;

/// The products of one operand with all gates, in the order of the operator's
/// inputs but for the last two: input, forget, output, cell. So what a sigmoid
/// follows lies together.
class GateProducts {
public:
  /// Of weights at operands `first`... and of biases at `firstBias`... if not
  /// 0.
  GateProducts(OperatorImport &n, const Quantization &x, unsigned first,
               unsigned firstBias);
  /// Of rows of x [rows, depth]: [rows, 4 * units] in units of 2^-12.
  Value operator()(Value rows) const;

private:
  OperatorImport &n;
  Quantization x;
  Value weights, bias;
  SmallVector<double> factors;
};

class QuantizedLstm {
public:
  explicit QuantizedLstm(OperatorImport &n) : n(n) {}
  /// Reads scales and options; false after an error.
  bool read();
  void run();

private:
  void step(Value gates, Value &hidden, Value &cell) const;
  Value product(Value a, Value b, double factor) const;

  OperatorImport &n;
  Quantization input, hidden, cell;
  int64_t units = 0;
  CurveScale cellCurve;
  int32_t cellClip = 0;
};
} // namespace

static constexpr unsigned gateOrder[] = {0, 1, 3, 2};

GateProducts::GateProducts(OperatorImport &n, const Quantization &x,
                           unsigned first, unsigned firstBias)
    : n(n), x(x) {
  SmallVector<Value> parts, starts;
  for (unsigned gate : gateOrder) {
    Quantization filter = inputQuantization(n, first + gate);
    if (!n.failed() &&
        (!filter.element.isSignlessInteger(8) || filter.zeroPoint() != 0)) {
      n.error() << "input " << first + gate
                << " should be of int8 with the zero point 0; other weights "
                   "are not supported";
    }
    parts.push_back(n.operand(first + gate));
    if (firstBias != 0)
      starts.push_back(n.operand(firstBias + gate));
    double factor = double(x.scale() * filter.scale()) / std::ldexp(1.0, -12);
    factors.append(n.shape(first + gate)[0], factor);
  }
  mlir::NamedAttribute below[] = {n.attr("axis", int64_t(0))};
  weights = n.make<edge::ConcatOp>(parts, below);
  if (firstBias != 0)
    bias = n.make<edge::ConcatOp>(starts, below);
}

Value GateProducts::operator()(Value rows) const {
  Value sums =
      sumProducts(n, rows, weights, bias, {x.zeroPoint(), /*filter=*/0},
                  x.element.getIntOrFloatBitWidth() == 16);
  return keepShort(n, rescaleSums(n, sums, factors));
}

/// An error for what has no integers in TensorFlow Lite Micro.
static void checkVariant(OperatorImport &n) {
  const auto &options = n.options<schema::UnidirectionalSequenceLSTMOptions>();
  auto refuse = [&](llvm::StringRef what) {
    if (!n.failed())
      n.error() << what << " of quantized LSTMs are not supported; convert the "
                << "model without quantization";
  };
  auto hasAny = [&](unsigned first, unsigned last) {
    for (unsigned i = first; i <= last; ++i)
      if (n.hasInput(i))
        return true;
    return false;
  };
  if (!n.hasInput(1) || !n.hasInput(5))
    refuse("coupled input and forget gates");
  if (hasAny(9, 11))
    refuse("peepholes");
  if (hasAny(16, 17))
    refuse("projections");
  if (hasAny(20, 23))
    refuse("layer normalisations");
  if (options.diagonal_recurrent_tensors())
    refuse("diagonal recurrent weights");
  if (options.activation() != schema::Activation::TANH)
    refuse("activations other than tanh");
}

bool QuantizedLstm::read() {
  checkVariant(n);
  if (n.failed() ||
      !hasInputs(n, {2, 3, 4, 6, 7, 8, 12, 13, 14, 15, hiddenState, cellState}))
    return false;
  input = inputQuantization(n, 0);
  hidden = inputQuantization(n, hiddenState);
  cell = inputQuantization(n, cellState);
  Quantization result = resultQuantization(n, 0);
  if (n.failed())
    return false;
  int exponent;
  bool isPower = std::frexp(cell.scale(), &exponent) == 0.5F;
  if (hidden.element != input.element || result.element != input.element ||
      !cell.element.isSignlessInteger(16) || !isPower ||
      cell.zeroPoint() != 0) {
    n.error() << "input, hidden state and result should be of one type, and "
                 "the cell state of int16, its scale a power of two";
    return false;
  }
  if (n.rank(5) != 2) {
    n.error() << "the weights of shape " << shapeText(n.shape(5))
              << " should have 2 dimensions";
    return false;
  }
  units = n.shape(5)[0];
  cellCurve = CurveScale::ofPower(exponent - 1);
  const auto &options = n.options<schema::UnidirectionalSequenceLSTMOptions>();
  double clip =
      double(n.finite(options.cell_clip(), "cell_clip")) / double(cell.scale());
  cellClip = int32_t(std::clamp(clip, 0.0, 32767.0));
  return true;
}

/// Of two 16-bit numbers, times the factor, as a 16-bit number.
Value QuantizedLstm::product(Value a, Value b, double factor) const {
  return keepShort(n, rescale(n, n.make<edge::MulOp>({a, b}), factor));
}

void QuantizedLstm::step(Value gates, Value &h, Value &c) const {
  constexpr double one = 1.0 / 32768;
  double scale = double(cell.scale());
  Value opened = shortSigmoid(n, columns(n, gates, 0, 3 * units), CurveScale());
  Value update =
      shortTanh(n, columns(n, gates, 3 * units, units), CurveScale());
  Value in = columns(n, opened, 0, units),
        kept = columns(n, opened, units, units),
        out = columns(n, opened, 2 * units, units);
  Value old = n.cast(c, n.builder.getI32Type());
  Value next = n.make<edge::AddOp>({product(kept, old, one * scale / scale),
                                    product(in, update, one * one / scale)});
  next = keepShort(n, next);
  if (cellClip > 0)
    next = keepWithin(n, next, {-int64_t(cellClip), cellClip});
  c = n.cast(next, cell.element);
  Value curved = shortTanh(n, next, cellCurve);
  Value shown = rescale(n, n.make<edge::MulOp>({curved, out}),
                        one * one / double(hidden.scale()));
  h = finish(n, shown, {hidden.low, hidden.high}, hidden);
}

void QuantizedLstm::run() {
  const auto &options = n.options<schema::UnidirectionalSequenceLSTMOptions>();
  Sequence sequence(n, n.operand(0), options.time_major());
  if (n.failed())
    return;
  GateProducts fromInput(n, input, 1, 12), fromHidden(n, hidden, 5, 0);
  if (n.failed())
    return;
  Value inputs = fromInput(sequence.rows());
  Value h = n.operand(hiddenState), c = n.operand(cellState);
  SmallVector<Value> results;
  for (int64_t i = 0; i < sequence.steps && !n.failed(); ++i) {
    Value gates = n.make<edge::AddOp>({sequence.at(inputs, i), fromHidden(h)});
    step(keepShort(n, gates), h, c);
    results.push_back(h);
  }
  n.setState(hiddenState, h);
  n.setState(cellState, c);
  n.set(0, sequence.join(results));
}

static void importSequenceLstm(OperatorImport &n) {
  QuantizedLstm lstm(n);
  if (lstm.read())
    lstm.run();
}

//===-- SVDF --------------------------------------------------------------===//

/// Scales of the operands: input, features, time weights, state, result.
static bool checkSvdfScales(OperatorImport &n, const Quantization (&q)[5]) {
  if (n.failed())
    return false;
  auto isByte = [](const Quantization &one) {
    return one.element.isSignlessInteger(8);
  };
  if (isByte(q[0]) && isByte(q[1]) && isByte(q[4]) &&
      q[2].element == q[3].element && q[1].zeroPoint() == 0 &&
      q[2].zeroPoint() == 0 && q[3].element.getIntOrFloatBitWidth() <= 16)
    return true;
  n.error() << "input, features and result should be of int8, time weights and "
               "state of one type of 8 or 16 bits, and weights symmetric";
  return false;
}

static void importSvdf(OperatorImport &n) {
  int64_t rank = n.options<schema::SVDFOptions>().rank();
  if (!hasInputs(n, {4}) || !checkSvdf(n, rank))
    return;
  const Quantization q[] = {inputQuantization(n, 0), inputQuantization(n, 1),
                            inputQuantization(n, 2), inputQuantization(n, 4),
                            resultQuantization(n, 0)};
  if (!checkSvdfScales(n, q))
    return;
  const Quantization &state = q[3], &result = q[4];
  int64_t batch = n.shape(0)[0], filters = n.shape(1)[0],
          memory = n.shape(2)[1];
  // Both factors of floats, as the reference multiplies them.
  double intoState = double(q[0].scale() * q[1].scale() / state.scale()),
         outOfState = double(state.scale() * q[2].scale() / result.scale());
  Value features = sumProducts(n, n.operand(0), n.operand(1), nullptr,
                               {q[0].zeroPoint(), 0}, /*wide=*/false);
  features =
      keepWithin(n, rescale(n, features, intoState), {state.low, state.high});
  if (state.zeroPoint() != 0)
    features = n.make<edge::AddOp>(
        {features, integers(n, int32_t(state.zeroPoint()))});
  Value kept =
      shiftIn(n, n.operand(4), n.cast(features, state.element), memory);
  Value weighted = n.make<edge::MulOp>(
      {centered(n, kept, state.zeroPoint()), centered(n, n.operand(2), 0)});
  weighted = n.reshape(weighted, {batch, filters / rank, rank * memory});
  Value sum = n.make<edge::ReduceSumOp>({weighted},
                                        {n.attr("axes", ArrayRef<int64_t>{2})});
  if (n.hasInput(3))
    sum = n.make<edge::AddOp>({sum, n.operand(3)});
  n.set(0, finish(n, rescale(n, sum, outOfState), {result.low, result.high},
                  result));
  n.setState(4, n.reshape(kept, n.shape(4)));
}

llvm::ArrayRef<Operator> tflite::quantizedRecurrent() {
  static constexpr Operator rows[] = {
      {Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, 4, 1, 24, importSequenceLstm,
       types::shorts,
       "at most 1024 steps; no peepholes, projections, normalisations"},
      {Builtin::SVDF, 4, 3, 5, importSvdf, types::shorts},
  };
  return rows;
}
