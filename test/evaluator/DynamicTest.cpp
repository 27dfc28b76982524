//===- DynamicTest.cpp - operators with offsets of the run ----------------===//
//
// The pads are numpy.pad's numbers, the slices NumPy's.
//
//===----------------------------------------------------------------------===//
#include "test/evaluator/EvaluateText.h"

using namespace edgec::evaluator;
using testing::ElementsAre;

namespace {
class DynamicTest : public EvaluateText {
protected:
  std::vector<double> slice(const std::string &start, const std::string &step,
                            const std::string &type) {
    return reals("%x = edge.constant {value = dense<[0.0, 1.0, 2.0, 3.0, 4.0]> "
                 ": tensor<5xf32>} : tensor<5xf32>\n"
                 "%s = edge.constant {value = dense<" +
                     start + "> : tensor<1xi64>} : tensor<1xi64>\n" +
                     "%a = edge.constant {value = dense<-1> : tensor<1xi64>} : "
                     "tensor<1xi64>\n" +
                     "%t = edge.constant {value = dense<" + step +
                     "> : tensor<1xi64>} : tensor<1xi64>\n" +
                     "%r = edge.dynamic_slice %x from %s along %a by %t : "
                     "(tensor<5xf32>, tensor<1xi64>, tensor<1xi64>, "
                     "tensor<1xi64>) -> " +
                     type,
                 type);
  }
  std::vector<double> pad(const std::string &mode) {
    return reals("%x = edge.constant {value = dense<[1.0, 2.0, 3.0]> : "
                 "tensor<3xf32>} : tensor<3xf32>\n"
                 "%p = edge.constant {value = dense<[4, 3]> : tensor<2xi64>} : "
                 "tensor<2xi64>\n"
                 "%r = edge.dynamic_pad %x by %p {mode = " +
                     mode +
                     " : i32} : (tensor<3xf32>, tensor<2xi64>) -> "
                     "tensor<10xf32>",
                 "tensor<10xf32>");
  }
};
} // namespace

TEST_F(DynamicTest, SlicesAreNumPys) {
  EXPECT_THAT(slice("1", "2", "tensor<2xf32>"), ElementsAre(1, 3));
  EXPECT_THAT(slice("-2", "1", "tensor<2xf32>"), ElementsAre(3, 4));
  EXPECT_THAT(slice("-9", "1", "tensor<3xf32>"), ElementsAre(0, 1, 2));
  EXPECT_THAT(slice("9", "-2", "tensor<3xf32>"), ElementsAre(4, 2, 0));
}

TEST_F(DynamicTest, SlicesThatReachOutsideStayAtTheEnd) {
  EXPECT_THAT(slice("3", "1", "tensor<4xf32>"), ElementsAre(3, 4, 4, 4));
  EXPECT_THAT(slice("1", "9223372036854775807", "tensor<2xf32>"),
              ElementsAre(1, 4));
}

TEST_F(DynamicTest, PadsAreNumPys) {
  EXPECT_THAT(pad("0"), ElementsAre(0, 0, 0, 0, 1, 2, 3, 0, 0, 0));
  EXPECT_THAT(pad("1"), ElementsAre(1, 1, 1, 1, 1, 2, 3, 3, 3, 3));
  EXPECT_THAT(pad("2"), ElementsAre(1, 2, 3, 2, 1, 2, 3, 2, 1, 2));
  EXPECT_THAT(pad("3"), ElementsAre(3, 1, 2, 3, 1, 2, 3, 1, 2, 3));
}
