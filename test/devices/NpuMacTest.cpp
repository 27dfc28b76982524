//===- NpuMacTest.cpp - convolutions on the simulated array ---------------===//
//
// Random tiles of every shape that a mac command can describe, each compared
// with the formula of the data sheet: zero points, padding, strides, dilations,
// rings, depthwise, the three weight encodings, starting sums, residuals.
//
//===----------------------------------------------------------------------===//
#include "test/devices/NpuTile.h"

using namespace edgec::test;

namespace {

void runTile(const NpuParameters &machine, const Tile &tile) {
  edge_npu_options options = {};
  options.check_races = 1;
  options.max_commands = 64;
  Npu npu(machine, options);
  Bytes stream = tileStream(machine, tile, npu.buffers[Constants]);
  npu.buffers[Output].resize(16384);
  ASSERT_EQ(npu.run(stream), EDGE_NPU_OK) << npu.error.text;
  int64_t element = 0;
  for (int64_t y = 0; y < tile.outHeight; ++y) {
    for (int64_t x = 0; x < tile.outWidth; ++x) {
      for (int64_t o = 0; o < tile.outChannels; ++o, ++element) {
        int64_t sum = tile.expected(y, x, o) +
                      readElement(&tile.biases[size_t(4 * o)], NPU_DTYPE_I32);
        if (tile.residual)
          sum += int8_t(tile.residuals[size_t(element)]);
        ASSERT_EQ(readElement(&npu.buffers[Output][size_t(4 * element)],
                              NPU_DTYPE_I32),
                  int32_t(uint32_t(uint64_t(sum))))
            << "at " << y << ", " << x << ", " << o;
      }
    }
  }
}

} // namespace

TEST(NpuMac, RandomTiles) {
  for (unsigned seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    runTile(NpuParameters(), Tile(seed));
    if (testing::Test::HasFatalFailure())
      return;
  }
}

/// Arrays that are not square, and blocks that do not divide anything.
TEST(NpuMac, OtherArrays) {
  for (auto [rows, columns] : {std::pair(4, 16), {32, 32}, {5, 7}, {64, 64}}) {
    NpuParameters machine;
    machine[NPU_PARAMETER_MAC_ROWS] = uint64_t(rows);
    machine[NPU_PARAMETER_MAC_COLUMNS] = uint64_t(columns);
    for (unsigned seed = 1000; seed < 1060; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      runTile(machine, Tile(seed));
      if (testing::Test::HasFatalFailure())
        return;
    }
  }
}

/// 65536 taps of the largest products: a sum that leaves 32 bits.
TEST(NpuMac, SumsWrap) {
  NpuParameters machine;
  machine[NPU_PARAMETER_SRAM_BYTES] = 1 << 20;
  Npu npu(machine);
  Stream stream(machine);
  npu.buffers[Input].assign(32768, 0x80); // -128
  npu.buffers[Constants] = {0x80, 255};   // as zero runs of -128 ...
  const int64_t taps = 2 * 32768, columns = 8;
  Weights weights;
  weights.outputs = 1;
  weights.taps = taps;
  weights.zeroPoint = 127;
  weights.values.assign(size_t(taps), -128);
  Bytes coded = weights.zeroRuns(columns);
  npu.buffers[Constants] = coded;
  stream.load(Input, 0, 0, 32768);
  stream.load(Constants, 0, 32768, int64_t(coded.size()));
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_MAC);
  stream.add(NPU_OPCODE_MAC, NPU_MAC_FLAG_RAW,
             {{"inputHeight", 2},
              {"inputWidth", 1},
              {"inputChannels", 32768},
              {"inputDtype", NPU_DTYPE_I8},
              {"weightDtype", NPU_DTYPE_I8},
              {"inputPixelStride", 0},
              {"inputZeroPoint", 127},
              {"padValue", 0},
              {"weightZeroPoint", 127},
              {"weightEncoding", NPU_ENCODING_ZERO_RUNS},
              {"kernelHeight", 2},
              {"kernelWidth", 1},
              {"strideY", 1},
              {"strideX", 1},
              {"dilationY", 1},
              {"dilationX", 1},
              {"weightsAddress", 32768},
              {"weightsBytes", int64_t(coded.size())},
              {"outputAddress", 1000000},
              {"outputHeight", 1},
              {"outputWidth", 1},
              {"outputChannels", 1},
              {"outputDtype", NPU_DTYPE_I32}});
  stream.order(NPU_UNIT_MAC, NPU_UNIT_STORE);
  stream.store(Output, 0, 1000000, 4);
  stream.end();
  ASSERT_EQ(npu.run(stream.finish()), EDGE_NPU_OK) << npu.error.text;
  EXPECT_EQ(readElement(npu.buffers[Output].data(), NPU_DTYPE_I32),
            int32_t(uint32_t(taps * 255 * 255)));
}
