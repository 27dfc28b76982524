//===- ZooTest.cpp - whole networks against float64 -----------------------===//
//
// The benchmark models of bench/zoo, from their ONNX files to their results on
// every target, within a relative L2 error of 1e-5 of what PyTorch computed in
// float64, or 1e-4 where Winograd's method is used whatever it costs. They are
// exported, not committed: without them the tests are skipped.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "targets/evaluator/NpyFile.h"
#include "test/kernel/Execution.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;

namespace {
struct Network {
  std::string name;
  std::vector<int64_t> input, output;
  /// Emulation is fifty times slower: only the smaller ones.
  bool emulate = false;
};

void PrintTo(const Network &network, std::ostream *stream) {
  *stream << network.name;
}

class ZooTest : public testing::TestWithParam<std::tuple<Network, Target>> {};
} // namespace

static double relativeL2(const HostTensor &actual, const HostTensor &expected) {
  double difference = 0.0, norm = 0.0;
  for (int64_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(actual.reals[i] - expected.reals[i], 2);
    norm += std::pow(expected.reals[i], 2);
  }
  return std::sqrt(difference / norm);
}

TEST_P(ZooTest, MatchesFloat64) {
  auto [network, target] = GetParam();
  std::string stem = std::string(EDGEC_ZOO_DIR) + "/" + network.name;
  if (!llvm::sys::fs::exists(stem + ".ref.npy"))
    GTEST_SKIP() << stem << ".onnx was not exported; see bench/zoo";

  MLIRContext context;
  Type f32 = Float32Type::get(&context), f64 = Float64Type::get(&context);
  auto input = evaluator::readNpy(stem + ".in.npy",
                                  RankedTensorType::get(network.input, f32));
  ASSERT_TRUE(bool(input)) << llvm::toString(input.takeError());
  auto expected = evaluator::readNpy(
      stem + ".ref.npy", RankedTensorType::get(network.output, f64));
  ASSERT_TRUE(bool(expected)) << llvm::toString(expected.takeError());

  using schedule::WinogradChoice;
  for (auto [winograd, limit] : {std::pair(WinogradChoice::off, 1e-5),
                                 std::pair(WinogradChoice::automatic, 1e-5),
                                 std::pair(WinogradChoice::on, 1e-4)}) {
    target.winograd = winograd;
    TemporaryFolder folder;
    std::string path = folder.file("model.so");
    llvm::Error error = compileFile(target, stem + ".onnx", path);
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
    for (const Runner &runner : target.runners) {
      auto outputs = runArtifact(runner, path, *input,
                                 {RankedTensorType::get(network.output, f32)});
      if (!outputs && outputs.errorIsA<CannotRun>())
        GTEST_SKIP() << llvm::toString(outputs.takeError());
      ASSERT_TRUE(bool(outputs)) << llvm::toString(outputs.takeError());
      EXPECT_LE(relativeL2(outputs->front(), *expected), limit)
          << network.name << " on " << target.name << ", " << runner.name;
    }
  }
}

static std::vector<std::tuple<Network, Target>> combinations() {
  const Network networks[] = {
      {"kws_dscnn", {1, 1, 49, 10}, {1, 12}, true},
      {"squeezenet1_1", {1, 3, 224, 224}, {1, 1000}, true},
      {"mobilenet_v1", {1, 3, 224, 224}, {1, 1000}},
      {"mobilenet_v2", {1, 3, 224, 224}, {1, 1000}, true},
      {"resnet18", {1, 3, 224, 224}, {1, 1000}},
      {"resnet50", {1, 3, 224, 224}, {1, 1000}},
      {"vgg16", {1, 3, 224, 224}, {1, 1000}},
  };
  std::vector<std::tuple<Network, Target>> result;
  for (const Network &network : networks)
    for (const Target &target : allTargets())
      if (network.emulate || target.runners.front().emulator.empty())
        result.emplace_back(network, target);
  return result;
}

INSTANTIATE_TEST_SUITE_P(
    All, ZooTest, testing::ValuesIn(combinations()),
    [](const testing::TestParamInfo<ZooTest::ParamType> &parameter) {
      return std::get<0>(parameter.param).name + "On" +
             std::get<1>(parameter.param).name;
    });
