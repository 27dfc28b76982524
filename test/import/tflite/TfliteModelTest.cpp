//===- TfliteModelTest.cpp - TFLite models as a whole ---------------------===//
//
// Names, signatures, shapes and state of a model; and models from outside,
// where they are present.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteText.h"
#include "llvm/Support/FileSystem.h"
#include <fstream>
#include <gmock/gmock.h>

using namespace edgec::test;
using edgec::ImportOptions;
using testing::AllOf;
using testing::HasSubstr;

TEST(TfliteModel, KeepsNamesOfInputsOutputsAndOperators) {
  TfliteWriter w;
  int x = w.input("x", {4}), y = w.output("y", {4});
  w.op(Builtin::RELU, {x}, {y});
  EXPECT_THAT(importModule(w),
              AllOf(HasSubstr("func.func @model"),
                    HasSubstr("{edge.name = \"x\"}"),
                    HasSubstr("-> (tensor<4xf32> {edge.name = \"y\"})"),
                    HasSubstr("loc(\"y\")")));
}

TEST(TfliteModel, NamelessAndRepeatedPortsGetNamesOfTheirOwn) {
  TfliteWriter w;
  int x = w.input("", {4}), z = w.input("same", {4}), u = w.input("same", {4});
  int y = w.output("y", {4});
  w.op(Builtin::ADD_N, {x, z, u}, {y});
  EXPECT_THAT(importModule(w), AllOf(HasSubstr("edge.name = \"tensor_0\""),
                                     HasSubstr("edge.name = \"same\""),
                                     HasSubstr("edge.name = \"same_2\"")));
}

/// Two graphs, each with a signature: "negate" and "square".
static TfliteWriter twoSignatures() {
  TfliteWriter w;
  int x = w.input("x:0", {4}), y = w.output("y:0", {4});
  w.op(Builtin::NEG, {x}, {y});
  w.endGraph();
  x = w.input("a:0", {4});
  y = w.output("b:0", {4});
  w.op(Builtin::SQUARE, {x}, {y});
  w.signature("negate", {{"x", 0}}, {{"y", 1}}, 0);
  w.signature("square", {{"a", 0}}, {{"b", 1}}, 1);
  return w;
}

TEST(TfliteModel, SignaturesChooseTheGraphAndNameItsPorts) {
  TfliteWriter first = twoSignatures(), second = twoSignatures(),
               none = twoSignatures();
  EXPECT_THAT(importTflite(first).module,
              AllOf(HasSubstr("edge.neg"), HasSubstr("\"x:0\"")));
  ImportOptions options;
  options.signature = "square";
  EXPECT_THAT(importTflite(second, options).module,
              AllOf(HasSubstr("edge.mul"), HasSubstr("edge.name = \"a\""),
                    HasSubstr("edge.name = \"b\"")));
  options.signature = "cube";
  EXPECT_THAT(importTflite(none, options).errors,
              HasSubstr("-signature names 'cube', which the model lacks; its "
                        "signatures are 'negate', 'square'"));
}

/// x and its RELU, of shape [1, 4] whose first dimension may change.
static TfliteWriter openBatch() {
  TfliteWriter w;
  TensorExtras open;
  open.signature = {-1, 4};
  int x = w.input("x", {1, 4}, ElementType::FLOAT32, open);
  int y = w.output("y", {1, 4}, ElementType::FLOAT32, open);
  w.op(Builtin::RELU, {x}, {y});
  return w;
}

TEST(TfliteModel, OpenDimensionsHaveADefaultThatShapeOverrides) {
  TfliteWriter plain = openBatch(), three = openBatch(), wrong = openBatch(),
               absent = openBatch();
  EXPECT_THAT(importTflite(plain).module, HasSubstr("tensor<1x4xf32>"));
  ImportOptions options;
  options.shapes = {{"x", {3, 4}}};
  EXPECT_THAT(importTflite(three, options).module,
              HasSubstr("-> (tensor<3x4xf32>"));
  options.shapes = {{"x", {3, 5}}};
  EXPECT_THAT(importTflite(wrong, options).errors,
              HasSubstr("-shape gives it the shape 3x5, which contradicts the "
                        "model's 1x4"));
  options.shapes = {{"z", {3, 4}}};
  EXPECT_THAT(importTflite(absent, options).errors,
              HasSubstr("-shape names the input 'z', which the model lacks; "
                        "its inputs are 'x'"));
}

TEST(TfliteModel, OutputsMayBeInputsAndConstants) {
  TfliteWriter w;
  int x = w.input("x", {2});
  w.op(Builtin::RELU, {x}, {w.output("y", {2})});
  w.op(Builtin::SHAPE, {x}, {w.output("shape", {1}, ElementType::INT32)});
  EXPECT_EQ(evaluateTflite(w, {{-1, 3}}),
            (std::vector<std::vector<double>>{{0, 3}, {2}}));
}

//===-- models from outside
//------------------------------------------------===//

TEST(TfliteModel, FloatModelsFromOutsideImport) {
  for (const char *name :
       {"mlperf-tiny/ad_autoencoder_float", "mlperf-tiny/ic_resnet8_float",
        "mlperf-tiny/kws_dscnn_float_dynrange",
        "mlperf-tiny/vww_mobilenetv1_025_96_float",
        "classification/mobilenet_v1_0.25_224_float",
        "detection/ultraface_RFB-320_nopost_float",
        "mediapipe/face_detection_front", "mediapipe/face_landmark",
        "misc/cifar10_cnn_float", "misc/magic_wand_float",
        "misc/micro_kws_m_fp32", "rnn/dtln_model_1", "tflm/hello_world_float",
        "tinymaix/mnist_valid_f", "tinymaix/mnist_dw_f", "tinymaix/cifar10_f",
        "tinymaix/mbnet96_0.25_f"}) {
    std::string path =
        std::string(EDGEC_MODELS_DIR) + "/tflite/" + name + ".tflite";
    if (!llvm::sys::fs::exists(path))
      GTEST_SKIP() << path << " is not there";
    EXPECT_EQ(importPath(path).errors, "") << name;
  }
}

/// The elements of a file of float32; none if it is not there.
static std::vector<double> readFloats(const std::string &path) {
  std::vector<double> result;
  std::ifstream file(path, std::ios::binary);
  for (float element;
       file.read(reinterpret_cast<char *>(&element), sizeof element);)
    result.push_back(element);
  return result;
}

/// Samples that come with their model, computed by TFLite.
TEST(TfliteModel, FloatModelsFromOutsideAgreeWithTheirSamples) {
  const std::string folder = std::string(EDGEC_MODELS_DIR) + "/tflite/misc/";
  for (const char *name : {"magic_wand", "cifar10"}) {
    bool isWand = llvm::StringRef(name) == "magic_wand";
    std::string path = folder + (isWand ? "magic_wand_float.tflite"
                                        : "cifar10_cnn_float.tflite");
    if (!llvm::sys::fs::exists(path))
      GTEST_SKIP() << path << " is not there";
    auto file = edgec::MappedFile::open(path);
    ASSERT_TRUE(bool(file));
    for (const char *sample : {"0", "1"}) {
      std::string stem = folder + name + "/";
      auto results = evaluateBytes(
          file->bytes(), {readFloats(stem + "input_" + sample + ".bin")});
      std::vector<double> expected =
          readFloats(stem + "output_" + sample + ".bin");
      ASSERT_EQ(results.front().size(), expected.size()) << name;
      // The samples of cifar10 were computed with less precision.
      for (size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(results.front()[i], expected[i], isWand ? 1e-6 : 2e-4)
            << name << " sample " << sample;
    }
  }
}
