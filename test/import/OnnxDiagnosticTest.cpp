//===- OnnxDiagnosticTest.cpp - what is said about wrong models -----------===//
//
// Each kind of wrong input ends in errors that name the place and the remedy.
// All problems of a kind are reported in one run.
//
//===----------------------------------------------------------------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

/// The errors of a model that must not import.
static std::string errorsOf(const ModelWriter &model,
                            std::vector<edgec::InputShape> shapes = {}) {
  Imported result = importBytes(model.bytes(), std::move(shapes));
  EXPECT_EQ(result.module, "");
  EXPECT_NE(result.errors, "");
  return result.errors;
}

static ModelWriter convolution(std::vector<Dim> input) {
  return ModelWriter(13)
      .input("x", std::move(input))
      .initializer("w", {4, 3, 3, 3}, Floats(108))
      .output("y")
      .node("Conv", {"x", "w"}, {"y"});
}

TEST(OnnxDiagnostic, EveryTruncationIsRefused) {
  std::string bytes = convolution({1, 3, 8, 8}).bytes();
  ASSERT_NE(importBytes(bytes).module, "");
  for (size_t size = 1; size < bytes.size(); ++size) {
    Imported result = importBytes(bytes.substr(0, size));
    // Cut after the graph, the file only lacks its operator set.
    EXPECT_EQ(result.module, "") << "cut to " << size << " bytes";
    EXPECT_NE(result.errors, "") << "cut to " << size << " bytes";
  }
}

TEST(OnnxDiagnostic, TruncatedFileSaysWhere) {
  std::string bytes = convolution({1, 3, 8, 8}).bytes();
  EXPECT_THAT(importBytes(bytes.substr(0, 100)).errors,
              AllOf(HasSubstr("model.onnx"),
                    HasSubstr("not an intact ONNX model: at byte"),
                    HasSubstr("bytes, 95 are left"),
                    HasSubstr("cut off, damaged or of another format")));
}

TEST(OnnxDiagnostic, GarbageIsRefused) {
  std::string garbage;
  uint32_t state = 1;
  for (int i = 0; i < 4096; ++i) {
    state = state * 1664525 + 1013904223;
    garbage += static_cast<char>(state >> 24);
  }
  EXPECT_THAT(importBytes(garbage).errors,
              HasSubstr("not an intact ONNX model"));
  EXPECT_THAT(importBytes(std::string(64, '\0')).errors,
              HasSubstr("no field starts here"));
}

TEST(OnnxDiagnostic, ProtobufOfAnotherKind) {
  EXPECT_THAT(importBytes(Message().integer(1, 8).bytes()).errors,
              HasSubstr("not an ONNX model: it has no graph"));
}

TEST(OnnxDiagnostic, AllUnknownOperatorsAtOnce) {
  std::string errors =
      errorsOf(ModelWriter(13)
                   .input("x", {1, 4})
                   .output("y")
                   .node("Relux", {"x"}, {"a"})
                   .node("BiasGelux", {"a"}, {"b"}, {}, "com.microsoft")
                   .node("RandomNormalLike", {"b"}, {"c"})
                   .node("Relux", {"c"}, {"d"})
                   .node("MaxRoiPool", {"d"}, {"e"})
                   .node("Gelu", {"e"}, {"y"}));
  EXPECT_THAT(
      errors,
      AllOf(HasSubstr("loc(\"node_a\"): operator 'Relux' is not supported in "
                      "opset 13 (2 nodes: 'node_a', 'node_d'); the nearest "
                      "supported operator is 'Relu'"),
            HasSubstr("loc(\"node_b\"): operator 'BiasGelux' of domain "
                      "'com.microsoft' is not supported"),
            HasSubstr("standard ONNX operators only"),
            HasSubstr("random values belong to training"),
            HasSubstr("'MaxRoiPool' is not supported in opset 13 (1 node: "
                      "'node_e'); "
                      "this standard operator has no importer yet"),
            HasSubstr("'Gelu' is not supported in opset 13 (1 node: 'node_y'); "
                      "it exists since opset 20")));
}

TEST(OnnxDiagnostic, OpsetOutOfRange) {
  for (int64_t opset : {-1, 28}) {
    std::string errors =
        errorsOf(ModelWriter(opset).input("x", {1}).output("y").node(
            "Relu", {"x"}, {"y"}));
    EXPECT_THAT(errors, AllOf(HasSubstr("opset " + std::to_string(opset)),
                              HasSubstr("1 to 27 are supported"),
                              HasSubstr("convert_version(model, ")));
  }
}

TEST(OnnxDiagnostic, DynamicDimensionsNeedShape) {
  ModelWriter model(13);
  model.input("x", {"batch", 3, "height", 8})
      .input("z", {"batch", 4})
      .output("y")
      .node("Relu", {"x"}, {"y"});
  EXPECT_THAT(
      errorsOf(model),
      AllOf(HasSubstr("loc(\"x\"): input 'x' has the dynamic dimensions "
                      "[batch, 3, height, 8]; fix them with "
                      "-shape=x=1x3x<height>x8"),
            HasSubstr("input 'z' has the dynamic dimensions [batch, 4]; fix "
                      "them with -shape=z=1x4")));
  // A shared symbol fixes both inputs.
  Imported fixed = importBytes(model.bytes(), {{"x", {2, 3, 8, 8}}});
  EXPECT_EQ(fixed.errors, "");
  EXPECT_THAT(fixed.module, HasSubstr("%arg1: tensor<2x4xf32>"));
}

TEST(OnnxDiagnostic, InputWithoutShape) {
  ModelWriter model(13);
  Message tensorType, type, info;
  type.message(1, tensorType.integer(1, Float32));
  info.text(1, "x").message(2, type);
  Message node, graph, set;
  node.text(1, "x").text(2, "y").text(4, "Relu");
  graph.message(11, info).message(1, node);
  graph.message(12, Message().text(1, "y"));
  std::string bytes = Message()
                          .integer(1, 8)
                          .message(7, graph)
                          .message(8, set.text(1, "").integer(2, 13))
                          .bytes();
  EXPECT_THAT(importBytes(bytes).errors,
              HasSubstr("input 'x' has no shape; give it with -shape=x="));
  EXPECT_EQ(importBytes(bytes, {{"x", {2, 3}}}).errors, "");
}

TEST(OnnxDiagnostic, WrongShapeOptions) {
  ModelWriter model(13);
  model.input("x", {"n", 3})
      .input("z", {"n"})
      .output("y")
      .node("Relu", {"x"}, {"y"});
  EXPECT_THAT(errorsOf(model, {{"X", {1, 3}}}),
              AllOf(HasSubstr("-shape names the input 'X', which the model "
                              "lacks; its inputs are 'x', 'z'")));
  EXPECT_THAT(errorsOf(model, {{"x", {1, 4}}}),
              HasSubstr("the shape 1x4, which contradicts the model's"));
  EXPECT_THAT(errorsOf(model, {{"x", {1, 3}}, {"z", {2}}}),
              HasSubstr("the shape 2, which contradicts"));
}

TEST(OnnxDiagnostic, DeclaredShapeContradictsComputedOne) {
  std::string errors = errorsOf(ModelWriter(13)
                                    .input("x", {1, 4})
                                    .value("a", {1, 5})
                                    .output("y", {4, 1})
                                    .output("z", {1, 4, 7})
                                    .node("Relu", {"x"}, {"a"})
                                    .node("Exp", {"x"}, {"y"})
                                    .node("Abs", {"x"}, {"z"}));
  EXPECT_THAT(
      errors,
      AllOf(HasSubstr("loc(\"node_a\"): the model declares 'a' of shape "
                      "1x5, but it is computed as 1x4"),
            HasSubstr("loc(\"node_y\"): the model declares 'y' of shape "
                      "4x1, but it is computed as 1x4"),
            HasSubstr("loc(\"node_z\"): the model declares 'z' of shape "
                      "1x4x7, but it is computed as 1x4")));
}

TEST(OnnxDiagnostic, OperandsThatDoNotFit) {
  EXPECT_THAT(
      errorsOf(convolution({1, 5, 8, 8})),
      HasSubstr("loc(\"node_y\"): Conv: the input has 5 channels, but a "
                "filter of shape 4x3x3x3 in 1 groups takes 3"));
  EXPECT_THAT(errorsOf(convolution({1, 3, 2, 2})),
              HasSubstr("larger than the padded input"));
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {2, 3})
                           .input("z", {4})
                           .output("y")
                           .node("Add", {"x", "z"}, {"y"})),
              AllOf(StartsWith("loc(\"node_y\")"), HasSubstr("broadcast")));
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {2, 3})
                           .initializer("s", {2}, Ints{4, 2})
                           .output("y")
                           .node("Reshape", {"x", "s"}, {"y"})),
              HasSubstr("shape 2x3 cannot take the shape 4x2"));
}

TEST(OnnxDiagnostic, IndependentNodesAllReport) {
  std::string errors =
      errorsOf(ModelWriter(13)
                   .input("x", {2, 3})
                   .output("y")
                   .node("Flatten", {"x"}, {"a"}, {attribute("axis", 7)})
                   .node("Softmax", {"x"}, {"b"}, {attribute("axis", 5)})
                   .node("Add", {"a", "b"}, {"y"}));
  EXPECT_THAT(errors,
              AllOf(HasSubstr("Flatten: axis 7"), HasSubstr("Softmax: axis 5"),
                    Not(HasSubstr("node_y"))));
}

TEST(OnnxDiagnostic, NamesUndefinedOrTwice) {
  std::string errors = errorsOf(ModelWriter(13)
                                    .input("x", {2})
                                    .output("y")
                                    .output("nowhere")
                                    .node("Add", {"x", "ghost"}, {"y"})
                                    .node("Relu", {"x"}, {"y"}));
  EXPECT_THAT(errors, AllOf(HasSubstr("input 'ghost' is defined nowhere"),
                            HasSubstr("output 'nowhere' is defined nowhere"),
                            HasSubstr("'y' is defined twice")));
}

TEST(OnnxDiagnostic, Cycles) {
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {2})
                           .output("y")
                           .node("Add", {"x", "b"}, {"a"})
                           .node("Relu", {"a"}, {"b"})
                           .node("Relu", {"x"}, {"y"})),
              HasSubstr("wait for each other in a cycle: 'node_a', 'node_b'"));
}

TEST(OnnxDiagnostic, AttributesOfTheWrongKind) {
  auto relu = [](const std::string &opType, const Message &attribute) {
    return errorsOf(ModelWriter(13)
                        .input("x", {2, 3})
                        .output("y")
                        .node(opType, {"x"}, {"y"}, {attribute}));
  };
  EXPECT_THAT(
      relu("LeakyRelu", attribute("alpha", 1)),
      HasSubstr("attribute 'alpha' is an integer and should be a float"));
  EXPECT_THAT(relu("Relu", attribute("slope", 1.0F)),
              HasSubstr("attribute 'slope' is not known in opset 13"));
  EXPECT_THAT(relu("Transpose", attribute("perm", Ints{0, 0})),
              HasSubstr("not a permutation"));
  EXPECT_THAT(relu("Gelu", attribute("approximate", "sin")),
              HasSubstr("'Gelu' is not supported"));
}

TEST(OnnxDiagnostic, NumberOfInputs) {
  EXPECT_THAT(errorsOf(ModelWriter(13).input("x", {2}).output("y").node(
                  "Add", {"x"}, {"y"})),
              HasSubstr("Add: input 1 is missing, it takes at least 2"));
  EXPECT_THAT(errorsOf(ModelWriter(13).input("x", {2}).output("y").node(
                  "Relu", {"x", "x"}, {"y"})),
              HasSubstr("2 inputs are too many, it takes 1"));
}

TEST(OnnxDiagnostic, WeightsOfTheWrongSize) {
  EXPECT_THAT(
      errorsOf(ModelWriter(13)
                   .input("x", {3})
                   .initializer("w", {4}, Floats{1, 2, 3})
                   .output("y")
                   .node("Add", {"x", "w"}, {"y"})),
      AllOf(StartsWith("loc(\"w\")"), HasSubstr("needs 16 bytes of data")));
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {3})
                           .initializer(tensor("w", {INT64_MAX, INT64_MAX},
                                               Float32, "1234"))
                           .output("y")
                           .node("Add", {"x", "w"}, {"y"})),
              HasSubstr("has the impossible shape"));
}

TEST(OnnxDiagnostic, TypesThatNothingComputes) {
  constexpr int float8 = 17;
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {3}, float8)
                           .output("y")
                           .node("Relu", {"x"}, {"y"})),
              HasSubstr("input 'x' is of type float8e4m3fn, but inputs must be "
                        "tensors of bool"));
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {3})
                           .initializer("i", {3}, Ints{1, 2, 3})
                           .output("y")
                           .node("Add", {"x", "i"}, {"y"})),
              HasSubstr("element types differ"));
}

TEST(OnnxDiagnostic, ShapesThatDependOnInputs) {
  EXPECT_THAT(
      errorsOf(ModelWriter(13).input("x", {3}).input("s", {1}).output("y").node(
          "Reshape", {"x", "s"}, {"y"})),
      HasSubstr("the shape (input 1) is known at run time only, so the model "
                "must state the shape of output 'y'"));
}

TEST(OnnxDiagnostic, HugeResults) {
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {1})
                           .initializer("s", {2}, Ints{1 << 30, 1 << 30})
                           .output("y")
                           .node("Expand", {"x", "s"}, {"y"})),
              HasSubstr("cannot be expanded to"));
  EXPECT_THAT(errorsOf(ModelWriter(13)
                           .input("x", {1})
                           .initializer("p", {2}, Ints{INT64_MAX, INT64_MAX})
                           .output("y")
                           .node("Pad", {"x", "p"}, {"y"})),
              HasSubstr("do not fit the dimension"));
}
