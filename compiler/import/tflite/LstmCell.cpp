//===- LstmCell.cpp - one step of TFLite's LSTM ---------------------------===//
//
//   i = sigmoid(Wi x + Ri h + Pi c + bi)      f, o likewise
//   g = act(Wg x + Rg h + bg)
//   c' = clip(f c + i g),  h' = clip(Wp (o act(c')) + bp)
// o looks at c'. With normalisation, each gate's sum without bias is brought to
// mean 0 and variance 1, multiplied by a vector, and the bias added to that.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/LstmCell.h"

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;

static Value optional(OperatorImport &n, unsigned index) {
  return n.hasInput(index) ? n.operand(index) : Value();
}

LstmCell LstmCell::read(OperatorImport &n, unsigned first, unsigned firstNorm) {
  LstmCell cell;
  for (unsigned gate = 0; gate < 4; ++gate) {
    cell.fromInput[gate] = optional(n, first + gate);
    cell.fromState[gate] = optional(n, first + 4 + gate);
    cell.bias[gate] = optional(n, first + 11 + gate);
    if (firstNorm != 0)
      cell.norm[gate] = optional(n, firstNorm + gate);
  }
  cell.peephole[InputGate] = optional(n, first + 8);
  cell.peephole[ForgetGate] = optional(n, first + 9);
  cell.peephole[OutputGate] = optional(n, first + 10);
  cell.projection = optional(n, first + 15);
  cell.projectionBias = optional(n, first + 16);
  for (Gate gate : {InputGate, ForgetGate, CellGate, OutputGate}) {
    bool both = cell.fromInput[gate] && cell.fromState[gate];
    bool isCoupled =
        gate == InputGate && !cell.fromInput[gate] && !cell.fromState[gate];
    if (!both && !isCoupled && !n.failed())
      n.error() << "the weights of gate " << int(gate) << " are incomplete";
  }
  return cell;
}

Value LstmCell::gateInput(OperatorImport &n, Gate gate, Value x) const {
  llvm::SmallVector<Value, 3> operands = {x, fromInput[gate]};
  if (bias[gate] && !norm[gate])
    operands.push_back(bias[gate]);
  return n.make<edge::FullyConnectedOp>(operands);
}

/// Mean 0 and variance 1 along the last dimension.
static Value normalise(OperatorImport &n, Value x) {
  if (!x)
    return nullptr;
  int64_t last = int64_t(n.shapeOf(x).size()) - 1;
  mlir::NamedAttribute along[] = {n.attr("axes", llvm::ArrayRef<int64_t>(last)),
                                  n.attr("keep_dims", true)};
  Value centered =
      n.make<edge::SubOp>({x, n.make<edge::ReduceMeanOp>({x}, along)});
  Value squares = n.make<edge::MulOp>({centered, centered});
  Value variance = n.make<edge::ReduceMeanOp>({squares}, along);
  Value inverse =
      n.make<edge::RsqrtOp>({n.make<edge::AddOp>({variance, n.splat(1e-8F)})});
  return n.make<edge::MulOp>({centered, inverse});
}

Value LstmCell::gate(OperatorImport &n, Gate gate, Value gateInput, Value state,
                     Value cell) const {
  Value sum = n.make<edge::AddOp>(
      {gateInput, n.make<edge::FullyConnectedOp>({state, fromState[gate]})});
  if (peephole[gate])
    sum =
        n.make<edge::AddOp>({sum, n.make<edge::MulOp>({cell, peephole[gate]})});
  if (norm[gate]) {
    sum = n.make<edge::MulOp>({normalise(n, sum), norm[gate]});
    if (bias[gate])
      sum = n.make<edge::AddOp>({sum, bias[gate]});
  }
  if (gate == CellGate)
    return n.activate(sum, activation);
  return n.make<edge::SigmoidOp>({sum});
}

static Value clip(OperatorImport &n, Value x, float bound) {
  if (!(bound > 0))
    return x;
  return n.make<edge::ClampOp>({x},
                               {n.attr("min", -bound), n.attr("max", bound)});
}

std::pair<Value, Value> LstmCell::step(OperatorImport &n,
                                       llvm::ArrayRef<Value> gateInputs,
                                       Value state, Value cell) const {
  Value forget = gate(n, ForgetGate, gateInputs[ForgetGate], state, cell);
  Value input = hasGate(InputGate)
                    ? gate(n, InputGate, gateInputs[InputGate], state, cell)
                    : n.make<edge::SubOp>({n.splat(1.0F), forget});
  Value update = gate(n, CellGate, gateInputs[CellGate], state, cell);
  Value next = n.make<edge::AddOp>({n.make<edge::MulOp>({forget, cell}),
                                    n.make<edge::MulOp>({input, update})});
  next = clip(n, next, cellClip);
  Value output = gate(n, OutputGate, gateInputs[OutputGate], state, next);
  Value result = n.make<edge::MulOp>({output, n.activate(next, activation)});
  if (projection) {
    llvm::SmallVector<Value, 3> operands = {result, projection};
    if (projectionBias)
      operands.push_back(projectionBias);
    result = clip(n, n.make<edge::FullyConnectedOp>(operands), projectionClip);
  }
  return {result, next};
}
