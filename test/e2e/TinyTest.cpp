//===- TinyTest.cpp - MLPerf Tiny's int8 models, bit for bit -------------===//
//
// The four reference models of MLPerf Tiny against what TFLite Micro's
// reference kernels (and CMSIS-NN's) gave on a Cortex-M4: 16 records of input
// and output bytes each, on every target. The files are not ours: without them
// the tests are skipped.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Import.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "targets/evaluator/Evaluator.h"
#include "test/kernel/Execution.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;

namespace {
struct Network {
  std::string name, file;
  std::vector<int64_t> input, output;
};

void PrintTo(const Network &network, std::ostream *stream) {
  *stream << network.name;
}

class TinyTest : public testing::TestWithParam<std::tuple<Network, Target>> {};
} // namespace

TEST_P(TinyTest, GivesTheReferencesBits) {
  auto [network, target] = GetParam();
  std::string folder = std::string(EDGEC_MODELS_DIR) + "/tflite/";
  std::string model = folder + "mlperf-tiny/" + network.file + ".tflite";
  auto golden = llvm::MemoryBuffer::getFile(
      folder + "mlperf-tiny-golden/" + network.name + ".golden.bin",
      /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!golden || !llvm::sys::fs::exists(model))
    GTEST_SKIP() << "no " << model << " or no records of it";

  MLIRContext context;
  Type i8 = IntegerType::get(&context, 8);
  auto input = RankedTensorType::get(network.input, i8),
       output = RankedTensorType::get(network.output, i8);
  ArrayRef<char> bytes((*golden)->getBufferStart(), (*golden)->getBufferSize());
  size_t inputSize = input.getNumElements(),
         outputSize = output.getNumElements();
  ASSERT_EQ(bytes.size(), 16 * (inputSize + outputSize));

  TemporaryFolder temporary;
  std::string path = temporary.file("model.so");
  llvm::Error error = compileFile(target, model, path);
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  for (const Runner &runner : target.runners) {
    for (size_t record = 0; record < 16; ++record) {
      ArrayRef<char> at = bytes.drop_front(record * (inputSize + outputSize));
      HostTensor x = evaluator::fromBytes(input, at.take_front(inputSize));
      HostTensor expected =
          evaluator::fromBytes(output, at.slice(inputSize, outputSize));
      auto outputs = runArtifact(runner, path, x, output);
      if (!outputs && outputs.errorIsA<CannotRun>())
        GTEST_SKIP() << llvm::toString(outputs.takeError());
      ASSERT_TRUE(bool(outputs)) << llvm::toString(outputs.takeError());
      EXPECT_EQ(outputs->front().integers, expected.integers)
          << network.name << " record " << record << " on " << target.name
          << ", " << runner.name;
    }
  }
}

static const Network networks[] = {
    {"ad", "ad_autoencoder_int8", {1, 640}, {1, 640}},
    {"ic", "ic_resnet8_int8", {1, 32, 32, 3}, {1, 10}},
    {"kws", "kws_dscnn_int8", {1, 49, 10, 1}, {1, 12}},
    {"vww", "vww_mobilenetv1_025_96_int8", {1, 96, 96, 3}, {1, 2}},
};

//===-- the evaluator
//----------------------------------------------------------===//

/// Lets the model return what each of its operators gives: the last value that
/// carries the operator's name.
static void returnEverything(func::FuncOp model) {
  llvm::MapVector<Attribute, Value> values;
  for (Operation &op : model.getBody().front().without_terminator())
    if (auto name = dyn_cast<NameLoc>(op.getLoc()))
      if (!isa<edge::ConstantOp>(op))
        values[name.getName()] = op.getResult(0);
  Operation *terminator = model.getBody().front().getTerminator();
  SmallVector<Value> returned = llvm::to_vector(
      llvm::map_range(values, [](const auto &entry) { return entry.second; }));
  terminator->setOperands(returned);
  model->removeAttr(model.getResAttrsAttrName());
  model.setFunctionType(FunctionType::get(model.getContext(),
                                          model.getArgumentTypes(),
                                          ValueRange(returned).getTypes()));
}

/// The bytes of each operator's result: number, tensor, size, data.
static std::vector<std::vector<char>> readLayers(StringRef bytes) {
  std::vector<std::vector<char>> layers;
  while (bytes.size() >= 12) {
    uint32_t size;
    memcpy(&size, bytes.data() + 8, sizeof size);
    StringRef data = bytes.substr(12, size);
    layers.emplace_back(data.begin(), data.end());
    bytes = bytes.drop_front(12 + data.size());
  }
  return layers;
}

TEST(TinyEvaluator, GivesTheBitsOfEveryOperator) {
  std::string folder = std::string(EDGEC_MODELS_DIR) + "/tflite/";
  for (const Network &network : networks) {
    auto read = [&](const char *suffix) {
      return llvm::MemoryBuffer::getFile(
          folder + "mlperf-tiny-golden/" + network.name + suffix,
          /*IsText=*/false, /*RequiresNullTerminator=*/false);
    };
    auto golden = read(".golden.bin"), layers = read(".layers.bin");
    std::string path = folder + "mlperf-tiny/" + network.file + ".tflite";
    if (!golden || !layers || !llvm::sys::fs::exists(path))
      GTEST_SKIP() << "no " << path << " or no records of it";
    MLIRContext context;
    auto module = importModel(path, ImportOptions(), context);
    ASSERT_TRUE(succeeded(module));
    func::FuncOp model = *evaluator::findModel(**module);
    returnEverything(model);
    auto type = cast<RankedTensorType>(model.getArgumentTypes()[0]);
    HostTensor x = evaluator::fromBytes(
        type, {(*golden)->getBufferStart(), size_t(type.getNumElements())});
    auto values = evaluator::evaluate(model, x);
    ASSERT_TRUE(succeeded(values));
    std::vector<std::vector<char>> expected =
        readLayers((*layers)->getBuffer());
    // A reshape to the same shape is no operator of ours.
    size_t next = 0;
    for (auto [number, layer] : llvm::enumerate(expected)) {
      if (next < values->size() && evaluator::toBytes((*values)[next]) == layer)
        ++next;
      else
        ASSERT_TRUE(next && evaluator::toBytes((*values)[next - 1]) == layer)
            << network.name << " operator " << number;
    }
    EXPECT_EQ(next, values->size());
  }
}

static std::vector<Target> targets() {
  std::vector<Target> targets = allTargets();
  llvm::append_range(targets, matrixTargets());
  return targets;
}

/// Those that take few instructions.
static const Network smallNetworks[] = {networks[0], networks[2]};

INSTANTIATE_TEST_SUITE_P(
    Quads, TinyTest,
    testing::Combine(testing::ValuesIn(smallNetworks),
                     testing::ValuesIn(quadTargets())),
    [](const testing::TestParamInfo<TinyTest::ParamType> &parameter) {
      return std::get<0>(parameter.param).name + "On" +
             std::get<1>(parameter.param).name;
    });

INSTANTIATE_TEST_SUITE_P(
    All, TinyTest,
    testing::Combine(testing::ValuesIn(networks), testing::ValuesIn(targets())),
    [](const testing::TestParamInfo<TinyTest::ParamType> &parameter) {
      return std::get<0>(parameter.param).name + "On" +
             std::get<1>(parameter.param).name;
    });
