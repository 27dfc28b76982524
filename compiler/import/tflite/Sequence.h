//===- Sequence.h - what recurrent operators have in common -----*- C++ -*-===//
//
// The steps of a sequence one by one, in either order of its dimensions, and
// the memory of an SVDF layer: the float operators and the quantized ones walk
// over them alike.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_SEQUENCE_H
#define EDGEC_COMPILER_IMPORT_TFLITE_SEQUENCE_H

#include "compiler/import/tflite/OperatorImport.h"

namespace edgec::tflite {

/// A sequence [time, batch, depth] (or [batch, time, depth]) and the way back.
class Sequence {
public:
  /// Reports a sequence of the wrong rank or of too many steps.
  Sequence(OperatorImport &n, mlir::Value x, bool timeMajor);

  /// All steps as rows, [time * batch, depth].
  mlir::Value rows() const;
  /// The rows of one step out of something that `rows` became.
  mlir::Value at(mlir::Value all, int64_t step) const;
  /// Results of all steps, [batch, depth] each, as a sequence.
  mlir::Value join(llvm::ArrayRef<mlir::Value> results) const;

  int64_t steps = 0, batch = 0;

private:
  OperatorImport &n;
  bool timeMajor;
  mlir::Value value;
};

/// Whether the operands at these places are there; an error else.
bool hasInputs(OperatorImport &n, std::initializer_list<unsigned> places);

/// Whether the operands 0 to 2 make an SVDF layer of that rank; an error else.
bool checkSvdf(OperatorImport &n, int64_t rank);

/// An SVDF layer's memory [batch, filters, memory] a step later: the oldest
/// values of `state` are dropped, those of `latest` [batch, filters] come last.
mlir::Value shiftIn(OperatorImport &n, mlir::Value state, mlir::Value latest,
                    int64_t memory);

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_SEQUENCE_H
