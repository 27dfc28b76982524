//===- OnnxSignalTest.cpp - what transforms and windows become ------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {
using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

std::string moduleOf(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.errors, "");
  return result.module;
}

std::string errorsOf(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.module, "");
  return result.errors;
}

ModelWriter dft(const std::vector<Dim> &shape,
                const std::vector<Message> &attributes = {},
                int64_t opset = 19) {
  return ModelWriter(opset)
      .input("x", shape)
      .output("y")
      .node("DFT", {"x"}, {"y"}, attributes);
}

/// Step and frame length are inputs of the model.
ModelWriter stft(int64_t frames, int64_t bins) {
  return ModelWriter(17)
      .input("x", {1, 128, 1})
      .input("step", {}, Int64)
      .input("length", {}, Int64)
      .output("y", {1, frames, bins, 2})
      .node("STFT", {"x", "step", "", "length"}, {"y"});
}
} // namespace

TEST(OnnxSignal, DftIsAMatrixProduct) {
  std::string module = moduleOf(dft({3, 10, 1}));
  EXPECT_THAT(module, HasSubstr("(tensor<3x10xf32>, tensor<20x10xf32>) -> "
                                "tensor<3x20xf32>"));
  EXPECT_THAT(moduleOf(dft({3, 10, 1}, {attribute("onesided", 1)})),
              HasSubstr("tensor<12x10xf32>) -> tensor<3x12xf32>"));
  EXPECT_THAT(moduleOf(dft({3, 6, 2}, {attribute("inverse", 1),
                                       attribute("onesided", 1)})),
              HasSubstr("tensor<10x12xf32>) -> tensor<3x10xf32>"));
}

TEST(OnnxSignal, DftMovesItsAxisToTheEnd) {
  EXPECT_THAT(moduleOf(dft({3, 10, 7, 2})),
              AllOf(HasSubstr("permutation = array<i64: 0, 2, 1, 3>"),
                    HasSubstr("(tensor<21x20xf32>, tensor<20x20xf32>)")));
}

TEST(OnnxSignal, LongDftIsSplit) {
  std::string module = moduleOf(dft({1, 4096, 1}));
  EXPECT_THAT(module, AllOf(HasSubstr("tensor<64x64xf32>"),
                            Not(HasSubstr("tensor<8192x4096xf32>"))));
}

TEST(OnnxSignal, DftRefusesWhatItCannotDo) {
  EXPECT_THAT(errorsOf(dft({3, 10, 3})),
              HasSubstr("the last one of size 1 (real) or 2 (complex)"));
  EXPECT_THAT(errorsOf(dft({3, 10, 2}, {attribute("axis", 2)})),
              HasSubstr("axis 2 is the dimension of real and imaginary part"));
  EXPECT_THAT(errorsOf(dft({3, 10, 2}, {attribute("onesided", 1)})),
              HasSubstr("onesided=1 with inverse=0 needs a real input"));
  EXPECT_THAT(errorsOf(dft({1, 4099, 2})),
              HasSubstr("whose length has the prime factor 4099"));
}

TEST(OnnxSignal, StftIsAConvolution) {
  std::string module =
      moduleOf(ModelWriter(17)
                   .input("x", {2, 128, 1})
                   .initializer("step", {}, Ints{8})
                   .initializer("window", {16}, Floats(16, 1.0F))
                   .output("y", {2, 15, 9, 2})
                   .node("STFT", {"x", "step", "window"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.conv2d"),
                            HasSubstr("strides = array<i64: 1, 8>"),
                            HasSubstr("tensor<18x1x16x1xf32>")));
}

TEST(OnnxSignal, DeclaredShapeDecidesFrames) {
  EXPECT_THAT(moduleOf(stft(15, 9)), HasSubstr("strides = array<i64: 1, 8>"));
  // One frame of 33 bins has 64 or 65 elements.
  EXPECT_THAT(errorsOf(stft(1, 33)),
              HasSubstr("the frame_step (input 1) must be constant"));
}

TEST(OnnxSignal, RunTimeAxisSelectsATransform) {
  std::string module = moduleOf(ModelWriter(20)
                                    .input("x", {1, 10, 10, 1})
                                    .input("axis", {}, Int64)
                                    .output("y", {1, 10, 10, 2})
                                    .node("DFT", {"x", "", "axis"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.equal"), HasSubstr("edge.select"),
                            HasSubstr("tensor<20x10xf32>")));
}

TEST(OnnxSignal, MelWeightsAreTrianglesOverTheBins) {
  auto weights = [](int64_t bands, float lowest) {
    return ModelWriter(17)
        .initializer("bands", {}, Ints{bands})
        .initializer("length", {}, Ints{8})
        .initializer("rate", {}, Ints{8000})
        .initializer("low", {}, Floats{lowest})
        .initializer("high", {}, Floats{4000})
        .output("y", {5, 2})
        .node("MelWeightMatrix", {"bands", "length", "rate", "low", "high"},
              {"y"});
  };
  // Bands begin at the bins 0, 0; their peaks are 0, 1, their ends 1, 2.
  EXPECT_THAT(moduleOf(weights(2, 0)),
              HasSubstr("dense<[[1.000000e+00, 0.000000e+00], [0.000000e+00, "
                        "1.000000e+00], [0.000000e+00, 0.000000e+00], "));
  EXPECT_THAT(errorsOf(weights(2, 5000)), HasSubstr("the edges in order"));
}

TEST(OnnxSignal, WindowsAreConstants) {
  auto window = [](const char *opType) {
    return ModelWriter(17)
        .initializer("size", {}, Ints{4})
        .output("y", {4})
        .node(opType, {"size"}, {"y"}, {attribute("periodic", 0)});
  };
  EXPECT_THAT(moduleOf(window("HannWindow")),
              HasSubstr("dense<[0.000000e+00, 7.500000e-01, 7.500000e-01, "));
  EXPECT_THAT(moduleOf(window("HammingWindow")),
              HasSubstr("dense<[0.0869565233, 0.771739125, 0.771739125, "));
  EXPECT_THAT(moduleOf(window("BlackmanWindow")), HasSubstr("6.300000e-01"));
  EXPECT_THAT(errorsOf(ModelWriter(17)
                           .initializer("size", {}, Ints{0})
                           .output("y")
                           .node("HannWindow", {"size"}, {"y"})),
              HasSubstr("a window of 0 elements is not supported"));
}
