//===- LowerLayersTest.cpp - single kernels on the NPU --------------------===//
//
// Kernels of every kind that the NPU computes, with random shapes, strides,
// zero points and elementwise operators, give the evaluator's bits on all
// machines.
//
//===----------------------------------------------------------------------===//
#include "test/targets/npu/RegionRunner.h"

using namespace edgec::npu;

namespace {
std::string shape(std::vector<int64_t> sizes, const std::string &element) {
  std::string text = "tensor<";
  for (int64_t size : sizes)
    text += std::to_string(size) + "x";
  return text + element + ">";
}

/// A convolution with everything that a test may want to vary.
struct Convolution {
  int64_t images = 1, height = 8, width = 8, channels = 8, outputs = 8,
          kernelY = 3, kernelX = 3, strideY = 1, strideX = 1, dilation = 1,
          groups = 1, inputZero = 3, filterZero = 0;
  std::array<int64_t, 4> pads = {1, 1, 1, 1};
  bool isUnsigned = false, perChannel = true, residual = false, sparse = false,
       requantize = false;
};

class LowerLayers : public RegionRunner {
protected:
  std::string text(const Convolution &conv);
  void runEverywhere(const std::string &text) {
    for (const char *machine : {"npu-64", "npu-256", "npu-1024"})
      run(text, machine);
  }
};
} // namespace

std::string LowerLayers::text(const Convolution &conv) {
  std::string element = conv.isUnsigned ? "ui8" : "i8";
  int64_t low = conv.isUnsigned ? 0 : -128;
  auto size = [&](int64_t in, int64_t before, int64_t after, int64_t kernel,
                  int64_t stride) {
    return (in + before + after - (kernel - 1) * conv.dilation - 1) / stride +
           1;
  };
  int64_t height = size(conv.height, conv.pads[0], conv.pads[2], conv.kernelY,
                        conv.strideY),
          width = size(conv.width, conv.pads[1], conv.pads[3], conv.kernelX,
                       conv.strideX);
  int64_t perGroup = conv.channels / conv.groups;
  std::string input =
      shape({conv.images, conv.height, conv.width, conv.channels}, element);
  std::string filter =
      shape({conv.outputs, conv.kernelY, conv.kernelX, perGroup}, element);
  std::string words = shape({conv.outputs}, "i32");
  std::string sums = shape({conv.images, height, width, conv.outputs}, "i32");
  std::string result =
      shape({conv.images, height, width, conv.outputs}, element);
  int64_t count = conv.outputs * conv.kernelY * conv.kernelX * perGroup;
  std::string weights;
  for (int64_t i = 0; i < count; ++i) {
    // Sparse filters have most rows of outputs at the zero point.
    bool isZero =
        conv.sparse && (i / (count / conv.outputs) % 3 || i % 32 < 20);
    weights +=
        (i ? ", " : "") +
        std::to_string(isZero ? conv.filterZero : random(low, low + 255));
  }
  if (count == 1)
    weights += "";
  auto list = [](const std::string &numbers) {
    return "dense<[" + numbers + "]>";
  };
  std::string flat = shape({count}, element);
  std::string text = "func.func @f(%x: " + input +
                     (conv.residual ? ", %r: " + result : "") + ") -> " +
                     result + " {\n";
  // Constants are written flat and reshaped by nested brackets: one value each
  // would be a splat.
  auto nested = [&](std::vector<int64_t> sizes, const std::string &numbers) {
    std::vector<std::string> items;
    for (size_t at = 0; at < numbers.size();) {
      size_t end = numbers.find(", ", at);
      end = end == std::string::npos ? numbers.size() : end;
      items.push_back(numbers.substr(at, end - at));
      at = end + 2;
    }
    for (size_t d = sizes.size(); d-- > 0;) {
      std::vector<std::string> outer;
      for (size_t i = 0; i < items.size(); i += size_t(sizes[d])) {
        std::string item = "[";
        for (int64_t j = 0; j < sizes[d]; ++j)
          item += (j ? ", " : "") + items[i + size_t(j)];
        outer.push_back(item + "]");
      }
      items = outer;
    }
    return "dense<" + items.front() + ">";
  };
  auto constant = [&](const std::string &name, const std::string &value,
                      const std::string &type) {
    text += "  %" + name + " = edge.constant {value = " + value + " : " + type +
            "} : " + type + "\n";
  };
  constant(
      "w",
      nested({conv.outputs, conv.kernelY, conv.kernelX, perGroup}, weights),
      filter);
  constant("b", list(randomElements(conv.outputs, -2000, 2000)), words);
  std::string factors = shape({conv.outputs}, "f32");
  if (conv.requantize) {
    std::string numbers;
    for (int64_t i = 0; i < conv.outputs; ++i)
      numbers +=
          (i ? ", " : "") + std::to_string(double(random(1, 1000)) / 300000.0);
    constant("q", list(numbers), factors);
  } else {
    constant("m", list(randomElements(conv.outputs, 1 << 30, INT32_MAX)),
             words);
    constant("s",
             conv.perChannel ? list(randomElements(conv.outputs, 4, 9))
                             : "dense<7>",
             words);
  }
  std::string kernel = "  %k = schedule.kernel \"conv\"(%x, %w, %b";
  std::string types = input + ", " + filter + ", " + words;
  std::string arguments =
      "%a0: " + input + ", %a1: " + filter + ", %a2: " + words;
  if (conv.requantize) {
    kernel += ", %q";
    types += ", " + factors;
    arguments += ", %a3: " + factors;
  } else {
    kernel += ", %m, %s";
    types += ", " + words + ", " + words;
    arguments += ", %a3: " + words + ", %a4: " + words;
  }
  if (conv.residual) {
    kernel += ", %r";
    types += ", " + result;
    arguments += ", %a5: " + result;
  }
  std::string scalar = "tensor<i32>";
  auto number = [&](const std::string &name, int64_t value) {
    constant(name, "dense<" + std::to_string(value) + ">", scalar);
  };
  std::string pads;
  for (int64_t pad : conv.pads)
    pads += (pads.empty() ? "" : ", ") + std::to_string(pad);
  text += kernel + ") : (" + types + ") -> " + result + " {\n  ^bb0(" +
          arguments + "):\n";
  number("zp", low + 11);
  number("lo", low);
  number("hi", low + 255);
  number("two", 2);
  text += "    %c = edge.integer_conv2d %a0, %a1, %a2 {groups = " +
          std::to_string(conv.groups) + " : i64, pads = array<i64: " + pads +
          ">, strides = array<i64: " + std::to_string(conv.strideY) + ", " +
          std::to_string(conv.strideX) +
          ">, dilations = array<i64: " + std::to_string(conv.dilation) + ", " +
          std::to_string(conv.dilation) +
          ">, input_zero_point = " + std::to_string(conv.inputZero) +
          " : i64, filter_zero_point = " + std::to_string(conv.filterZero) +
          " : i64, pad_value = " + std::to_string(low + 9) + " : i64} : (" +
          input + ", " + filter + ", " + words + ") -> " + sums + "\n";
  std::string last = "%c";
  auto binary = [&](const std::string &name, const std::string &op,
                    const std::string &operand, const std::string &type) {
    text += "    %" + name + " = edge." + op + " " + last + ", " + operand +
            " : (" + sums + ", " + type + ") -> " + sums + "\n";
    last = "%" + name;
  };
  if (conv.requantize) {
    text += "    %n = edge.requantize %c, %a3 {low = " + std::to_string(low) +
            " : i64, high = " + std::to_string(low + 255) +
            " : i64, zero_point = " + std::to_string(low + 7) + " : i64} : (" +
            sums + ", " + factors + ") -> " + result + "\n";
    text += "    %wide = edge.cast %n : (" + result + ") -> " + sums + "\n";
    last = "%wide";
  } else {
    text += "    %d = edge.rescale double %c, %a3, %a4 : (" + sums + ", " +
            words + ", " + words + ") -> " + sums + "\n";
    last = "%d";
    binary("e", "add", "%zp", scalar);
  }
  if (conv.residual) {
    text += "    %rw = edge.cast %a5 : (" + result + ") -> " + sums + "\n";
    text += "    %rs = edge.shift_left %rw, %two : (" + sums + ", " + scalar +
            ") -> " + sums + "\n";
    binary("f", "add", "%rs", sums);
    binary("g", "shift_right", "%two", scalar);
  }
  binary("h", "max", "%lo", scalar);
  binary("i", "min", "%hi", scalar);
  text += "    %o = edge.cast " + last + " : (" + sums + ") -> " + result +
          "\n    schedule.yield %o : " + result +
          "\n  }\n  return %k : " + result + "\n}\n";
  return text;
}

TEST_F(LowerLayers, ComputesAConvolution) { runEverywhere(text({})); }

TEST_F(LowerLayers, ComputesARandomConvolution) {
  for (int round = 0; round < 60; ++round) {
    Convolution conv;
    conv.kernelY = random(1, 4);
    conv.kernelX = random(1, 4);
    conv.strideY = random(1, 3);
    conv.strideX = random(1, 3);
    conv.dilation = random(1, 2);
    conv.height = random(1, 20) + (conv.kernelY - 1) * conv.dilation;
    conv.width = random(1, 20) + (conv.kernelX - 1) * conv.dilation;
    conv.channels = random(1, 40);
    conv.outputs = random(1, 40);
    for (int64_t &pad : conv.pads)
      pad = random(0, 2);
    conv.isUnsigned = random(0, 1);
    conv.inputZero = conv.isUnsigned ? random(0, 255) : random(-128, 127);
    conv.filterZero =
        random(0, 1) ? 0
                     : (conv.isUnsigned ? random(0, 255) : random(-128, 127));
    conv.perChannel = random(0, 1);
    conv.residual = random(0, 1);
    conv.requantize = random(0, 1);
    conv.sparse = random(0, 3) == 0;
    conv.images = random(0, 3) == 0 ? 2 : 1;
    switch (random(0, 3)) {
    case 0:
      conv.outputs = conv.groups = conv.channels;
      break;
    case 1:
      conv.groups = conv.channels;
      conv.outputs = 2 * conv.channels;
      break;
    case 2:
      conv.channels = 3 * (conv.groups = random(1, 4));
      conv.outputs = 5 * conv.groups;
      break;
    default:
      break;
    }
    Outcome result = run(text(conv), round % 2 ? "npu-64" : "npu-256");
    if (!result.ok)
      return;
  }
}
