//===- LowerNetworksTest.cpp - regions of several kernels
//------------------===//
//
// Cascades give the evaluator's bits, whatever the shapes and whichever tensors
// leave the region; the cost model predicts the simulator's cycles; cascades
// save traffic.
//
//===----------------------------------------------------------------------===//
#include "test/targets/npu/NetworkText.h"
#include "test/targets/npu/RegionRunner.h"

using namespace edgec::npu;

namespace {
/// npu-64 with little SRAM.
std::string tinyMachine(int64_t sramBytes) {
  return R"({"name": "tiny", "kind": "npu", "base": "npu-64", "sramBytes": )" +
         std::to_string(sramBytes) + R"(, "sramBanks": 4})";
}

class LowerNetworks : public RegionRunner {
protected:
  /// An inverted bottleneck: wide 1x1, depthwise, narrow 1x1, and the input
  /// added if it may be.
  Value bottleneck(NetworkText &net, const Value &x, int64_t outputs,
                   int64_t stride) {
    Convolution conv;
    conv.kernelY = conv.kernelX = 1;
    conv.pads = {0, 0, 0, 0};
    conv.outputs = 3 * x.shape[3];
    Value y = net.convolution(x, conv);
    Convolution spatial;
    spatial.strideX = spatial.strideY = stride;
    y = net.depthwise(y, spatial);
    conv.outputs = outputs;
    if (stride == 1 && outputs == x.shape[3])
      conv.residual = x;
    return net.convolution(y, conv);
  }
};
} // namespace

TEST_F(LowerNetworks, CascadesBottlenecks) {
  NetworkText net(generator);
  Value x = net.input({1, 40, 36, 8});
  x = bottleneck(net, x, 8, 1);
  x = bottleneck(net, x, 16, 2);
  x = bottleneck(net, x, 16, 1);
  for (const char *machine : {"npu-64", "npu-256", "npu-1024"}) {
    Outcome result = run(net.function({x}), machine);
    // The input, the output and the weights, and nothing else.
    uint64_t bytes = result.statistics.dram_read_bytes +
                     result.statistics.dram_written_bytes;
    EXPECT_LE(bytes,
              40 * 36 * 8 + 20 * 18 * 16 + 2 * result.program.constants.size())
        << machine;
  }
}

TEST_F(LowerNetworks, FitsAnySram) {
  for (int64_t kilobytes : {8, 12, 16, 24, 40}) {
    NetworkText net(generator);
    Value x = net.input({1, 19, 23, 8});
    Value y = bottleneck(net, x, 8, 1);
    Value z = net.maxPool(bottleneck(net, y, 12, 2), 2, 2, 0);
    run(net.function({z, y}), "tiny", tinyMachine(1024 * kilobytes));
  }
}

TEST_F(LowerNetworks, ComputesRandomNetworks) {
  for (int round = 0; round < 25; ++round) {
    NetworkText net(generator);
    std::vector<Value> values = {
        net.input({1, random(4, 30), random(4, 30), random(1, 24)})};
    int64_t layers = random(2, 9);
    for (int64_t layer = 0; layer < layers; ++layer) {
      Value x = values[size_t(random(0, int64_t(values.size()) - 1))];
      Convolution conv;
      conv.outputs = random(1, 30);
      conv.strideY = conv.strideX = x.shape[1] > 6 ? random(1, 2) : 1;
      conv.kernelY = random(1, 3);
      conv.kernelX = random(1, 3);
      switch (random(0, 6)) {
      case 0:
        values.push_back(net.depthwise(x, conv));
        break;
      case 1:
        values.push_back(net.maxPool(x, 2, random(1, 2), 1));
        break;
      case 2:
        values.push_back(net.lookup(x));
        break;
      case 3:
        values.push_back(net.average(x, x));
        break;
      case 4:
        conv.strideY = conv.strideX = 1;
        conv.kernelY = conv.kernelX = 3;
        conv.outputs = x.shape[3];
        conv.residual = x;
        values.push_back(net.convolution(x, conv));
        break;
      case 5: {
        std::vector<int64_t> shape = x.shape;
        shape[3] *= 2;
        values.push_back(net.kernel("concat", {x, x}, "concat {axis = 3 : i64}",
                                    {net.fresh(), shape, x.element}));
        break;
      }
      default:
        values.push_back(net.convolution(x, conv));
        break;
      }
    }
    std::vector<Value> results = {values.back()};
    if (values.size() > 3)
      results.push_back(values[size_t(random(1, int64_t(values.size()) - 2))]);
    std::string text = net.function(results);
    Outcome result = round % 3 == 0
                         ? run(text, "tiny", tinyMachine(16384))
                         : run(text, round % 3 == 1 ? "npu-64" : "npu-256");
    if (!result.ok)
      return;
  }
}

TEST_F(LowerNetworks, PredictsTheSimulatorsCycles) {
  for (const char *machine : {"npu-64", "npu-256", "npu-1024"}) {
    NetworkText net(generator);
    Value x = net.input({1, 28, 28, 16});
    for (int layer = 0; layer < 4; ++layer)
      x = bottleneck(net, x, 16, 1);
    Outcome result = run(net.function({x}), machine);
    double nanoseconds =
        double(result.statistics.cycles) * 1e6 / double(result.kilohertz);
    EXPECT_NEAR(result.program.predicted.nanoseconds / nanoseconds, 1, 0.02)
        << machine;
    double nanojoules = double(edge_npu_femtojoules(&result.statistics)) * 1e-6;
    EXPECT_NEAR(result.program.predicted.nanojoules / nanojoules, 1, 0.1)
        << machine;
  }
}

TEST_F(LowerNetworks, NeedsASemaphorePerUnit) {
  auto backend = npuBackend().create(
      "few.json",
      R"({"name": "few", "kind": "npu", "base": "npu-64", "semaphores": 3})");
  ASSERT_FALSE(bool(backend));
  EXPECT_EQ(llvm::toString(backend.takeError()),
            "few.json: semaphores is 3, and the compiler needs at least 4: one "
            "for each unit");
}
