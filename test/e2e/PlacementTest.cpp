//===- PlacementTest.cpp - the same bits, wherever kernels run ------------===//
//
// Int8 models, compiled for the processor alone and then again and again with
// their kernels drawn at random onto processor and NPUs: what the artifact
// computes on the simulator must be the same bytes. Random networks, and the
// well-known ones where their files are.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"
#include "edge/device.h"
#include "npu_driver.h"
#include "test/graph/RandomIntegerGraph.h"
#include "test/kernel/Execution.h"

#include "llvm/Support/FileSystem.h"
#include <fstream>
#include <gmock/gmock.h>
#include <random>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;

namespace {
using Bytes = std::vector<char>;

/// An artifact with a simulated NPU for each that it wants.
class LoadedModel {
public:
  LoadedModel() { edge_npu_driver_init(&driver, nullptr); }
  LoadedModel(const LoadedModel &) = delete;
  ~LoadedModel() {
    edge_session_destroy(session);
    for (edge_device *device : devices)
      edge_device_close(device);
    edge_model_unload(artifact);
  }

  bool load(const std::string &path) {
    if (edge_model_load(path.c_str(), &artifact, &message) ||
        edge_session_create(edge_artifact_model(artifact), 1, &session,
                            &message))
      return false;
    const edge_driver *drivers[] = {&driver.driver};
    for (uint32_t i = 0; i < edge_session_device_count(session); ++i) {
      devices.push_back(nullptr);
      if (edge_device_open(drivers, 1, edge_session_device_info(session, i),
                           &devices.back(), &message) ||
          edge_session_attach_device(session, i, devices.back(), &message))
        return false;
    }
    return true;
  }

  /// The outputs for inputs of arbitrary bytes; nothing on an error.
  std::vector<Bytes> run() {
    const edge_model *model = edge_artifact_model(artifact);
    std::mt19937 random(1);
    std::vector<Bytes> inputs, outputs;
    std::vector<const void *> inputBuffers;
    std::vector<void *> outputBuffers;
    for (uint32_t i = 0; i < model->input_count; ++i) {
      inputs.emplace_back(model->inputs[i].size_bytes);
      for (char &byte : inputs.back())
        byte = char(random());
    }
    for (uint32_t i = 0; i < model->output_count; ++i)
      outputs.emplace_back(model->outputs[i].size_bytes);
    for (Bytes &input : inputs)
      inputBuffers.push_back(input.data());
    for (Bytes &output : outputs)
      outputBuffers.push_back(output.data());
    if (edge_session_run(session, inputBuffers.data(), outputBuffers.data(),
                         &message))
      return {};
    return outputs;
  }

  uint32_t jobs() const {
    return edge_model_job_count(edge_artifact_model(artifact));
  }

  edge_message message = {};

private:
  edge_npu_driver driver;
  edge_artifact *artifact = nullptr;
  edge_session *session = nullptr;
  std::vector<edge_device *> devices;
};

/// What came out of one compilation.
struct Result {
  std::vector<Bytes> outputs;
  uint32_t jobs = 0;
  std::string error;
};

Result compileAndRun(const std::string &model,
                     std::vector<std::string> accelerators, int64_t seed) {
  TemporaryFolder folder;
  std::string path = folder.file("model.so");
  CompileOptions options;
  options.threads = 1;
  options.accelerators = std::move(accelerators);
  options.stages.place.randomSeed = seed;
  llvm::Expected<Artifact> artifact = compile({model}, options);
  if (!artifact)
    return {{}, 0, llvm::toString(artifact.takeError())};
  if (llvm::Error error = artifact->write(path))
    return {{}, 0, llvm::toString(std::move(error))};
  LoadedModel loaded;
  if (!loaded.load(path))
    return {{}, 0, loaded.message.text};
  Result result;
  result.outputs = loaded.run();
  result.jobs = loaded.jobs();
  if (result.outputs.empty())
    result.error = loaded.message.text;
  return result;
}

/// Compares placements with these seeds, on each machine in turn. The number of
/// submissions in all of them.
unsigned comparePlacements(const std::string &model, int firstSeed, int count) {
  static const std::vector<std::string> machines[] = {
      {"npu-256"}, {"npu-64"}, {"npu-1024"}, {"npu-256", "npu-64"}};
  Result host = compileAndRun(model, {}, -1);
  EXPECT_EQ(host.error, "");
  unsigned jobs = 0;
  for (int seed = firstSeed; seed < firstSeed + count; ++seed) {
    Result placed = compileAndRun(
        model, machines[size_t(seed) % std::size(machines)], seed);
    EXPECT_EQ(placed.error, "") << "seed " << seed;
    EXPECT_TRUE(placed.outputs == host.outputs) << "seed " << seed;
    jobs += placed.jobs;
  }
  return jobs;
}

/// A model and the number of placements.
class RandomPlacementTest
    : public testing::TestWithParam<std::pair<const char *, int>> {};
} // namespace

/// How the model is placed for the objective.
place::Placement placementOf(const std::string &model,
                             const std::string &accelerator,
                             place::Objective objective) {
  place::Placement placement;
  CompileOptions options;
  options.machine.target = "aarch64";
  options.accelerators = {accelerator};
  options.emit = Emit::MLIR;
  options.stopAfter = Stage::Place;
  options.stages.place.objective = objective;
  options.stages.onPlacement = [&](const place::Placement &told) {
    placement = told;
  };
  llvm::Expected<Artifact> artifact = compile({model}, options);
  EXPECT_TRUE(bool(artifact)) << llvm::toString(artifact.takeError());
  return placement;
}

TEST(PlacementByCostTest, NeverLosesAndOftenWins) {
  const std::string folder = std::string(EDGEC_MODELS_DIR) + "/tflite/";
  if (!llvm::sys::fs::exists(folder))
    GTEST_SKIP() << "no " << folder;
  unsigned wins = 0;
  for (const char *model :
       {"mlperf-tiny/ic_resnet8_int8", "mlperf-tiny/kws_dscnn_int8",
        "mlperf-tiny/ad_autoencoder_int8",
        "mlperf-tiny/vww_mobilenetv1_025_96_int8", "misc/micro_kws_m_int8",
        "detection/emza_ssd_slim_face_120x160_int8"}) {
    for (auto objective : {place::Objective::latency, place::Objective::energy,
                           place::Objective::edp}) {
      SCOPED_TRACE(model);
      auto placement =
          placementOf(folder + model + ".tflite", "npu-64", objective);
      double placed = placement.placed.value(objective),
             onDevices = placement.onDevices.value(objective);
      EXPECT_LE(placed, onDevices * (1 + 1e-9));
      EXPECT_LE(placed, placement.onHost.value(objective) * (1 + 1e-9));
      wins +=
          objective == place::Objective::latency && placed < 0.99 * onDevices;
    }
  }
  EXPECT_GE(wins, 3u);
}

TEST(RandomNetworkPlacementTest, GivesTheProcessorsBits) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  context.loadAllAvailableDialects();
  unsigned jobs = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("network " + std::to_string(seed));
    TemporaryFolder folder;
    std::string path = folder.file("network.mlir");
    std::error_code code;
    llvm::raw_fd_ostream stream(path, code);
    ASSERT_FALSE(code);
    makeRandomIntegerGraph(context, seed, 8)->print(stream);
    stream.close();
    jobs += comparePlacements(path, int(seed) * 3, 3);
  }
  EXPECT_GT(jobs, 120u);
}

TEST_P(RandomPlacementTest, GivesTheProcessorsBits) {
  auto [file, count] = GetParam();
  std::string model = std::string(EDGEC_MODELS_DIR) + "/tflite/" + file;
  if (!llvm::sys::fs::exists(model))
    GTEST_SKIP() << "no " << model;
  EXPECT_GT(comparePlacements(model, 0, count), unsigned(count));
}

INSTANTIATE_TEST_SUITE_P(
    Models, RandomPlacementTest,
    testing::Values(
        std::pair("mlperf-tiny/ic_resnet8_int8.tflite", 20),
        std::pair("mlperf-tiny/kws_dscnn_int8.tflite", 20),
        std::pair("mlperf-tiny/ad_autoencoder_int8.tflite", 20),
        std::pair("mlperf-tiny/vww_mobilenetv1_025_96_int8.tflite", 20),
        std::pair("classification/mobilenet_v1_0.25_128_quant.tflite", 4),
        std::pair("detection/emza_ssd_slim_face_120x160_int8.tflite", 4),
        std::pair("mcunet/mcunet_vww_int8.tflite", 4)),
    [](const testing::TestParamInfo<std::pair<const char *, int>> &parameter) {
      llvm::StringRef name =
          llvm::StringRef(parameter.param.first).rsplit('/').second;
      std::string text;
      for (char c : name)
        text += isalnum(c) ? c : '_';
      return text;
    });
