//===- TfliteDiagnosticTest.cpp - what the TFLite importer refuses --------===//
//
// Each refusal says where it is, what is, what should be and what to do.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteText.h"
#include <gmock/gmock.h>

using namespace edgec::test;
using edgec::ImportOptions;
using testing::AllOf;
using testing::HasSubstr;

static std::string errors(TfliteWriter &w, ImportOptions options = {}) {
  Imported result = importTflite(w, std::move(options));
  EXPECT_EQ(result.module, "");
  return result.errors;
}

static std::string errorsOfBytes(const std::string &bytes) {
  return collect([&](mlir::MLIRContext &context) {
           ImportOptions options;
           options.modelName = "model";
           return edgec::tflite::importTflite(edgec::MappedFile::view(bytes),
                                              "model.tflite", options, context);
         })
      .errors;
}

TEST(TfliteDiagnostic, EveryUnsupportedOperatorIsListed) {
  TfliteWriter w;
  int x = w.input("x", {4}), a = w.tensor("a", {4}), b = w.tensor("b", {4});
  w.op(Builtin::SKIP_GRAM, {x}, {a});
  w.op(Builtin::SKIP_GRAM, {a}, {b});
  w.op(Builtin::RANDOM_UNIFORM, {b}, {w.output("y", {4})});
  EXPECT_THAT(
      errors(w),
      AllOf(HasSubstr("loc(\"a\"): operator 'SKIP_GRAM' version 1 is not "
                      "supported (2 times: 'a', 'b'); "),
            HasSubstr("loc(\"y\"): operator 'RANDOM_UNIFORM' version 1 is not "
                      "supported (1 time: 'y'); give the model random numbers "
                      "as an input")));
}

TEST(TfliteDiagnostic, NewVersionsAndCustomOperatorsAreRefused) {
  TfliteWriter w;
  int x = w.input("x", {4}), a = w.tensor("a", {4});
  w.op(Builtin::RELU, {x}, {a}, 99);
  w.custom("FlexErf", {a}, {w.output("y", {4})});
  w.custom("MyOp", {a}, {w.output("z", {4})});
  EXPECT_THAT(errors(w),
              AllOf(HasSubstr("operator 'RELU' version 99 is not supported (1 "
                              "time: 'a'); versions up to 3 are"),
                    HasSubstr("custom operator 'FlexErf' version 1"),
                    HasSubstr("without SELECT_TF_OPS"),
                    HasSubstr("custom operator 'MyOp' version 1")));
}

TEST(TfliteDiagnostic, QuantizedOperatorsAreOneProblem) {
  TfliteWriter w;
  TensorExtras extras;
  extras.scales = {0.5F};
  extras.zeroPoints = {0};
  int x = w.input("x", {4}, ElementType::INT8, extras);
  int a = w.tensor("a", {4}, ElementType::INT8, extras);
  w.op(Builtin::COS, {x}, {a});
  w.op(Builtin::ADD, {a, x}, {w.output("y", {4}, ElementType::INT8, extras)});
  EXPECT_THAT(errors(w),
              HasSubstr("operators on quantized tensors that are not supported "
                        "yet: COS; convert the model without quantization"));
}

TEST(TfliteDiagnostic, OperatorsNameTheirNumberAndVersion) {
  TfliteWriter w;
  int x = w.input("x", {4}), a = w.tensor("a", {4});
  w.op(Builtin::RELU, {x}, {a});
  w.op(Builtin::RESHAPE, {a, w.ints("s", {3, -1})}, {w.output("y", {3, 1})});
  EXPECT_THAT(errors(w),
              HasSubstr("loc(\"y\"): RESHAPE (operator 1, version 1): a tensor "
                        "of shape 4 cannot take the shape 3x1"));
}

TEST(TfliteDiagnostic, OperandsAreCounted) {
  TfliteWriter w;
  int x = w.input("x", {4});
  w.op(Builtin::ADD, {x}, {w.output("y", {4})});
  w.op(Builtin::RELU, {x, x}, {w.output("z", {4})});
  EXPECT_THAT(errors(w),
              AllOf(HasSubstr("input 1 is missing, it takes at least 2"),
                    HasSubstr("2 inputs are too many, it takes 1")));
}

TEST(TfliteDiagnostic, ListsThatAreComputedAreRefused) {
  TfliteWriter w;
  int x = w.input("x", {4}), axes = w.input("axes", {1}, ElementType::INT32);
  w.op(Builtin::SUM, {x, axes}, {w.output("y", {})});
  EXPECT_THAT(errors(w), HasSubstr("the axes (input 1) must be constant, but "
                                   "depends on the model's inputs"));
}

TEST(TfliteDiagnostic, DeclaredTypesAndShapesAreChecked) {
  TfliteWriter w;
  int x = w.input("x", {4});
  w.op(Builtin::RELU, {x}, {w.output("y", {5})});
  w.op(Builtin::RELU, {x}, {w.output("z", {4}, ElementType::INT32)});
  EXPECT_THAT(errors(w),
              AllOf(HasSubstr("declares 'y' of shape 5, but it is computed as "
                              "4"),
                    HasSubstr("declares 'z' of type int32, but it is computed "
                              "as 'f32'")));
}

//===-- damaged files
//------------------------------------------------------===//

TEST(TfliteDiagnostic, FilesThatDoNotVerifyAreRefused) {
  TfliteWriter w;
  int x = w.input("x", {4});
  w.op(Builtin::RELU, {x}, {w.output("y", {4})});
  std::string bytes = w.bytes();
  EXPECT_EQ(errorsOfBytes(bytes), "");
  EXPECT_THAT(errorsOfBytes(bytes.substr(0, bytes.size() / 2)),
              HasSubstr("not an intact TFLite model"));
  EXPECT_THAT(errorsOfBytes(std::string("\x1c\0\0\0TFL3\0\0\0\0", 12)),
              HasSubstr("not an intact TFLite model"));
}

TEST(TfliteDiagnostic, IndicesAreChecked) {
  auto withOperator = [](const std::vector<int32_t> &from,
                         const std::vector<int32_t> &to) {
    TfliteWriter w;
    w.input("x", {4});
    w.output("y", {4});
    w.op(Builtin::RELU, from, to);
    return errors(w);
  };
  EXPECT_THAT(withOperator({7}, {1}),
              HasSubstr("operator 0 refers to a tensor that is not there"));
  EXPECT_THAT(withOperator({0}, {-1}),
              HasSubstr("operator 0 refers to a tensor that is not there"));
  EXPECT_THAT(withOperator({0}, {0}), HasSubstr("'x' is computed twice"));
  EXPECT_THAT(withOperator({1}, {1}),
              HasSubstr("tensor 'y': nothing computes it before it is used"));
  TfliteWriter buffer;
  buffer.input("x", {4});
  buffer.tensor("w", {4}, ElementType::FLOAT32, {}, 9);
  EXPECT_THAT(errors(buffer), HasSubstr("tensor 1 ('w') refers to a buffer "
                                        "that is not there"));
}

TEST(TfliteDiagnostic, ShapesAndBuffersAreChecked) {
  TfliteWriter w;
  int x = w.input("x", {4});
  w.op(Builtin::ADD, {x, w.floats("w", {4}, {1, 2, 3})}, {w.output("y", {4})});
  EXPECT_THAT(errors(w),
              HasSubstr("tensor 'w': its 4 elements of type float32 need 16 "
                        "bytes, but its buffer has 12"));
  TfliteWriter negative;
  negative.input("x", {4, -1});
  EXPECT_THAT(errors(negative), HasSubstr("has the impossible shape 4x-1"));
  TfliteWriter deep;
  deep.input("x", {1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_THAT(errors(deep), HasSubstr("has 9 dimensions, but at most 8"));
  TfliteWriter old;
  old.input("x", {4});
  old.version = 1;
  EXPECT_THAT(errors(old), HasSubstr("has schema version 1"));
}

TEST(TfliteDiagnostic, QuantizationIsChecked) {
  TfliteWriter w;
  TensorExtras extras;
  extras.scales = {1, 2, 3};
  int x = w.input("x", {2});
  int weights = w.constant<int8_t>("w", {2}, ElementType::INT8, {1, 2}, extras);
  w.op(Builtin::ADD, {x, weights}, {w.output("y", {2})});
  EXPECT_THAT(errors(w), HasSubstr("tensor 'w' has 3 scales along dimension 0, "
                                   "which do not fit the shape 2; "));
}
