//===- Evaluate.cpp - a quantized model beside its float model ------------===//
//
// See Evaluate.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/quantize/Evaluate.h"

#include "compiler/Compiler.h"
#include "targets/evaluator/HostTensor.h"

using namespace edgec;
using namespace mlir;
using evaluator::HostTensor;

static RankedTensorType outputType(func::FuncOp model, unsigned index) {
  return cast<RankedTensorType>(model.getResultTypes()[index]);
}

int64_t edgec::rowsPerSample(func::FuncOp model) {
  if (model.getNumResults() == 0)
    return 0;
  RankedTensorType type = outputType(model, 0);
  if (type.getRank() == 0 || !type.getElementType().isF32() ||
      type.getShape().back() < 2)
    return 0;
  return type.getNumElements() / type.getShape().back();
}

bool edgec::isAmongLargest(ArrayRef<float> row, int64_t label, int64_t places) {
  if (label < 0 || label >= int64_t(row.size()))
    return false;
  int64_t ahead = 0;
  for (auto [i, value] : llvm::enumerate(row))
    ahead += value > row[label] || (value == row[label] && int64_t(i) < label);
  return ahead < places;
}

int64_t edgec::largestElement(ArrayRef<float> row) {
  return std::max_element(row.begin(), row.end()) - row.begin();
}

namespace {
/// Compares one sample after the other.
class Comparison {
public:
  Comparison(func::FuncOp model, ArrayRef<int64_t> labels)
      : model(model), labels(labels), rows(rowsPerSample(model)) {
    if (!labels.empty()) {
      result.quantized.emplace();
      result.reference.emplace();
    }
  }

  void add(const HostModel &reference, const HostModel &candidate,
           int64_t sample) {
    for (unsigned i = 0; i < model.getNumResults(); ++i)
      addOutput(outputType(model, i), candidate.output(i), reference.output(i));
    if (rows > 0)
      addRows(candidate.floats(0), reference.floats(0), sample);
    ++result.samples;
  }

  Evaluation result;

private:
  void addOutput(RankedTensorType type, ArrayRef<char> got,
                 ArrayRef<char> want) {
    if (type.getElementType().isF32()) {
      auto *a = reinterpret_cast<const float *>(got.data());
      auto *b = reinterpret_cast<const float *>(want.data());
      for (int64_t i = 0; i < type.getNumElements(); ++i)
        result.outputs.add(a[i], b[i]);
      return;
    }
    HostTensor a = evaluator::fromBytes(type, got),
               b = evaluator::fromBytes(type, want);
    for (auto [x, y] : llvm::zip_equal(a.reals, b.reals))
      result.outputs.add(x, y);
    for (auto [x, y] : llvm::zip_equal(a.integers, b.integers))
      result.differing += x != y;
    result.integers += int64_t(a.integers.size());
  }

  void addRows(ArrayRef<float> got, ArrayRef<float> want, int64_t sample) {
    size_t width = got.size() / rows;
    for (int64_t r = 0; r < rows; ++r) {
      ArrayRef<float> a = got.slice(r * width, width);
      ArrayRef<float> b = want.slice(r * width, width);
      result.sameLargest += largestElement(a) == largestElement(b);
      ++result.rows;
      if (labels.empty())
        continue;
      int64_t label = labels[sample * rows + r];
      count(*result.quantized, a, label);
      count(*result.reference, b, label);
    }
  }

  static void count(Accuracy &accuracy, ArrayRef<float> row, int64_t label) {
    ++accuracy.rows;
    accuracy.top1 += isAmongLargest(row, label, 1);
    accuracy.top5 += isAmongLargest(row, label, 5);
  }

  func::FuncOp model;
  ArrayRef<int64_t> labels;
  int64_t rows;
};
} // namespace

/// Runs both models on every sample and lets `look` at each.
static LogicalResult runBoth(ExposedModel &reference, ExposedModel &candidate,
                             const SampleSet &samples,
                             const HostCompiler &compiler,
                             llvm::function_ref<void(int64_t)> look) {
  for (int64_t i = 0; i < samples.size(); ++i) {
    compiler.onProgress(
        {"evaluate", unsigned(i), unsigned(samples.size()), "sample"});
    if (failed(reference.run(samples, i)) || failed(candidate.run(samples, i)))
      return failure();
    look(i);
  }
  return success();
}

FailureOr<Evaluation>
edgec::compareOutputs(ExposedModel &reference, ExposedModel &candidate,
                      func::FuncOp model, const SampleSet &samples,
                      ArrayRef<int64_t> labels, const HostCompiler &compiler) {
  Comparison comparison(model, labels);
  if (failed(runBoth(reference, candidate, samples, compiler, [&](int64_t i) {
        comparison.add(reference.host(), candidate.host(), i);
      })))
    return failure();
  return std::move(comparison.result);
}

FailureOr<std::vector<SignalError>>
edgec::compareValues(ExposedModel &reference, ExposedModel &candidate,
                     size_t values, const SampleSet &samples,
                     const HostCompiler &compiler) {
  std::vector<SignalError> errors(values);
  auto look = [&](int64_t) {
    for (size_t v = 0; v < values; ++v) {
      for (auto [got, want] :
           llvm::zip_equal(candidate.value(v), reference.value(v)))
        errors[v].add(got, want);
    }
  };
  if (failed(runBoth(reference, candidate, samples, compiler, look)))
    return failure();
  return std::move(errors);
}
