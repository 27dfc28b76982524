//===- QuantizedRunTest.cpp - quantized operators on every target ---------===//
//
// Small quantized TFLite models on random scales, zero points and data, extreme
// ones among them: each target gives the evaluator's bits, which are those of
// the reference kernels' formulas (TfliteQuantizedTest).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/TfliteImport.h"
#include "targets/evaluator/Evaluator.h"
#include "test/import/tflite/QuantizedModels.h"
#include "test/kernel/Execution.h"
#include "llvm/Support/FileSystem.h"
#include <fstream>
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;

namespace {
class QuantizedRun : public testing::TestWithParam<Target> {};

/// One model with what the evaluator makes of its inputs.
struct Trial {
  /// Types of the tensors live in it.
  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::string bytes;
  std::vector<std::vector<HostTensor>> inputs, outputs;
};
} // namespace

/// Numbers over the whole range, or only its two ends.
static HostTensor drawTensor(Type type, std::mt19937_64 &engine, bool extreme) {
  HostTensor tensor(cast<RankedTensorType>(type));
  evaluator::IntegerRange range = evaluator::integerRange(tensor.elementType());
  auto span = uint64_t(range.high - range.low + 1);
  for (int64_t &element : tensor.integers) {
    uint64_t random = engine();
    element = !extreme       ? range.low + int64_t(random % span)
              : (random & 1) ? range.low
                             : range.high;
  }
  return tensor;
}

static void prepare(const QuantizedModel &model, Trial &trial) {
  TfliteWriter writer;
  model.write(writer);
  trial.bytes = writer.bytes();
  ImportOptions options;
  options.modelName = "model";
  auto module = tflite::importTflite(MappedFile::view(trial.bytes),
                                     "model.tflite", options, trial.context);
  ASSERT_TRUE(succeeded(module));
  auto function = evaluator::findModel(**module);
  std::mt19937_64 engine(7);
  for (bool extreme : {false, true}) {
    std::vector<HostTensor> inputs;
    for (Type type : function->getArgumentTypes())
      inputs.push_back(drawTensor(type, engine, extreme));
    auto outputs = evaluator::evaluate(*function, inputs);
    ASSERT_TRUE(succeeded(outputs));
    trial.inputs.push_back(std::move(inputs));
    trial.outputs.push_back(std::move(*outputs));
  }
}

/// Whether the target's emulator could run the model.
static void expectSame(const Trial &trial, const Target &target, bool &ran) {
  TemporaryFolder folder;
  std::string file = folder.file("model.tflite"),
              path = folder.file("model.so");
  std::ofstream(file, std::ios::binary) << trial.bytes;
  llvm::Error error = compileFile(target, file, path, /*splitAll=*/true);
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  for (const Runner &runner : target.runners) {
    for (size_t run = 0; run < trial.inputs.size(); ++run) {
      SmallVector<RankedTensorType> types;
      for (const HostTensor &output : trial.outputs[run])
        types.push_back(output.type);
      auto outputs = runArtifact(runner, path, trial.inputs[run], types);
      ran = outputs || !outputs.errorIsA<CannotRun>();
      if (!ran)
        return llvm::consumeError(outputs.takeError());
      ASSERT_TRUE(bool(outputs)) << llvm::toString(outputs.takeError());
      for (auto [i, actual] : llvm::enumerate(*outputs))
        EXPECT_EQ(actual.integers, trial.outputs[run][i].integers)
            << runner.name << ", run " << run << ", output " << i;
    }
  }
}

TEST_P(QuantizedRun, EveryTargetGivesTheSameBits) {
  std::string missing;
  for (const QuantizedModel &model : quantizedModels(/*seed=*/1)) {
    SCOPED_TRACE(model.name);
    Trial trial;
    prepare(model, trial);
    if (HasFatalFailure())
      return;
    bool ran = true;
    expectSame(trial, GetParam(), ran);
    if (HasFatalFailure())
      return;
    if (!ran)
      missing += " " + model.name;
  }
  if (!missing.empty())
    GTEST_SKIP() << "the emulator gave up on:" << missing;
}

INSTANTIATE_TEST_SUITE_P(All, QuantizedRun, testing::ValuesIn(allTargets()),
                         [](const testing::TestParamInfo<Target> &parameter) {
                           return parameter.param.name;
                         });
