//===- TfliteText.h - import a TFLite model and run it ----------*- C++ -*-===//
//
// What the tests of the importer compare: the module as text, the errors, or
// what the evaluator computes. What it computes, the compiled model computes
// too, or the test fails.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_IMPORT_TFLITE_TFLITETEXT_H
#define EDGEC_TEST_IMPORT_TFLITE_TFLITETEXT_H

#include "compiler/import/tflite/TfliteImport.h"
#include "mlir/IR/MLIRContext.h"
#include "targets/evaluator/Evaluator.h"
#include "test/import/ImportText.h"
#include "test/import/tflite/CompiledRun.h"
#include "test/import/tflite/TfliteWriter.h"
#include <gtest/gtest.h>

namespace edgec::test {

inline Imported importTflite(TfliteWriter &writer, ImportOptions options = {}) {
  std::string bytes = writer.bytes();
  options.modelName = "model";
  return collect([&](mlir::MLIRContext &context) {
    return tflite::importTflite(MappedFile::view(bytes), "model.tflite",
                                options, context);
  });
}

/// The module of a model that must import.
inline std::string importModule(TfliteWriter &writer) {
  Imported result = importTflite(writer);
  EXPECT_EQ(result.errors, "");
  return result.module;
}

/// The elements of each output, for inputs of float or integer type; one empty
/// output after an error.
inline std::vector<std::vector<double>>
evaluateBytes(llvm::StringRef bytes,
              const std::vector<std::vector<double>> &inputs,
              ImportOptions options = {}) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  options.modelName = "model";
  std::vector<std::vector<double>> results;
  auto module = tflite::importTflite(MappedFile::view(bytes), "model.tflite",
                                     options, context);
  EXPECT_TRUE(mlir::succeeded(module));
  if (mlir::failed(module))
    return {{}};
  auto function = evaluator::findModel(**module);
  std::vector<evaluator::HostTensor> arguments;
  for (auto [type, elements] :
       llvm::zip_equal(function->getArgumentTypes(), inputs)) {
    evaluator::HostTensor tensor(mlir::cast<mlir::RankedTensorType>(type));
    EXPECT_EQ(tensor.size(), int64_t(elements.size()));
    for (size_t i = 0; i < elements.size(); ++i) {
      if (tensor.isFloat())
        tensor.reals[i] = elements[i];
      else
        tensor.integers[i] = int64_t(elements[i]);
    }
    arguments.push_back(tensor);
  }
  auto outputs = evaluator::evaluate(*function, arguments);
  EXPECT_TRUE(mlir::succeeded(outputs));
  if (mlir::failed(outputs))
    return {{}};
  expectCompiled(**module, arguments, *outputs);
  for (const evaluator::HostTensor &output : *outputs) {
    results.emplace_back(output.reals);
    results.back().insert(results.back().end(), output.integers.begin(),
                          output.integers.end());
  }
  return results;
}

inline std::vector<std::vector<double>>
evaluateTflite(TfliteWriter &writer,
               const std::vector<std::vector<double>> &inputs) {
  return evaluateBytes(writer.bytes(), inputs);
}

/// 1, 2, 3, ...
inline std::vector<double> counting(size_t size) {
  std::vector<double> result(size);
  for (size_t i = 0; i < size; ++i)
    result[i] = double(i + 1);
  return result;
}

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_TFLITE_TFLITETEXT_H
