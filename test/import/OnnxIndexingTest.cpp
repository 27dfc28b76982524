//===- OnnxIndexingTest.cpp - indices, searches, sizes of a run -----------===//
//
// What the operators of IndexingOperators.cpp and SelectionOperators.cpp
// become, and how sizes that only a run knows go through a model.
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

static std::string errors(const ModelWriter &model) {
  Imported result = importBytes(model.bytes());
  EXPECT_EQ(result.module, "");
  return result.errors;
}

//===-- reading and writing
//-----------------------------------------------===//

TEST(OnnxIndexing, GatherOfARunIsASlice) {
  auto gather = [](const Ints &indices) {
    return import(ModelWriter(13)
                      .input("x", {5, 4})
                      .initializer("i", {int64_t(indices.size())}, indices)
                      .output("y", {int64_t(indices.size()), 4})
                      .node("Gather", {"x", "i"}, {"y"}));
  };
  EXPECT_THAT(gather({1, 2, -2}),
              AllOf(HasSubstr("edge.slice"), Not(HasSubstr("edge.gather"))));
  EXPECT_THAT(gather({2, 1}), HasSubstr("edge.gather"));
}

TEST(OnnxIndexing, KnownIndicesOutsideAreErrors) {
  EXPECT_THAT(errors(ModelWriter(13)
                         .input("x", {5, 4})
                         .initializer("i", {2}, Ints{0, 5})
                         .output("y")
                         .node("Gather", {"x", "i"}, {"y"})),
              HasSubstr("Gather: index 5 lies outside of a dimension of size "
                        "5"));
}

TEST(OnnxIndexing, ScatterReductions) {
  auto scatter = [](const char *reduction) {
    return ModelWriter(18)
        .input("x", {5, 4})
        .input("i", {3, 1}, Int64)
        .input("u", {3, 4})
        .output("y", {5, 4})
        .node("ScatterND", {"x", "i", "u"}, {"y"},
              {attribute("reduction", reduction)});
  };
  EXPECT_THAT(import(scatter("max")), HasSubstr("edge.scatter_nd max"));
  EXPECT_THAT(errors(scatter("mean")),
              HasSubstr("reduction 'mean' is not one of none, add, mul, min "
                        "and max"));
}

TEST(OnnxIndexing, TensorScatterWritesAlongTheSequence) {
  auto scatter = [](const char *mode) {
    return import(ModelWriter(24)
                      .input("cache", {2, 8, 4})
                      .input("update", {2, 3, 4})
                      .input("at", {2}, Int64)
                      .output("y", {2, 8, 4})
                      .node("TensorScatter", {"cache", "update", "at"}, {"y"},
                            {attribute("mode", mode)}));
  };
  EXPECT_THAT(scatter("linear"),
              AllOf(HasSubstr("edge.scatter_elements none"),
                    HasSubstr("{axis = 1 : i64}"), Not(HasSubstr("gather"))));
  // The remainder of 8 by table.
  EXPECT_THAT(scatter("circular"),
              AllOf(HasSubstr("edge.gather"),
                    HasSubstr("[0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2]")));
}

TEST(OnnxIndexing, CountsAtRunTimeAreTheDeclaredOnes) {
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {2, 9})
                         .input("k", {1}, Int64)
                         .output("y", {2, 4})
                         .node("TopK", {"x", "k"}, {"y", "i"})),
              HasSubstr("k = 4 : i64"));
  EXPECT_THAT(errors(ModelWriter(13)
                         .input("x", {2, 9})
                         .input("k", {1}, Int64)
                         .output("y", {2, "k"})
                         .node("TopK", {"x", "k"}, {"y", "i"})),
              HasSubstr("the k (input 1) must be constant"));
}

TEST(OnnxIndexing, CumSumKnowsItsAxisOrNot) {
  auto cumSum = [](const std::vector<Dim> &shape) {
    return import(ModelWriter(14)
                      .input("x", shape)
                      .input("axis", {}, Int32)
                      .output("y", shape)
                      .node("CumSum", {"x", "axis"}, {"y"}));
  };
  EXPECT_THAT(cumSum({5}), HasSubstr("axis = 0 : i64"));
  EXPECT_THAT(cumSum({5, 2}), HasSubstr(" along "));
}

//===-- sizes of a run
//------------------------------------------------------===//

/// NonZero of a 2x3 tensor into `node`, from "p" to "y".
static ModelWriter afterNonZero(const std::string &opType,
                                const std::vector<Message> &attributes = {},
                                int64_t type = Int64) {
  return ModelWriter(13)
      .input("x", {2, 3})
      .output("y", {"m", "n"}, type)
      .node("NonZero", {"x"}, {"p"})
      .node(opType, {"p"}, {"y"}, attributes);
}

TEST(OnnxBounds, ASizeBecomesAnOutput) {
  EXPECT_THAT(
      import(ModelWriter(13)
                 .input("x", {2, 3})
                 .output("y", {2, "n"}, Int64)
                 .node("NonZero", {"x"}, {"y"})),
      AllOf(HasSubstr("tensor<2x6xi64> {edge.name = \"y\", "
                      "edge.size_dimension = 1 : i64, edge.size_result = 1"),
            HasSubstr("tensor<i64> {edge.name = \"y.size\"}")));
}

TEST(OnnxBounds, DimensionsMoveThroughOperators) {
  EXPECT_THAT(import(afterNonZero("Transpose")),
              HasSubstr("edge.size_dimension = 0"));
  EXPECT_THAT(import(afterNonZero("Neg")),
              HasSubstr("edge.size_dimension = 1"));
  // Positions as indices.
  EXPECT_THAT(import(ModelWriter(13)
                         .input("x", {6})
                         .input("data", {6, 4})
                         .initializer("shape", {1}, Ints{-1})
                         .output("y", {"n", 4})
                         .node("NonZero", {"x"}, {"p"})
                         .node("Reshape", {"p", "shape"}, {"i"})
                         .node("Gather", {"data", "i"}, {"y"})),
              HasSubstr("edge.size_dimension = 0"));
}

TEST(OnnxBounds, TwoOutputsOfOneSizeShareIt) {
  std::string module = import(ModelWriter(13)
                                  .input("x", {6})
                                  .output("y", {"n"})
                                  .output("c", {"n"}, Int64)
                                  .node("Unique", {"x"}, {"y", "", "", "c"}));
  EXPECT_THAT(module, AllOf(HasSubstr("edge.size_result = 2"),
                            Not(HasSubstr("edge.size_result = 3"))));
}

TEST(OnnxBounds, OperatorsThatMixElementsAreRefused) {
  const char *reason = "dimension 1 of input 0 ('p') has a size that only the "
                       "run knows (at most 6)";
  EXPECT_THAT(errors(afterNonZero("ReduceSum")),
              AllOf(HasSubstr("ReduceSum: "), HasSubstr(reason)));
  EXPECT_THAT(errors(afterNonZero("Shape")), HasSubstr(reason));
  EXPECT_THAT(errors(ModelWriter(13)
                         .input("x", {2, 3})
                         .initializer("c", {1, 6}, Ints{1, 2, 3, 4, 5, 6})
                         .output("y", {2, "n"}, Int64)
                         .node("NonZero", {"x"}, {"p"})
                         .node("Add", {"p", "c"}, {"y"})),
              HasSubstr(reason));
}
