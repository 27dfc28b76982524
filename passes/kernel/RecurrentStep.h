//===- RecurrentStep.h - one step of a recurrent layer ---------*- C++ -*-===//
//
// The words in which the cells of RecurrentCell.cpp are written: where the
// kernel is, the products of the step's state with the weights, loads and
// stores of a tile of sequences.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_RECURRENTSTEP_H
#define EDGEC_PASSES_KERNEL_RECURRENTSTEP_H

#include "passes/kernel/RecurrentShape.h"

namespace edgec::kernel {

/// One direction, a tile of sequences, one step.
struct StepPosition {
  int64_t direction;
  /// the tile's first
  Index sequence;
  Index step;
  /// where in a sequence's scratch memory the state before and after the step
  /// lie
  Index before, after;
};

/// A vector's place in a panel: column of the tile, first unit, lanes.
struct PanelVector {
  int64_t column;
  Index unit;
  int64_t lanes;
};

class StepWriter {
public:
  StepWriter(KernelBuilder &k, const RecurrentShape &shape,
             const StepPosition &at)
      : k(k), shape(shape), at(at) {}

  /// The values of all gates at one vector, from the product's loop.
  using Cell = llvm::function_ref<void(const PanelVector &,
                                       llvm::ArrayRef<mlir::Value>)>;
  /// What a gate's sum begins with.
  using Initial =
      llvm::function_ref<mlir::Value(const PanelVector &, int64_t gate)>;

  /// Multiplies what lies in scratch at `source` with the product's weights and
  /// gives each vector of units to `cell`.
  void multiply(const StepProduct &product, Index source, Initial initial,
                Cell cell) const;

  /// What the input gives to a gate.
  mlir::Value gateInput(const PanelVector &v, int64_t gate) const;
  /// An operand [D, ..., units] at [direction, row, unit].
  mlir::Value perUnit(mlir::Value operand, int64_t row,
                      const PanelVector &v) const;
  mlir::Value loadScratch(const PanelVector &v, Index offset) const;
  void storeScratch(const PanelVector &v, Index offset,
                    mlir::Value vector) const;
  /// A result [B, D, units].
  mlir::Value loadResult(unsigned result, const PanelVector &v) const;
  void storeResult(unsigned result, const PanelVector &v,
                   mlir::Value vector) const;
  /// The state after the step: kept for the next one and stored in the first
  /// result.
  void storeState(const PanelVector &v, mlir::Value vector) const;

  KernelBuilder &k;
  const RecurrentShape &shape;
  const StepPosition &at;

private:
  Index sequence(int64_t column) const { return at.sequence + column; }
  Index scratch(int64_t column, Index offset) const;
  void panel(const StepProduct &product, Index source, Index unit,
             llvm::ArrayRef<int64_t> widths, Initial initial, Cell cell) const;
};

/// Writes the whole cell of the kernel's anchor for one step.
void emitRecurrentCell(const StepWriter &step);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_RECURRENTSTEP_H
