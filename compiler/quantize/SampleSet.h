//===- SampleSet.h - inputs of a model from .npy files ---------*- C++ -*-===//
//
// What a quantized model is calibrated and judged with: a folder of NumPy files
// (or one such file) that hold values of a model's inputs.
//
//   one input        every .npy file of the folder
//   several inputs   NAME.npy, NAME.ANYTHING.npy, or .npy files in a folder
//   NAME
//
// A file holds one sample, or several along its first dimension. labels.npy and
// labels.ANYTHING.npy are no inputs (see Labels). The files stay mapped and are
// read in the order of their names.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_QUANTIZE_SAMPLESET_H
#define EDGEC_COMPILER_QUANTIZE_SAMPLESET_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/evaluator/NpyFile.h"

namespace edgec {

class SampleSet {
public:
  /// Reads what lies at `path` for the inputs of `model`. Each problem is a
  /// diagnostic at the file where it lies: no files, another element type or
  /// shape, a NaN or an infinity, inputs with unequal numbers of samples.
  static mlir::FailureOr<SampleSet> open(llvm::StringRef path,
                                         mlir::func::FuncOp model);

  int64_t size() const { return int64_t(inputs.front().samples.size()); }

  /// The bytes of each input of a sample, as a compiled model takes them.
  llvm::SmallVector<llvm::ArrayRef<char>> operator[](int64_t index) const;

  /// Where a sample's first input comes from: "images.npy, sample 12".
  std::string describe(int64_t index) const;

private:
  struct Input {
    std::vector<llvm::ArrayRef<char>> samples;
  };
  struct Origin {
    std::string file;
    /// of the set
    int64_t firstSample;
  };
  std::vector<evaluator::NpyFile> files;
  std::vector<Input> inputs;
  /// of the first input's files
  std::vector<Origin> origins;

  friend class SampleReader;
};

/// The right class of each of a set's samples, from labels.npy or
/// labels.ANYTHING.npy in the same folder: integers, one per sample, or per row
/// of samples that are batches. Empty where there is no such file; failure
/// after a diagnostic.
mlir::FailureOr<std::vector<int64_t>>
readLabels(llvm::StringRef path, int64_t rows, mlir::MLIRContext &context);

} // namespace edgec

#endif // EDGEC_COMPILER_QUANTIZE_SAMPLESET_H
