//===- NpuFixture.h - a simulated NPU and its buffers ----------*- C++ -*-===//
//
// What the simulator's tests share: an NPU that is destroyed with the test, the
// four buffers of a submission, and weights coded as the data sheet says,
// written anew here so that a test compares two implementations.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_DEVICES_NPUFIXTURE_H
#define EDGEC_TEST_DEVICES_NPUFIXTURE_H

#include "npu_simulator.h"
#include "test/devices/NpuStream.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <random>

namespace edgec::test {

enum Buffer { Constants, Scratch, Input, Output };

class Npu {
public:
  explicit Npu(const NpuParameters &parameters = {},
               edge_npu_options options = {}) {
    EXPECT_EQ(edge_npu_create(parameters.values.data(),
                              uint32_t(parameters.values.size()), &options,
                              &handle, &error),
              EDGE_NPU_OK)
        << error.text;
    buffers[Input].resize(4096);
    buffers[Output].resize(4096);
    buffers[Scratch].resize(4096);
    buffers[Constants].resize(4096);
  }
  Npu(const Npu &) = delete;
  Npu &operator=(const Npu &) = delete;
  ~Npu() { edge_npu_destroy(handle); }

  int32_t run(const Bytes &stream,
              const edge_npu_observer *observer = nullptr) {
    error = {};
    edge_npu_buffer table[4];
    const uint32_t access[4] = {EDGE_NPU_READ, EDGE_NPU_READ | EDGE_NPU_WRITE,
                                EDGE_NPU_READ, EDGE_NPU_WRITE};
    for (int i = 0; i < 4; ++i)
      table[i] = {buffers[i].data(), buffers[i].size(), access[i], 0};
    return edge_npu_run(handle, stream.data(), stream.size(), table, 4,
                        observer, &statistics, &error);
  }

  Bytes buffers[4];
  edge_npu_simulator *handle = nullptr;
  edge_npu_error error = {};
  edge_npu_statistics statistics = {};
};

inline int bytesOf(int dtype) {
  return dtype == NPU_DTYPE_I8 || dtype == NPU_DTYPE_U8     ? 1
         : dtype == NPU_DTYPE_I16 || dtype == NPU_DTYPE_U16 ? 2
                                                            : 4;
}

/// The element at `data` as a number.
inline int64_t readElement(const uint8_t *data, int dtype) {
  uint32_t bits = 0;
  for (int i = 0; i < bytesOf(dtype); ++i)
    bits |= uint32_t(data[i]) << 8 * i;
  switch (dtype) {
  case NPU_DTYPE_I8:
    return int8_t(bits);
  case NPU_DTYPE_I16:
    return int16_t(bits);
  case NPU_DTYPE_I32:
    return int32_t(bits);
  default:
    return bits;
  }
}

inline void appendI32(Bytes &bytes, int64_t value) {
  for (int i = 0; i < 4; ++i)
    bytes.push_back(uint8_t(uint64_t(value) >> 8 * i));
}

/// Weights by output channel and tap.
struct Weights {
  int64_t outputs = 1, taps = 1;
  std::vector<int> values; // [outputs][taps]
  int zeroPoint = 0;

  int at(int64_t output, int64_t tap) const {
    return values[size_t(output * taps + tap)];
  }

  /// [blocks of columns][taps][columns]
  Bytes dense(int64_t columns) const {
    Bytes result;
    for (int64_t first = 0; first < outputs; first += columns)
      for (int64_t tap = 0; tap < taps; ++tap)
        for (int64_t c = first; c < first + columns; ++c)
          result.push_back(uint8_t(c < outputs ? at(c, tap) : zeroPoint));
    return result;
  }

  Bytes zeroRuns(int64_t columns) const {
    Bytes plain = dense(columns), result;
    for (size_t i = 0; i < plain.size();) {
      if (plain[i] != uint8_t(zeroPoint)) {
        result.push_back(plain[i++]);
        continue;
      }
      size_t run = 1;
      while (run < 256 && i + run < plain.size() &&
             plain[i + run] == uint8_t(zeroPoint))
        ++run;
      result.push_back(uint8_t(zeroPoint));
      result.push_back(uint8_t(run - 1));
      i += run;
    }
    return result;
  }

  Bytes blockSparse(int64_t rows, int64_t columns) const {
    Bytes plain = dense(columns), blocks;
    int64_t steps = (taps + rows - 1) / rows;
    int64_t bits = (outputs + columns - 1) / columns * steps;
    Bytes result(size_t((bits + 31) / 32 * 4));
    for (int64_t bit = 0; bit < bits; ++bit) {
      int64_t block = bit / steps, step = bit % steps;
      int64_t first = (block * taps + step * rows) * columns;
      int64_t last =
          (block * taps + std::min(taps, (step + 1) * rows)) * columns;
      bool isZero = true;
      for (int64_t i = first; i < last; ++i)
        isZero &= plain[size_t(i)] == uint8_t(zeroPoint);
      if (isZero)
        continue;
      result[size_t(bit / 8)] |= uint8_t(1 << bit % 8);
      blocks.insert(blocks.end(), plain.begin() + first, plain.begin() + last);
    }
    result.insert(result.end(), blocks.begin(), blocks.end());
    return result;
  }
};

} // namespace edgec::test

#endif // EDGEC_TEST_DEVICES_NPUFIXTURE_H
