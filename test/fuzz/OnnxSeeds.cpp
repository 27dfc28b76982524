//===- OnnxSeeds.cpp - models to start fuzzing from -----------------------===//
//
// Each seed but the last imports without an error, so that a mutation of it
// gets past the first checks; the last lacks only its file of weights.
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/OnnxSeeds.h"
#include "test/import/ModelWriter.h"

using namespace edgec::test;
using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

static std::string convolutions() {
  return ModelWriter(13)
      .input("x", {1, 2, 6, 6})
      .initializer("w", {4, 1, 3, 3}, Floats(36, 0.5F))
      .initializer("b", {4}, Floats(4))
      .initializer("low", {}, Floats{0})
      .initializer("high", {}, Floats{6})
      .value("c", {1, 4, 6, 6})
      .output("y", {1, 4})
      .node("Conv", {"x", "w", "b"}, {"c"},
            {attribute("pads", Ints{1, 1, 1, 1}), attribute("group", 2),
             attribute("kernel_shape", Ints{3, 3})})
      .node("BatchNormalization", {"c", "b", "b", "b", "b"}, {"n"})
      .node("Clip", {"n", "low", "high"}, {"k"})
      .node("MaxPool", {"k"}, {"m"},
            {attribute("kernel_shape", Ints{3, 3}),
             attribute("strides", Ints{2, 2}), attribute("ceil_mode", 1)})
      .node("AveragePool", {"m"}, {"a"},
            {attribute("kernel_shape", Ints{2, 2}),
             attribute("auto_pad", "SAME_UPPER")})
      .node("GlobalAveragePool", {"a"}, {"g"})
      .node("Flatten", {"g"}, {"y"})
      .bytes();
}

static std::string matrices() {
  return ModelWriter(18)
      .input("x", {2, 3})
      .input("z", {"n", 3})
      .initializer("w", {4, 3}, Floats(12, 1))
      .initializer("axes", {1}, Ints{-1})
      .output("y")
      .output("q")
      .node("Gemm", {"x", "w"}, {"g"},
            {attribute("transB", 1), attribute("alpha", 0.5F)})
      .node("Softmax", {"g"}, {"s"}, {attribute("axis", -1)})
      .node("ReduceMean", {"s", "axes"}, {"y"}, {attribute("keepdims", 0)})
      .node("Transpose", {"z"}, {"t"}, {attribute("perm", Ints{1, 0})})
      .node("MatMul", {"x", "t"}, {"q"})
      .bytes();
}

static std::string shapes() {
  return ModelWriter(13)
      .input("x", {2, 3, 4})
      .initializer("zero", {}, Ints{0})
      .initializer("axes", {1}, Ints{0})
      .initializer("rest", {1}, Ints{-1})
      .initializer("pads", {4}, Ints{1, -1, 0, 2})
      .output("y")
      .node("Shape", {"x"}, {"shape"})
      .node("Gather", {"shape", "zero"}, {"n"})
      .node("Unsqueeze", {"n", "axes"}, {"n1"})
      .node("Concat", {"n1", "rest"}, {"s"}, {attribute("axis", 0)})
      .node("Reshape", {"x", "s"}, {"r"})
      .node("Pad", {"r", "pads"}, {"p"})
      .node("Slice", {"p", "axes", "rest", "axes"}, {"c"})
      .node("Split", {"c"}, {"a", "b"}, {attribute("axis", 1)})
      .node("Concat", {"b", "a"}, {"d"}, {attribute("axis", 1)})
      .node("Expand", {"d", "shape3"}, {"y"})
      .node("Constant", {}, {"shape3"},
            {attribute("value", tensor("", {3}, Ints{2, 1, 1}))})
      .bytes();
}

static std::string arithmetic() {
  return ModelWriter(20)
      .input("x", {6})
      .initializer("half", {1}, Floats{0.5})
      .initializer("two", {1}, Ints{2})
      .initializer("minus", {}, Ints{-1})
      .output("y")
      .node("Shape", {"x"}, {"s"})
      .node("Cast", {"s"}, {"f"}, {attribute("to", 1)})
      .node("Mul", {"f", "half"}, {"m"})
      .node("Floor", {"m"}, {"fl"})
      .node("Cast", {"fl"}, {"i"}, {attribute("to", 7)})
      .node("Div", {"s", "two"}, {"q"})
      .node("Equal", {"q", "i"}, {"e"})
      .node("ConstantOfShape", {"two"}, {"ones"})
      .node("Where", {"e", "i", "minus"}, {"t"})
      .node("Concat", {"t", "two"}, {"u"}, {attribute("axis", 0)})
      .node("Reshape", {"x", "u"}, {"r"})
      .node("Gelu", {"r"}, {"h"}, {attribute("approximate", "tanh")})
      .node("LeakyRelu", {"h"}, {"l"}, {attribute("alpha", 0.5F)})
      .node("Max", {"l", "ones", "half"}, {"v"})
      .node("Pow", {"v", "two"}, {"y"})
      .bytes();
}

static std::string typedData() {
  Message ints;
  ints.integer(1, 2).integer(2, Int64).text(8, "s").integer(7, 1).integer(7,
                                                                          -1);
  Message floats;
  floats.integer(1, 2).integer(2, Float32).text(8, "w");
  floats.text(4, rawBytes(Floats{3, 4}));
  return ModelWriter(11)
      .input("x", {2})
      .initializer(ints)
      .initializer(floats)
      .output("y", {1, 2})
      .node("Add", {"x", "w"}, {"a"})
      .node("Reshape", {"a", "s"}, {"y"})
      .bytes();
}

static std::string externalData() {
  return ModelWriter(13)
      .input("x", {2})
      .external("w", {2}, "w.bin", 0, 8)
      .output("y", {2})
      .node("Add", {"x", "w"}, {"y"})
      .bytes();
}

std::vector<std::string> edgec::test::onnxSeeds() {
  return {convolutions(), matrices(),  shapes(),
          arithmetic(),   typedData(), externalData()};
}
