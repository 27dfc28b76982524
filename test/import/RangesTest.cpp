//===- RangesTest.cpp - models with ranges of sizes -----------------------===//
//
// Which combinations the ranges of -shape stand for, and what the doors make of
// them: a function for each, or an error that names the sizes.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/ShapeRanges.h"
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include "llvm/Support/FileSystem.h"
#include <fstream>
#include <gmock/gmock.h>

using namespace edgec;
using namespace edgec::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// The options as they are parsed.
static std::vector<InputShape> parse(const std::vector<std::string> &texts) {
  std::vector<InputShape> shapes;
  for (const std::string &text : texts) {
    auto shape = parseInputShape(text);
    EXPECT_TRUE(bool(shape));
    if (shape)
      shapes.push_back(*shape);
    else
      llvm::consumeError(shape.takeError());
  }
  return shapes;
}

/// Each combination as users would write it.
static std::vector<std::string>
combinations(const std::vector<std::string> &texts) {
  auto expanded = expandRanges(parse(texts));
  if (!expanded)
    return {llvm::toString(expanded.takeError())};
  std::vector<std::string> result;
  for (const std::vector<InputShape> &shapes : *expanded)
    result.push_back(describeShapes(shapes));
  return result;
}

TEST(Ranges, AreParsed) {
  auto fixed = parseInputShape("x=1x3");
  ASSERT_TRUE(bool(fixed));
  EXPECT_TRUE(fixed->isFixed());
  // A range of one size is a size.
  EXPECT_TRUE(parse({"x=2..2x3"}).front().isFixed());
  InputShape range = parse({"a=b=1..8x3"}).front();
  EXPECT_EQ(range.input, "a=b");
  EXPECT_THAT(range.dimensions, ElementsAre(8, 3));
  EXPECT_THAT(range.least, ElementsAre(1, 3));
}

TEST(Ranges, StandForCombinations) {
  EXPECT_THAT(combinations({"x=2x3"}), ElementsAre("-shape=x=2x3"));
  EXPECT_THAT(combinations({}), ElementsAre(""));
  EXPECT_THAT(combinations({"x=1..3x4"}),
              ElementsAre("-shape=x=3x4", "-shape=x=2x4", "-shape=x=1x4"));
  EXPECT_THAT(combinations({"x=1..2x5..6"}),
              ElementsAre("-shape=x=2x6", "-shape=x=2x5", "-shape=x=1x6",
                          "-shape=x=1x5"));
  // Those that are written alike go together, each with its own place.
  EXPECT_THAT(
      combinations({"x=1..2x4", "y=1..2"}),
      ElementsAre("-shape=x=2x4 -shape=y=2", "-shape=x=1x4 -shape=y=1"));
  EXPECT_EQ(combinations({"x=1..2x1..2", "y=7x1..2"}).size(), 4u);
  EXPECT_EQ(combinations({"x=1..2", "y=1..3"}).size(), 6u);
}

TEST(Ranges, AreLimited) {
  EXPECT_EQ(combinations({"x=1..256"}).size(), 256u);
  for (const char *text : {"x=1..257", "x=1..2147483647x1..2147483647",
                           "x=1..16x1..17", "x=1..2x1..2147483647"})
    EXPECT_THAT(combinations({text}),
                ElementsAre(HasSubstr("more than 256 combinations")));
}

/// Imports a model by way of a file.
static Imported import(const ModelWriter &model,
                       const std::vector<std::string> &shapes) {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("ranges", "onnx", path));
  std::ofstream(path.c_str(), std::ios::binary) << model.bytes();
  ImportOptions options;
  options.shapes = parse(shapes);
  options.modelName = "m";
  Imported result = importPath(path, options);
  llvm::sys::fs::remove(path);
  return result;
}

TEST(Ranges, DimensionsOfOneNameAreOneSize) {
  ModelWriter model = ModelWriter(13)
                          .input("x", {"N", 4})
                          .input("z", {"N", 1})
                          .output("y")
                          .node("Add", {"x", "z"}, {"y"});
  Imported result = import(model, {"x=1..2x4"});
  EXPECT_EQ(result.errors, "");
  EXPECT_THAT(result.module, AllOf(HasSubstr("@m(%arg0: tensor<2x4xf32>"),
                                   HasSubstr("%arg1: tensor<2x1xf32>"),
                                   HasSubstr("@m.1(%arg0: tensor<1x4xf32>"),
                                   HasSubstr("%arg1: tensor<1x1xf32>"),
                                   HasSubstr("edge.variant_of = @m")));
  EXPECT_THAT(import(model, {"x=1..2x4", "z=1..3x1"}).errors,
              HasSubstr("contradicts the model's"));
}

TEST(Ranges, SizesOfTheGraphFollow) {
  // The mean of the rows by way of the shape, as some exporters write it.
  ModelWriter model = ModelWriter(13)
                          .input("x", {"N", 2})
                          .initializer<int64_t>("zero", {}, {0})
                          .output("y")
                          .node("Shape", {"x"}, {"shape"})
                          .node("Gather", {"shape", "zero"}, {"n"})
                          .node("Cast", {"n"}, {"count"}, {attribute("to", 1)})
                          .node("Div", {"x", "count"}, {"y"});
  Imported result = import(model, {"x=1..3x2"});
  EXPECT_EQ(result.errors, "");
  EXPECT_THAT(result.module, AllOf(HasSubstr("dense<3.000000e+00>"),
                                   HasSubstr("dense<2.000000e+00>"),
                                   HasSubstr("dense<1.000000e+00>")));
}

TEST(Ranges, BranchesBelongToTheirSize) {
  Message less = ModelWriter(13)
                     .output("a")
                     .node("Neg", {"x"}, {"a"})
                     .asAttribute("then_branch"),
          more = ModelWriter(13)
                     .output("b")
                     .node("Abs", {"x"}, {"b"})
                     .asAttribute("else_branch");
  Imported result = import(ModelWriter(13)
                               .input("x", {"N"})
                               .input("c", {1}, Bool)
                               .output("y")
                               .node("If", {"c"}, {"y"}, {less, more}),
                           {"x=1..2"});
  EXPECT_EQ(result.errors, "");
  EXPECT_THAT(result.module, HasSubstr("@m.1"));
}

TEST(Ranges, RefusedSizesAreNamed) {
  // A window of 3 fits into 3 and more.
  EXPECT_THAT(
      import(ModelWriter(13)
                 .input("x", {1, 1, "T"})
                 .output("y")
                 .node("MaxPool", {"x"}, {"y"},
                       {attribute("kernel_shape", std::vector<int64_t>{3})}),
             {"x=1x1x2..4"})
          .errors,
      HasSubstr("the model cannot be compiled with -shape=x=1x1x2; "
                "leave these sizes out of the ranges"));
  // 5 - N rows: more of them for a smaller batch.
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {"N", 2})
                         .initializer<int64_t>("five", {2}, {5, 3})
                         .output("y")
                         .output("z")
                         .node("Shape", {"x"}, {"shape"})
                         .node("Sub", {"five", "shape"}, {"rest"})
                         .node("ConstantOfShape", {"rest"}, {"y"})
                         .node("Neg", {"x"}, {"z"}),
                     {"x=1..3x2"})
                  .errors,
              HasSubstr("with -shape=x=2x2 output 'y' is 'tensor<3x1xf32>', "
                        "which its buffer for the largest sizes, "
                        "'tensor<2x1xf32>', does not hold"));
}

TEST(Ranges, FixedDimensionsStayFixed) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {1, 4})
                         .output("y")
                         .node("Neg", {"x"}, {"y"}),
                     {"x=1..8x4"})
                  .errors,
              AllOf(HasSubstr("-shape gives input 'x' the shape 8x4, which "
                              "contradicts the model's [1, 4]"),
                    Not(HasSubstr("cannot be compiled"))));
}
