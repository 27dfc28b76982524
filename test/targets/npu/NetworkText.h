//===- NetworkText.h - writes networks of kernels --------------*- C++ -*-===//
//
// Builds the text of a function of schedule.kernels on 8-bit numbers, kernel by
// kernel, with random constants. What a test does not set is a small, plain
// convolution.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_TARGETS_NPU_NETWORKTEXT_H
#define EDGEC_TEST_TARGETS_NPU_NETWORKTEXT_H

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace edgec::npu {

/// A tensor of the network: its name, shape and element type ("i8").
struct Value {
  std::string name;
  std::vector<int64_t> shape;
  std::string element = "i8";

  std::string type() const;
};

/// A convolution with everything that a test may want to vary.
struct Convolution {
  int64_t outputs = 8, kernelY = 3, kernelX = 3, strideY = 1, strideX = 1,
          dilation = 1, groups = 1, inputZero = 3, filterZero = 0;
  std::array<int64_t, 4> pads = {1, 1, 1, 1};
  bool perChannel = true, sparse = false, requantize = false;
  /// Added to the result, if it has a name.
  Value residual;
};

class NetworkText {
public:
  explicit NetworkText(std::mt19937 &generator) : generator(&generator) {}

  Value input(std::vector<int64_t> shape, const std::string &element = "i8");
  Value convolution(const Value &x, const Convolution &conv);
  /// A convolution with one filter per channel.
  Value depthwise(const Value &x, Convolution conv);
  Value maxPool(const Value &x, int64_t window, int64_t stride, int64_t pad);
  /// Sum over rows and pixels, rescaled.
  Value meanPool(const Value &x);
  /// (x + y) / 2, where y may be repeated along any dimension.
  Value average(const Value &x, const Value &y);
  Value lookup(const Value &x);
  /// Elements `first` of x along a dimension.
  Value resample(const Value &x, size_t axis,
                 const std::vector<int64_t> &first);
  /// A kernel with one operator, given as it is written behind "edge.".
  Value kernel(const std::string &name, const std::vector<Value> &operands,
               const std::string &op, const Value &result);
  Value reshape(const Value &x, std::vector<int64_t> shape);
  std::string function(const std::vector<Value> &results) const;

  int64_t random(int64_t low, int64_t high);
  /// A name that is not taken.
  std::string fresh() { return "%v" + std::to_string(count++); }

private:
  Value constant(std::vector<int64_t> shape, const std::string &element,
                 const std::vector<std::string> &elements);
  Value randomConstant(std::vector<int64_t> shape, const std::string &element,
                       int64_t low, int64_t high);
  std::string scalar(int64_t value);

  std::mt19937 *generator;
  std::string arguments, body;
  /// Constants within the kernel that is being written.
  std::string local;
  int64_t count = 0;
};

} // namespace edgec::npu

#endif // EDGEC_TEST_TARGETS_NPU_NETWORKTEXT_H
