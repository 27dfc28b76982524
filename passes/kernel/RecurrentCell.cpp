//===- RecurrentCell.cpp - the cells of RNN, GRU and LSTM -----------------===//
//
// Each cell as its operator's documentation writes it, on vectors of units
// whose sums lie in registers.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Recurrent.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/RecurrentStep.h"
#include "passes/kernel/VectorMath.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;
using edge::Activation;

//===-- activations ------------------------------------------------------===//

namespace {

/// Arithmetic on vectors of `lanes` elements.
struct VectorWords {
  KernelBuilder &k;
  int64_t lanes;
  MathTarget target = MathTarget::get(k.machine);

  Value constant(float value) const { return k.splat(value, lanes); }
  Value add(Value x, Value y) const {
    return arith::AddFOp::create(k.b, k.loc, x, y);
  }
  Value sub(Value x, Value y) const {
    return arith::SubFOp::create(k.b, k.loc, x, y);
  }
  Value mul(Value x, Value y) const {
    return arith::MulFOp::create(k.b, k.loc, x, y);
  }
  Value call(UnaryMath function, Value x) const {
    return function(k.b, k.loc, x, target);
  }
  Value atLeast(Value x, Value bound) const {
    return emitAtLeast(k.b, k.loc, x, bound, target);
  }
  Value within(Value x, float low, float high) const {
    x = atLeast(x, constant(low));
    return emitAtMost(k.b, k.loc, x, constant(high), target);
  }
  /// [-bound, bound]; 0: no bound
  Value clip(Value x, const APFloat &bound) const {
    float most = bound.convertToFloat();
    return most == 0.0F ? x : within(x, -most, most);
  }
  /// x > bound ? yes : no
  Value ifAbove(Value x, float bound, Value yes, Value no) const {
    Value above = arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::OGT,
                                        x, constant(bound));
    return arith::SelectOp::create(k.b, k.loc, above, yes, no);
  }
  Value divide(Value x, Value y) const {
    return arith::DivFOp::create(k.b, k.loc, x, y);
  }

  Value activate(Activation activation, float a, float b, Value x) const;
};

} // namespace

Value VectorWords::activate(Activation activation, float a, float b,
                            Value x) const {
  switch (activation) {
  case Activation::identity:
    return x;
  case Activation::relu:
    return atLeast(x, constant(0.0F));
  case Activation::tanh:
    return call(emitTanh, x);
  case Activation::sigmoid:
    return call(emitSigmoid, x);
  case Activation::affine:
    return add(mul(x, constant(a)), constant(b));
  case Activation::leaky_relu:
    return ifAbove(x, 0.0F, x, mul(x, constant(a)));
  case Activation::thresholded_relu:
    return ifAbove(x, a, x, constant(0.0F));
  case Activation::scaled_tanh:
    return mul(call(emitTanh, mul(x, constant(b))), constant(a));
  case Activation::hard_sigmoid:
    return within(add(mul(x, constant(a)), constant(b)), 0.0F, 1.0F);
  case Activation::elu:
    return emitElu(k.b, k.loc, x, a, target);
  case Activation::softsign: {
    Value size = atLeast(x, sub(constant(0.0F), x));
    return divide(x, add(constant(1.0F), size));
  }
  case Activation::softplus:
    return call(emitSoftplus, x);
  case Activation::relu6:
    return within(x, 0.0F, 6.0F);
  }
  return x;
}

namespace {

/// The activations of one operator in one direction.
template <typename Op> struct Cell {
  const StepWriter &step;
  mutable Op op = cast<Op>(step.k.kernel.getAnchor());

  VectorWords words(const PanelVector &v) const { return {step.k, v.lanes}; }

  Value activated(int64_t number, Value x, const PanelVector &v) const {
    int64_t perDirection = op.getActivations().size() / op.getDirections();
    int64_t i = step.at.direction * perDirection + number;
    VectorWords w = words(v);
    return w.activate(Activation(op.getActivations()[i]), op.getAlphas()[i],
                      op.getBetas()[i], w.clip(x, op.getClip()));
  }
};

} // namespace

//===-- RNN --------------------------------------------------------------===//

static void emitRnn(const StepWriter &step) {
  Cell<edge::RnnOp> cell{step};
  step.multiply(
      step.shape.products.front(), step.at.before,
      [&](const PanelVector &v, int64_t gate) {
        return step.gateInput(v, gate);
      },
      [&](const PanelVector &v, ArrayRef<Value> sums) {
        step.storeState(v, cell.activated(0, sums[0], v));
      });
}

//===-- GRU --------------------------------------------------------------===//

/// (1 - z) n + z h as n + z (h - n).
static Value emitUpdate(const VectorWords &w, Value z, Value n, Value h) {
  return w.add(n, w.mul(z, w.sub(h, n)));
}

/// The state is multiplied before the reset gate is known.
static void emitGruLinear(const StepWriter &step) {
  Cell<edge::GruOp> cell{step};
  auto initial = [&](const PanelVector &v, int64_t gate) -> Value {
    if (gate < 2)
      return step.gateInput(v, gate);
    Value bias = cell.op.getNewBias();
    return bias ? step.perUnit(bias, 0, v) : step.k.splat(0.0F, v.lanes);
  };
  step.multiply(step.shape.products.front(), step.at.before, initial,
                [&](const PanelVector &v, ArrayRef<Value> sums) {
                  VectorWords w = cell.words(v);
                  Value z = cell.activated(0, sums[0], v);
                  Value r = cell.activated(0, sums[1], v);
                  Value share = w.mul(r, sums[2]);
                  share = w.add(share, step.gateInput(v, 2));
                  Value n = cell.activated(1, share, v);
                  Value h = step.loadScratch(v, step.at.before);
                  step.storeState(v, emitUpdate(w, z, n, h));
                });
}

/// Both gates of all units first, then the product of the reset state.
static void emitGruResetFirst(const StepWriter &step) {
  Cell<edge::GruOp> cell{step};
  Index update = 2 * step.shape.state, reset = update + step.shape.units;
  auto initial = [&](const PanelVector &v, int64_t gate) {
    return step.gateInput(v, gate);
  };
  step.multiply(step.shape.products[0], step.at.before, initial,
                [&](const PanelVector &v, ArrayRef<Value> sums) {
                  Value h = step.loadScratch(v, step.at.before);
                  Value r = cell.activated(0, sums[1], v);
                  step.storeScratch(v, update, cell.activated(0, sums[0], v));
                  step.storeScratch(v, reset, cell.words(v).mul(r, h));
                });
  step.multiply(step.shape.products[1], reset, initial,
                [&](const PanelVector &v, ArrayRef<Value> sums) {
                  Value n = cell.activated(1, sums[0], v);
                  Value z = step.loadScratch(v, update);
                  Value h = step.loadScratch(v, step.at.before);
                  step.storeState(v, emitUpdate(cell.words(v), z, n, h));
                });
}

//===-- LSTM -------------------------------------------------------------===//

namespace {

/// Where the gates of an LSTM stand among its sums; -1: coupled to another.
struct GatePlaces {
  explicit GatePlaces(edge::Coupling coupling) {
    int64_t place = 0;
    input = coupling == edge::Coupling::input ? -1 : place++;
    output = place++;
    forget = coupling == edge::Coupling::forget ? -1 : place++;
    fresh = place;
  }
  int64_t input, output, forget, fresh;
};

class LstmCell {
public:
  explicit LstmCell(const StepWriter &step)
      : step(step), cell{step}, places(cell.op.getCoupling()) {}

  /// o h(c'), having stored c'.
  Value emit(const PanelVector &v, ArrayRef<Value> sums) const;

private:
  /// A gate's activation, with the peephole `number`.
  Value gate(const PanelVector &v, Value sum, Value c, int64_t number) const {
    if (Value peepholes = cell.op.getPeepholes())
      sum = step.k.fma(step.perUnit(peepholes, number, v), c, sum);
    return cell.activated(0, sum, v);
  }

  const StepWriter &step;
  Cell<edge::LstmOp> cell;
  GatePlaces places;
};

} // namespace

Value LstmCell::emit(const PanelVector &v, ArrayRef<Value> sums) const {
  VectorWords w = cell.words(v);
  Value one = w.constant(1.0F), c = step.loadResult(2, v), i, f;
  if (places.input >= 0)
    i = gate(v, sums[places.input], c, 0);
  if (places.forget >= 0)
    f = gate(v, sums[places.forget], c, 2);
  if (!f)
    f = w.sub(one, i);
  if (!i)
    i = w.sub(one, f);
  Value fresh = cell.activated(1, sums[places.fresh], v);
  c = step.k.fma(f, c, w.mul(i, fresh));
  c = w.clip(c, cell.op.getCellClip());
  step.storeResult(2, v, c);
  Value o = gate(v, sums[places.output], c, 1);
  return w.mul(o, cell.activated(2, c, v));
}

static void emitLstm(const StepWriter &step) {
  auto op = cast<edge::LstmOp>(step.k.kernel.getAnchor());
  LstmCell cell(step);
  bool projects = bool(op.getProjection());
  Index between = 2 * step.shape.state;
  step.multiply(
      step.shape.products[0], step.at.before,
      [&](const PanelVector &v, int64_t gate) {
        return step.gateInput(v, gate);
      },
      [&](const PanelVector &v, ArrayRef<Value> sums) {
        Value m = cell.emit(v, sums);
        if (projects)
          step.storeScratch(v, between, m);
        else
          step.storeState(v, m);
      });
  if (!projects)
    return;
  step.multiply(
      step.shape.products[1], between,
      [&](const PanelVector &v, int64_t) -> Value {
        Value bias = op.getProjectionBias();
        return bias ? step.perUnit(bias, 0, v) : step.k.splat(0.0F, v.lanes);
      },
      [&](const PanelVector &v, ArrayRef<Value> sums) {
        VectorWords w{step.k, v.lanes};
        step.storeState(v, w.clip(sums[0], op.getProjectionClip()));
      });
}

void kernel::emitRecurrentCell(const StepWriter &step) {
  Operation *anchor = step.k.kernel.getAnchor();
  if (isa<edge::RnnOp>(anchor))
    return emitRnn(step);
  if (isa<edge::LstmOp>(anchor))
    return emitLstm(step);
  if (cast<edge::GruOp>(anchor).getLinearBeforeReset())
    return emitGruLinear(step);
  emitGruResetFirst(step);
}
