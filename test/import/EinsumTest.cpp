//===- EinsumTest.cpp - Einsum against sums over all indices --------------===//
//
// The expected numbers are the definition: for every value of every letter, the
// product of the operands' elements is added to the result's element.
//
//===----------------------------------------------------------------------===//
#include "test/import/ModelMeaning.h"
#include <map>

using namespace edgec::test;
using testing::HasSubstr;

using Shape = std::vector<int64_t>;

/// Elements of a tensor at the letters' values; a size of 1 repeats.
static size_t offsetOf(const std::string &letters, const Shape &shape,
                       const std::map<char, int64_t> &at) {
  size_t offset = 0;
  for (size_t d = 0; d < letters.size(); ++d)
    offset = offset * shape[d] + (shape[d] == 1 ? 0 : at.at(letters[d]));
  return offset;
}

/// Einsum by its definition.
static Reals sumOfProducts(const std::vector<std::string> &terms,
                           const std::vector<Shape> &shapes,
                           const std::vector<Reals> &operands,
                           const std::string &result) {
  std::map<char, int64_t> sizes, at;
  for (size_t i = 0; i < terms.size(); ++i)
    for (size_t d = 0; d < terms[i].size(); ++d)
      sizes[terms[i][d]] = std::max(sizes[terms[i][d]], shapes[i][d]);
  Shape resultShape;
  size_t total = 1, count = 1;
  for (char letter : result) {
    resultShape.push_back(sizes[letter]);
    count *= sizes[letter];
  }
  for (auto [letter, size] : sizes)
    total *= size;
  Reals sums(count, 0);
  for (size_t step = 0; step < total; ++step) {
    size_t rest = step;
    for (auto [letter, size] : sizes) {
      at[letter] = static_cast<int64_t>(rest % size);
      rest /= size;
    }
    double product = 1;
    for (size_t i = 0; i < terms.size(); ++i)
      product *= operands[i][offsetOf(terms[i], shapes[i], at)];
    sums[offsetOf(result, resultShape, at)] += product;
  }
  return sums;
}

static ModelWriter einsum(const std::string &equation,
                          const std::vector<Shape> &shapes) {
  ModelWriter model(12);
  std::vector<std::string> names;
  for (const Shape &shape : shapes) {
    names.push_back("x" + std::to_string(names.size()));
    model.input(names.back(), std::vector<Dim>(shape.begin(), shape.end()));
  }
  model.output("y").node("Einsum", names, {"y"},
                         {attribute("equation", equation.c_str())});
  return model;
}

/// `letters` writes the equation without an ellipsis and with an arrow.
static void check(const std::string &equation,
                  const std::vector<std::string> &terms,
                  const std::string &result, const std::vector<Shape> &shapes) {
  SCOPED_TRACE(equation);
  std::vector<Reals> operands;
  for (const Shape &shape : shapes) {
    size_t count = 1;
    for (int64_t size : shape)
      count *= size;
    operands.push_back(someNumbers(count, 0.5 + double(operands.size())));
  }
  auto found = meaningOf(einsum(equation, shapes), operands);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0],
              close(sumOfProducts(terms, shapes, operands, result), 1e-12));
}

TEST(Einsum, OneOperand) {
  check("ij->ji", {"ij"}, "ji", {{3, 4}});
  check("ij->i", {"ij"}, "i", {{3, 4}});
  check("ij->", {"ij"}, "", {{3, 4}});
  check("ba", {"ba"}, "ab", {{3, 4}});
}

TEST(Einsum, RepeatedLettersAreDiagonals) {
  check("ii->i", {"ii"}, "i", {{4, 4}});
  check("ii", {"ii"}, "", {{4, 4}});
  check("iji->ji", {"iji"}, "ji", {{3, 2, 3}});
  check("iii->i", {"iii"}, "i", {{3, 3, 3}});
  check("...ii->...i", {"abii"}, "abi", {{2, 3, 4, 4}});
  check("ii,i->i", {"ii", "i"}, "i", {{1, 1}, {1}});
}

TEST(Einsum, Products) {
  check("bij, bjk -> bik", {"bij", "bjk"}, "bik", {{2, 3, 4}, {2, 4, 5}});
  check("bhqd,bkhd->bhqk", {"bhqd", "bkhd"}, "bhqk",
        {{2, 3, 4, 5}, {2, 6, 3, 5}});
  check("i,i", {"i", "i"}, "", {{5}, {5}});
  check("i,j->ij", {"i", "j"}, "ij", {{2}, {3}});
  check("ij,j->ij", {"ij", "j"}, "ij", {{2, 3}, {3}});
  check("ik,jk->", {"ik", "jk"}, "", {{2, 4}, {3, 4}});
  check("ij,k->ik", {"ij", "k"}, "ik", {{2, 4}, {3}});
  check("ij,jk,kl->il", {"ij", "jk", "kl"}, "il", {{2, 3}, {3, 4}, {4, 2}});
  check("abc,cd,ab", {"abc", "cd", "ab"}, "d", {{2, 3, 4}, {4, 5}, {2, 3}});
}

TEST(Einsum, EllipsesAlignAtTheEndAndRepeat) {
  check("...ij,...jk->...ik", {"xyij", "yjk"}, "xyik",
        {{2, 3, 2, 4}, {3, 4, 5}});
  check("...ij,...jk", {"xij", "xjk"}, "xik", {{1, 2, 4}, {3, 4, 5}});
  check("...,...->...", {"ab", "b"}, "ab", {{2, 3}, {3}});
  check("i...,j->...", {"iab", "j"}, "ab", {{2, 3, 4}, {5}});
}

TEST(Einsum, WrongEquationsAreRefused) {
  auto errors = [](const std::string &equation,
                   const std::vector<Shape> &shapes) {
    return importBytes(einsum(equation, shapes).bytes()).errors;
  };
  EXPECT_THAT(errors("ij,jk->ik", {{2, 3}}),
              HasSubstr("has 2 terms for 1 inputs"));
  EXPECT_THAT(errors("ij->i", {{2, 3, 4}}),
              HasSubstr("the term 'ij' of the equation does not fit input 0"));
  EXPECT_THAT(errors("i1->i", {{2, 3}}), HasSubstr("does not fit input 0"));
  EXPECT_THAT(errors("i1->i", {{2}}), HasSubstr("may hold letters"));
  EXPECT_THAT(errors("......->...", {{2}}), HasSubstr("may hold letters"));
  EXPECT_THAT(errors("ij->k", {{2, 3}}), HasSubstr("letters of the inputs"));
  EXPECT_THAT(errors("ij->ii", {{2, 3}}), HasSubstr("each once"));
  EXPECT_THAT(errors("ii->i", {{2, 3}}), HasSubstr("has the sizes 2 and 3"));
}
