//===- ArtifactComparison.h - two artifacts on the same inputs --*- C++ -*-===//
//
// What a user asks who has a model twice: quantized and not, by two versions of
// the compiler, for two machines. Both get the same inputs; outputs of integers
// that stand for real numbers are compared as those.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_COMPARE_ARTIFACTCOMPARISON_H
#define EDGEC_COMPILER_COMPARE_ARTIFACTCOMPARISON_H

#include "compiler/quantize/QuantizationReport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/evaluator/HostTensor.h"
#include "llvm/Support/Error.h"

namespace edgec {

/// An input or an output of an artifact.
struct ArtifactPort {
  std::string name;
  mlir::RankedTensorType type;
  /// Of integers that stand for real numbers: scale * (q - zeroPoint).
  std::optional<double> scale;
  int64_t zeroPoint = 0;
};

struct ArtifactInterface {
  std::vector<ArtifactPort> inputs, outputs;

  /// From what `edge-run -info -json` prints of an artifact.
  static llvm::Expected<ArtifactInterface> parse(llvm::StringRef json,
                                                 mlir::MLIRContext &context);
  /// A function of the same inputs and outputs, for SampleSet.
  mlir::OwningOpRef<mlir::func::FuncOp>
  function(mlir::MLIRContext &context) const;
};

/// The numbers that a tensor stands for.
evaluator::HostTensor toReals(const evaluator::HostTensor &tensor,
                              const ArtifactPort &port);
/// The reverse: the nearest that `port` can hold.
evaluator::HostTensor fromReals(const evaluator::HostTensor &reals,
                                const ArtifactPort &port);

/// How two artifacts differ over all samples so far.
class ArtifactComparison {
public:
  /// Fails where inputs or outputs do not correspond by place and shape.
  static llvm::Expected<ArtifactComparison> prepare(ArtifactInterface first,
                                                    ArtifactInterface second);

  /// `labels` of the sample's rows may be empty.
  void add(llvm::ArrayRef<evaluator::HostTensor> first,
           llvm::ArrayRef<evaluator::HostTensor> second,
           llvm::ArrayRef<int64_t> labels);

  /// Rows of the first output, each of them one choice; 0 where it has fewer
  /// than two numbers to choose from.
  int64_t rowsPerSample() const { return rows; }
  /// The largest of the outputs' relative errors.
  double relativeError() const;
  /// A line for each output, and how often the largest number is the same.
  void print(llvm::raw_ostream &stream) const;

  ArtifactInterface first, second;

private:
  void addRows(const evaluator::HostTensor &a, const evaluator::HostTensor &b,
               llvm::ArrayRef<int64_t> labels);

  int64_t rows = 0, samples = 0, sameRows = 0, allRows = 0;
  struct Output {
    SignalError error;
    int64_t elements = 0, equal = 0;
  };
  std::vector<Output> outputs;
  Accuracy accuracies[2];
};

} // namespace edgec

#endif // EDGEC_COMPILER_COMPARE_ARTIFACTCOMPARISON_H
