//===- RecurrentOperators.cpp - RNN, GRU and LSTM -------------------------===//
//
// The input's share of all gates is one matrix product over all steps; only the
// rest runs step by step:
//
//   LSTM (x, w, r, b) -> y      %g = fully_connected %x, w, wb + rb
//                               %y, %h, %c = lstm forward [...] %g, r'
//
// r' has the units innermost; biases are added at compile time when constant.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"
#include "dialects/edge/Recurrent.h"

using namespace edgec;
using namespace edgec::onnx;
using edge::Activation;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::Value;

//===-- activations ------------------------------------------------------===//

namespace {

struct ActivationRow {
  StringRef name;
  Activation kind;
  /// How many of alpha and beta it has, and their defaults.
  unsigned parameters = 0;
  float alpha = 0.0F, beta = 0.0F;
};

/// The activations of all directions, as attributes of the op.
struct Activations {
  llvm::SmallVector<int32_t> kinds;
  llvm::SmallVector<float> alphas, betas;
};

} // namespace

static const ActivationRow *findActivation(StringRef name) {
  static constexpr ActivationRow rows[] = {
      {"Relu", Activation::relu},
      {"Tanh", Activation::tanh},
      {"Sigmoid", Activation::sigmoid},
      {"Affine", Activation::affine, 2, 1.0F, 0.0F},
      {"LeakyRelu", Activation::leaky_relu, 1, 0.01F},
      {"ThresholdedRelu", Activation::thresholded_relu, 1, 1.0F},
      {"ScaledTanh", Activation::scaled_tanh, 2, 1.0F, 1.0F},
      {"HardSigmoid", Activation::hard_sigmoid, 2, 0.2F, 0.5F},
      {"Elu", Activation::elu, 1, 1.0F},
      {"Softsign", Activation::softsign},
      {"Softplus", Activation::softplus},
  };
  const auto *row = llvm::find_if(rows, [&](const ActivationRow &row) {
    return row.name.equals_insensitive(name);
  });
  return row == std::end(rows) ? nullptr : row;
}

/// The next parameter of the model's list, which only those activations that
/// have one use up.
static float takeParameter(ArrayRef<double> &list, bool used, float fallback) {
  if (!used || list.empty())
    return used ? fallback : 0.0F;
  auto parameter = static_cast<float>(list.front());
  list = list.drop_front();
  return parameter;
}

static Activations readActivations(NodeImport &n, int64_t directions,
                                   ArrayRef<StringRef> usual) {
  llvm::SmallVector<StringRef> names;
  for (int64_t d = 0; d < directions; ++d)
    llvm::append_range(names, usual);
  size_t count = names.size();
  names = n.stringList("activations").value_or(names);
  auto alphas = n.realList("activation_alpha"),
       betas = n.realList("activation_beta");
  ArrayRef<double> alphaList, betaList;
  if (alphas)
    alphaList = *alphas;
  if (betas)
    betaList = *betas;
  Activations result;
  if (names.size() != count) {
    n.error() << names.size() << " activations should be " << usual.size()
              << " for each of " << directions << " directions";
    return result;
  }
  for (StringRef name : names) {
    const ActivationRow *row = findActivation(name);
    if (!row) {
      n.error() << "activation '" << name
                << "' is not known; should be one of Relu, Tanh, Sigmoid, "
                   "Affine, LeakyRelu, ThresholdedRelu, ScaledTanh, "
                   "HardSigmoid, Elu, Softsign, Softplus";
      return result;
    }
    result.kinds.push_back(static_cast<int32_t>(row->kind));
    result.alphas.push_back(
        takeParameter(alphaList, row->parameters >= 1, row->alpha));
    result.betas.push_back(
        takeParameter(betaList, row->parameters >= 2, row->beta));
  }
  return result;
}

//===-- what the three operators share -----------------------------------===//

namespace {

/// The operands and attributes of one node.
class RecurrentLayer {
public:
  /// `activations` of one direction, unless the node names others.
  RecurrentLayer(NodeImport &n, int64_t gateCount,
                 ArrayRef<StringRef> activations);

  /// False after an error.
  bool isValid() const { return !n.failed(); }

  /// Keeps only these gates, of which the op knows nothing else.
  void selectGates(ArrayRef<int64_t> kept) { gates.assign(kept); }
  /// The biases of this gate's input and state, [D, H] each, which the op adds
  /// in different places; null without biases.
  Value separateStateBias(int64_t gate);

  /// Adds an operand to the op; null is an absent one.
  void addOperand(Value operand);
  void addAttribute(mlir::NamedAttribute attribute) {
    attributes.push_back(attribute);
  }
  /// An operand [D, count * H] as [D, count, H], or null.
  Value perDirection(unsigned input, int64_t count, StringRef meaning);
  /// An initial state as [B, D, H], or null.
  Value initialState(unsigned input, StringRef meaning);

  /// Makes the op, and the node's results.
  template <typename Op> void finish(unsigned resultCount);

private:
  bool checkShapes();
  Value lengths();
  Value inputShare();
  Value selected(Value value, int64_t dimension);
  Value slice(Value value, int64_t dimension, int64_t from, int64_t size);
  Value concat(ArrayRef<Value> parts, int64_t dimension);

  NodeImport &n;
  int64_t gateCount;
  llvm::SmallVector<int64_t> gates;
  /// Gates whose bias of the state is not part of the input's share.
  llvm::SmallVector<int64_t> separate;
  bool sequencesFirst = false;
  int64_t steps = 0, sequences = 0, inputs = 0, directions = 1, units = 0;
  llvm::SmallVector<Value> operands;
  llvm::SmallVector<int32_t> segments;
  llvm::SmallVector<mlir::NamedAttribute> attributes;
};

} // namespace

RecurrentLayer::RecurrentLayer(NodeImport &n, int64_t gateCount,
                               ArrayRef<StringRef> activations)
    : n(n), gateCount(gateCount) {
  for (int64_t gate = 0; gate < gateCount; ++gate)
    gates.push_back(gate);
  // All outputs are there whether asked for or not.
  if (n.opset < 7)
    n.ignore({"output_sequence"});
  sequencesFirst = n.flag("layout", false);
  StringRef name = n.string("direction", "forward");
  std::optional<edge::Direction> direction = edge::symbolizeDirection(name);
  if (!direction) {
    n.error() << "direction '" << name
              << "' should be forward, reverse or bidirectional";
    return;
  }
  directions = *direction == edge::Direction::bidirectional ? 2 : 1;
  Activations functions = readActivations(n, directions, activations);
  float clip = n.real("clip", 0.0F);
  if (n.failed() || !checkShapes())
    return;
  mlir::Builder &b = n.builder;
  auto *context = b.getContext();
  attributes = {
      b.getNamedAttr("direction",
                     edge::DirectionAttr::get(context, *direction)),
      b.getNamedAttr("activations", b.getDenseI32ArrayAttr(functions.kinds)),
      b.getNamedAttr("alphas", b.getDenseF32ArrayAttr(functions.alphas)),
      b.getNamedAttr("betas", b.getDenseF32ArrayAttr(functions.betas)),
      n.attr("clip", clip)};
}

bool RecurrentLayer::checkShapes() {
  if (n.rank(0) != 3 || n.rank(1) != 3 || n.rank(2) != 3) {
    n.error() << "X, W and R of shapes " << shapeText(n.shape(0)) << ", "
              << shapeText(n.shape(1)) << " and " << shapeText(n.shape(2))
              << " should have three dimensions each";
    return false;
  }
  steps = n.shape(0)[sequencesFirst ? 1 : 0];
  sequences = n.shape(0)[sequencesFirst ? 0 : 1];
  inputs = n.shape(0)[2];
  units = n.shape(2)[2];
  // A product of sizes that a model states may not fit.
  bool bounded = units <= INT32_MAX / (2 * gateCount);
  int64_t rows = bounded ? gateCount * units : 0;
  auto fits = [&](unsigned input, ArrayRef<int64_t> wanted, StringRef meaning) {
    if (!n.hasInput(input) || n.shape(input) == wanted)
      return true;
    n.error() << meaning << " of shape " << shapeText(n.shape(input))
              << " should have the shape " << shapeText(wanted);
    return false;
  };
  int64_t hidden = n.integer("hidden_size", units);
  if (hidden != units) {
    n.error() << "R of shape " << shapeText(n.shape(2))
              << " should have the last dimension hidden_size, " << hidden;
    return false;
  }
  return fits(2, {directions, rows, units}, "R") &&
         fits(1, {directions, rows, inputs}, "W") &&
         fits(3, {directions, 2 * rows}, "B") &&
         fits(4, {sequences}, "sequence_lens");
}

void RecurrentLayer::addOperand(Value operand) {
  segments.push_back(operand ? 1 : 0);
  if (operand)
    operands.push_back(operand);
}

Value RecurrentLayer::slice(Value value, int64_t dimension, int64_t from,
                            int64_t size) {
  if (!value)
    return nullptr;
  auto type = mlir::cast<mlir::RankedTensorType>(value.getType());
  llvm::SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  offsets[dimension] = from;
  sizes[dimension] = size;
  return n.make<edge::SliceOp>({value}, {n.attr("offsets", offsets),
                                         n.attr("sizes", sizes),
                                         n.attr("strides", strides)});
}

Value RecurrentLayer::concat(ArrayRef<Value> parts, int64_t dimension) {
  if (parts.size() == 1)
    return parts.front();
  return n.make<edge::ConcatOp>(parts, {n.attr("axis", dimension)});
}

/// Of a dimension of gates, those that are kept.
Value RecurrentLayer::selected(Value value, int64_t dimension) {
  if (int64_t(gates.size()) == gateCount)
    return value;
  llvm::SmallVector<Value> parts;
  for (int64_t gate : gates)
    parts.push_back(slice(value, dimension, gate, 1));
  return concat(parts, dimension);
}

Value RecurrentLayer::perDirection(unsigned input, int64_t count,
                                   StringRef meaning) {
  if (!n.hasInput(input))
    return nullptr;
  if (n.shape(input) != ArrayRef<int64_t>{directions, count * units}) {
    n.error() << meaning << " of shape " << shapeText(n.shape(input))
              << " should have the shape "
              << shapeText({directions, count * units});
    return nullptr;
  }
  return n.reshape(n.operand(input), {directions, count, units});
}

Value RecurrentLayer::initialState(unsigned input, StringRef meaning) {
  if (!n.hasInput(input))
    return nullptr;
  llvm::SmallVector<int64_t> wanted = {directions, sequences, units};
  if (sequencesFirst)
    std::swap(wanted[0], wanted[1]);
  if (n.shape(input) != ArrayRef<int64_t>(wanted)) {
    n.error() << meaning << " of shape " << shapeText(n.shape(input))
              << " should have the shape " << shapeText(wanted);
    return nullptr;
  }
  Value state = n.operand(input);
  return sequencesFirst ? state : n.transpose(state, {1, 0, 2});
}

Value RecurrentLayer::separateStateBias(int64_t gate) {
  separate.push_back(gate);
  Value bias = perDirection(3, 2 * gateCount, "B");
  if (!bias)
    return nullptr;
  return n.reshape(slice(bias, 1, gateCount + gate, 1), {directions, units});
}

/// sequence_lens, unless they say what is so without them.
Value RecurrentLayer::lengths() {
  if (!n.hasInput(4))
    return nullptr;
  if (n.constant(4)) {
    auto list = n.integers(4, "sequence_lens");
    if (!list || llvm::all_of(*list, [&](int64_t x) { return x == steps; }))
      return nullptr;
  }
  return n.operand(4);
}

/// x w + wb + rb for all steps: [T, B, D * G * H].
Value RecurrentLayer::inputShare() {
  Value x = n.operand(0);
  if (sequencesFirst)
    x = n.transpose(x, {1, 0, 2});
  int64_t rows = directions * int64_t(gates.size()) * units;
  Value w = n.reshape(n.operand(1), {directions, gateCount, units, inputs});
  llvm::SmallVector<Value> parts = {x,
                                    n.reshape(selected(w, 1), {rows, inputs})};
  if (Value bias = perDirection(3, 2 * gateCount, "B")) {
    Value ofInput = slice(bias, 1, 0, gateCount);
    llvm::SmallVector<Value> sums;
    for (int64_t gate : gates) {
      Value sum = slice(ofInput, 1, gate, 1);
      if (!llvm::is_contained(separate, gate)) {
        sum = n.make<edge::AddOp>({sum, slice(bias, 1, gateCount + gate, 1)});
      }
      sums.push_back(sum);
    }
    parts.push_back(n.reshape(concat(sums, 1), {rows}));
  }
  return n.make<edge::FullyConnectedOp>(parts);
}

template <typename Op> void RecurrentLayer::finish(unsigned resultCount) {
  Value r = n.reshape(n.operand(2), {directions, gateCount, units, units});
  // [D, G, H, K] to [D, K, G, H]
  r = n.transpose(selected(r, 1), {0, 3, 1, 2});
  llvm::SmallVector<Value> all = {inputShare(), r};
  llvm::SmallVector<int32_t> sizes = {1, 1};
  for (Value operand : {initialState(5, "initial_h"), lengths()}) {
    sizes.push_back(operand ? 1 : 0);
    if (operand)
      all.push_back(operand);
  }
  llvm::append_range(all, operands);
  llvm::append_range(sizes, segments);
  attributes.push_back(n.builder.getNamedAttr(
      "operandSegmentSizes", n.builder.getDenseI32ArrayAttr(sizes)));
  llvm::SmallVector<Value> made = n.makeAll<Op>(resultCount, all, attributes);
  n.set(0,
        n.transpose(made[0], sequencesFirst ? ArrayRef<int64_t>{1, 0, 2, 3}
                                            : ArrayRef<int64_t>{0, 2, 1, 3}));
  for (unsigned i = 1; i < resultCount; ++i)
    n.set(i, sequencesFirst ? made[i] : n.transpose(made[i], {1, 0, 2}));
}

//===-- the operators ----------------------------------------------------===//

static void importRnn(NodeImport &n) {
  RecurrentLayer layer(n, 1, {"Tanh"});
  if (layer.isValid())
    layer.finish<edge::RnnOp>(2);
}

static void importGru(NodeImport &n) {
  bool linear = n.flag("linear_before_reset", false);
  RecurrentLayer layer(n, 3, {"Sigmoid", "Tanh"});
  if (!layer.isValid())
    return;
  layer.addOperand(linear ? layer.separateStateBias(2) : nullptr);
  layer.addAttribute(n.attr("linear_before_reset", linear));
  layer.finish<edge::GruOp>(2);
}

static void importLstm(NodeImport &n) {
  bool coupled = n.flag("input_forget", false);
  RecurrentLayer layer(n, 4, {"Sigmoid", "Tanh", "Tanh"});
  if (!layer.isValid())
    return;
  if (coupled) {
    layer.selectGates({0, 1, 3});
    layer.addAttribute(n.builder.getNamedAttr(
        "coupling", edge::CouplingAttr::get(n.builder.getContext(),
                                            edge::Coupling::forget)));
  }
  layer.addOperand(layer.initialState(6, "initial_c"));
  layer.addOperand(layer.perDirection(7, 3, "P"));
  layer.addOperand(nullptr);
  layer.addOperand(nullptr);
  layer.finish<edge::LstmOp>(3);
}

llvm::ArrayRef<Operator> onnx::recurrentOperators() {
  static constexpr Operator rows[] = {
      {"RNN", {1, 22}, 3, 6, importRnn, nullptr, types::floats, "float32"},
      {"GRU", {1, 22}, 3, 6, importGru, nullptr, types::floats, "float32"},
      {"LSTM", {1, 22}, 3, 8, importLstm, nullptr, types::floats, "float32"},
  };
  return rows;
}
