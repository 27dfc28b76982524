//===- Recurrent.cpp - operators with a state that goes from step to step ===//
//
// One sequence and one direction at a time, one step after the other, written
// as the operators' documentation writes them.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Recurrent.h"
#include "targets/evaluator/Operators.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::evaluator;
using edge::Activation;

using Vector = std::vector<double>;

static double activate(Activation activation, double a, double b, double x) {
  switch (activation) {
  case Activation::identity:
    return x;
  case Activation::relu:
    return std::isnan(x) ? x : std::max(x, 0.0);
  case Activation::tanh:
    return std::tanh(x);
  case Activation::sigmoid:
    return 1.0 / (1.0 + std::exp(-x));
  case Activation::affine:
    return a * x + b;
  case Activation::leaky_relu:
    return x < 0.0 ? a * x : x;
  case Activation::thresholded_relu:
    return x > a ? x : 0.0;
  case Activation::scaled_tanh:
    return a * std::tanh(b * x);
  case Activation::hard_sigmoid:
    return std::min(std::max(a * x + b, 0.0), 1.0);
  case Activation::elu:
    return x < 0.0 ? a * std::expm1(x) : x;
  case Activation::softsign:
    return x / (1.0 + std::abs(x));
  case Activation::softplus:
    return x > 0.0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  case Activation::relu6:
    return std::isnan(x) ? x : std::min(std::max(x, 0.0), 6.0);
  }
  return x;
}

static double clipped(double x, const APFloat &bound) {
  double most = bound.convertToDouble();
  return most == 0.0 || std::isnan(x) ? x : std::clamp(x, -most, most);
}

namespace {

/// One sequence in one direction.
template <typename Op> struct Run {
  /// Accessors of ops are not const.
  mutable Op op;
  const HostTensor &gates, &recurrent;
  int64_t direction, sequence;
  int64_t directions = op.getDirections();
  int64_t sequences = gates.shape()[1];
  int64_t state = recurrent.shape()[1];
  int64_t gateCount = recurrent.shape()[2];
  int64_t units = recurrent.shape()[3];

  /// What the input gives to a gate.
  double input(int64_t step, int64_t gate, int64_t unit) const {
    int64_t row = (step * sequences + sequence) * directions + direction;
    return gates.reals[(row * gateCount + gate) * units + unit];
  }
  /// The product of a state and the weights to one unit of a gate.
  double product(const Vector &h, int64_t gate, int64_t unit) const {
    double sum = 0.0;
    for (int64_t k = 0; k < state; ++k) {
      int64_t row = direction * state + k;
      sum += h[k] * recurrent.reals[(row * gateCount + gate) * units + unit];
    }
    return sum;
  }
  /// The activation `number` of this direction.
  double activated(int64_t number, double x) const {
    int64_t i = direction * op.getActivations().size() / directions + number;
    return activate(Activation(op.getActivations()[i]), op.getAlphas()[i],
                    op.getBetas()[i], clipped(x, op.getClip()));
  }
  /// This sequence's and direction's row of an operand [B, D, size].
  Vector initial(const HostTensor *operand, int64_t size) const {
    Vector row(size, 0.0);
    if (operand) {
      std::copy_n(operand->reals.begin() +
                      (sequence * directions + direction) * size,
                  size, row.begin());
    }
    return row;
  }
};

} // namespace

static Vector nextState(const Run<edge::RnnOp> &run, int64_t step,
                        const Vector &h) {
  Vector next(run.units);
  for (int64_t u = 0; u < run.units; ++u)
    next[u] = run.activated(0, run.input(step, 0, u) + run.product(h, 0, u));
  return next;
}

static Vector nextState(const Run<edge::GruOp> &run, const HostTensor *newBias,
                        int64_t step, const Vector &h) {
  enum { update, reset, newGate };
  Vector z(run.units), r(run.units), resetState(run.units), next(run.units);
  for (int64_t u = 0; u < run.units; ++u) {
    z[u] = run.activated(0, run.input(step, update, u) +
                                run.product(h, update, u));
    r[u] =
        run.activated(0, run.input(step, reset, u) + run.product(h, reset, u));
    resetState[u] = r[u] * h[u];
  }
  for (int64_t u = 0; u < run.units; ++u) {
    double fromState = run.product(resetState, newGate, u);
    if (run.op.getLinearBeforeReset()) {
      double bias =
          newBias ? newBias->reals[run.direction * run.units + u] : 0.0;
      fromState = r[u] * (run.product(h, newGate, u) + bias);
    }
    double n = run.activated(1, run.input(step, newGate, u) + fromState);
    next[u] = (1.0 - z[u]) * n + z[u] * h[u];
  }
  return next;
}

namespace {
struct LstmOperands {
  const HostTensor *peepholes, *projection, *projectionBias;
};
} // namespace

/// The state before the projection; updates the cell `c`.
static Vector nextState(const Run<edge::LstmOp> &run, const HostTensor *holes,
                        int64_t step, const Vector &h, Vector &c) {
  edge::LstmOp op = run.op;
  edge::Coupling coupling = op.getCoupling();
  // The places of the gates that there are.
  int64_t place = 0;
  int64_t atInput = coupling == edge::Coupling::input ? -1 : place++;
  int64_t atOutput = place++;
  int64_t atForget = coupling == edge::Coupling::forget ? -1 : place++;
  int64_t atNew = place;
  auto peephole = [&](int64_t number, int64_t u) {
    return holes ? holes->reals[(run.direction * 3 + number) * run.units + u]
                 : 0.0;
  };
  auto gate = [&](int64_t gate, int64_t u, double more) {
    return run.activated(0, run.input(step, gate, u) + run.product(h, gate, u) +
                                more);
  };
  Vector m(run.units);
  for (int64_t u = 0; u < run.units; ++u) {
    double i = atInput < 0 ? 0.0 : gate(atInput, u, peephole(0, u) * c[u]);
    double f =
        atForget < 0 ? 1.0 - i : gate(atForget, u, peephole(2, u) * c[u]);
    if (atInput < 0)
      i = 1.0 - f;
    double n =
        run.activated(1, run.input(step, atNew, u) + run.product(h, atNew, u));
    c[u] = clipped(f * c[u] + i * n, op.getCellClip());
    double o = gate(atOutput, u, peephole(1, u) * c[u]);
    m[u] = o * run.activated(2, c[u]);
  }
  return m;
}

static Vector project(const Run<edge::LstmOp> &run, const LstmOperands &more,
                      const Vector &m) {
  if (!more.projection)
    return m;
  edge::LstmOp op = run.op;
  Vector h(run.state);
  for (int64_t p = 0; p < run.state; ++p) {
    double sum = more.projectionBias
                     ? more.projectionBias->reals[run.direction * run.state + p]
                     : 0.0;
    for (int64_t u = 0; u < run.units; ++u) {
      sum +=
          m[u] * more.projection
                     ->reals[(run.direction * run.units + u) * run.state + p];
    }
    h[p] = clipped(sum, op.getProjectionClip());
  }
  return h;
}

/// The tensor of an optional operand, or null.
static const HostTensor *find(Operation *op, Operands operands, Value operand) {
  for (auto [value, tensor] : llvm::zip_equal(op->getOperands(), operands))
    if (value == operand)
      return tensor;
  return nullptr;
}

/// Takes the steps of all sequences in all directions; `begin` returns the
/// function of one step for a run.
template <typename Op, typename Begin>
static void takeSteps(Op op, Operands operands,
                      MutableArrayRef<HostTensor> results, Begin begin) {
  const HostTensor *hidden = find(op, operands, op.getHidden()),
                   *lengths = find(op, operands, op.getLengths());
  HostTensor &sequence = results[0], &last = results[1];
  int64_t steps = sequence.shape()[0], sequences = sequence.shape()[1];
  for (int64_t b = 0; b < sequences; ++b) {
    int64_t length =
        lengths ? std::clamp<int64_t>(lengths->integers[b], 0, steps) : steps;
    for (int64_t d = 0; d < op.getDirections(); ++d) {
      Run<Op> run{op, *operands[0], *operands[1], d, b};
      Vector h = run.initial(hidden, run.state);
      auto takeStep = begin(run);
      for (int64_t s = 0; s < length; ++s) {
        int64_t step = op.isReverse(d) ? length - 1 - s : s;
        h = takeStep(step, h);
        int64_t row = (step * sequences + b) * run.directions + d;
        llvm::copy(h, sequence.reals.begin() + row * run.state);
      }
      llvm::copy(h, last.reals.begin() + (b * run.directions + d) * run.state);
    }
  }
}

static void evaluate(edge::RnnOp op, Operands operands,
                     MutableArrayRef<HostTensor> results) {
  takeSteps(op, operands, results, [&](const Run<edge::RnnOp> &run) {
    return [run](int64_t step, const Vector &h) {
      return nextState(run, step, h);
    };
  });
}

static void evaluate(edge::GruOp op, Operands operands,
                     MutableArrayRef<HostTensor> results) {
  const HostTensor *newBias = find(op, operands, op.getNewBias());
  takeSteps(op, operands, results, [&](const Run<edge::GruOp> &run) {
    return [run, newBias](int64_t step, const Vector &h) {
      return nextState(run, newBias, step, h);
    };
  });
}

static void evaluate(edge::LstmOp op, Operands operands,
                     MutableArrayRef<HostTensor> results) {
  LstmOperands more{find(op, operands, op.getPeepholes()),
                    find(op, operands, op.getProjection()),
                    find(op, operands, op.getProjectionBias())};
  const HostTensor *cell = find(op, operands, op.getCell());
  HostTensor &lastCell = results[2];
  takeSteps(op, operands, results, [&](const Run<edge::LstmOp> &run) {
    // The result holds the cell from step to step.
    auto place = lastCell.reals.begin() +
                 (run.sequence * run.directions + run.direction) * run.units;
    llvm::copy(run.initial(cell, run.units), place);
    return [run, more, place](int64_t step, const Vector &h) {
      Vector c(place, place + run.units);
      Vector m = nextState(run, more.peepholes, step, h, c);
      llvm::copy(c, place);
      return project(run, more, m);
    };
  });
}

Results edgec::evaluator::evaluateRecurrent(Operation *op, Operands operands) {
  std::vector<HostTensor> results;
  if (isa<edge::RnnOp, edge::GruOp, edge::LstmOp>(op)) {
    for (Type type : op->getResultTypes())
      results.emplace_back(cast<RankedTensorType>(type));
  }
  return llvm::TypeSwitch<Operation *, Results>(op)
      .Case<edge::RnnOp, edge::GruOp, edge::LstmOp>([&](auto recurrent) {
        evaluate(recurrent, operands, results);
        return Results(std::move(results));
      })
      .Default(Results());
}
