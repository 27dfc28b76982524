//===- LowerLayersTest.cpp - single kernels on the NPU --------------------===//
//
// Kernels of every kind that the NPU computes, with random shapes, strides,
// zero points and elementwise operators, give the evaluator's bits on all
// machines.
//
//===----------------------------------------------------------------------===//
#include "test/targets/npu/NetworkText.h"
#include "test/targets/npu/RegionRunner.h"

using namespace edgec::npu;

namespace {
class LowerLayers : public RegionRunner {
protected:
  void runEverywhere(const std::string &text) {
    for (const char *machine : {"npu-64", "npu-256", "npu-1024"})
      run(text, machine);
  }
  NetworkText net{generator};
};
} // namespace

TEST_F(LowerLayers, ComputesAConvolution) {
  Value x = net.input({1, 8, 8, 8});
  runEverywhere(net.function({net.convolution(x, {})}));
}

TEST_F(LowerLayers, ComputesARandomConvolution) {
  for (int round = 0; round < 60; ++round) {
    NetworkText net(generator);
    Convolution conv;
    conv.kernelY = random(1, 4);
    conv.kernelX = random(1, 4);
    conv.strideY = random(1, 3);
    conv.strideX = random(1, 3);
    conv.dilation = random(1, 2);
    conv.outputs = random(1, 40);
    int64_t channels = random(1, 40);
    switch (random(0, 3)) {
    case 0:
      conv.outputs = conv.groups = channels;
      break;
    case 1:
      conv.groups = channels;
      conv.outputs = 2 * channels;
      break;
    case 2:
      channels = 3 * (conv.groups = random(1, 4));
      conv.outputs = 5 * conv.groups;
      break;
    default:
      break;
    }
    for (int64_t &pad : conv.pads)
      pad = random(0, 2);
    bool isUnsigned = random(0, 1);
    int64_t low = isUnsigned ? 0 : -128;
    conv.inputZero = random(low, low + 255);
    conv.filterZero = random(0, 1) ? 0 : random(low, low + 255);
    conv.perChannel = random(0, 1);
    conv.requantize = random(0, 1);
    conv.sparse = random(0, 3) == 0;
    Value x = net.input({random(0, 3) == 0 ? 2 : 1,
                         random(1, 20) + (conv.kernelY - 1) * conv.dilation,
                         random(1, 20) + (conv.kernelX - 1) * conv.dilation,
                         channels},
                        isUnsigned ? "ui8" : "i8");
    Value result = net.convolution(x, conv);
    if (random(0, 1)) {
      // The same once more, with a tensor of the result's shape added.
      NetworkText again(generator);
      Value first = again.input(x.shape, x.element);
      conv.residual = again.input(result.shape, result.element);
      result = again.convolution(first, conv);
      net = again;
    }
    if (!run(net.function({result}), round % 2 ? "npu-64" : "npu-256").ok)
      return;
  }
}

TEST_F(LowerLayers, SplitsKWhereOneBlockOfWeightsDoesNotFit) {
  // 20000 inputs take 160 KB of weights per block of 8 outputs.
  Value x = net.input({1, 1, 1, 20000});
  Convolution conv;
  conv.kernelY = conv.kernelX = 1;
  conv.pads = {0, 0, 0, 0};
  conv.outputs = 9;
  run(net.function({net.convolution(x, conv)}), "npu-64");
}

TEST_F(LowerLayers, SplitsRowsThatDoNotFit) {
  Value x = net.input({1, 3, 700, 64});
  Convolution conv;
  conv.outputs = 20;
  run(net.function({net.convolution(x, conv)}), "npu-64");
}

TEST_F(LowerLayers, ComputesPools) {
  Value x = net.input({2, 17, 13, 24});
  runEverywhere(net.function({net.maxPool(x, 3, 2, 1), net.meanPool(x)}));
}

TEST_F(LowerLayers, ComputesATable) {
  Value x = net.input({1, 9, 7, 5}, "ui8");
  runEverywhere(net.function({net.lookup(x)}));
}

TEST_F(LowerLayers, RepeatsOperands) {
  Value x = net.input({2, 5, 6, 7});
  std::vector<Value> results;
  for (std::vector<int64_t> shape : std::vector<std::vector<int64_t>>{
           {2, 5, 6, 7}, {7}, {6, 1}, {1, 1, 6, 7}, {1, 1, 1, 1}})
    results.push_back(net.average(x, net.input(shape)));
  runEverywhere(net.function(results));
}

TEST_F(LowerLayers, GivesInputsAsOutputs) {
  Value x = net.input({3, 50000});
  Value y = net.reshape(x, {150000});
  run(net.function({x, y}), "npu-64");
}

TEST_F(LowerLayers, MovesElements) {
  Value x = net.input({2, 5, 6, 7}), y = net.input({2, 5, 3, 7});
  auto move = [&](const std::vector<Value> &operands, const std::string &op,
                  std::vector<int64_t> shape) {
    return net.kernel("move", operands, op,
                      {net.fresh(), std::move(shape), x.element});
  };
  std::vector<Value> results = {
      move({x, y, x}, "concat {axis = 2 : i64}", {2, 5, 15, 7}),
      move({x},
           "slice {offsets = array<i64: 0, 4, 1, 5>, sizes = array<i64: 2, 2, "
           "3, 2>, strides = array<i64: 1, -2, 2, -3>}",
           {2, 2, 3, 2}),
      move({x},
           "pad {low = array<i64: 0, 1, 0, 2>, high = array<i64: 0, 0, 3, 0>, "
           "value = -7.0 : f32}",
           {2, 6, 9, 9}),
      move({x}, "transpose {permutation = array<i64: 0, 3, 1, 2>}",
           {2, 7, 5, 6}),
      move({x}, "transpose {permutation = array<i64: 3, 2, 1, 0>}",
           {7, 6, 5, 2}),
      move({net.input({5, 1, 7})}, "broadcast", {2, 5, 6, 7})};
  runEverywhere(net.function(results));
}

TEST_F(LowerLayers, ResizesToTheNearest) {
  Value x = net.input({1, 5, 6, 7});
  std::vector<Value> results;
  // Twice as many, and as many rows as no factor gives; more than there are.
  Value twice = net.resample(x, 1, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4});
  results.push_back(net.resample(
      twice, 2, {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5}));
  results.push_back(net.resample(x, 1, {0, 0, 1, 2, 2, 3, 4, 9}));
  results.push_back(net.resample(x, 2, {0, 2, 4}));
  results.push_back(net.resample(x, 3, {6, 5, 4, 3, 2, 1, 0}));
  runEverywhere(net.function(results));
}

TEST_F(LowerLayers, MovesMoreThanFits) {
  Value x = net.input({1, 3, 224, 224});
  Value y = net.kernel("transpose", {x},
                       "transpose {permutation = array<i64: 0, 2, 3, 1>}",
                       {net.fresh(), {1, 224, 224, 3}, x.element});
  Value z = net.kernel(
      "pad", {y},
      "pad {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>, value "
      "= 3.0 : f32}",
      {net.fresh(), {1, 226, 226, 3}, x.element});
  run(net.function({z}), "npu-64");
}

TEST_F(LowerLayers, RefusesInTheUsersWords) {
  Value x = net.input({1, 4, 4, 4}, "f32");
  Value y = net.kernel("tanh", {x}, "tanh", {"%t", x.shape, "f32"});
  EXPECT_EQ(refusal(net.function({y}), "npu-256"),
            "it has no form of 'edge.tanh' on f32");
  NetworkText wide(generator);
  x = wide.input({1, 4, 4, 4}, "i64");
  y = wide.kernel("add", {x, x}, "add", {"%t", x.shape, "i64"});
  EXPECT_EQ(refusal(wide.function({y}), "npu-256"),
            "its elements are i64, and the device computes with integers of 8, "
            "16 and 32 bits");
}
