//===- NpuTile.h - random convolutions for the array -----------*- C++ -*-===//
//
// A tile of every shape that a mac command can describe, its data, its formula
// from the data sheet, and the stream that loads, computes and stores it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_DEVICES_NPUTILE_H
#define EDGEC_TEST_DEVICES_NPUTILE_H

#include "test/devices/NpuFixture.h"

namespace edgec::test {

/// A random tile; everything lies in one 64 KB SRAM.
struct Tile {
  std::mt19937 random;
  bool depthwise, accumulate, residual;
  int inputDtype, weightDtype, encoding;
  int64_t height, width, channels, outHeight, outWidth, outChannels;
  int64_t kernel[2], stride[2], dilation[2], origin[2];
  int64_t ringRows, ringFirst, padValue, inputZero;
  int64_t pixelStride, rowStride, outPixelStride, outRowStride;
  Weights weights;
  Bytes input, sums, residuals, biases;

  static constexpr int64_t inputAddress = 0, weightsAddress = 16384,
                           sumsAddress = 32768, residualAddress = 40960,
                           parametersAddress = 45056, outputAddress = 49152;

  int64_t pick(int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low + 1));
  }
  int64_t pickOf(int dtype) {
    return dtype == NPU_DTYPE_I8 ? pick(-128, 127) : pick(0, 255);
  }

  explicit Tile(unsigned seed) : random(seed) {
    depthwise = pick(0, 2) == 0;
    accumulate = pick(0, 2) == 0;
    residual = pick(0, 2) == 0;
    inputDtype = pick(0, 1) ? NPU_DTYPE_I8 : NPU_DTYPE_U8;
    weightDtype = pick(0, 1) ? NPU_DTYPE_I8 : NPU_DTYPE_U8;
    encoding = int(pick(0, depthwise ? 1 : 2));
    height = pick(1, 7);
    width = pick(1, 7);
    channels = pick(1, 20);
    outHeight = pick(1, 5);
    outWidth = pick(1, 5);
    outChannels = depthwise ? channels * pick(1, 2) : pick(1, 20);
    for (int d = 0; d < 2; ++d) {
      kernel[d] = pick(1, 3);
      stride[d] = pick(1, 2);
      dilation[d] = pick(1, 2);
      origin[d] = pick(-3, 2);
    }
    ringRows = pick(0, 1) ? height + pick(0, 2) : 0;
    ringFirst = ringRows ? pick(0, ringRows - 1) : 0;
    padValue = pickOf(inputDtype);
    inputZero = pickOf(inputDtype);
    pixelStride = channels + pick(0, 1) * 3;
    rowStride = width * pixelStride + pick(0, 5);
    outPixelStride = 4 * (outChannels + pick(0, 1));
    outRowStride = outWidth * outPixelStride + 4 * pick(0, 2);
    makeData();
  }

  void makeData() {
    input.resize(size_t((ringRows ? ringRows : height) * rowStride));
    for (uint8_t &byte : input)
      byte = uint8_t(random());
    weights.outputs = outChannels;
    weights.taps = kernel[0] * kernel[1] * (depthwise ? 1 : channels);
    weights.zeroPoint = int(pickOf(weightDtype));
    int64_t zeros = pick(0, 9); // tenths
    for (int64_t i = 0; i < outChannels * weights.taps; ++i)
      weights.values.push_back(pick(0, 9) < zeros ? weights.zeroPoint
                                                  : int(pickOf(weightDtype)));
    if (pick(0, 1)) // whole blocks of zero points
      std::fill(weights.values.begin(),
                weights.values.begin() + ptrdiff_t(weights.values.size() / 2),
                weights.zeroPoint);
    int64_t outputs = outHeight * outWidth * outChannels;
    for (int64_t i = 0; i < outputs; ++i) {
      appendI32(sums, int64_t(random()));
      residuals.push_back(uint8_t(random()));
    }
    for (int64_t i = 0; i < outChannels; ++i)
      appendI32(biases, int64_t(random()));
  }

  Bytes coded(const NpuParameters &machine) const {
    auto rows = int64_t(machine[NPU_PARAMETER_MAC_ROWS]);
    auto columns = int64_t(machine[NPU_PARAMETER_MAC_COLUMNS]);
    return encoding == NPU_ENCODING_DENSE ? weights.dense(columns)
           : encoding == NPU_ENCODING_ZERO_RUNS
               ? weights.zeroRuns(columns)
               : weights.blockSparse(rows, columns);
  }

  int64_t read(int64_t y, int64_t x, int64_t c) const {
    if (y < 0 || y >= height || x < 0 || x >= width)
      return padValue;
    int64_t row = ringRows ? (ringFirst + y) % ringRows : y;
    return readElement(&input[size_t(row * rowStride + x * pixelStride + c)],
                       inputDtype);
  }

  /// The sum of output (y, x, o) without bias and residual.
  int32_t expected(int64_t y, int64_t x, int64_t o) const {
    int64_t element = (y * outWidth + x) * outChannels + o;
    int64_t sum =
        accumulate ? readElement(&sums[size_t(4 * element)], NPU_DTYPE_I32) : 0;
    for (int64_t ky = 0; ky < kernel[0]; ++ky) {
      for (int64_t kx = 0; kx < kernel[1]; ++kx) {
        int64_t inY = origin[0] + y * stride[0] + ky * dilation[0];
        int64_t inX = origin[1] + x * stride[1] + kx * dilation[1];
        int64_t window = ky * kernel[1] + kx;
        if (depthwise) {
          sum += (read(inY, inX, o / (outChannels / channels)) - inputZero) *
                 (weights.at(o, window) - weights.zeroPoint);
          continue;
        }
        for (int64_t c = 0; c < channels; ++c)
          sum += (read(inY, inX, c) - inputZero) *
                 (weights.at(o, window * channels + c) - weights.zeroPoint);
      }
    }
    return int32_t(uint32_t(uint64_t(sum)));
  }

  Fields fields(size_t weightsBytes) const {
    return {{"inputAddress", inputAddress},
            {"inputHeight", height},
            {"inputWidth", width},
            {"inputChannels", channels},
            {"inputDtype", inputDtype},
            {"weightDtype", weightDtype},
            {"inputRowStride", rowStride},
            {"inputPixelStride", pixelStride},
            {"inputRingRows", ringRows},
            {"inputRingFirst", ringFirst},
            {"inputY0", origin[0]},
            {"inputX0", origin[1]},
            {"padValue", padValue},
            {"inputZeroPoint", inputZero},
            {"weightZeroPoint", weights.zeroPoint},
            {"weightEncoding", encoding},
            {"residualDtype", residual ? NPU_DTYPE_I8 : NPU_DTYPE_NONE},
            {"kernelHeight", kernel[0]},
            {"kernelWidth", kernel[1]},
            {"strideY", stride[0]},
            {"strideX", stride[1]},
            {"dilationY", dilation[0]},
            {"dilationX", dilation[1]},
            {"weightsAddress", weightsAddress},
            {"weightsBytes", int64_t(weightsBytes)},
            {"outputAddress", outputAddress},
            {"outputRowStride", outRowStride},
            {"outputPixelStride", outPixelStride},
            {"outputHeight", outHeight},
            {"outputWidth", outWidth},
            {"outputChannels", outChannels},
            {"outputDtype", NPU_DTYPE_I32},
            {"residualAddress", residualAddress},
            {"residualRowStride", outWidth * outChannels},
            {"residualPixelStride", outChannels},
            {"accumulatorAddress", sumsAddress},
            {"accumulatorRowStride", outWidth * outChannels * 4},
            {"accumulatorPixelStride", outChannels * 4},
            {"parametersAddress", parametersAddress},
            {"parametersStride", outChannels}};
  }
};

/// Loads `data` to `address` through the constants, which it is added to.
inline void loadBytes(Bytes &constants, Stream &stream, const Bytes &data,
                      int64_t address) {
  stream.load(Constants, int64_t(constants.size()), address,
              int64_t(data.size()));
  constants.insert(constants.end(), data.begin(), data.end());
}

/// Loads the tile, computes it with bias and residual, and stores it densely.
inline Bytes tileStream(const NpuParameters &machine, const Tile &tile,
                        Bytes &constants) {
  Stream stream(machine);
  Bytes coded = tile.coded(machine);
  loadBytes(constants, stream, tile.input, Tile::inputAddress);
  loadBytes(constants, stream, coded, Tile::weightsAddress);
  loadBytes(constants, stream, tile.sums, Tile::sumsAddress);
  loadBytes(constants, stream, tile.residuals, Tile::residualAddress);
  loadBytes(constants, stream, tile.biases, Tile::parametersAddress);
  stream.order(NPU_UNIT_LOAD, NPU_UNIT_MAC);
  unsigned flags = (tile.depthwise ? NPU_MAC_FLAG_DEPTHWISE : 0) |
                   (tile.accumulate ? NPU_MAC_FLAG_ACCUMULATE : 0);
  Program program = {micro(NPU_MICRO_ADD, 0, 0, parameter(0))};
  if (tile.residual)
    program.push_back(micro(NPU_MICRO_ADD, 0, 0, 1));
  stream.add(NPU_OPCODE_MAC, flags, tile.fields(coded.size()), program);
  stream.order(NPU_UNIT_MAC, NPU_UNIT_STORE);
  for (int64_t y = 0; y < tile.outHeight; ++y)
    stream.transfer(
        NPU_OPCODE_STORE, Output, y * tile.outWidth * tile.outChannels * 4,
        Tile::outputAddress + y * tile.outRowStride, tile.outChannels * 4,
        tile.outWidth, -1, tile.outPixelStride);
  stream.end();
  return stream.finish();
}

} // namespace edgec::test

#endif // EDGEC_TEST_DEVICES_NPUTILE_H
