//===- Recurrent.cpp - the steps of RNN, GRU and LSTM ---------------------===//
//
// A thread takes some sequences in one direction through all steps. A step is a
// product of the state with weights that stay in the second-level cache, whose
// sums go from registers into the cell's activations:
//
//   state = hidden or zeros
//   for step: for panel of units:
//     sum[column][gate][v] = gates[step] + state[column][k] *
//     weight[k][gate][v] state'[column][v] = cell(sum[column], ...);
//     sequence[step] = state'
//   last = state
//
// The state before and after a step are two places that change roles.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Recurrent.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/RecurrentStep.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- one step ---------------------------------------------------------===//

Index StepWriter::scratch(int64_t column, Index offset) const {
  int64_t size = shape.scratchElements();
  Index tile = k.mul(at.sequence, size);
  int64_t first = (at.direction * shape.sequences + column) * size;
  return k.add(tile + first, offset);
}

Value StepWriter::gateInput(const PanelVector &v, int64_t gate) const {
  int64_t gates = shape.products.front().allGates;
  Layout layout = k.operandLayout(0);
  Index place = v.unit + (at.direction * gates + gate) * shape.units;
  return k.load(k.operandBuffer(0),
                k.address(layout, {at.step, sequence(v.column), place}),
                v.lanes);
}

Value StepWriter::perUnit(Value operand, int64_t row,
                          const PanelVector &v) const {
  Layout layout = k.layoutOf(operand);
  SmallVector<Index> position = {at.direction};
  if (layout.shape.size() == 3)
    position.push_back(row);
  position.push_back(v.unit);
  return k.load(k.bufferOf(operand), k.address(layout, position), v.lanes);
}

Value StepWriter::loadScratch(const PanelVector &v, Index offset) const {
  Index address = k.add(scratch(v.column, offset), v.unit);
  return k.load(k.scratchBuffer(), address, v.lanes);
}

void StepWriter::storeScratch(const PanelVector &v, Index offset,
                              Value vector) const {
  Index address = k.add(scratch(v.column, offset), v.unit);
  k.store(vector, k.scratchBuffer(), address, v.lanes);
}

Value StepWriter::loadResult(unsigned result, const PanelVector &v) const {
  Index address = k.address(k.resultLayout(result),
                            {sequence(v.column), at.direction, v.unit});
  return k.load(k.resultBuffer(result), address, v.lanes);
}

void StepWriter::storeResult(unsigned result, const PanelVector &v,
                             Value vector) const {
  Index address = k.address(k.resultLayout(result),
                            {sequence(v.column), at.direction, v.unit});
  k.store(vector, k.resultBuffer(result), address, v.lanes);
}

void StepWriter::storeState(const PanelVector &v, Value vector) const {
  storeScratch(v, at.after, vector);
  Index address = k.address(
      k.resultLayout(0), {at.step, sequence(v.column), at.direction, v.unit});
  k.store(vector, k.resultBuffer(0), address, v.lanes);
}

void StepWriter::multiply(const StepProduct &product, Index source,
                          Initial initial, Cell cell) const {
  int64_t lanes = k.tiling.getLanes();
  int64_t width = panelVectors(shape, product, k.tiling) * lanes;
  k.tiles(0, product.units, width, [&](Index unit, int64_t used) {
    SmallVector<int64_t> widths(used / lanes, lanes);
    if (used % lanes)
      widths.push_back(used % lanes);
    panel(product, source, unit, widths, initial, cell);
  });
}

namespace {
/// A panel of a product on its way through the elements of the state.
struct Panel {
  Value weights;
  /// Where the panel begins in the weights, and the strides of an element of
  /// the state and of a gate.
  Index first;
  int64_t row, gate;
  int64_t gates, lanes;
  ArrayRef<int64_t> widths;
  /// of each column, in scratch
  SmallVector<Index> states;
};
} // namespace

static Panel makePanel(KernelBuilder &k, const StepProduct &product,
                       const StepPosition &at, Index unit,
                       ArrayRef<int64_t> widths, int64_t directions) {
  int64_t width = 0;
  for (int64_t vector : widths)
    width += vector;
  Panel panel{k.operandBuffer(product.operand),
              {},
              product.gates * width,
              width,
              product.gates,
              k.tiling.getLanes(),
              widths,
              {}};
  Layout layout = k.operandLayout(product.operand);
  if (product.packed) {
    panel.first = k.mul(unit, product.depth * product.gates) + product.offset +
                  at.direction * (layout.allocated / directions);
    return panel;
  }
  panel.row = layout.strides[1];
  panel.gate = product.units;
  panel.first = unit + (layout.offset + at.direction * layout.strides[0] +
                        product.firstGate * product.units);
  return panel;
}

/// Adds the products of element `i` of the state; sums are ordered by column,
/// gate, vector.
static SmallVector<Value> addElement(KernelBuilder &k, const Panel &panel,
                                     Index i, ArrayRef<Value> sums) {
  SmallVector<Value> result(sums), factors;
  Index base = k.add(panel.first, k.mul(i, panel.row));
  for (int64_t g = 0; g < panel.gates; ++g) {
    for (auto [v, width] : llvm::enumerate(panel.widths)) {
      Index place = base + (g * panel.gate + int64_t(v) * panel.lanes);
      factors.push_back(k.load(panel.weights, place, width));
    }
  }
  for (auto [column, state] : llvm::enumerate(panel.states)) {
    Value scalar = k.loadScalar(k.scratchBuffer(), k.add(state, i));
    for (auto [number, factor] : llvm::enumerate(factors)) {
      Value &sum = result[column * factors.size() + number];
      int64_t width = panel.widths[number % panel.widths.size()];
      sum = k.fma(k.splat(scalar, width), factor, sum);
    }
  }
  return result;
}

void StepWriter::panel(const StepProduct &product, Index source, Index unit,
                       ArrayRef<int64_t> widths, Initial initial,
                       Cell cell) const {
  Panel panel = makePanel(k, product, at, unit, widths, shape.directions);
  auto vectorAt = [&](int64_t column, size_t v) {
    return PanelVector{column, unit + int64_t(v) * panel.lanes, widths[v]};
  };
  int64_t columns = k.tiling.getColumns();
  SmallVector<Value> sums;
  for (int64_t column = 0; column < columns; ++column) {
    panel.states.push_back(scratch(column, source));
    for (int64_t g = 0; g < product.gates; ++g)
      for (size_t v = 0; v < widths.size(); ++v)
        sums.push_back(initial(vectorAt(column, v), product.firstGate + g));
  }
  int64_t unroll = k.tiling.getUnroll();
  int64_t whole = product.depth / unroll * unroll;
  sums = k.loop(0, whole, unroll, sums, [&](Index i, ArrayRef<Value> current) {
    SmallVector<Value> next(current);
    for (int64_t u = 0; u < unroll; ++u)
      next = addElement(k, panel, i + u, next);
    return next;
  });
  for (int64_t i = whole; i < product.depth; ++i)
    sums = addElement(k, panel, i, sums);
  for (int64_t column = 0; column < columns; ++column) {
    for (size_t v = 0; v < widths.size(); ++v) {
      SmallVector<Value> values;
      for (int64_t g = 0; g < product.gates; ++g)
        values.push_back(
            sums[(column * product.gates + g) * widths.size() + v]);
      cell(vectorAt(column, v), values);
    }
  }
}

//===-- the emitter ------------------------------------------------------===//

namespace {

/// Takes a tile of sequences in one direction through all steps.
class SequenceWriter {
public:
  SequenceWriter(KernelBuilder &k, const RecurrentShape &shape,
                 int64_t direction, Index sequence)
      : k(k), shape(shape), direction(direction), sequence(sequence) {}

  void write();

private:
  using PerVector = function_ref<void(const StepWriter &, const PanelVector &)>;
  void forStates(int64_t size, Index before, PerVector body);
  void begin();
  Index length();
  void finish(Index length);

  KernelBuilder &k;
  const RecurrentShape &shape;
  int64_t direction;
  Index sequence;
};

class RecurrentEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "recurrent"; }

  bool matches(schedule::KernelOp kernel) const override {
    return getRecurrentShape(kernel).has_value();
  }

  schedule::TilingAttr schedule(schedule::KernelOp kernel,
                                schedule::MachineAttr machine) const override {
    return chooseRecurrentTiling(kernel, *getRecurrentShape(kernel), machine);
  }

  schedule::TilingAttr
  scheduleLike(schedule::TilingAttr model, schedule::KernelOp kernel,
               schedule::MachineAttr machine) const override {
    return chooseRecurrentTiling(kernel, *getRecurrentShape(kernel), machine,
                                 model.getVectors());
  }

  /// Directions of tiles of sequences.
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    RecurrentShape shape = *getRecurrentShape(kernel);
    return shape.directions * (shape.sequences / tiling.getColumns());
  }

  std::optional<Packing> packing(schedule::KernelOp kernel,
                                 schedule::TilingAttr tiling,
                                 unsigned operand) const override {
    return packRecurrent(kernel, *getRecurrentShape(kernel), tiling, operand);
  }

  RankedTensorType scratch(schedule::KernelOp kernel,
                           schedule::TilingAttr) const override {
    RecurrentShape shape = *getRecurrentShape(kernel);
    return RankedTensorType::get(
        {shape.directions * shape.sequences * shape.scratchElements()},
        Float32Type::get(kernel.getContext()));
  }

  LogicalResult emit(KernelBuilder &k) const override;

  /// The products, and about 60 operations of each cell's activations.
  int64_t flops(schedule::KernelOp kernel) const override {
    RecurrentShape shape = *getRecurrentShape(kernel);
    return shape.steps * shape.sequences * shape.directions *
           (2 * shape.stepProducts() + 60 * shape.units);
  }
};

} // namespace

/// Runs over `size` elements of each sequence of the tile, in vectors.
void SequenceWriter::forStates(int64_t size, Index before, PerVector body) {
  StepPosition at{direction, sequence, 0, before, before};
  StepWriter writer(k, shape, at);
  for (int64_t column = 0; column < k.tiling.getColumns(); ++column) {
    forVectors(k, size, 4, [&](Index first, ArrayRef<int64_t> widths) {
      for (auto [number, lanes] : llvm::enumerate(widths))
        body(writer, {column, first + int64_t(number) * k.lanes(), lanes});
    });
  }
}

/// The states before the first step, from an operand [B, D, size] or zeros.
void SequenceWriter::begin() {
  auto initial = [&](Value operand, const PanelVector &v) -> Value {
    if (!operand)
      return k.splat(0.0F, v.lanes);
    Index address = k.address(k.layoutOf(operand),
                              {sequence + v.column, direction, v.unit});
    return k.load(k.bufferOf(operand), address, v.lanes);
  };
  forStates(shape.state, 0,
            [&](const StepWriter &writer, const PanelVector &v) {
              writer.storeScratch(v, 0, initial(shape.hidden, v));
            });
  if (!isa<edge::LstmOp>(k.kernel.getAnchor()))
    return;
  forStates(shape.units, 0,
            [&](const StepWriter &writer, const PanelVector &v) {
              writer.storeResult(2, v, initial(shape.cell, v));
            });
}

/// The steps of the tile's sequences.
Index SequenceWriter::length() {
  if (!shape.lengths)
    return shape.steps;
  Value length = k.loadScalar(k.bufferOf(shape.lengths),
                              k.address(k.layoutOf(shape.lengths), {sequence}));
  Value asIndex =
      arith::IndexCastOp::create(k.b, k.loc, k.b.getIndexType(), length);
  return k.maximum(k.minimum(asIndex, shape.steps), 0);
}

/// The state after the last step, and zeros for the steps that there are not.
void SequenceWriter::finish(Index length) {
  Index state = k.mul(k.rem(length, 2), shape.state);
  forStates(shape.state, state,
            [&](const StepWriter &writer, const PanelVector &v) {
              writer.storeResult(1, v, writer.loadScratch(v, state));
            });
  if (!shape.lengths)
    return;
  k.loop(length, shape.steps, 1, [&](Index step) {
    k.fill(k.resultBuffer(0),
           k.address(k.resultLayout(0), {step, sequence, direction, 0}),
           shape.state);
  });
}

void SequenceWriter::write() {
  begin();
  Index count = length();
  k.loop(0, count, 1, [&](Index number) {
    Index step = number;
    if (shape.isReverse[direction]) {
      Value last = k.value(count + -1);
      step = Index(
          Value(arith::SubIOp::create(k.b, k.loc, last, k.value(number))));
    }
    StepPosition at{direction, sequence, step,
                    k.mul(k.rem(number, 2), shape.state),
                    k.mul(k.rem(number + 1, 2), shape.state)};
    emitRecurrentCell(StepWriter(k, shape, at));
  });
  finish(count);
}

LogicalResult RecurrentEmitter::emit(KernelBuilder &k) const {
  RecurrentShape shape = *getRecurrentShape(k.kernel);
  if (shape.sequences % k.tiling.getColumns() != 0) {
    return k.kernel.emitError("a tile of ")
           << k.tiling.getColumns() << " columns does not divide the "
           << shape.sequences
           << " sequences; leave the tiling out to have one chosen";
  }
  int64_t tiles = shape.sequences / k.tiling.getColumns();
  for (int64_t d = 0; d < shape.directions; ++d) {
    Index from = k.maximum(Index(k.begin), d * tiles),
          to = k.minimum(Index(k.end), (d + 1) * tiles);
    k.loop(from, to, 1, [&](Index part) {
      Index sequence = k.mul(part + -d * tiles, k.tiling.getColumns());
      SequenceWriter(k, shape, d, sequence).write();
    });
  }
  return success();
}

const KernelEmitter &kernel::recurrentEmitter() {
  static const RecurrentEmitter emitter;
  return emitter;
}
