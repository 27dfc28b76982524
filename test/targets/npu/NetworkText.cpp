//===- NetworkText.cpp - writes networks of kernels -----------------------===//
//
// Kernels as the fuse stage leaves them: the anchor, then what rescales its
// sums to 8 bits.
//
//===----------------------------------------------------------------------===//
#include "test/targets/npu/NetworkText.h"

using namespace edgec::npu;

static std::string join(const std::vector<std::string> &items) {
  std::string text;
  for (const std::string &item : items)
    text += (text.empty() ? "" : ", ") + item;
  return text;
}

static std::string typeText(const std::vector<int64_t> &shape,
                            const std::string &element) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + element + ">";
}

std::string Value::type() const { return typeText(shape, element); }

static int64_t lowest(const std::string &element) {
  return element == "ui8" ? 0 : -128;
}

int64_t NetworkText::random(int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(*generator);
}

Value NetworkText::input(std::vector<int64_t> shape,
                         const std::string &element) {
  Value value{fresh(), std::move(shape), element};
  arguments +=
      (arguments.empty() ? "" : ", ") + value.name + ": " + value.type();
  return value;
}

Value NetworkText::constant(std::vector<int64_t> shape,
                            const std::string &element,
                            const std::vector<std::string> &elements) {
  Value value{fresh(), std::move(shape), element};
  std::vector<std::string> items = elements;
  for (size_t d = value.shape.size(); elements.size() > 1 && d-- > 0;) {
    std::vector<std::string> outer;
    for (size_t i = 0; i < items.size(); i += size_t(value.shape[d])) {
      std::vector<std::string> inner(items.begin() + long(i),
                                     items.begin() + long(i) + value.shape[d]);
      outer.push_back("[" + join(inner) + "]");
    }
    items = outer;
  }
  body += "  " + value.name + " = edge.constant {value = dense<" + join(items) +
          "> : " + value.type() + "} : " + value.type() + "\n";
  return value;
}

Value NetworkText::randomConstant(std::vector<int64_t> shape,
                                  const std::string &element, int64_t low,
                                  int64_t high) {
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  std::vector<std::string> elements;
  for (int64_t i = 0; i < size; ++i)
    elements.push_back(std::to_string(random(low, high)));
  return constant(std::move(shape), element, elements);
}

std::string NetworkText::scalar(int64_t value) {
  std::string name = fresh();
  local += "    " + name + " = edge.constant {value = dense<" +
           std::to_string(value) + "> : tensor<i32>} : tensor<i32>\n";
  return name;
}

Value NetworkText::convolution(const Value &x, const Convolution &conv) {
  int64_t low = lowest(x.element), perGroup = x.shape[3] / conv.groups;
  auto size = [&](int64_t in, int64_t pads, int64_t kernel, int64_t stride) {
    return (in + pads - (kernel - 1) * conv.dilation - 1) / stride + 1;
  };
  Value result{fresh(),
               {x.shape[0],
                size(x.shape[1], conv.pads[0] + conv.pads[2], conv.kernelY,
                     conv.strideY),
                size(x.shape[2], conv.pads[1] + conv.pads[3], conv.kernelX,
                     conv.strideX),
                conv.outputs},
               x.element};
  std::vector<std::string> weights;
  int64_t perOutput = conv.kernelY * conv.kernelX * perGroup;
  for (int64_t i = 0; i < conv.outputs * perOutput; ++i) {
    // Sparse filters have whole outputs and many taps at the zero point.
    bool isZero = conv.sparse && (i / perOutput % 3 != 0 || i % 32 < 20);
    weights.push_back(
        std::to_string(isZero ? conv.filterZero : random(low, low + 255)));
  }
  std::vector<Value> operands = {
      x,
      constant({conv.outputs, conv.kernelY, conv.kernelX, perGroup}, x.element,
               weights),
      randomConstant({conv.outputs}, "i32", -2000, 2000)};
  if (conv.requantize) {
    std::vector<std::string> factors;
    for (int64_t i = 0; i < conv.outputs; ++i)
      factors.push_back(std::to_string(double(random(1, 1000)) / 300000.0));
    operands.push_back(constant({conv.outputs}, "f32", factors));
  } else {
    operands.push_back(
        randomConstant({conv.outputs}, "i32", 1 << 30, INT32_MAX));
    operands.push_back(conv.perChannel
                           ? randomConstant({conv.outputs}, "i32", 4, 9)
                           : constant({conv.outputs}, "i32", {"7"}));
  }
  if (!conv.residual.name.empty())
    operands.push_back(conv.residual);

  std::vector<std::string> names, types, parameters;
  for (size_t i = 0; i < operands.size(); ++i) {
    names.push_back(operands[i].name);
    types.push_back(operands[i].type());
    parameters.push_back("%a" + std::to_string(i) + ": " + operands[i].type());
  }
  std::string sums = typeText(result.shape, "i32"), last = "%c", code;
  std::string pads = std::to_string(conv.pads[0]);
  for (size_t i = 1; i < 4; ++i)
    pads += ", " + std::to_string(conv.pads[i]);
  std::string dilation = std::to_string(conv.dilation);
  code += "    %c = edge.integer_conv2d %a0, %a1, %a2 {groups = " +
          std::to_string(conv.groups) + " : i64, pads = array<i64: " + pads +
          ">, strides = array<i64: " + std::to_string(conv.strideY) + ", " +
          std::to_string(conv.strideX) +
          ">, dilations = array<i64: " + dilation + ", " + dilation +
          ">, input_zero_point = " + std::to_string(conv.inputZero) +
          " : i64, filter_zero_point = " + std::to_string(conv.filterZero) +
          " : i64, pad_value = " + std::to_string(low + 9) + " : i64} : (" +
          types[0] + ", " + types[1] + ", " + types[2] + ") -> " + sums + "\n";
  local.clear();
  auto binary = [&](const std::string &op, const std::string &operand,
                    const std::string &type) {
    std::string name = fresh();
    code += "    " + name + " = edge." + op + " " + last + ", " + operand +
            " : (" + sums + ", " + type + ") -> " + sums + "\n";
    last = name;
  };
  const std::string word = "tensor<i32>";
  if (conv.requantize) {
    code += "    %n = edge.requantize %c, %a3 {low = " + std::to_string(low) +
            " : i64, high = " + std::to_string(low + 255) +
            " : i64, zero_point = " + std::to_string(low + 7) + " : i64} : (" +
            sums + ", " + types[3] + ") -> " + result.type() + "\n";
    code +=
        "    %wide = edge.cast %n : (" + result.type() + ") -> " + sums + "\n";
    last = "%wide";
  } else {
    code += "    %d = edge.rescale double %c, %a3, %a4 : (" + sums + ", " +
            types[3] + ", " + types[4] + ") -> " + sums + "\n";
    last = "%d";
    binary("add", scalar(low + 11), word);
  }
  if (!conv.residual.name.empty()) {
    std::string shift = scalar(2);
    code += "    %rw = edge.cast %a" + std::to_string(operands.size() - 1) +
            " : (" + types.back() + ") -> " + sums + "\n";
    code += "    %rs = edge.shift_left %rw, " + shift + " : (" + sums + ", " +
            word + ") -> " + sums + "\n";
    binary("add", "%rs", sums);
    binary("shift_right", shift, word);
  }
  binary("max", scalar(low), word);
  binary("min", scalar(low + 255), word);
  body += "  " + result.name + " = schedule.kernel \"conv\"(" + join(names) +
          ") : (" + join(types) + ") -> " + result.type() + " {\n  ^bb0(" +
          join(parameters) + "):\n" + local + code + "    %o = edge.cast " +
          last + " : (" + sums + ") -> " + result.type() +
          "\n    schedule.yield %o : " + result.type() + "\n  }\n";
  return result;
}

Value NetworkText::depthwise(const Value &x, Convolution conv) {
  conv.groups = conv.outputs = x.shape[3];
  return convolution(x, conv);
}

Value NetworkText::kernel(const std::string &name,
                          const std::vector<Value> &operands,
                          const std::string &op, const Value &result) {
  std::vector<std::string> names, types, parameters, inner;
  for (size_t i = 0; i < operands.size(); ++i) {
    names.push_back(operands[i].name);
    types.push_back(operands[i].type());
    inner.push_back("%a" + std::to_string(i));
    parameters.push_back(inner.back() + ": " + operands[i].type());
  }
  size_t attributes = op.find(' ');
  std::string mnemonic = op.substr(0, attributes);
  std::string rest =
      attributes == std::string::npos ? "" : op.substr(attributes);
  body += "  " + result.name + " = schedule.kernel \"" + name + "\"(" +
          join(names) + ") : (" + join(types) + ") -> " + result.type() +
          " {\n  ^bb0(" + join(parameters) + "):\n    %o = edge." + mnemonic +
          " " + join(inner) + rest + " : (" + join(types) + ") -> " +
          result.type() + "\n    schedule.yield %o : " + result.type() +
          "\n  }\n";
  return result;
}

Value NetworkText::maxPool(const Value &x, int64_t window, int64_t stride,
                           int64_t pad) {
  auto size = [&](int64_t in) { return (in + 2 * pad - window) / stride + 1; };
  Value result{fresh(),
               {x.shape[0], size(x.shape[1]), size(x.shape[2]), x.shape[3]},
               x.element};
  auto pair = [](int64_t number) {
    std::string text = std::to_string(number);
    return "array<i64: " + text + ", " + text + ">";
  };
  std::string pads = std::to_string(pad);
  return kernel("max_pool2d", {x},
                "max_pool2d {window = " + pair(window) + ", strides = " +
                    pair(stride) + ", pads = array<i64: " + pads + ", " + pads +
                    ", " + pads + ", " + pads + ">}",
                result);
}

Value NetworkText::meanPool(const Value &x) {
  Value result{fresh(), {x.shape[0], 1, 1, x.shape[3]}, x.element};
  std::string wide = typeText(x.shape, "i32"),
              sums = typeText(result.shape, "i32");
  Value widened{fresh(), x.shape, "i32"};
  kernel("cast", {x}, "cast", widened);
  local.clear();
  std::string divisor = scalar(x.shape[1] * x.shape[2]);
  body += "  " + result.name + " = schedule.kernel \"mean\"(" + widened.name +
          ") : (" + wide + ") -> " + result.type() + " {\n  ^bb0(%a0: " + wide +
          "):\n" + local +
          "    %s = edge.reduce_sum %a0 {axes = array<i64: 1, 2>, keep_dims = "
          "true} : (" +
          wide + ") -> " + sums + "\n    %q = edge.div %s, " + divisor +
          " : (" + sums + ", tensor<i32>) -> " + sums +
          "\n    %o = edge.cast %q : (" + sums + ") -> " + result.type() +
          "\n    schedule.yield %o : " + result.type() + "\n  }\n";
  return result;
}

Value NetworkText::average(const Value &x, const Value &y) {
  Value result{fresh(), x.shape, x.element};
  std::string wide = typeText(x.shape, "i32"), other = typeText(y.shape, "i32");
  local.clear();
  std::string one = scalar(1);
  body += "  " + result.name + " = schedule.kernel \"average\"(" + x.name +
          ", " + y.name + ") : (" + x.type() + ", " + y.type() + ") -> " +
          result.type() + " {\n  ^bb0(%a0: " + x.type() + ", %a1: " + y.type() +
          "):\n" + local + "    %x = edge.cast %a0 : (" + x.type() + ") -> " +
          wide + "\n    %y = edge.cast %a1 : (" + y.type() + ") -> " + other +
          "\n    %s = edge.add %x, %y : (" + wide + ", " + other + ") -> " +
          wide + "\n    %h = edge.shift_right %s, " + one + " : (" + wide +
          ", tensor<i32>) -> " + wide + "\n    %o = edge.cast %h : (" + wide +
          ") -> " + result.type() +
          "\n    schedule.yield %o : " + result.type() + "\n  }\n";
  return result;
}

Value NetworkText::lookup(const Value &x) {
  Value table = randomConstant({256}, x.element, lowest(x.element),
                               lowest(x.element) + 255);
  return kernel("lookup", {x, table}, "lookup", {fresh(), x.shape, x.element});
}

Value NetworkText::resample(const Value &x, size_t axis,
                            const std::vector<int64_t> &first) {
  std::vector<std::string> elements;
  elements.reserve(first.size());
  for (int64_t element : first)
    elements.push_back(std::to_string(element) + ".0");
  Value result{fresh(), x.shape, x.element};
  result.shape[axis] = int64_t(first.size());
  Value table = constant({int64_t(first.size()), 1}, "f32", elements);
  return kernel("resample", {x, table},
                "resample {axis = " + std::to_string(axis) + " : i64}", result);
}

Value NetworkText::reshape(const Value &x, std::vector<int64_t> shape) {
  Value result{fresh(), std::move(shape), x.element};
  body += "  " + result.name + " = edge.reshape " + x.name + " : (" + x.type() +
          ") -> " + result.type() + "\n";
  return result;
}

std::string NetworkText::function(const std::vector<Value> &results) const {
  std::vector<std::string> names, types;
  for (const Value &result : results) {
    names.push_back(result.name);
    types.push_back(result.type());
  }
  return "func.func @f(" + arguments + ") -> (" + join(types) + ") {\n" + body +
         "  return " + join(names) + " : " + join(types) + "\n}\n";
}
