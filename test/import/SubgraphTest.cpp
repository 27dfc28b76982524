//===- SubgraphTest.cpp - branches, bodies and functions of a model -------===//
//
// What names mean inside them, and what is refused.
//
//===----------------------------------------------------------------------===//
#include "test/import/ImportText.h"
#include "test/import/ModelWriter.h"
#include <gmock/gmock.h>

using namespace edgec::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

static std::string import(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.errors, "");
  return result.module;
}

static std::string errorsOf(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.module, "");
  return result.errors;
}

/// A graph of one node from outer names to "r".
static ModelWriter branch(const std::string &opType,
                          const std::vector<std::string> &inputs) {
  return ModelWriter().output("r").node(opType, inputs, {"r"});
}

static ModelWriter ifModel(const ModelWriter &thenBranch,
                           const ModelWriter &elseBranch) {
  return ModelWriter().input("x", {4}).output("y").node(
      "If", {"c"}, {"y"},
      {thenBranch.asAttribute("then_branch"),
       elseBranch.asAttribute("else_branch")});
}

TEST(Subgraph, IfOnAConstantIsItsBranch) {
  std::string module =
      import(ifModel(branch("Relu", {"x"}), branch("Exp", {"x"}))
                 .initializer(tensor("c", {}, Bool, std::string(1, '\0'))));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.exp"), Not(HasSubstr("relu"))));
}

TEST(Subgraph, NodesWaitForWhatTheirBranchesRead) {
  // "e" stands behind the If that reads it.
  std::string module =
      import(ifModel(branch("Relu", {"e"}), branch("Relu", {"e"}))
                 .node("Exp", {"x"}, {"e"})
                 .initializer(tensor("c", {}, Bool, std::string(1, '\1'))));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.exp"), HasSubstr("edge.relu")));
}

TEST(Subgraph, NamesOfABranchAreUnknownOutside) {
  std::string errors =
      errorsOf(ifModel(branch("Relu", {"x"}), branch("Relu", {"nowhere"}))
                   .node("Exp", {"r"}, {"z"})
                   .initializer(tensor("c", {}, Bool, std::string(1, '\1'))));
  EXPECT_THAT(errors,
              AllOf(HasSubstr("Exp: input 'r' is defined nowhere"),
                    HasSubstr("Relu: input 'nowhere' is defined nowhere")));
}

TEST(Subgraph, UnsupportedOperatorsAreFoundInBranches) {
  std::string errors =
      errorsOf(ifModel(branch("Relu", {"x"}), branch("NoSuchThing", {"x"}))
                   .initializer(tensor("c", {}, Bool, std::string(1, '\1'))));
  EXPECT_THAT(errors, HasSubstr("operator 'NoSuchThing' is not supported"));
}

TEST(Subgraph, DeepNestingIsRefused) {
  ModelWriter chain = branch("Relu", {"x"});
  for (int depth = 0; depth < 20; ++depth)
    chain = ModelWriter().output("r").node("If", {"c"}, {"r"},
                                           {chain.asAttribute("then_branch")});
  EXPECT_THAT(errorsOf(chain.input("x", {4})),
              HasSubstr("graphs are nested more than 16 deep"));
}

TEST(Function, IsItsNodesWithTheCallsAttributes) {
  std::string module = import(
      ModelWriter()
          .input("x", {4})
          .output("y")
          .node("Twice", {"x"}, {"t"}, {attribute("slope", 0.5F)}, "local")
          .node("Twice", {"t"}, {"y"}, {attribute("slope", 0.25F)}, "local")
          .function("Twice", {"a"}, {"c"},
                    {makeNode("LeakyRelu", {"a"}, {"b"},
                              {referenceAttribute("alpha", "slope", 1)}),
                     makeNode("Exp", {"b"}, {"c"})},
                    {"slope"}));
  EXPECT_THAT(module, AllOf(HasSubstr("alpha = 5.000000e-01"),
                            HasSubstr("alpha = 2.500000e-01")));
}

TEST(Function, MayLeaveOutOperandsAndSeesNoNamesAround) {
  auto model = [](const std::string &input) {
    return ModelWriter()
        .input("x", {4})
        .output("y")
        .node("F", {"x"}, {"y"}, {}, "local")
        .function("F", {"a", "max"}, {"b"},
                  {makeNode("Clip", {input, "", "max"}, {"b"})});
  };
  EXPECT_THAT(import(model("a")), HasSubstr("func.func"));
  EXPECT_THAT(errorsOf(model("x")), HasSubstr("input 'x' is defined nowhere"));
}

TEST(Function, MayHaveTheNameOfAStandardOperator) {
  std::string module = import(
      ModelWriter()
          .input("x", {4})
          .output("y")
          .node("Relu", {"x"}, {"y"}, {}, "local")
          .function("Relu", {"a"}, {"b"}, {makeNode("Exp", {"a"}, {"b"})}));
  EXPECT_THAT(module, HasSubstr("edge.exp"));
}

TEST(Function, CallsThatDoNotFitAreRefused) {
  auto model = [](const std::vector<Message> &attributes,
                  const std::vector<std::string> &inputs,
                  const std::string &calls) {
    return ModelWriter()
        .input("x", {4})
        .output("y")
        .node("F", inputs, {"y"}, attributes, "local")
        .function(
            "F", {"a"}, {"b"},
            {makeNode(calls, {"a"}, {"b"}, {}, calls == "F" ? "local" : "")});
  };
  EXPECT_THAT(errorsOf(model({attribute("k", 1)}, {"x"}, "Relu")),
              HasSubstr("function 'F' has no attribute 'k'"));
  EXPECT_THAT(errorsOf(model({}, {"x", "x"}, "Relu")),
              HasSubstr("has 1 inputs and 1 outputs; the call has 2 and 1"));
  EXPECT_THAT(errorsOf(model({}, {"x"}, "F")), HasSubstr("calls itself"));
}

TEST(Function, CannotGrowWithoutEnd) {
  // Each function calls the one before it ten times.
  ModelWriter model;
  model.input("x", {4}).output("y").node("F9", {"x"}, {"y"}, {}, "local");
  model.function("F0", {"v0"}, {"v1"}, {makeNode("Relu", {"v0"}, {"v1"})});
  for (int level = 1; level < 10; ++level) {
    std::vector<Message> nodes;
    for (int i = 0; i < 10; ++i)
      nodes.push_back(makeNode("F" + std::to_string(level - 1),
                               {"v" + std::to_string(i)},
                               {"v" + std::to_string(i + 1)}, {}, "local"));
    model.function("F" + std::to_string(level), {"v0"}, {"v10"}, nodes);
  }
  EXPECT_THAT(errorsOf(model), HasSubstr("the model has more than"));
}

//===-- what runs
//------------------------------------------------------------===//

/// A body of Scan: the sum so far, from "s" and the row "r".
static ModelWriter sumBody() {
  return ModelWriter()
      .input("s", {2})
      .input("r", {2})
      .output("t")
      .output("u")
      .node("Add", {"s", "r"}, {"t"})
      .node("Mul", {"t", "scale"}, {"u"});
}

static ModelWriter scanModel(const ModelWriter &body,
                             std::vector<Message> attributes = {}) {
  attributes.push_back(body.asAttribute("body"));
  attributes.push_back(attribute("num_scan_inputs", 1));
  return ModelWriter()
      .input("s0", {2})
      .input("x", {3, 2})
      .input("scale", {1})
      .output("sum")
      .output("rows")
      .node("Scan", {"s0", "x"}, {"sum", "rows"}, attributes);
}

TEST(Scan, IsALoopWithOneRowPerIteration) {
  EXPECT_THAT(
      import(scanModel(sumBody())),
      AllOf(HasSubstr("edge.loop @model_body_0(%arg0) slices(%arg1) "
                      "captures(%arg2)"),
            HasSubstr("trips = 3"),
            HasSubstr("func.func private @model_body_0(%arg0: tensor<i64>"),
            HasSubstr("(tensor<2xf32>, tensor<3x2xf32>, tensor<1xf32>) -> "
                      "(tensor<2xf32>, tensor<3x2xf32>)")));
}

TEST(Scan, BringsItsAxesToTheFrontAndBack) {
  std::string module = import(
      ModelWriter()
          .input("s0", {2})
          .input("x", {2, 3})
          .input("scale", {1})
          .output("sum")
          .output("rows", {2, 3})
          .node("Scan", {"s0", "x"}, {"sum", "rows"},
                {sumBody().asAttribute("body"), attribute("num_scan_inputs", 1),
                 attribute("scan_input_axes", Ints{1}),
                 attribute("scan_input_directions", Ints{1}),
                 attribute("scan_output_axes", Ints{-1}),
                 attribute("scan_output_directions", Ints{1})}));
  EXPECT_THAT(module, AllOf(HasSubstr("strides = array<i64: -1, 1>"),
                            HasSubstr("(tensor<2x3xf32>) -> tensor<3x2xf32>"),
                            HasSubstr("(tensor<3x2xf32>) -> tensor<2x3xf32>")));
}

TEST(Scan, BodiesThatDoNotFitAreRefused) {
  EXPECT_THAT(errorsOf(scanModel(ModelWriter().input("s", {2}).output("t").node(
                  "Relu", {"s"}, {"t"}))),
              HasSubstr("the body has 1 inputs and 1 outputs, and should have "
                        "2 and 2"));
  EXPECT_THAT(
      errorsOf(scanModel(sumBody(), {attribute("scan_input_axes", Ints{2})})),
      HasSubstr("axis 2 lies outside"));
  EXPECT_THAT(errorsOf(scanModel(sumBody(),
                                 {attribute("scan_input_axes", Ints{0, 0})})),
              HasSubstr("'scan_input_axes' has 2 elements and should have 1"));
}

/// Three iterations of a body whose value grows.
static ModelWriter growingLoop() {
  ModelWriter body;
  body.input("i", {}, Int64)
      .input("c", {}, Bool)
      .input("v", {"n"})
      .output("c2", {}, Bool)
      .output("w")
      .output("row")
      .node("Identity", {"c"}, {"c2"})
      .node("Concat", {"v", "x"}, {"w"}, {attribute("axis", 0)})
      .node("Relu", {"x"}, {"row"});
  return ModelWriter()
      .input("x", {2})
      .initializer("n", {}, Ints{3})
      .output("y", {8})
      .output("rows", {3, 2})
      .node("Loop", {"n", "", "x"}, {"y", "rows"}, {body.asAttribute("body")});
}

TEST(Loop, IsUnrolledWhereShapesChange) {
  EXPECT_THAT(import(growingLoop()),
              AllOf(HasSubstr("tensor<4xf32>"), HasSubstr("tensor<6xf32>"),
                    HasSubstr("-> tensor<3x2xf32>"),
                    Not(HasSubstr("edge.loop"))));
}

TEST(Loop, OfConstantConditionEndsWithIt) {
  ModelWriter body;
  body.input("i", {}, Int64)
      .input("c", {}, Bool)
      .input("v", {2})
      .output("c2", {}, Bool)
      .output("w")
      .initializer(tensor("no", {}, Bool, std::string(1, '\0')))
      .node("Identity", {"no"}, {"c2"})
      .node("Relu", {"v"}, {"w"});
  std::string module = import(ModelWriter().input("x", {2}).output("y").node(
      "Loop", {"", "", "x"}, {"y"}, {body.asAttribute("body")}));
  EXPECT_THAT(module, HasSubstr("trips = 1"));
}

TEST(Loop, HandsItsValuesOnUnchangedIfItNeverRuns) {
  ModelWriter body;
  body.input("i", {}, Int64)
      .input("c", {}, Bool)
      .input("v", {2})
      .output("c")
      .output("w")
      .node("Relu", {"v"}, {"w"});
  std::string module = import(
      ModelWriter()
          .input("x", {2})
          .initializer("n", {}, Ints{0})
          .output("y")
          .node("Loop", {"n", "", "x"}, {"y"}, {body.asAttribute("body")}));
  EXPECT_THAT(module,
              AllOf(HasSubstr("return %arg0"), Not(HasSubstr("edge.loop"))));
}

//===-- shapes of the run
//----------------------------------------------------===//

TEST(RunTimeShape, SplitOfNothingIsConstant) {
  std::string module = import(ModelWriter()
                                  .input("x", {4})
                                  .initializer("s", {2}, Ints{4, 0})
                                  .output("a", {4})
                                  .node("Split", {"x", "s"}, {"a", "b"}));
  EXPECT_THAT(module, HasSubstr("sizes = array<i64: 4>"));
}

TEST(Tile, IsABroadcastBetweenReshapes) {
  std::string module = import(ModelWriter()
                                  .input("x", {2, 3})
                                  .initializer("r", {2}, Ints{2, 1})
                                  .output("y", {4, 3})
                                  .node("Tile", {"x", "r"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("-> tensor<1x2x1x3xf32>"),
                            HasSubstr("-> tensor<2x2x1x3xf32>"),
                            HasSubstr("-> tensor<4x3xf32>")));
}

TEST(RunTimeShape, FollowsFromWhatTheModelStatesBehindIt) {
  // The result of Exp has the shape that is stated for the result of Neg.
  std::string module =
      import(ModelWriter()
                 .input("start", {})
                 .input("limit", {})
                 .input("delta", {})
                 .output("y", {3})
                 .node("Range", {"start", "limit", "delta"}, {"r"})
                 .node("Exp", {"r"}, {"e"})
                 .node("Neg", {"e"}, {"y"}));
  EXPECT_THAT(module, AllOf(HasSubstr("dense<[0.000000e+00, 1.000000e+00, "
                                      "2.000000e+00]>"),
                            HasSubstr("edge.exp")));
}

TEST(RunTimeShape, IsRefusedWhereTheModelStatesNothing) {
  EXPECT_THAT(errorsOf(ModelWriter()
                           .input("start", {})
                           .input("limit", {})
                           .input("delta", {})
                           .output("y")
                           .node("Range", {"start", "limit", "delta"}, {"y"})),
              HasSubstr("Range: the range (input 0) is known at run time only, "
                        "so the model must state the shape of output 'y'"));
}

TEST(EmptyTensor, OutputsAreConstants) {
  std::string module = import(
      ModelWriter()
          .input("x", {int64_t(0), 4})
          .output("y", {int64_t(0), 4})
          .output("s", {4})
          .output("c", {4, 4})
          .input("z", {4, 4})
          .initializer("a", {1}, Ints{0})
          .node("Exp", {"x"}, {"y"})
          .node("ReduceSum", {"x", "a"}, {"s"}, {attribute("keepdims", 0)})
          .node("Concat", {"x", "z"}, {"c"}, {attribute("axis", 0)}));
  EXPECT_THAT(module, AllOf(HasSubstr("tensor<0x4xf32>"),
                            HasSubstr("dense<0.000000e+00> : tensor<4xf32>")));
}

TEST(RunTimeShape, ReductionsChooseAmongTheAxesThatFit) {
  auto reduce = [](const std::vector<Dim> &result, int keepDims) {
    return import(ModelWriter()
                      .input("x", {3, 2, 2})
                      .input("a", {1}, Int64)
                      .output("y", result)
                      .node("ReduceSum", {"x", "a"}, {"y"},
                            {attribute("keepdims", keepDims)}));
  };
  // Axis 1 or 2.
  EXPECT_THAT(reduce({3, 2}, 0),
              AllOf(HasSubstr("axes = array<i64: 1>"),
                    HasSubstr("axes = array<i64: 2>"), HasSubstr("edge.gather"),
                    HasSubstr("dense<[0, 0, 1]>")));
  // Axis 1 and nothing else.
  EXPECT_THAT(reduce({3, 1, 2}, 1), AllOf(HasSubstr("axes = array<i64: 1>"),
                                          Not(HasSubstr("edge.gather"))));
}

TEST(RunTimeShape, SlicesAndPadsReadTheirOffsets) {
  EXPECT_THAT(import(ModelWriter()
                         .input("x", {5, 4})
                         .input("s", {1}, Int64)
                         .input("e", {1}, Int64)
                         .output("y", {2, 4})
                         .node("Slice", {"x", "s", "e"}, {"y"})),
              HasSubstr("edge.dynamic_slice %arg0 from %arg1 : "
                        "(tensor<5x4xf32>, tensor<1xi64>) -> tensor<2x4xf32>"));
  EXPECT_THAT(import(ModelWriter()
                         .input("x", {5, 4})
                         .input("p", {4}, Int64)
                         .output("y", {7, 4})
                         .node("Pad", {"x", "p"}, {"y"},
                               {attribute("mode", "reflect")})),
              HasSubstr("edge.dynamic_pad %arg0 by %arg1 {mode = 2 : i32}"));
}

TEST(RunTimeShape, FollowsFromTheDistanceOfStartAndEnd) {
  EXPECT_THAT(import(ModelWriter()
                         .input("x", {5, 4})
                         .input("s", {1}, Int64)
                         .initializer("two", {1}, Ints{2})
                         .output("y")
                         .node("Add", {"s", "two"}, {"e"})
                         .node("Slice", {"x", "s", "e"}, {"y"})),
              HasSubstr("-> tensor<2x4xf32>"));
}

TEST(Subgraph, IfOfTheRunIsAnOperator) {
  EXPECT_THAT(import(ifModel(branch("Relu", {"x"}), branch("Exp", {"x"}))
                         .input("c", {}, Bool)),
              AllOf(HasSubstr("edge.if %arg1 then @model_then_0(%arg0) else "
                              "@model_else_1(%arg0)"),
                    HasSubstr("func.func private @model_then_0")));
  EXPECT_THAT(
      errorsOf(ifModel(branch("Relu", {"x"}), branch("MatMul", {"x", "x"}))
                   .input("c", {}, Bool)),
      HasSubstr("must give the same type"));
}

TEST(Loop, RunsAsOftenAsTheRunSays) {
  ModelWriter body;
  body.input("i", {}, Int64)
      .input("c", {}, Bool)
      .input("v", {2})
      .output("c", {}, Bool)
      .output("w")
      .output("row")
      .node("Relu", {"v"}, {"w"})
      .node("Exp", {"v"}, {"row"});
  auto model = [&](ModelWriter writer) {
    return writer.input("n", {}, Int64)
        .input("go", {}, Bool)
        .input("x", {2})
        .output("y")
        .node("Loop", {"n", "go", "x"}, {"y", "rows"},
              {body.asAttribute("body")});
  };
  EXPECT_THAT(
      import(model(ModelWriter().output("rows", {7, 2}))),
      AllOf(HasSubstr("edge.loop @model_body_0 count %arg0 while %arg1"),
            HasSubstr("trips = 7")));
  EXPECT_THAT(
      errorsOf(model(ModelWriter().output("rows"))),
      HasSubstr("the number of iterations decides the size of output 1"));
}
