//===- RecurrentOperators.cpp - LSTM, RNN and SVDF ------------------------===//
//
// Cells run over time: what the input contributes is computed for all steps at
// once, then the steps one after the other. The state tensors are variables of
// the model (docs/tflite.md).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/LstmCell.h"
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/Sequence.h"
#include "compiler/import/tflite/ShapeRules.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

//===-- LSTM
//---------------------------------------------------------------===//

/// Runs the cell over the sequence, backwards if asked; keeps the states at
/// operands `state` and `state + 1`.
static Value runLstm(OperatorImport &n, const LstmCell &cell,
                     const Sequence &sequence, unsigned state, bool backwards) {
  if (n.failed())
    return nullptr;
  Value rows = sequence.rows();
  Value gates[4];
  for (Gate gate : {InputGate, ForgetGate, CellGate, OutputGate})
    if (cell.hasGate(gate))
      gates[gate] = cell.gateInput(n, gate, rows);
  Value hidden = n.operand(state), memory = n.operand(state + 1);
  llvm::SmallVector<Value> results(sequence.steps);
  for (int64_t i = 0; i < sequence.steps && !n.failed(); ++i) {
    int64_t step = backwards ? sequence.steps - 1 - i : i;
    Value inputs[4];
    for (unsigned gate = 0; gate < 4; ++gate)
      inputs[gate] = sequence.at(gates[gate], step);
    std::tie(hidden, memory) = cell.step(n, inputs, hidden, memory);
    results[step] = hidden;
  }
  n.setState(state, hidden);
  n.setState(state + 1, memory);
  return sequence.join(results);
}

static void importSequenceLstm(OperatorImport &n) {
  if (!hasInputs(n, {18, 19}))
    return;
  const auto &options = n.options<schema::UnidirectionalSequenceLSTMOptions>();
  if (options.diagonal_recurrent_tensors())
    return void(n.error() << "diagonal recurrent weights are not supported");
  LstmCell cell = LstmCell::read(n, 1, 20);
  cell.activation = options.activation();
  cell.cellClip = n.finite(options.cell_clip(), "cell_clip");
  cell.projectionClip = n.finite(options.proj_clip(), "proj_clip");
  Sequence sequence(n, n.operand(0), options.time_major());
  n.set(0, runLstm(n, cell, sequence, 18, /*backwards=*/false));
}

/// One step of the basic cell: the gates' weights stand in one matrix over
/// input and state, in the order input, cell, forget, output.
static void importBasicLstm(OperatorImport &n) {
  if (n.rank(0) != 2 || n.rank(1) != 2 || n.rank(2) != 2 || n.rank(4) != 2 ||
      n.shape(2)[0] % 4 != 0) {
    n.error() << "weights of shape " << shapeText(n.shape(2))
              << " and states of shapes " << shapeText(n.shape(1)) << " and "
              << shapeText(n.shape(4)) << " do not make a basic LSTM";
    return;
  }
  int64_t units = n.shape(2)[0] / 4, batch = n.shape(0)[0];
  Value both = n.make<edge::ConcatOp>({n.operand(0), n.operand(1)},
                                      {n.attr("axis", int64_t(1))});
  Value sums =
      n.make<edge::FullyConnectedOp>({both, n.operand(2), n.operand(3)});
  Value gates[4];
  for (int64_t gate = 0; gate < 4; ++gate) {
    gates[gate] = n.make<edge::SliceOp>(
        {sums}, {n.attr("offsets", ArrayRef<int64_t>{0, gate * units}),
                 n.attr("sizes", ArrayRef<int64_t>{batch, units}),
                 n.attr("strides", ArrayRef<int64_t>{1, 1})});
    gates[gate] = gate == 1 ? n.make<edge::TanhOp>({gates[gate]})
                            : n.make<edge::SigmoidOp>({gates[gate]});
  }
  Value memory =
      n.make<edge::AddOp>({n.make<edge::MulOp>({gates[0], gates[1]}),
                           n.make<edge::MulOp>({gates[2], n.operand(4)})});
  Value hidden =
      n.make<edge::MulOp>({gates[3], n.make<edge::TanhOp>({memory})});
  n.set(0, hidden);
  n.set(1, memory);
  n.setState(1, hidden);
  n.setState(4, memory);
}

static void importLstm(OperatorImport &n) {
  const auto &options = n.options<schema::LSTMOptions>();
  if (options.kernel_type() != 0) {
    if (hasInputs(n, {1, 2, 3, 4}))
      importBasicLstm(n);
    return;
  }
  if (!hasInputs(n, {18, 19}))
    return;
  if (n.rank(0) != 2)
    return void(n.error() << "an input of shape " << shapeText(n.shape(0))
                          << " should have 2 dimensions");
  LstmCell cell = LstmCell::read(n, 1, 20);
  cell.activation = options.activation();
  cell.cellClip = n.finite(options.cell_clip(), "cell_clip");
  cell.projectionClip = n.finite(options.proj_clip(), "proj_clip");
  ArrayRef<int64_t> shape = n.shape(0);
  Value x = n.reshape(n.operand(0), {1, shape[0], shape[1]});
  Value result = runLstm(n, cell, Sequence(n, x, true), 18, false);
  if (result)
    n.set(0, n.reshape(result, n.shapeOf(result).drop_front()));
}

/// Results of the two directions side by side, or apart.
static void setDirections(OperatorImport &n, Value forwards, Value backwards,
                          bool merge) {
  if (!merge) {
    n.set(0, forwards);
    n.set(1, backwards);
    return;
  }
  n.set(0, n.make<edge::ConcatOp>({forwards, backwards},
                                  {n.attr("axis", int64_t(2))}));
}

/// Operands: input, 17 weights of each direction, 4 states; then an auxiliary
/// input with its weights, which stacked layers have.
static void importBidirectionalLstm(OperatorImport &n) {
  const auto &options = n.options<schema::BidirectionalSequenceLSTMOptions>();
  if (!hasInputs(n, {35, 36, 37, 38}))
    return;
  for (unsigned i = 39; i < n.inputCount(); ++i)
    if (n.hasInput(i))
      return void(n.error() << "an auxiliary input is not supported");
  Sequence sequence(n, n.operand(0), options.time_major());
  Value results[2];
  for (unsigned direction : {0, 1}) {
    LstmCell cell = LstmCell::read(n, direction == 0 ? 1 : 18, 0);
    cell.activation = options.activation();
    cell.cellClip = n.finite(options.cell_clip(), "cell_clip");
    cell.projectionClip = n.finite(options.proj_clip(), "proj_clip");
    results[direction] =
        runLstm(n, cell, sequence, 35 + 2 * direction, direction == 1);
  }
  setDirections(n, results[0], results[1], options.merge_outputs());
}

//===-- RNN
//----------------------------------------------------------------===//

/// h' = act(W x + R h + b) with W, R, b at operands `first`... and h at
/// `state`.
static Value runRnn(OperatorImport &n, const Sequence &sequence, unsigned first,
                    unsigned state, schema::Activation activation,
                    bool backwards) {
  if (n.failed())
    return nullptr;
  Value inputs = n.make<edge::FullyConnectedOp>(
      {sequence.rows(), n.operand(first), n.operand(first + 2)});
  Value hidden = n.operand(state);
  llvm::SmallVector<Value> results(sequence.steps);
  for (int64_t i = 0; i < sequence.steps && !n.failed(); ++i) {
    int64_t step = backwards ? sequence.steps - 1 - i : i;
    Value sum = n.make<edge::AddOp>(
        {sequence.at(inputs, step),
         n.make<edge::FullyConnectedOp>({hidden, n.operand(first + 1)})});
    hidden = n.activate(sum, activation);
    results[step] = hidden;
  }
  n.setState(state, hidden);
  return sequence.join(results);
}

static void importRnn(OperatorImport &n) {
  if (n.rank(0) != 2)
    return void(n.error() << "an input of shape " << shapeText(n.shape(0))
                          << " should have 2 dimensions");
  ArrayRef<int64_t> shape = n.shape(0);
  Value x = n.reshape(n.operand(0), {1, shape[0], shape[1]});
  Value result = runRnn(n, Sequence(n, x, true), 1, 4,
                        n.options<schema::RNNOptions>().activation(), false);
  if (result)
    n.set(0, n.reshape(result, n.shapeOf(result).drop_front()));
}

static void importSequenceRnn(OperatorImport &n) {
  const auto &options = n.options<schema::SequenceRNNOptions>();
  Sequence sequence(n, n.operand(0), options.time_major());
  n.set(0, runRnn(n, sequence, 1, 4, options.activation(), false));
}

/// Operands: input; W, R, b and state of each direction; the auxiliary input.
static void importBidirectionalRnn(OperatorImport &n) {
  const auto &options = n.options<schema::BidirectionalSequenceRNNOptions>();
  for (unsigned i = 9; i < n.inputCount(); ++i)
    if (n.hasInput(i))
      return void(n.error() << "an auxiliary input is not supported");
  Sequence sequence(n, n.operand(0), options.time_major());
  Value forwards = runRnn(n, sequence, 1, 4, options.activation(), false);
  Value backwards = runRnn(n, sequence, 5, 8, options.activation(), true);
  setDirections(n, forwards, backwards, options.merge_outputs());
}

//===-- SVDF
//---------------------------------------------------------------===//

/// A layer whose matrix has low rank in time: each filter f looks at the input
/// (weights_feature, [filters, depth]), its last `memory` values stand in the
/// state [batch, filters * memory], and weights_time [filters, memory] sums
/// them; the `rank` filters of a unit are added.
static void importSvdf(OperatorImport &n) {
  const auto &options = n.options<schema::SVDFOptions>();
  if (!hasInputs(n, {4}))
    return;
  if (!checkSvdf(n, options.rank()))
    return;
  int64_t rank = options.rank();
  int64_t batch = n.shape(0)[0], filters = n.shape(1)[0],
          memory = n.shape(2)[1];
  Value features = n.make<edge::FullyConnectedOp>({n.operand(0), n.operand(1)});
  Value state = shiftIn(n, n.operand(4), features, memory);
  Value weighted = n.make<edge::MulOp>({state, n.operand(2)});
  weighted = n.reshape(weighted, {batch, filters / rank, rank * memory});
  Value sum = n.make<edge::ReduceSumOp>({weighted},
                                        {n.attr("axes", ArrayRef<int64_t>{2})});
  if (n.hasInput(3))
    sum = n.make<edge::AddOp>({sum, n.operand(3)});
  n.set(0, n.activate(sum, options.activation()));
  n.setState(4, n.reshape(state, n.shape(4)));
}

llvm::ArrayRef<Operator> tflite::recurrentOperators() {
  static constexpr Operator rows[] = {
      {Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, 4, 1, 24, importSequenceLstm,
       types::floats, "at most 1024 steps"},
      {Builtin::BIDIRECTIONAL_SEQUENCE_LSTM, 3, 1, 48, importBidirectionalLstm,
       types::floats, "at most 1024 steps; no auxiliary input"},
      {Builtin::LSTM, 4, 1, 24, importLstm},
      {Builtin::RNN, 3, 5, 5, importRnn},
      {Builtin::UNIDIRECTIONAL_SEQUENCE_RNN, 3, 5, 5, importSequenceRnn,
       types::floats, "at most 1024 steps"},
      {Builtin::BIDIRECTIONAL_SEQUENCE_RNN, 3, 9, 12, importBidirectionalRnn,
       types::floats, "at most 1024 steps; no auxiliary input"},
      {Builtin::SVDF, 4, 3, 5, importSvdf},
  };
  return rows;
}
