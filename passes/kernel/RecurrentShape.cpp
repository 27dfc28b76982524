//===- RecurrentShape.cpp - what the steps of a recurrent layer do --------===//
#include "passes/kernel/RecurrentShape.h"
#include "dialects/edge/Recurrent.h"
#include "passes/schedule/CostModel.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

int64_t RecurrentShape::stepProducts() const {
  int64_t count = 0;
  for (const StepProduct &product : products)
    count += product.depth * product.gates * product.units;
  return count;
}

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Kernels compute on f32; lengths are i32, as ONNX has them.
static bool hasKnownTypes(Operation *op, Value lengths) {
  auto isKnown = [&](Value value) {
    Type element = tensorType(value).getElementType();
    return value == lengths ? element.isSignlessInteger(32) : element.isF32();
  };
  return llvm::all_of(op->getOperands(), isKnown) &&
         llvm::all_of(op->getResults(), isKnown);
}

template <typename Op>
static std::optional<RecurrentShape> describe(schedule::KernelOp kernel,
                                              Op op) {
  if (!hasKnownTypes(op, op.getLengths()) ||
      !llvm::all_of(op->getOperands(),
                    [](Value operand) { return isa<BlockArgument>(operand); }))
    return std::nullopt;
  ArrayRef<int64_t> sequence = tensorType(op.getSequence()).getShape();
  RecurrentShape shape;
  shape.steps = sequence[0];
  shape.sequences = sequence[1];
  shape.directions = sequence[2];
  shape.state = sequence[3];
  shape.units = tensorType(op.getRecurrent()).getDimSize(3);
  shape.hidden = op.getHidden();
  shape.lengths = op.getLengths();
  for (int64_t d = 0; d < shape.directions; ++d)
    shape.isReverse.push_back(op.isReverse(d));
  return shape;
}

static StepProduct makeProduct(schedule::KernelOp kernel, Value weight) {
  unsigned operand = cast<BlockArgument>(weight).getArgNumber();
  StepProduct product;
  product.operand = operand;
  product.packed = bool(getConstantOperand(kernel, operand));
  ArrayRef<int64_t> shape = tensorType(weight).getShape();
  product.depth = shape[1];
  product.units = shape.back();
  product.allGates = shape.size() == 4 ? shape[2] : 1;
  product.firstGate = 0;
  product.gates = product.allGates;
  return product;
}

std::optional<RecurrentShape>
kernel::getRecurrentShape(schedule::KernelOp kernel) {
  Operation *anchor = kernel.getAnchor();
  std::optional<RecurrentShape> shape;
  if (auto rnn = dyn_cast_or_null<edge::RnnOp>(anchor)) {
    shape = describe(kernel, rnn);
    if (shape)
      shape->products = {makeProduct(kernel, rnn.getRecurrent())};
  } else if (auto gru = dyn_cast_or_null<edge::GruOp>(anchor)) {
    shape = describe(kernel, gru);
    if (!shape)
      return std::nullopt;
    StepProduct product = makeProduct(kernel, gru.getRecurrent());
    if (gru.getLinearBeforeReset()) {
      shape->products = {product};
    } else {
      // The update gate and the state after reset.
      shape->between = 2 * shape->units;
      StepProduct last = product;
      product.gates = 2;
      last.firstGate = 2;
      last.gates = 1;
      last.offset = product.depth * product.gates * product.units;
      shape->products = {product, last};
    }
  } else if (auto lstm = dyn_cast_or_null<edge::LstmOp>(anchor)) {
    shape = describe(kernel, lstm);
    if (!shape)
      return std::nullopt;
    shape->cell = lstm.getCell();
    shape->products = {makeProduct(kernel, lstm.getRecurrent())};
    if (lstm.getProjection()) {
      shape->between = shape->units;
      shape->products.push_back(makeProduct(kernel, lstm.getProjection()));
    }
  }
  return shape;
}

//===-- tiling -----------------------------------------------------------===//

int64_t kernel::panelVectors(const RecurrentShape &shape,
                             const StepProduct &product,
                             schedule::TilingAttr tiling) {
  int64_t vectors =
      tiling.getVectors() * shape.products.front().gates / product.gates;
  return std::max<int64_t>(1, vectors);
}

/// Cycles that one element of the state takes, by what limits it, times 100.
static int64_t stepCycles(const RecurrentShape &shape,
                          schedule::MachineAttr machine, int64_t columns,
                          int64_t vectors) {
  const StepProduct &product = shape.products.front();
  int64_t width = vectors * machine.getFloatLanes();
  auto panelCycles = [&](int64_t used) {
    int64_t loads = product.gates * used + columns,
            sums = product.gates * used * columns;
    return std::max(
        {machine.getFmaLatency() * 100,
         sums * 10000 / std::max<int64_t>(machine.getFmaPerCycle(), 1),
         loads * 10000 / std::max<int64_t>(machine.getLoadsPerCycle(), 1)});
  };
  int64_t rest =
      llvm::divideCeil(product.units % width, machine.getFloatLanes());
  return product.units / width * panelCycles(vectors) +
         (rest ? panelCycles(rest) : 0);
}

/// What the activations of one step take: about 60 operations per unit.
static double cellCycles(const RecurrentShape &shape,
                         schedule::MachineAttr machine) {
  int64_t vectors =
      shape.sequences *
      llvm::divideCeil(shape.units,
                       std::max<int64_t>(machine.getFloatLanes(), 1));
  return 60.0 * double(vectors) * 100.0 /
         double(std::max<int64_t>(machine.getFmaPerCycle(), 1));
}

schedule::TilingAttr kernel::chooseRecurrentTiling(
    schedule::KernelOp kernel, const RecurrentShape &shape,
    schedule::MachineAttr machine, int64_t panelVectors) {
  // Sequences of different length run alone.
  int64_t mostColumns = shape.lengths ? 1 : 8, mostVectors = 8;
  // One vector of weights and one of the state beside the sums.
  int64_t registers = std::max<int64_t>(machine.getVectorRegisters() - 2, 1);
  int64_t gates = shape.products.front().gates;
  int64_t bestColumns = 1, bestVectors = 1, bestCycles = -1;
  for (int64_t columns = 1; columns <= mostColumns; ++columns) {
    // Whole tiles only: their body is large and written once.
    if (shape.sequences % columns != 0)
      continue;
    for (int64_t vectors = 1; vectors <= mostVectors; ++vectors) {
      if (panelVectors && vectors != panelVectors)
        continue;
      if (gates * vectors * columns > registers &&
          (columns > 1 || vectors > std::max<int64_t>(panelVectors, 1)))
        continue;
      int64_t cycles = stepCycles(shape, machine, columns, vectors) *
                       (shape.sequences / columns);
      if (bestCycles < 0 || cycles < bestCycles) {
        bestColumns = columns;
        bestVectors = vectors;
        bestCycles = cycles;
      }
    }
  }
  double cycles = double(bestCycles * shape.products.front().depth) / 100;
  int64_t weightBytes = 4 * shape.stepProducts();
  double tiles = double(shape.sequences) / double(bestColumns);
  double stream =
      tiles * schedule::streamCycles(double(weightBytes), weightBytes, machine);
  double step = std::max(cycles, stream) + cellCycles(shape, machine);
  return schedule::TilingAttr::get(
      kernel.getContext(), machine.getFloatLanes(), /*rows=*/1, bestColumns,
      bestVectors, /*unroll=*/4, /*prefetch=*/0, /*prefetchNext=*/false,
      schedule::Split::rows,
      int64_t(step * double(shape.steps * shape.directions)));
}

//===-- packing ----------------------------------------------------------===//

/// One direction's part of one product.
static float *packProduct(const StepProduct &product, int64_t width,
                          const float *source, float *packed) {
  for (int64_t first = 0; first < product.units; first += width) {
    int64_t used = std::min(width, product.units - first);
    for (int64_t k = 0; k < product.depth; ++k) {
      for (int64_t g = 0; g < product.gates; ++g) {
        const float *from =
            source +
            (k * product.allGates + product.firstGate + g) * product.units +
            first;
        packed = std::copy_n(from, used, packed);
      }
    }
  }
  return packed;
}

std::optional<Packing> kernel::packRecurrent(schedule::KernelOp kernel,
                                             const RecurrentShape &shape,
                                             schedule::TilingAttr tiling,
                                             unsigned operand) {
  SmallVector<StepProduct> products;
  SmallVector<int64_t> widths;
  std::string key = "recurrent";
  llvm::raw_string_ostream stream(key);
  for (const StepProduct &product : shape.products) {
    if (product.operand != operand || !product.packed)
      continue;
    products.push_back(product);
    widths.push_back(panelVectors(shape, product, tiling) * tiling.getLanes());
    stream << " gates " << product.firstGate << "+" << product.gates << " by "
           << widths.back();
  }
  if (products.empty())
    return std::nullopt;
  int64_t directions = shape.directions,
          size = products[0].depth * products[0].allGates * products[0].units;
  auto type = RankedTensorType::get({directions * size},
                                    Float32Type::get(kernel.getContext()));
  auto write = [=](ArrayRef<float> source, MutableArrayRef<float> packed) {
    float *to = packed.data();
    for (int64_t d = 0; d < directions; ++d)
      for (auto [product, width] : llvm::zip_equal(products, widths))
        to = packProduct(product, width, source.data() + d * size, to);
  };
  return Packing{type, std::move(key), onElements<float>(write)};
}
