//===- FileTest.cpp - formats, external data and what surrounds a model ---===//
//
// Models on disk: which door a file goes through, and that external data is
// found beside the model and nowhere else.
//
//===----------------------------------------------------------------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <fstream>
#include <gmock/gmock.h>
#include <unistd.h>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {
/// Each test has a folder of its own, with a model's folder in it.
class FileTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("edge-import", root));
    ASSERT_FALSE(llvm::sys::fs::create_directory(place("model")));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(root); }

  std::string place(const std::string &name) {
    return (root + "/" + name).str();
  }
  void write(const std::string &name, const std::string &bytes) {
    std::ofstream(place(name), std::ios::binary) << bytes;
  }
  Imported import(const std::string &name) { return importPath(place(name)); }

  /// y = x + w, with w of four floats in external data.
  Imported importExternal(const std::string &location, int64_t offset = 0,
                          int64_t length = 16) {
    write("model/m.onnx", ModelWriter(13)
                              .input("x", {4})
                              .external("w", {4}, location, offset, length)
                              .output("y")
                              .node("Add", {"x", "w"}, {"y"})
                              .bytes());
    return import("model/m.onnx");
  }
  std::string weights = rawBytes(std::vector<float>{1, 2, 3, 4});

private:
  llvm::SmallString<128> root;
};
} // namespace

TEST_F(FileTest, ExternalDataBesideTheModel) {
  write("model/w.bin", "offset.." + weights);
  Imported result = importExternal("w.bin", 8);
  EXPECT_EQ(result.errors, "");
  EXPECT_THAT(result.module,
              HasSubstr("dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, "
                        "4.000000e+00]>"));
}

TEST_F(FileTest, ExternalDataInAFolderBelow) {
  ASSERT_FALSE(llvm::sys::fs::create_directory(place("model/data")));
  write("model/data/w.bin", weights);
  EXPECT_EQ(importExternal("data/w.bin").errors, "");
  EXPECT_EQ(importExternal("./data/w.bin").errors, "");
}

TEST_F(FileTest, ExternalDataMissing) {
  EXPECT_THAT(
      importExternal("w.bin").errors,
      AllOf(HasSubstr("loc(\"w\"): external data 'w.bin' cannot be read"),
            HasSubstr("put it beside the model")));
}

TEST_F(FileTest, ExternalDataOutsideTheFolder) {
  write("w.bin", weights);
  for (std::string location :
       {std::string("../w.bin"), place("w.bin"), std::string("a/../../w.bin"),
        std::string("..\\w.bin"), std::string("C:\\w.bin")})
    EXPECT_THAT(importExternal(location).errors,
                HasSubstr("lies outside the model's folder"))
        << location;
}

TEST_F(FileTest, ExternalDataBehindALink) {
  write("w.bin", weights);
  ASSERT_EQ(symlink("../w.bin", place("model/w.bin").c_str()), 0);
  EXPECT_THAT(importExternal("w.bin").errors,
              HasSubstr("is a link that leaves the model's folder"));
  // A folder whose name begins like the model's is another folder.
  ASSERT_FALSE(llvm::sys::fs::create_directory(place("model2")));
  write("model2/w.bin", weights);
  ASSERT_EQ(symlink("../model2", place("model/far").c_str()), 0);
  EXPECT_THAT(importExternal("far/w.bin").errors,
              HasSubstr("is a link that leaves the model's folder"));
}

TEST_F(FileTest, ExternalDataOutOfRange) {
  write("model/w.bin", weights);
  EXPECT_THAT(importExternal("w.bin", 8).errors, HasSubstr("needs 16 bytes"));
  EXPECT_THAT(importExternal("w.bin", 0, 12).errors,
              HasSubstr("external data is 12 bytes"));
  EXPECT_THAT(importExternal("w.bin", INT64_MAX, 16).errors,
              HasSubstr("needs 16 bytes"));
  EXPECT_THAT(importExternal("w.bin", -1, 16).errors,
              HasSubstr("external offset '-1' is not a number"));
}

TEST_F(FileTest, ExternalDataIsAFile) {
  ASSERT_FALSE(llvm::sys::fs::create_directory(place("model/data")));
  EXPECT_THAT(importExternal("data").errors,
              HasSubstr("cannot be read: Is a directory"));
  EXPECT_THAT(importExternal("").errors, HasSubstr("without a location"));
}

TEST_F(FileTest, ModelNameFromPathOrOption) {
  write("2-layers.v1.onnx", ModelWriter(13)
                                .input("x", {4})
                                .output("y")
                                .node("Relu", {"x"}, {"y"})
                                .bytes());
  EXPECT_THAT(import("2-layers.v1.onnx").module,
              HasSubstr("func.func @model_2_layers_v1("));
  edgec::ImportOptions options;
  options.modelName = "my net";
  EXPECT_THAT(importPath(place("2-layers.v1.onnx"), options).module,
              HasSubstr("func.func @my_net("));
}

TEST_F(FileTest, FormatIsToldByContent) {
  write("a.onnx",
        "module {\n  func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> "
        "{\n    %y = edge.relu %x : (tensor<4xf32>) -> "
        "tensor<4xf32>\n    return %y : tensor<4xf32>\n  }\n}\n");
  EXPECT_THAT(import("a.onnx").module,
              AllOf(HasSubstr("@a(%arg0: tensor<4xf32> "),
                    HasSubstr("edge.name = \"input_0\""),
                    HasSubstr("edge.name = \"output_0\"")));
  write("b.onnx", std::string("\x1c\0\0\0TFL3\0\0\0\0", 12));
  EXPECT_THAT(import("b.onnx").errors, HasSubstr("not an intact TFLite model"));
  write("c.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
  EXPECT_THAT(import("c.onnx").errors, HasSubstr("git lfs pull"));
  write("d.onnx", "");
  EXPECT_THAT(import("d.onnx").errors, HasSubstr("empty file"));
  EXPECT_THAT(import("model").errors, HasSubstr("cannot read the model"));
  EXPECT_THAT(import("absent.onnx").errors, HasSubstr("cannot read the model"));
}

/// What is said about a file of this text.
static std::string errorsOfText(const std::string &text) {
  llvm::SmallString<128> path;
  int descriptor;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("edge-import", "mlir",
                                                  descriptor, path));
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << text;
  Imported result = importPath(path);
  EXPECT_EQ(result.module, "");
  llvm::sys::fs::remove(path);
  return result.errors;
}

TEST(MlirFile, WrongModulesAreRefused) {
  EXPECT_THAT(errorsOfText("func.func @f("), HasSubstr(".mlir\":1:"));
  EXPECT_THAT(errorsOfText("module {}"),
              HasSubstr("the module holds no function"));
  EXPECT_THAT(errorsOfText("func.func private @f(tensor<4xf32>)"),
              HasSubstr("holds one function with a body"));
  std::string two;
  for (const char *name : {"a", "b"})
    two += std::string("func.func @") + name +
           "(%x: tensor<4xf32>) -> tensor<4xf32> { return %x : tensor<4xf32> "
           "}\n";
  EXPECT_THAT(errorsOfText(two), HasSubstr("one function with a body"));
  EXPECT_THAT(errorsOfText("func.func @f() { return }"),
              HasSubstr("the model has no results"));
}

TEST(MlirFile, TypesThatNothingComputes) {
  EXPECT_THAT(errorsOfText("func.func @f(%x: tensor<4xi4>) -> tensor<4xi4> {\n"
                           "  %y = edge.add %x, %x : (tensor<4xi4>, "
                           "tensor<4xi4>) -> tensor<4xi4>\n"
                           "  return %y : tensor<4xi4>\n}\n"),
              AllOf(HasSubstr("argument 0 is 'tensor<4xi4>'"),
                    HasSubstr("its result is 'tensor<4xi4>'")));
  EXPECT_THAT(errorsOfText("func.func @f(%x: tensor<*xf32>) -> tensor<*xf32> "
                           "{ return %x : tensor<*xf32> }"),
              HasSubstr("give it a static shape in the file"));
}

TEST_F(FileTest, ShapeOptionFixesDynamicTosa) {
  write("d.mlir",
        "func.func @f(%x: tensor<?x8xf32>) -> tensor<?x1xf32> {\n"
        "  %a = tosa.abs %x : (tensor<?x8xf32>) -> tensor<?x8xf32>\n"
        "  %r = tosa.reduce_sum %a {axis = 1 : i32} : (tensor<?x8xf32>) -> "
        "tensor<?x1xf32>\n"
        "  return %r : tensor<?x1xf32>\n}\n");
  EXPECT_THAT(import("d.mlir").errors,
              HasSubstr("input 'input_0' has the dynamic type "
                        "'tensor<?x8xf32>'; fix it with "
                        "-shape=input_0=<size>x8"));
  edgec::ImportOptions options;
  options.shapes = {{"input_0", {4, 8}}};
  Imported fixed = importPath(place("d.mlir"), options);
  EXPECT_EQ(fixed.errors, "");
  EXPECT_THAT(fixed.module,
              AllOf(HasSubstr("edge.abs %arg0 : (tensor<4x8xf32>"),
                    HasSubstr("-> (tensor<4x1xf32>")));
  options.shapes = {{"input_0", {4, 9}}};
  EXPECT_THAT(importPath(place("d.mlir"), options).errors,
              HasSubstr("contradicts its type"));
  options.shapes = {{"x", {4, 8}}};
  EXPECT_THAT(importPath(place("d.mlir"), options).errors,
              HasSubstr("which the model lacks"));
}

TEST_F(FileTest, LargeWeightsStayInTheFile) {
  // 4 MB behind a name of odd length: not aligned, not copied, still right.
  std::vector<float> elements(1 << 20);
  for (size_t i = 0; i < elements.size(); ++i)
    elements[i] = float(i);
  write("big.onnx", ModelWriter(13)
                        .input("x", {1 << 20})
                        .initializer("odd", {1 << 20}, elements)
                        .output("y")
                        .node("Add", {"x", "odd"}, {"y"})
                        .bytes());
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = edgec::importModel(place("big.onnx"), {}, context);
  ASSERT_TRUE(mlir::succeeded(module));
  bool found = false;
  (*module)->walk([&](edgec::edge::ConstantOp constant) {
    auto resource =
        mlir::cast<mlir::DenseResourceElementsAttr>(constant.getValue());
    llvm::ArrayRef<char> data = resource.getRawHandle().getBlob()->getData();
    ASSERT_EQ(data.size(), elements.size() * sizeof(float));
    EXPECT_EQ(memcmp(data.data(), elements.data(), data.size()), 0);
    found = true;
  });
  EXPECT_TRUE(found);
}

TEST(ParseInputShape, ReadsNamesAndSizes) {
  auto shape = edgec::parseInputShape("a=b:0=1x3x224");
  ASSERT_TRUE(bool(shape));
  EXPECT_EQ(shape->input, "a=b:0");
  EXPECT_EQ(shape->dimensions, (std::vector<int64_t>{1, 3, 224}));
  for (const char *wrong :
       {"", "x", "=1x2", "x=", "x=1x", "x=0", "x=-1", "x=99999999999"}) {
    auto result = edgec::parseInputShape(wrong);
    EXPECT_FALSE(bool(result)) << wrong;
    EXPECT_THAT(llvm::toString(result.takeError()), HasSubstr("write -shape="));
  }
}
