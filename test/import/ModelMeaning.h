//===- ModelMeaning.h - what a small ONNX model computes --------*- C++ -*-===//
//
// Imports a model that a test wrote and evaluates it, so that an operator that
// the importer composes of others is compared with the formula of its
// specification, in numbers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_IMPORT_MODELMEANING_H
#define EDGEC_TEST_IMPORT_MODELMEANING_H

#include "targets/evaluator/Evaluator.h"
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include <cmath>
#include <gmock/gmock.h>

namespace edgec::test {

using Reals = std::vector<double>;

/// The model's outputs for these inputs, integers as reals; none after a
/// failure, which the test reports.
inline std::vector<Reals> meaningOf(const ModelWriter &model,
                                    const std::vector<Reals> &inputs) {
  std::string bytes = model.bytes();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  std::string errors;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
    errors += d.str() + "\n";
    return mlir::success();
  });
  ImportOptions options;
  options.modelName = "model";
  auto module =
      onnx::importOnnx(MappedFile::view(bytes), "model.onnx", options, context);
  if (mlir::failed(module)) {
    ADD_FAILURE() << errors;
    return {};
  }
  auto function = *evaluator::findModel(**module);
  std::vector<evaluator::HostTensor> tensors;
  for (auto [type, numbers] :
       llvm::zip_equal(function.getArgumentTypes(), inputs)) {
    evaluator::HostTensor tensor(mlir::cast<mlir::RankedTensorType>(type));
    EXPECT_EQ(size_t(tensor.size()), numbers.size());
    if (tensor.isFloat())
      tensor.reals = numbers;
    else
      tensor.integers.assign(numbers.begin(), numbers.end());
    tensors.push_back(std::move(tensor));
  }
  auto results = evaluator::evaluate(**module, tensors);
  if (mlir::failed(results)) {
    ADD_FAILURE() << errors;
    return {};
  }
  std::vector<Reals> numbers;
  for (const evaluator::HostTensor &result : *results)
    numbers.emplace_back(result.isFloat() ? result.reals
                                          : Reals(result.integers.begin(),
                                                  result.integers.end()));
  return numbers;
}

/// Near every expected number: constants and epsilons are float32.
inline auto close(const Reals &expected, double tolerance = 1e-5) {
  return testing::Pointwise(testing::DoubleNear(tolerance), expected);
}

/// `count` numbers between -1 and 1 that show no pattern.
inline Reals someNumbers(size_t count, double seed = 0.7) {
  Reals numbers;
  for (size_t i = 0; i < count; ++i)
    numbers.push_back(std::sin(seed + 1.3 * double(i) * (1 + 0.1 * seed)));
  return numbers;
}

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_MODELMEANING_H
