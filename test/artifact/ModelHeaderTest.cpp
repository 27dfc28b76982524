//===- ModelHeaderTest.cpp - the generated C header -----------------------===//
//
// Sizes, and names that cannot end the comment they stand in.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/ModelHeader.h"

#include "mlir/IR/Builders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace edgec;
using testing::HasSubstr;
using testing::Not;

TEST(ModelHeader, SizesAndDeclaration) {
  mlir::MLIRContext context;
  mlir::Builder b(&context);
  ModelInterface interface;
  interface.name = "digits";
  interface.inputs = {
      {"image", mlir::RankedTensorType::get({1, 8, 8, 1}, b.getF32Type())}};
  interface.outputs = {
      {"a */ b\n", mlir::RankedTensorType::get({10}, b.getI8Type())},
      {"flag", mlir::RankedTensorType::get({3}, b.getI1Type())}};
  interface.arenaBytes = 4096;
  std::string text = modelHeader(interface);
  EXPECT_THAT(text, HasSubstr("#define DIGITS_ARENA_BYTES 4096\n"));
  EXPECT_THAT(text, HasSubstr("#define DIGITS_INPUT_0_BYTES 256 /* \"image\", "
                              "f32 1x8x8x1 */"));
  EXPECT_THAT(text, HasSubstr("#define DIGITS_OUTPUT_COUNT 2\n"));
  EXPECT_THAT(text, HasSubstr("#define DIGITS_OUTPUT_1_BYTES 3 "));
  EXPECT_THAT(text, HasSubstr("const edge_model *edge_model_digits(void);"));
  EXPECT_THAT(text, Not(HasSubstr("a */")));
  EXPECT_THAT(text, Not(HasSubstr("VARIANT")));
}

TEST(ModelHeader, RangesOfSizes) {
  mlir::MLIRContext context;
  mlir::Builder b(&context);
  ModelInterface interface;
  interface.name = "m";
  interface.inputs = {
      {"x", mlir::RankedTensorType::get({8, 128}, b.getF32Type()), {1, 128}}};
  interface.variantCount = 7;
  std::string text = modelHeader(interface);
  EXPECT_THAT(text, HasSubstr("#define M_INPUT_0_BYTES 4096 /* \"x\", f32 "
                              "1..8x128 */\n"));
  EXPECT_THAT(text, HasSubstr("#define M_VARIANT_COUNT 7\n"));
}
