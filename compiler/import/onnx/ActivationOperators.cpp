//===- ActivationOperators.cpp - activations and their parameters ---------===//
//
// Each has an edge op of its own, so that the fuse stage sees one op per
// activation. Default parameters are those of the ONNX specification.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Operators.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Selection.h"
#include <limits>

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

template <typename OpT> static void importActivation(NodeImport &n) {
  n.set(0, n.make<OpT>({n.operand(0)}));
}

static void importLeakyRelu(NodeImport &n) {
  auto alpha = n.attr("alpha", n.real("alpha", 0.01F));
  n.set(0, n.make<edge::LeakyReluOp>({n.operand(0)}, {alpha}));
}

static void importElu(NodeImport &n) {
  auto alpha = n.attr("alpha", n.real("alpha", 1.0F));
  n.set(0, n.make<edge::EluOp>({n.operand(0)}, {alpha}));
}

static void importHardSigmoid(NodeImport &n) {
  auto alpha = n.attr("alpha", n.real("alpha", 0.2F));
  auto beta = n.attr("beta", n.real("beta", 0.5F));
  n.set(0, n.make<edge::HardSigmoidOp>({n.operand(0)}, {alpha, beta}));
}

//===-- composed of simpler ones -----------------------------------------===//

/// alpha * elu(x / alpha), which is x for x >= 0.
static void importCelu(NodeImport &n) {
  float alpha = n.real("alpha", 1.0F);
  Value x = n.operand(0);
  if (alpha == 0) {
    n.error() << "attribute 'alpha' is 0, by which the formula divides";
    return;
  }
  Value scaled = n.make<edge::MulOp>({x, n.scalarLike(x, 1.0 / alpha)});
  Value elu = n.make<edge::EluOp>({scaled}, {n.attr("alpha", 1.0F)});
  Value negative = n.make<edge::MulOp>({elu, n.scalarLike(x, alpha)});
  Value isNegative = n.make<edge::LessOp>({x, n.scalarLike(x, 0)});
  n.set(0, n.make<edge::SelectOp>({isNegative, negative, x}));
}

static void importSelu(NodeImport &n) {
  auto alpha = n.attr("alpha", n.real("alpha", 1.67326319217681884765625F));
  float gamma = n.real("gamma", 1.05070102214813232421875F);
  Value elu = n.make<edge::EluOp>({n.operand(0)}, {alpha});
  n.set(0, n.make<edge::MulOp>({elu, n.scalarLike(elu, gamma)}));
}

/// x * tanh(softplus(x))
static void importMish(NodeImport &n) {
  Value x = n.operand(0);
  Value gate = n.make<edge::TanhOp>({n.make<edge::SoftplusOp>({x})});
  n.set(0, n.make<edge::MulOp>({x, gate}));
}

/// x / (1 + |x|)
static void importSoftsign(NodeImport &n) {
  Value x = n.operand(0);
  Value magnitude = n.make<edge::AbsOp>({x});
  Value divisor = n.make<edge::AddOp>({magnitude, n.scalarLike(x, 1)});
  n.set(0, n.make<edge::DivOp>({x, divisor}));
}

/// x + bias below -lambd, x - bias above lambd, else 0; with the unsigned
/// numbers' wrapping and saturation left aside, integers likewise.
static void importShrink(NodeImport &n) {
  float lambd = n.real("lambd", 0.5F), bias = n.real("bias", 0.0F);
  Value x = n.operand(0);
  Value isLow = n.make<edge::LessOp>({x, n.scalarLike(x, -lambd)});
  Value isHigh = n.make<edge::LessOp>({n.scalarLike(x, lambd), x});
  Value low = n.make<edge::AddOp>({x, n.scalarLike(x, bias)});
  Value high = n.make<edge::SubOp>({x, n.scalarLike(x, bias)});
  Value rest = n.make<edge::SelectOp>({isHigh, high, n.scalarLike(x, 0)});
  n.set(0, n.make<edge::SelectOp>({isLow, low, rest}));
}

static void importThresholdedRelu(NodeImport &n) {
  Value x = n.operand(0);
  Value bound = n.scalarLike(x, n.real("alpha", 1.0F));
  Value isHigh = n.make<edge::LessOp>({bound, x});
  n.set(0, n.make<edge::SelectOp>({isHigh, x, n.scalarLike(x, 0)}));
}

/// x * sigmoid(alpha * x)
static void importSwish(NodeImport &n) {
  float alpha = n.real("alpha", 1.0F);
  Value x = n.operand(0);
  if (alpha == 1.0F)
    return n.set(0, n.make<edge::SiluOp>({x}));
  Value scaled = n.make<edge::MulOp>({x, n.scalarLike(x, alpha)});
  n.set(0, n.make<edge::MulOp>({x, n.make<edge::SigmoidOp>({scaled})}));
}

static void importGelu(NodeImport &n) {
  auto approximate = n.attr("approximate", n.string("approximate", "none"));
  n.set(0, n.make<edge::GeluOp>({n.operand(0)}, {approximate}));
}

/// Before opset 7 a slope is a list of one number per channel, or a single one;
/// since then it broadcasts to the input.
static Value preluSlope(NodeImport &n) {
  Value slope = n.operand(1);
  if (n.opset >= 7 || n.type(1).getNumElements() == 1 || n.rank(1) != 1 ||
      n.rank(0) < 2)
    return slope;
  llvm::SmallVector<int64_t> perChannel(n.rank(0) - 1, 1);
  perChannel.front() = n.shape(1)[0];
  return n.reshape(slope, perChannel);
}

/// x for x >= 0, else slope * x, the slope broadcast to x.
static void importPRelu(NodeImport &n) {
  Value x = n.operand(0);
  Value positive = n.make<edge::ReluOp>({x});
  Value negative = n.make<edge::MinOp>({x, n.scalarLike(x, 0)});
  Value scaled = n.make<edge::MulOp>({negative, preluSlope(n)});
  n.set(0, n.make<edge::AddOp>({positive, scaled}));
}

/// An operand of one element as a scalar; null after an error.
static Value boundOperand(NodeImport &n, unsigned index) {
  if (n.type(index).getNumElements() == 1)
    return n.reshape(n.operand(index), {});
  n.error() << "the " << (index == 1 ? "minimum" : "maximum")
            << " must be one number, not of shape "
            << shapeText(n.shape(index));
  return nullptr;
}

/// Of integers and float64: min(max(x, low), high) in their own type.
static void importWideClip(NodeImport &n) {
  Value x = n.operand(0);
  if (n.hasAttribute("min"))
    x = n.make<edge::MaxOp>({x, n.scalarLike(x, n.real("min", 0))});
  if (n.hasAttribute("max"))
    x = n.make<edge::MinOp>({x, n.scalarLike(x, n.real("max", 0))});
  if (n.hasInput(1))
    x = n.make<edge::MaxOp>({x, boundOperand(n, 1)});
  if (n.hasInput(2))
    x = n.make<edge::MinOp>({x, boundOperand(n, 2)});
  if (!n.hasInput(1) && !n.hasInput(2) && !n.hasAttribute("min") &&
      !n.hasAttribute("max"))
    return passThrough(n);
  n.set(0, x);
}

/// Bounds are attributes before opset 11 and inputs since; constant ones make a
/// clamp, others max and min.
static void importClip(NodeImport &n) {
  // edge.clamp has bounds of float32.
  mlir::Type element = n.type(0).getElementType();
  if (!element.isF16() && !element.isBF16() && !element.isF32())
    return importWideClip(n);
  float low = n.real("min", std::numeric_limits<float>::lowest());
  float high = n.real("max", std::numeric_limits<float>::max());
  Value x = n.operand(0);
  Value lowTensor, highTensor;
  for (unsigned i : {1, 2}) {
    if (!n.hasInput(i))
      continue;
    if (!n.constant(i) || n.type(i).getNumElements() != 1) {
      Value bound = boundOperand(n, i);
      if (!bound)
        return;
      (i == 1 ? lowTensor : highTensor) = bound;
      continue;
    }
    if (std::optional<double> bound = n.scalar(i, "bound"))
      (i == 1 ? low : high) = static_cast<float>(*bound);
  }
  if (lowTensor)
    x = n.make<edge::MaxOp>({x, lowTensor});
  // ONNX defines min(max(x, low), high), so with low above high all is high.
  low = std::min(low, high);
  x = n.make<edge::ClampOp>({x}, {n.attr("min", low), n.attr("max", high)});
  if (highTensor)
    x = n.make<edge::MinOp>({x, highTensor});
  n.set(0, x);
}

/// Before opset 13 the input is seen as a matrix, split at `axis`.
static std::pair<Value, int64_t> softmaxOperand(NodeImport &n) {
  int64_t rank = n.rank(0);
  if (rank == 0)
    return {n.reshape(n.operand(0), {1}), 0};
  bool flattens = n.opset < 13;
  int64_t axis =
      n.normalizeAxis(n.integer("axis", flattens && rank > 1 ? 1 : -1), rank);
  if (!flattens || axis == rank - 1)
    return {n.operand(0), axis};
  auto rows = countElements(n.shape(0).take_front(axis));
  auto columns = countElements(n.shape(0).drop_front(axis));
  return {n.reshape(n.operand(0), {*rows, *columns}), 1};
}

static void importSoftmax(NodeImport &n) {
  auto [x, axis] = softmaxOperand(n);
  Value result = n.make<edge::SoftmaxOp>({x}, {n.attr("axis", axis)});
  n.set(0, n.reshape(result, n.shape(0)));
}

Value onnx::makeLogSoftmax(NodeImport &n, Value x, int64_t axis) {
  mlir::NamedAttribute along[] = {n.attr("axes", llvm::ArrayRef<int64_t>(axis)),
                                  n.attr("keep_dims", true)};
  Value largest = n.make<edge::ReduceMaxOp>({x}, along);
  Value shifted = n.make<edge::SubOp>({x, largest});
  Value powers = n.make<edge::ExpOp>({shifted});
  Value sum = n.make<edge::ReduceSumOp>({powers}, along);
  return n.make<edge::SubOp>({shifted, n.make<edge::LogOp>({sum})});
}

static void importLogSoftmax(NodeImport &n) {
  auto [x, axis] = softmaxOperand(n);
  n.set(0, n.reshape(makeLogSoftmax(n, x, axis), n.shape(0)));
}

/// 1 at the first largest x along the axis, 0 elsewhere.
static void importHardmax(NodeImport &n) {
  auto [x, axis] = softmaxOperand(n);
  if (!x)
    return;
  auto type = mlir::cast<mlir::RankedTensorType>(x.getType());
  Value zero = n.reshape(n.scalarLike(x, 0), {1});
  Value one = n.reshape(n.scalarLike(x, 1), {1});
  Value values =
      n.make<edge::ConcatOp>({zero, one}, {n.attr("axis", int64_t(0))});
  Value place = n.make<edge::ArgMaxOp>({x}, {n.attr("axis", axis)});
  Value result = n.make<edge::OneHotOp>(
      {place, values},
      {n.attr("depth", type.getDimSize(axis)), n.attr("axis", axis)});
  n.set(0, n.reshape(result, n.shape(0)));
}

llvm::ArrayRef<Operator> onnx::activationOperators() {
  static constexpr Operator rows[] = {
      {"Relu",
       {1, 14},
       1,
       1,
       importActivation<edge::ReluOp>,
       nullptr,
       types::numbers},
      {"Sigmoid",
       {1, 13},
       1,
       1,
       importActivation<edge::SigmoidOp>,
       nullptr,
       types::floats},
      {"Tanh",
       {1, 13},
       1,
       1,
       importActivation<edge::TanhOp>,
       nullptr,
       types::floats},
      {"Softplus",
       {1, 22},
       1,
       1,
       importActivation<edge::SoftplusOp>,
       nullptr,
       types::floats},
      {"HardSwish",
       {14, 22},
       1,
       1,
       importActivation<edge::HardSwishOp>,
       nullptr,
       types::floats},
      {"LeakyRelu", {1, 16}, 1, 1, importLeakyRelu, nullptr, types::floats},
      {"PRelu",
       {1, 16},
       2,
       2,
       importPRelu,
       nullptr,
       types::floats,
       "before 7 one slope per channel; since 7 broadcast"},
      {"Elu", {1, 22}, 1, 1, importElu, nullptr, types::floats},
      {"HardSigmoid", {1, 22}, 1, 1, importHardSigmoid, nullptr, types::floats},
      {"Gelu",
       {20, 20},
       1,
       1,
       importGelu,
       nullptr,
       types::floats,
       "exact and tanh"},
      {"Celu", {12, 12}, 1, 1, importCelu},
      {"Selu", {1, 22}, 1, 1, importSelu},
      {"Mish", {18, 22}, 1, 1, importMish},
      {"Softsign", {1, 22}, 1, 1, importSoftsign},
      {"Shrink", {9, 9}, 1, 1, importShrink, nullptr, types::numbers},
      {"ThresholdedRelu", {10, 22}, 1, 1, importThresholdedRelu},
      {"Swish", {24, 24}, 1, 1, importSwish},
      {"Clip",
       {1, 13},
       1,
       3,
       importClip,
       nullptr,
       types::numbers,
       "bounds are attributes before 11, inputs since; they may be computed"},
      {"Softmax",
       {1, 13},
       1,
       1,
       importSoftmax,
       nullptr,
       types::floats,
       "before 13 the input is seen as a matrix split at the axis"},
      {"LogSoftmax",
       {1, 13},
       1,
       1,
       importLogSoftmax,
       nullptr,
       types::floats,
       "before 13 the input is seen as a matrix split at the axis"},
      {"Hardmax",
       {1, 13},
       1,
       1,
       importHardmax,
       nullptr,
       types::floats,
       "before 13 the input is seen as a matrix split at the axis"},
  };
  return rows;
}
