//===- RecurrentShape.h - what the steps of a recurrent layer do -*- C++
//-*-===//
//
// The matrix products of one step of edge.rnn, edge.gru and edge.lstm, as one
// description: sizes, order of the weights, tile, memory between steps.
//
// A product makes `gates` values per unit. Its units are cut into panels of a
// few vectors; a packed weight lies in the order in which the panels are read:
//
//   direction, product, panel, element of the state, gate, unit of the panel
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_RECURRENTSHAPE_H
#define EDGEC_PASSES_KERNEL_RECURRENTSHAPE_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

struct StepProduct {
  /// The weight, [D, depth, allGates, units] in the model's order.
  unsigned operand;
  bool packed;
  int64_t depth, units;
  int64_t firstGate, gates, allGates;
  /// Elements of a direction's packed weight before this product.
  int64_t offset = 0;
};

struct RecurrentShape {
  int64_t steps, sequences, directions, units, state;
  /// In the order of execution. A GRU that resets the state before its product
  /// and an LSTM with a projection have two.
  llvm::SmallVector<StepProduct, 2> products;
  /// Elements between the two products, per sequence and direction.
  int64_t between = 0;
  /// Block arguments; null where there is none.
  mlir::Value hidden, lengths, cell;
  /// For each direction.
  llvm::SmallVector<bool, 2> isReverse;

  /// Memory per sequence and direction: the state before and after the step,
  /// which change places, and what lies between products.
  int64_t scratchElements() const { return 2 * state + between; }
  /// Multiply-adds of one step of one sequence and direction.
  int64_t stepProducts() const;
};

/// The shape of a kernel whose anchor is a recurrent operator on f32.
std::optional<RecurrentShape> getRecurrentShape(schedule::KernelOp kernel);

/// Vectors of a product's panels: all products have about as many sums.
int64_t panelVectors(const RecurrentShape &shape, const StepProduct &product,
                     schedule::TilingAttr tiling);

/// Sequences that run together (columns) and vectors of a panel, such that the
/// weights are read seldom and additions need not wait for one another. Panels
/// of `panelVectors`, if that is not 0.
schedule::TilingAttr chooseRecurrentTiling(schedule::KernelOp kernel,
                                           const RecurrentShape &shape,
                                           schedule::MachineAttr machine,
                                           int64_t panelVectors = 0);

/// How the weight `operand` is packed; none for operands that are no weights.
std::optional<Packing> packRecurrent(schedule::KernelOp kernel,
                                     const RecurrentShape &shape,
                                     schedule::TilingAttr tiling,
                                     unsigned operand);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_RECURRENTSHAPE_H
