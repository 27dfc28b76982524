//===- LstmCell.h - one step of TFLite's LSTM -------------------*- C++ -*-===//
//
// TFLite has one LSTM for all of its operators: four gates, of which the input
// gate may be coupled to the forget gate, and optional peepholes, projection
// and layer normalisation. Here is the cell; who runs it over time or in which
// direction is in RecurrentOperators.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_LSTMCELL_H
#define EDGEC_COMPILER_IMPORT_TFLITE_LSTMCELL_H

#include "compiler/import/tflite/OperatorImport.h"

namespace edgec::tflite {

enum Gate { InputGate, ForgetGate, CellGate, OutputGate };

struct LstmCell {
  /// Per gate; null where the operator leaves it out (the input gate, when it
  /// is coupled; peepholes and normalisation).
  mlir::Value fromInput[4], fromState[4], peephole[4], bias[4], norm[4];
  mlir::Value projection, projectionBias;
  schema::Activation activation = schema::Activation::TANH;
  float cellClip = 0, projectionClip = 0;

  bool hasGate(Gate gate) const { return bool(fromInput[gate]); }

  /// Reads the weights at operands `first`... in TFLite's order: four from the
  /// input, four from the state, three peepholes, four biases, the projection
  /// and its bias; and four normalisations at `firstNorm` if they are there.
  static LstmCell read(OperatorImport &n, unsigned first, unsigned firstNorm);

  /// What the input contributes to a gate: [rows, units], for any rows.
  mlir::Value gateInput(OperatorImport &n, Gate gate, mlir::Value x) const;
  /// One step: from the gates' inputs and the two states [batch, units] to the
  /// new states.
  std::pair<mlir::Value, mlir::Value>
  step(OperatorImport &n, llvm::ArrayRef<mlir::Value> gateInputs,
       mlir::Value state, mlir::Value cell) const;

private:
  mlir::Value gate(OperatorImport &n, Gate gate, mlir::Value gateInput,
                   mlir::Value state, mlir::Value cell) const;
};

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_LSTMCELL_H
