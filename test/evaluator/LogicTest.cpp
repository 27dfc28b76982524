//===- LogicTest.cpp - comparisons, bits, choices, types by hand ---------===//
//
// Expected values are those of the ONNX specification's examples, of NumPy, or
// of tables of functions; none came out of this project's code.
//
//===----------------------------------------------------------------------===//
#include "test/evaluator/EvaluateText.h"

using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class LogicTest : public EvaluateText {
protected:
  static std::string tensor(const std::string &type, size_t size) {
    return "tensor<" + std::to_string(size) + "x" + type + ">";
  }
  static std::string constant(const std::string &name, const std::string &type,
                              const std::string &numbers, size_t size) {
    std::string full = tensor(type, size);
    return "%" + name + " = edge.constant {value = dense<[" + numbers +
           "]> : " + full + "} : " + full + "\n";
  }
  /// `op` of as many integers on the left as on the right.
  std::vector<int64_t> pairs(const std::string &op, const std::string &type,
                             const std::string &lhs, const std::string &rhs,
                             const std::string &resultType, size_t size) {
    std::string from = tensor(type, size), to = tensor(resultType, size);
    return integers(constant("a", type, lhs, size) +
                        constant("b", type, rhs, size) + "%r = edge." + op +
                        " %a, %b : (" + from + ", " + from + ") -> " + to,
                    to);
  }
  HostTensor convert(const std::string &op, const std::string &from,
                     const std::string &numbers, const std::string &to,
                     size_t size) {
    return evaluateBody(constant("x", from, numbers, size) + "%r = edge." + op +
                            " %x : (" + tensor(from, size) + ") -> " +
                            tensor(to, size),
                        tensor(to, size));
  }
  double real(const std::string &op, const std::string &number) {
    return convert(op, "f64", number, "f64", 1).reals.at(0);
  }
};
} // namespace

TEST_F(LogicTest, Comparisons) {
  EXPECT_THAT(pairs("equal", "i32", "1, 2, 3", "1, 3, 3", "i1", 3),
              ElementsAre(1, 0, 1));
  EXPECT_THAT(pairs("less", "i32", "1, -2, 3", "1, 3, 2", "i1", 3),
              ElementsAre(0, 1, 0));
  EXPECT_THAT(pairs("less_equal", "i32", "1, -2, 3", "1, 3, 2", "i1", 3),
              ElementsAre(1, 1, 0));
  EXPECT_THAT(pairs("less", "ui64", "1, 18446744073709551615",
                    "18446744073709551615, 1", "i1", 2),
              ElementsAre(1, 0));
  // Nothing compares with a NaN.
  EXPECT_THAT(pairs("less_equal", "f32", "0x7FC00000, 1.0",
                    "0x7FC00000, 0x7FC00000", "i1", 2),
              ElementsAre(0, 0));
}

TEST_F(LogicTest, Bits) {
  EXPECT_THAT(pairs("and", "ui8", "12, 255", "10, 15", "ui8", 2),
              ElementsAre(8, 15));
  EXPECT_THAT(pairs("or", "i8", "12, -128", "10, 1", "i8", 2),
              ElementsAre(14, -127));
  EXPECT_THAT(
      pairs("xor", "i1", "true, true, false", "true, false, false", "i1", 3),
      ElementsAre(0, 1, 0));
  EXPECT_THAT(convert("not", "i1", "true, false", "i1", 2).integers,
              ElementsAre(0, 1));
  EXPECT_THAT(convert("not", "ui8", "1, 255", "ui8", 2).integers,
              ElementsAre(254, 0));
  // ONNX BitShift's examples, and a shift by the whole width.
  EXPECT_THAT(pairs("shift_left", "ui8", "16, 4, 1, 1", "1, 2, 3, 8", "ui8", 4),
              ElementsAre(32, 16, 8, 0));
  EXPECT_THAT(
      pairs("shift_right", "ui8", "16, 4, 1, 255", "1, 2, 3, 8", "ui8", 4),
      ElementsAre(8, 1, 0, 0));
  EXPECT_THAT(pairs("shift_right", "i8", "-16, -1", "1, 9", "i8", 2),
              ElementsAre(-8, -1));
}

TEST_F(LogicTest, RemaindersHaveSigns) {
  // ONNX Mod's examples.
  const char *lhs = "-4, 7, 5, 4, -7, 8", *rhs = "2, -3, 8, -2, 3, 5";
  EXPECT_THAT(pairs("mod", "i32", lhs, rhs, "i32", 6),
              ElementsAre(0, -2, 5, 0, 2, 3));
  EXPECT_THAT(pairs("rem", "i32", lhs, rhs, "i32", 6),
              ElementsAre(0, 1, 5, 0, -1, 3));
}

TEST_F(LogicTest, SelectBroadcastsThreeWays) {
  EXPECT_THAT(
      integers("%c = edge.constant {value = dense<[[true], [false]]> : "
               "tensor<2x1xi1>} : tensor<2x1xi1>\n" +
                   constant("x", "i32", "1, 2, 3", 3) +
                   "%y = edge.constant {value = dense<7> : tensor<i32>} : "
                   "tensor<i32>\n"
                   "%r = edge.select %c, %x, %y : (tensor<2x1xi1>, "
                   "tensor<3xi32>, tensor<i32>) -> tensor<2x3xi32>",
               "tensor<2x3xi32>"),
      ElementsAre(1, 2, 3, 7, 7, 7));
}

TEST_F(LogicTest, TestsOfNumbers) {
  const char *numbers = "1.0, 0x7F800000, 0xFF800000, 0x7FC00000";
  EXPECT_THAT(convert("is_nan", "f32", numbers, "i1", 4).integers,
              ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(convert("is_inf", "f32", numbers, "i1", 4).integers,
              ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(integers(constant("x", "f32", numbers, 4) +
                           "%r = edge.is_inf %x {negative = false} : "
                           "(tensor<4xf32>) -> tensor<4xi1>",
                       "tensor<4xi1>"),
              ElementsAre(0, 1, 0, 0));
}

TEST_F(LogicTest, CastsSaturateAndRound) {
  EXPECT_THAT(convert("cast", "f32", "-1.5, 255.9, 300.0", "ui8", 3).integers,
              ElementsAre(0, 255, 255));
  EXPECT_THAT(convert("cast", "i32", "-1, 256", "ui8", 2).integers,
              ElementsAre(255, 0));
  EXPECT_THAT(convert("cast", "ui8", "200, 255", "i32", 2).integers,
              ElementsAre(200, 255));
  EXPECT_THAT(convert("cast", "f32", "0.0, -0.5", "i1", 2).integers,
              ElementsAre(0, 1));
  // 1 + 2^-11 lies between two halves; 65520 is the first past the largest.
  EXPECT_THAT(
      convert("cast", "f64", "1.00048828125, 65519.9, 65520.0", "f16", 3).reals,
      ElementsAre(1.0, 65504.0, INFINITY));
  EXPECT_THAT(convert("cast", "ui64", "18446744073709551615", "f32", 1).reals,
              ElementsAre(18446744073709551616.0));
  EXPECT_THAT(convert("bitcast", "f32", "1.0, -2.0", "i32", 2).integers,
              ElementsAre(0x3f800000, int32_t(0xc0000000)));
}

TEST_F(LogicTest, Trigonometry) {
  EXPECT_NEAR(real("sin", "1.0"), 0.8414709848078965, 1e-15);
  EXPECT_NEAR(real("cos", "1.0"), 0.5403023058681398, 1e-15);
  EXPECT_NEAR(real("tan", "1.0"), 1.5574077246549023, 1e-15);
  EXPECT_NEAR(real("asin", "0.5"), 0.5235987755982989, 1e-15);
  EXPECT_NEAR(real("acos", "0.5"), 1.0471975511965979, 1e-15);
  EXPECT_NEAR(real("atan", "1.0"), 0.7853981633974483, 1e-15);
  EXPECT_NEAR(real("sinh", "1.0"), 1.1752011936438014, 1e-15);
  EXPECT_NEAR(real("cosh", "1.0"), 1.5430806348152437, 1e-15);
  EXPECT_NEAR(real("asinh", "1.0"), 0.881373587019543, 1e-15);
  EXPECT_NEAR(real("acosh", "2.0"), 1.3169578969248166, 1e-15);
  EXPECT_NEAR(real("atanh", "0.5"), 0.5493061443340549, 1e-15);
}
